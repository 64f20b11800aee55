//! `--format github`: workflow commands that become annotations. GitHub shows ten of each level a step, so the worst
//! ten of each are printed and the rest is counted.

use std::fmt::Write as _;

use super::Report;
use crate::finding::Finding;
use crate::policy::Severity;

const SHOWN_OF_A_LEVEL: usize = 10;

/// Workflow commands, one a line.
pub fn render(report: &Report) -> String {
    let mut text = String::new();
    for error in report.errors.iter().take(SHOWN_OF_A_LEVEL) {
        let _ = writeln!(
            text,
            "::error title=qdrant-lint,file={},line={},col={}::{}",
            property(&error.file),
            error.line.max(1),
            error.column.max(1),
            data(&error.message)
        );
    }
    if let Some(counts) = report.not_counted() {
        let _ = writeln!(text, "::notice title=qdrant-lint::not counted: {}", data(&counts));
    }
    let room_for_errors = SHOWN_OF_A_LEVEL.saturating_sub(report.errors.len());
    for (level, room) in [("error", room_for_errors), ("warning", SHOWN_OF_A_LEVEL), ("notice", SHOWN_OF_A_LEVEL - 2)] {
        let of_level: Vec<&Finding> = report.open().filter(|finding| level_of(finding.severity) == level).collect();
        for finding in of_level.iter().take(room) {
            let _ = writeln!(text, "{}", command(level, finding));
        }
        if of_level.len() > room {
            let _ = writeln!(
                text,
                "::notice title=qdrant-lint::{} more of level {level} are in the log",
                of_level.len() - room
            );
        }
    }
    text
}

fn command(level: &str, finding: &Finding) -> String {
    let title = property(&format!("{} ({})", finding.rule, finding.severity));
    let message = data(&format!("{}\n{}\n{}", finding.message, finding.help, finding.docs));
    let place = &finding.location;
    place.file.as_ref().map_or_else(
        || format!("::{level} title={title}::{message}"),
        |file| {
            format!(
                "::{level} title={title},file={},line={},endLine={},col={},endColumn={}::{message}",
                property(file),
                place.line,
                place.end_line,
                place.column,
                place.end_column
            )
        },
    )
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
}
