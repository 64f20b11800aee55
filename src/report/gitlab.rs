//! `--format gitlab`: a Code Quality report, the list that merge requests show. Open findings only; each has a
//! fingerprint of its own, because equal ones collapse into one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::forge::{self, Forge};
use super::{ErrorLine, Report};
use crate::finding::{Finding, fingerprint};
use crate::policy::Severity;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// The report as a JSON array.
pub fn render(report: &Report, forge: &Forge) -> String {
    let mut issues: Vec<Issue> = report.errors.iter().map(|error| unjudged(error, forge)).collect();
    issues.extend(report.open().map(|finding| issue(finding, report, forge)));
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for issue in &mut issues {
        let count = seen.entry(issue.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            issue.fingerprint = format!("{}-{count}", issue.fingerprint);
        }
    }
    let mut text = serde_json::to_string_pretty(&issues).expect("made of strings and numbers");
    text.push('\n');
    text
}

fn issue(finding: &Finding, report: &Report, forge: &Forge) -> Issue {
    let spot = forge.spot(finding, report);
    // an issue must name a file; what runs in a cluster is named as if it were one
    let path = spot.as_ref().map_or_else(|| format!("cluster/{}", finding.deployment), |spot| spot.file.clone());
    let begin = spot.and_then(|spot| spot.location).map_or(1, |location| location.line.max(1));
    Issue {
        description: format!("{}. Fix: {}", finding.message, finding.help),
        check_name: finding.rule.to_string(),
        fingerprint: finding.fingerprint.to_string(),
        severity: severity(finding.severity),
        location: Location { path, lines: Lines { begin } },
    }
}

fn unjudged(error: &ErrorLine, forge: &Forge) -> Issue {
    let path = if forge::is_file(&error.file) { forge.path(&error.file) } else { ".".to_owned() };
    let help = error.help.as_ref().map_or_else(String::new, |help| format!(". {help}"));
    Issue {
        description: format!("could not be judged: {}{help}", error.message),
        check_name: "could-not-judge".to_owned(),
        fingerprint: fingerprint(&path, &format!("could-not-judge\n{}", error.message)),
        severity: "blocker",
        location: Location { path, lines: Lines { begin: error.line.max(1) } },
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "blocker",
        Severity::High => "critical",
        Severity::Medium => "major",
        Severity::Low => "minor",
        Severity::Info => "info",
    }
}
