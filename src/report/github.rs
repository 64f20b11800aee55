//! `--format github`: workflow commands that become annotations. GitHub keeps ten of each level a step, so the worst ten
//! of each are printed and the rest is counted.

use std::fmt::Write as _;

use super::forge::Forge;
use super::{ErrorLine, Report, count_of};
use crate::finding::Finding;
use crate::policy::Severity;

/// Annotations of one level that GitHub keeps of a step.
const ROOM: usize = 10;

/// The levels, and how many of each are findings: one notice is kept for the count of what is left out.
const LEVELS: [(&str, usize); 3] = [("error", ROOM), ("warning", ROOM), ("notice", ROOM - 1)];

/// Workflow commands, one a line.
pub fn render(report: &Report, forge: &Forge) -> String {
    let mut text = String::new();
    let mut left_out = Vec::new();
    for (level, room) in LEVELS {
        let errors: &[ErrorLine] = if level == "error" { &report.errors } else { &[] };
        for error in errors.iter().take(room) {
            let _ = writeln!(text, "{}", unjudged(error, forge));
        }
        let mut of_level = report.open().filter(|finding| level_of(finding.severity) == level);
        for finding in of_level.by_ref().take(room.saturating_sub(errors.len())) {
            let _ = writeln!(text, "{}", annotation(level, finding, report, forge));
        }
        let more = of_level.count() + errors.len().saturating_sub(room);
        if more > 0 {
            left_out.push(count_of(more, level));
        }
    }
    let mut counted = Vec::new();
    if !left_out.is_empty() {
        counted.push(format!("{} more, in the log and in the other formats", left_out.join(", ")));
    }
    counted.extend(report.not_counted().map(|counts| format!("not counted: {counts}")));
    if !counted.is_empty() {
        let _ = writeln!(text, "::notice title=qdrant-lint::{}", data(&counted.join("; ")));
    }
    text
}

fn unjudged(error: &ErrorLine, forge: &Forge) -> String {
    let help = error.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    let message = data(&format!("could not be judged: {}{help}", error.message));
    match (super::forge::is_file(&error.file), error.line) {
        (false, _) => format!("::error title=qdrant-lint::{message}"),
        (true, 0) => format!("::error title=qdrant-lint,file={}::{message}", property(&forge.path(&error.file))),
        (true, line) => format!(
            "::error title=qdrant-lint,file={},line={line},col={}::{message}",
            property(&forge.path(&error.file)),
            error.column.max(1)
        ),
    }
}

fn annotation(level: &str, finding: &Finding, report: &Report, forge: &Forge) -> String {
    let title = property(&format!("{} ({})", finding.rule, finding.severity));
    let message = data(&format!("{}\n{}\n{}", finding.message, finding.help, finding.docs));
    let Some(spot) = forge.spot(finding, report) else {
        return format!("::{level} title={title}::{message}");
    };
    let file = property(&spot.file);
    let place = match &spot.location {
        None => String::new(),
        // GitHub takes columns only within one line
        Some(place) if place.line == place.end_line => format!(
            ",line={},endLine={},col={},endColumn={}",
            place.line, place.end_line, place.column, place.end_column
        ),
        Some(place) => format!(",line={},endLine={}", place.line, place.end_line),
    };
    format!("::{level} title={title},file={file}{place}::{message}")
}

fn level_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "notice",
    }
}

/// Escapes the part after `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, which `:` and `,` end too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_stranger_cannot_start_a_command_of_its_own() {
        assert_eq!(data("a\n::error::b%"), "a%0A::error::b%25");
        assert_eq!(property("a,b:c"), "a%2Cb%3Ac");
    }

    #[test]
    fn what_cannot_be_judged_is_counted_with_the_errors() {
        let error =
            |file: &str| ErrorLine { file: file.to_owned(), message: "broken".to_owned(), ..ErrorLine::default() };
        let report =
            Report { errors: (0..13).map(|index| error(&format!("{index}.yaml"))).collect(), ..Report::default() };
        let text = render(&report, &Forge::default());
        assert_eq!(text.matches("::error ").count(), ROOM);
        assert!(
            text.ends_with("::notice title=qdrant-lint::3 errors more, in the log and in the other formats\n"),
            "{text}"
        );
    }
}
