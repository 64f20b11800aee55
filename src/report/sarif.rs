//! `--format sarif`: SARIF 2.1.0 as GitHub code scanning reads it. Relative URIs, small regions, one result per rule
//! and line, `security-severity`, and the line hash that GitHub tracks alerts by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Report;
use crate::finding::{ExemptedBy, Finding, Location, Status};
use crate::policy::{Registry, Rule, Severity};
use crate::source::{SourceId, Sources};

/// The log as pretty-printed JSON. Accepted findings are left out unless `with_suppressed`: code scanning opens alerts for
/// them all the same.
pub fn render(report: &Report, registry: &Registry, sources: &Sources, with_suppressed: bool) -> String {
    let shown = || report.findings.iter().filter(|finding| with_suppressed || finding.status == Status::Open);
    let used: BTreeSet<&str> = shown().map(|finding| finding.rule.as_str()).collect();
    let rules: Vec<&Rule> = registry.rules().filter(|rule| used.contains(rule.id.as_str())).collect();
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let mut hashes = LineHashes { sources, by_source: BTreeMap::new() };
    let mut seen = BTreeSet::new();
    let results: Vec<Value> = shown()
        .filter(|finding| finding.location.file.is_some())
        .filter(|finding| seen.insert((finding.rule.clone(), finding.location.file.clone(), finding.location.line)))
        .map(|finding| result(finding, index.get(finding.rule.as_str()).copied(), &mut hashes))
        .collect();
    let notifications: Vec<Value> = report
        .errors
        .iter()
        .map(|error| {
            json!({"level": "error", "message": {"text": format!("{}:{}:{}: {}", error.file, error.line, error.column, error.message)}})
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "qdrant-lint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": "https://github.com/qdrant-lint/qdrant-lint",
                "rules": rules.iter().map(|rule| descriptor(rule, report)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{"executionSuccessful": report.errors.is_empty(), "toolExecutionNotifications": notifications}],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("made of strings and numbers");
    text.push('\n');
    text
}

fn descriptor(rule: &Rule, report: &Report) -> Value {
    let severity = rule.severity_in(report.profile).unwrap_or(Severity::Info);
    let help = format!("{}\n\n{}", rule.description, rule.remediation);
    json!({
        "id": rule.id,
        "name": pascal(&rule.id),
        "shortDescription": {"text": cut(&rule.title)},
        "fullDescription": {"text": cut(&rule.description)},
        "help": {"text": help, "markdown": help},
        "helpUri": crate::resolve::docs(&rule.id),
        "defaultConfiguration": {"level": level(severity)},
        "properties": {
            "tags": ["security", rule.concern(), rule.consequence.as_str()],
            "precision": "high",
            "security-severity": score(severity),
        },
    })
}

fn result(finding: &Finding, rule_index: Option<usize>, hashes: &mut LineHashes<'_>) -> Value {
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.severity),
        "message": {"text": format!("{}. {}", finding.message, finding.help)},
        "locations": [location(&finding.location, &finding.label)],
        "partialFingerprints": {"qdrantLint/v1": finding.fingerprint},
        "properties": {"severity": finding.severity.as_str(), "consequence": finding.consequence.as_str(), "deployment": finding.deployment},
    });
    if let Some(suppression) = suppression(finding) {
        result["suppressions"] = json!([suppression]);
    }
    if let Some(index) = rule_index {
        result["ruleIndex"] = index.into();
    }
    if let Some(hash) = finding.location.span.and_then(|span| hashes.hash(span.source, finding.location.line)) {
        result["partialFingerprints"]["primaryLocationLineHash"] = hash.into();
    }
    let related: Vec<Value> = finding
        .related
        .iter()
        .filter(|related| related.location.file.is_some())
        .enumerate()
        .map(|(index, related)| {
            let mut place = location(&related.location, &related.message);
            place["id"] = (index + 1).into();
            place
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    result
}

/// Who accepted a finding, and why.
fn suppression(finding: &Finding) -> Option<Value> {
    if finding.status == Status::Open {
        return None;
    }
    let (kind, why) = match &finding.exemption {
        Some(exemption) if exemption.by == ExemptedBy::Waiver => ("external", exemption.in_words(finding.status)),
        Some(exemption) => ("inSource", exemption.reason.clone()),
        None => ("external", finding.status.in_words().to_owned()),
    };
    Some(json!({"kind": kind, "status": "accepted", "justification": why}))
}

fn location(location: &Location, message: &str) -> Value {
    let file = location.file.as_deref().unwrap_or_default();
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"},
            "region": {
                "startLine": location.line.max(1),
                "startColumn": location.column.max(1),
                "endLine": location.end_line.max(1),
                "endColumn": location.end_column.max(1),
            },
        },
        "message": {"text": message},
    })
}

/// A relative URI: what RFC 3986 does not allow in a path is percent-encoded.
fn uri(file: &str) -> String {
    file.bytes().fold(String::new(), |uri, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' | b'+' | b'@' | b',' => {
            format!("{uri}{}", byte as char)
        }
        other => format!("{uri}%{other:02X}"),
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub: above 9 critical, from 7 high, from 4 medium, below low.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

fn cut(text: &str) -> String {
    text.chars().take(1020).collect()
}

/// `network/p2p-exposed` → `NetworkP2pExposed`.
fn pascal(id: &str) -> String {
    id.split(['/', '-'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect()
}

/// Line hashes of whole files, made once for each.
struct LineHashes<'a> {
    sources: &'a Sources,
    by_source: BTreeMap<SourceId, Vec<String>>,
}

impl LineHashes<'_> {
    fn hash(&mut self, source: SourceId, line: usize) -> Option<String> {
        let sources = self.sources;
        self.by_source
            .entry(source)
            .or_insert_with(|| line_hashes(&sources.get(source).text))
            .get(line.checked_sub(1)?)
            .cloned()
    }
}

/// `primaryLocationLineHash` of every line: a rolling hash over the 100 UTF-16 units (blanks left out) that begin at
/// the line, and a counter for equal ones, as the code scanning upload computes it.
fn line_hashes(text: &str) -> Vec<String> {
    const WINDOW: usize = 100;
    const BASE: u64 = 37;
    let drop_factor = (0..WINDOW).fold(1_u64, |factor, _| factor.wrapping_mul(BASE));
    let normal = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut units: Vec<(u64, usize)> = Vec::new();
    let mut starts: Vec<usize> = vec![0];
    for unit in normal.encode_utf16() {
        if unit == u16::from(b' ') || unit == u16::from(b'\t') {
            continue;
        }
        units.push((u64::from(unit), 0));
        if unit == u16::from(b'\n') {
            starts.push(units.len());
        }
    }
    units.push((65_535, 0));
    let values: Vec<u64> = units.iter().map(|(unit, _)| *unit).collect();
    let mut hash = 0_u64;
    let mut ends = Vec::with_capacity(values.len() + WINDOW);
    for index in 0..values.len() + WINDOW {
        let incoming = values.get(index).copied().unwrap_or(0);
        let outgoing = index.checked_sub(WINDOW).and_then(|index| values.get(index)).copied().unwrap_or(0);
        hash = BASE.wrapping_mul(hash).wrapping_add(incoming).wrapping_sub(drop_factor.wrapping_mul(outgoing));
        ends.push(hash);
    }
    let mut seen: BTreeMap<u64, usize> = BTreeMap::new();
    starts
        .iter()
        .map(|start| {
            let hash = ends.get(start + WINDOW - 1).copied().unwrap_or_default();
            let count = seen.entry(hash).or_default();
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_hashes_are_those_that_code_scanning_publishes() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        let hashes = line_hashes(&lorem);
        assert_eq!(hashes[0], "a7f2ff13bc495cf2:1");
        assert_eq!(hashes[5], "a7f2ff13bc495cf2:6");
        assert_eq!(hashes[6], "a7f2ff1481e87703:1");
    }

    #[test]
    fn a_file_name_becomes_a_relative_uri() {
        assert_eq!(uri("deploy/a b#1.yaml"), "deploy/a%20b%231.yaml");
    }
}
