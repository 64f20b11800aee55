//! `--format concise`: one line a finding, as compilers print them.

use std::io::{self, Write};

use super::{Report, count_of};
use crate::finding::Finding;
use crate::policy::Severity;

/// `file:line:column: severity rule message`, then the counts.
pub fn render(report: &Report) -> String {
    let mut text = Vec::new();
    write(report, &mut text).expect("memory takes all text");
    String::from_utf8(text).expect("lines are text")
}

/// Writes likewise; the lines of a fleet are many.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for error in &report.errors {
        let place = match (error.file.is_empty(), error.line) {
            (true, _) => String::new(),
            (false, 0) => format!("{}: ", error.file),
            (false, line) => format!("{}:{line}:{}: ", error.file, error.column),
        };
        writeln!(out, "{place}error: {}", error.message)?;
    }
    for finding in report.open() {
        writeln!(out, "{}: {} {} {}", place(finding), finding.severity, finding.rule, finding.message)?;
    }
    // what a person accepted stays visible; of a baseline the count is enough
    for (finding, exemption) in report.accepted() {
        let why = exemption.in_words(finding.status);
        writeln!(out, "{}: {} {} [{why}]", place(finding), finding.severity, finding.rule)?;
    }
    let counts = report.counts();
    let found: Vec<String> = Severity::WORST_FIRST
        .iter()
        .zip(counts.by_severity)
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {severity}"))
        .collect();
    let found = if found.is_empty() { "no findings".to_owned() } else { found.join(", ") };
    let not_counted = report.not_counted().map_or_else(String::new, |counts| format!("; {counts}"));
    writeln!(
        out,
        "{found}{not_counted}; {} passed{}, {} not judged, {}",
        count_of(counts.pass, "rule"),
        if counts.attested > 0 { format!(", {} attested", counts.attested) } else { String::new() },
        counts.skipped,
        count_of(report.deployments.len(), "deployment")
    )
}

fn place(finding: &Finding) -> String {
    finding.location.file.as_ref().map_or_else(
        || finding.deployment.to_string(),
        |file| format!("{file}:{}:{}", finding.location.line, finding.location.column),
    )
}
