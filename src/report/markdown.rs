//! `--format markdown`: a step summary or the comment on a change. GitHub drops a summary above 1 MiB and refuses a comment
//! above 65,536 characters, so it stays below the smaller of the two and counts what it leaves out. Text of strangers
//! makes no markup, link or mention.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Report, VerdictKind, count_of};
use crate::finding::{Exemption, Finding};
use crate::policy::{Severity, SkipKind};

/// Bytes of the findings; with the lists and tables, which have a room of their own, the page stays below 60,000.
const ROOM: usize = 36_000;
/// Bytes of one list or table.
const LIST: usize = 5_000;
/// Bytes of one message.
const MESSAGE: usize = 400;

/// The page.
pub fn render(report: &Report, threshold: Option<Severity>) -> String {
    let mut text = format!("### qdrant-lint: {}\n\n", verdict(report, threshold));
    tally(&mut text, report);
    unjudged(&mut text, report);
    deployments(&mut text, report);
    findings(&mut text, report);
    accepted(&mut text, report);
    skipped(&mut text, report);
    text
}

fn verdict(report: &Report, threshold: Option<Severity>) -> String {
    let failing = report.failing(threshold);
    let threshold = threshold.map_or("never", Severity::as_str);
    if !report.errors.is_empty() {
        return format!("{} could not be judged", count_of(report.errors.len(), "input"));
    }
    if report.deployments.is_empty() {
        return "nothing to judge".to_owned();
    }
    match (failing, report.unproven()) {
        (0, 0) => format!("no finding at or above {threshold}"),
        (0, unproven) => format!("{} without evidence", count_of(unproven, "rule")),
        (failing, _) => format!("{} at or above {threshold}", count_of(failing, "finding")),
    }
}

fn tally(text: &mut String, report: &Report) {
    let counts = report.counts();
    let mut parts: Vec<String> = Severity::WORST_FIRST
        .iter()
        .zip(counts.by_severity)
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("**{count} {severity}**"))
        .collect();
    parts.extend(report.not_counted());
    parts.push(format!("{} passed", count_of(counts.pass, "rule")));
    if counts.attested > 0 {
        parts.push(format!("{} attested", counts.attested));
    }
    parts.push(format!("{} not judged", counts.skipped));
    parts.push(format!("profile {}", report.profile));
    let _ = writeln!(text, "{}", parts.join(" · "));
}

fn unjudged(text: &mut String, report: &Report) {
    if report.errors.is_empty() {
        return;
    }
    text.push_str("\n**Could not be judged**\n\n");
    let rows = report.errors.iter().map(|error| {
        let place = match (error.file.is_empty(), error.line) {
            (true, _) => String::new(),
            (false, 0) => format!("{}: ", code(&error.file)),
            (false, line) => format!("{}: ", code(&format!("{}:{line}", error.file))),
        };
        let help = error.help.as_ref().map_or_else(String::new, |help| format!(" – {}", prose(&cut(help))));
        format!("* {place}{}{help}\n", prose(&cut(&error.message)))
    });
    list(text, rows, "input");
}

fn deployments(text: &mut String, report: &Report) {
    if report.deployments.is_empty() {
        return;
    }
    let mut open: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for finding in report.open() {
        let place = Severity::WORST_FIRST.iter().position(|severity| *severity == finding.severity).unwrap_or(4);
        open.entry(&finding.deployment).or_default()[place] += 1;
    }
    text.push_str("\n| deployment | chart | Qdrant | critical | high | medium | low | info |\n|---|---|---|--:|--:|--:|--:|--:|\n");
    let rows = report.deployments.iter().map(|deployment| {
        let chart = deployment.chart.as_ref().map_or_else(
            || "–".to_owned(),
            |(version, assumed)| format!("{}{}", cell(&code(version)), if *assumed { " (assumed)" } else { "" }),
        );
        let qdrant = deployment.qdrant.as_ref().map_or_else(|| "–".to_owned(), |version| cell(&code(version)));
        let counts = open.get(deployment.id.as_str()).copied().unwrap_or_default();
        let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
        format!("| {} | {chart} | {qdrant} | {} |\n", cell(&code(&cut(&deployment.id))), counts.join(" | "))
    });
    list(text, rows, "deployment");
}

/// One section a rule and severity, worst first, the first open.
fn findings(text: &mut String, report: &Report) {
    let mut sections: Vec<Vec<&Finding>> = Vec::new();
    let mut places: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for finding in report.open() {
        let place = *places.entry((finding.severity, &finding.rule)).or_insert_with(|| {
            sections.push(Vec::new());
            sections.len() - 1
        });
        sections[place].push(finding);
    }
    let several = report.deployments.len() > 1;
    let limit = text.len() + ROOM;
    let mut left_out = 0;
    for (index, section) in sections.iter().enumerate() {
        let written = section_text(section, several, index == 0);
        if left_out > 0 || text.len() + written.len() > limit {
            left_out += section.len();
        } else {
            text.push_str(&written);
        }
    }
    if left_out > 0 {
        let _ = writeln!(
            text,
            "\n… and {} that do not fit here; the other formats have them all.",
            count_of(left_out, "finding")
        );
    }
}

fn section_text(findings: &[&Finding], several: bool, first: bool) -> String {
    let head = findings[0];
    let mut text = format!(
        "\n<details{}><summary><b>{}</b> · <code>{}</code> · {}{}</summary>\n\n",
        if first { " open" } else { "" },
        head.severity,
        html(&head.rule),
        html(&cut(&head.title)),
        if findings.len() > 1 { format!(" · {} times", findings.len()) } else { String::new() },
    );
    let mut help = "";
    let rows = findings.iter().map(|finding| {
        let place = finding.location.file.as_ref().map_or_else(
            || {
                finding
                    .object
                    .as_ref()
                    .map_or_else(String::new, |object| code(&cut(&format!("{}/{}", object.kind, object.name))))
            },
            |file| code(&cut(&format!("{file}:{}", finding.location.line))),
        );
        let deployment = if several { format!(" ({})", code(&cut(&finding.deployment))) } else { String::new() };
        let mut row = format!("* {place}{deployment} {}\n", prose(&cut(&finding.message)));
        if finding.help != help {
            let lines: Vec<String> = cut(&finding.help).lines().map(prose).collect();
            let _ = writeln!(row, "  <br>**Fix:** {}", lines.join("<br>\n  "));
            help = &finding.help;
        }
        row
    });
    list(&mut text, rows, "place");
    let _ = writeln!(text, "\n[Why, examples and sources]({})\n</details>", head.docs);
    text
}

fn accepted(text: &mut String, report: &Report) {
    let accepted: Vec<(&Finding, &Exemption)> = report.accepted().collect();
    if accepted.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n<details><summary>{} accepted</summary>\n", count_of(accepted.len(), "finding"));
    text.push_str("| rule | severity | where | how | reason | owner | ticket |\n|---|---|---|---|---|---|---|\n");
    let rows = accepted.iter().map(|(finding, exemption)| {
        let place = finding
            .location
            .file
            .as_ref()
            .map_or_else(|| finding.deployment.to_string(), |file| format!("{file}:{}", finding.location.line));
        let until = exemption.until.as_ref().map_or_else(String::new, |until| format!(" until {}", prose(until)));
        let of = |text: &Option<String>| text.as_ref().map_or_else(|| "–".to_owned(), |text| cell(&prose(&cut(text))));
        format!(
            "| {} | {} | {} | {}{} | {} | {} | {} |\n",
            cell(&code(&finding.rule)),
            finding.severity,
            cell(&code(&cut(&place))),
            exemption.by.as_str(),
            cell(&until),
            cell(&prose(&cut(&exemption.reason))),
            of(&exemption.owner),
            of(&exemption.ticket),
        )
    });
    list(text, rows, "finding");
    text.push_str("\n</details>\n");
}

fn skipped(text: &mut String, report: &Report) {
    let wanted = |kind: SkipKind| matches!(kind, SkipKind::NotObserved | SkipKind::Unknown | SkipKind::NeedsEvidence);
    let skips: Vec<_> = report.skips().into_iter().filter(|(kind, ..)| wanted(*kind)).collect();
    let errored: Vec<_> = report.verdicts.iter().filter(|verdict| verdict.verdict == VerdictKind::Errored).collect();
    if skips.is_empty() && errored.is_empty() {
        return;
    }
    text.push_str("\n<details><summary>What was not judged, and what to give</summary>\n\n");
    let failed = errored.iter().map(|verdict| {
        let reason = verdict.reason.as_deref().unwrap_or_default();
        format!("* {} failed to run: {}\n", code(&verdict.rule), prose(&cut(reason)))
    });
    let reasons =
        skips.iter().map(|(_, reason, count)| format!("* {}: {}\n", count_of(*count, "rule"), prose(&cut(reason))));
    list(text, failed.chain(reasons), "reason");
    text.push_str("\n</details>\n");
}

/// As many rows as have room; the rest is counted.
fn list(text: &mut String, rows: impl Iterator<Item = String>, word: &str) {
    let limit = text.len() + LIST;
    let mut left_out = 0;
    for row in rows {
        if left_out > 0 || text.len() + row.len() > limit {
            left_out += 1;
        } else {
            text.push_str(&row);
        }
    }
    if left_out > 0 {
        let _ = writeln!(text, "\n… and {}", count_of(left_out, &format!("more {word}")));
    }
}

/// As much of a text as is told.
fn cut(text: &str) -> String {
    if text.len() <= MESSAGE {
        return text.to_owned();
    }
    let end = (0..=MESSAGE).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}

/// Text between backticks as code, the rest without markup.
fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let mut written = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        let is_code = index % 2 == 1 && index + 1 < pieces.len();
        let is_open = index % 2 == 1 && index + 1 == pieces.len();
        if is_code {
            written.push_str(&code(piece));
        } else {
            written.push_str(if is_open { "&#96;" } else { "" });
            plain(&mut written, piece);
        }
    }
    written
}

/// What would be markup is written as a character reference; mentions and references to issues lose their power by a
/// space that is not seen.
fn plain(written: &mut String, text: &str) {
    let mut rest = text.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '|' | '~' | '$' => {
                let _ = write!(written, "&#{};", u32::from(letter));
            }
            '@' => written.push_str("@\u{200b}"),
            '#' if rest.peek().is_some_and(char::is_ascii_digit) => written.push_str("#\u{200b}"),
            letter if is_unseen(letter) => written.push(' '),
            letter => written.push(letter),
        }
    }
}

/// Control characters, and those that turn the direction of writing.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A code span that no text can end.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|letter| if is_unseen(letter) { ' ' } else { letter }).collect();
    if text.trim().is_empty() {
        return format!("<code>{}</code>", html(&text));
    }
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.starts_with(' ') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// In a table `|` ends a cell even within code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('@', "@\u{200b}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_stranger_makes_no_markup_link_or_mention() {
        let hostile = prose("@team ![x](https://example.com) <img src=x> #1 **b** `a` and `open");
        for bad in ["@team", "](", "<img", "#1", "**"] {
            assert!(!hostile.contains(bad), "{bad}: {hostile}");
        }
        assert!(hostile.contains("`a`") && hostile.ends_with("&#96;open"), "{hostile}");
    }

    #[test]
    fn a_code_span_holds_whatever_stands_in_it() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(cell(&code("a|b")), "`a\\|b`");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("short"), "short");
        let long = "ü".repeat(MESSAGE);
        assert!(cut(&long).len() <= MESSAGE + '…'.len_utf8());
    }
}
