//! What people read: warnings of one line each within the API server's budget, and why something was denied.
//!
//! The API server shares 4096 runes of warnings among all webhooks of a request and drops a warning with a control
//! character in it, so both are kept far away from.

use std::fmt::Write as _;

use super::review::{Cause, Denial};
use crate::finding::Finding;

/// Runes of one warning.
const WARNING: usize = 220;
/// Warnings of one review.
const WARNINGS: usize = 10;
/// Findings in a denial.
const DENIED: usize = 5;
/// Runes of a finding in a denial.
const LINE: usize = 300;
/// Causes for machines.
const CAUSES: usize = 20;

/// The warnings of findings, worst first; the last one says how many more there are and how to see them.
pub fn warnings(findings: &[&Finding], namespace: &str) -> Vec<String> {
    let shown = if findings.len() > WARNINGS { WARNINGS - 1 } else { findings.len() };
    let mut lines: Vec<String> = findings[..shown].iter().map(|finding| cut(&line(finding), WARNING)).collect();
    if findings.len() > shown {
        lines.push(format!("qdrant-lint: {} more; {}", findings.len() - shown, all(namespace)));
    }
    lines
}

/// The refusal that findings make, worst first. `of` is what was asked for.
pub fn denial(findings: &[&Finding], of: &str, namespace: &str) -> Denial {
    let many = if findings.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", findings.len()) };
    let mut message = format!("{many} in {}", clean(of));
    for finding in findings.iter().take(DENIED) {
        let _ = write!(message, "\n{}", cut(&line(finding), LINE));
        if let Some(help) = finding.help.lines().next() {
            let _ = write!(message, "\n  fix: {}", cut(&clean(help), LINE));
        }
    }
    if findings.len() > DENIED {
        let _ = write!(message, "\nand {} more", findings.len() - DENIED);
    }
    let _ = write!(message, "\n{}; why: `qdrant-lint explain {}`", all(namespace), findings[0].rule);
    let causes = findings.iter().take(CAUSES).map(|finding| Cause {
        reason: finding.rule.to_string(),
        message: cut(&clean(&finding.message), LINE),
        field: clean(&finding.location.path.to_string()),
    });
    Denial { message, causes: causes.collect() }
}

fn all(namespace: &str) -> String {
    format!("all of them: `qdrant-lint audit -n {}`", clean(namespace))
}

/// `critical network/p2p-exposed: message (spec.type)`
fn line(finding: &Finding) -> String {
    let place = finding.location.path.to_string();
    // what is about the object as a whole is anchored at its kind
    let place = if place.is_empty() || place == "kind" { String::new() } else { format!(" ({place})") };
    clean(&format!("{} {}: {}{place}", finding.severity, finding.rule, finding.message))
}

/// One line without control characters and without the marks that turn text around.
pub fn clean(text: &str) -> String {
    let hidden = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if hidden(letter) { ' ' } else { letter }).collect()
}

fn cut(text: &str, runes: usize) -> String {
    if text.chars().count() <= runes {
        return text.to_owned();
    }
    text.chars().take(runes - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_survives_and_long_lines_are_cut() {
        assert_eq!(clean("a\nb\u{1b}[31m\u{202e}c"), "a b [31m c");
        assert_eq!(cut("äöü", 2), "ä…");
    }
}
