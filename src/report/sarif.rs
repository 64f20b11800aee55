//! `--format sarif`: SARIF 2.1.0 as GitHub code scanning reads it. Relative URIs, small regions, one result per rule
//! and line, `security-severity`, and the line hash that GitHub tracks alerts by.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::forge::{self, Forge, Spot, uri};
use super::{ErrorLine, Report, count_of, replacement};
use crate::finding::{ExemptedBy, Finding, Location, ObjectRef, Status};
use crate::policy::eval::Applicability;
use crate::policy::{Registry, Rule, Severity};
use crate::source::{SourceId, Sources};

/// Results that code scanning takes of a run; it shows the first 5,000.
const RESULTS: usize = 25_000;

/// Fixes that are written out; each is proven by reading the file again.
const FIXES: usize = 200;

/// What is written.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// What was found.
    pub report: &'a Report,
    /// The rules of the run.
    pub registry: &'a Registry,
    /// Texts of the inputs.
    pub sources: &'a Sources,
}

/// The log as pretty-printed JSON. Accepted findings are left out unless `with_suppressed`: code scanning opens alerts for
/// them all the same.
pub fn render(view: &View<'_>, forge: &Forge, with_suppressed: bool) -> String {
    let View { report, registry, sources } = *view;
    let accepted = report.findings.iter().filter(|finding| with_suppressed && finding.status != Status::Open);
    let shown: Vec<(&Finding, Spot)> =
        report.open().chain(accepted).filter_map(|finding| Some((finding, forge.spot(finding, report)?))).collect();
    let used: BTreeSet<&str> = shown.iter().map(|(finding, _)| finding.rule.as_str()).collect();
    let rules: Vec<&Rule> = registry.rules().filter(|rule| used.contains(rule.id.as_str())).collect();
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let of_values =
        report.deployments.iter().filter(|one| one.source == "helm-values").map(|one| one.id.as_str()).collect();
    let mut writer = Writer { sources, forge, index, hashes: BTreeMap::new(), of_values, room_for_fixes: FIXES };
    let mut seen = BTreeSet::new();
    let mut results = Vec::new();
    let mut too_many = 0;
    for (finding, spot) in &shown {
        let line = spot.location.as_ref().map_or(1, |location| location.line);
        // one rule and line is one alert
        if !seen.insert((finding.rule.as_str(), spot.file.as_str(), line)) {
            continue;
        }
        if results.len() < RESULTS {
            results.push(writer.result(finding, spot));
        } else {
            too_many += 1;
        }
    }
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
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository"}}},
            "invocations": [{
                "executionSuccessful": report.errors.is_empty(),
                "toolExecutionNotifications": notifications(report, forge, too_many),
            }],
            "results": results,
        }],
    });
    let mut text = serde_json::to_string_pretty(&log).expect("made of strings and numbers");
    text.push('\n');
    text
}

/// What could not be judged, and what this format cannot hold.
fn notifications(report: &Report, forge: &Forge, too_many: usize) -> Vec<Value> {
    let mut notifications: Vec<Value> = report.errors.iter().map(|error| unjudged(error, forge)).collect();
    let in_cluster = report.open().filter(|finding| finding.location.file.is_none()).count();
    if in_cluster > 0 {
        let text = format!("{} stand in no file and are left out here", count_of(in_cluster, "finding"));
        notifications.push(json!({"level": "note", "message": {"text": text}}));
    }
    if too_many > 0 {
        let text = format!("{} more than a run can hold are left out", count_of(too_many, "result"));
        notifications.push(json!({"level": "note", "message": {"text": text}}));
    }
    notifications
}

fn unjudged(error: &ErrorLine, forge: &Forge) -> Value {
    let help = error.help.as_ref().map_or_else(String::new, |help| format!(". {help}"));
    let mut notification = json!({"level": "error", "message": {"text": no_link(&format!("{}{help}", error.message))}});
    if forge::is_file(&error.file) {
        let artifact = json!({"uri": uri(&forge.path(&error.file)), "uriBaseId": "%SRCROOT%"});
        let mut place = json!({"artifactLocation": artifact});
        if error.line > 0 {
            place["region"] = json!({"startLine": error.line, "startColumn": error.column.max(1)});
        }
        notification["locations"] = json!([{"physicalLocation": place}]);
    }
    notification
}

fn descriptor(rule: &Rule, report: &Report) -> Value {
    let severity = rule.severity_in(report.profile).unwrap_or(Severity::Info);
    let help = format!("{}\n\nFix: {}", rule.description, rule.remediation);
    let markdown = format!("{}\n\n**Fix.** {}", rule.description, rule.remediation);
    let tags = BTreeSet::from(["security", rule.concern(), rule.consequence.as_str()]);
    json!({
        "id": rule.id,
        "name": pascal(&rule.id),
        "shortDescription": {"text": cut(&rule.title)},
        "fullDescription": {"text": cut(&rule.description)},
        "help": {"text": help, "markdown": markdown},
        "helpUri": crate::resolve::docs(&rule.id),
        "defaultConfiguration": {"level": level(severity)},
        "properties": {
            "tags": tags,
            "precision": "high",
            "security-severity": score(severity),
        },
    })
}

/// Writes results, and keeps what is made once for a file.
struct Writer<'a> {
    sources: &'a Sources,
    forge: &'a Forge,
    index: BTreeMap<&'a str, usize>,
    hashes: BTreeMap<SourceId, Vec<String>>,
    of_values: BTreeSet<&'a str>,
    room_for_fixes: usize,
}

impl Writer<'_> {
    fn result(&mut self, finding: &Finding, spot: &Spot) -> Value {
        let argument = match (&spot.location, &finding.location.file) {
            (None, Some(argument)) => format!("{argument}: "),
            _ => String::new(),
        };
        let mut result = json!({
            "ruleId": finding.rule,
            "level": level(finding.severity),
            "message": {"text": no_link(&format!("{argument}{}. Fix: {}", finding.message, finding.help))},
            "locations": [place(&spot.file, spot.location.as_ref(), &finding.label)],
            "partialFingerprints": {"qdrantLint/v1": finding.fingerprint},
            "properties": {"severity": finding.severity.as_str(), "consequence": finding.consequence.as_str(), "deployment": finding.deployment},
        });
        if let Some(suppression) = suppression(finding) {
            result["suppressions"] = json!([suppression]);
        }
        if let Some(index) = self.index.get(finding.rule.as_str()) {
            result["ruleIndex"] = (*index).into();
        }
        if let Some(object) = &finding.object {
            result["locations"][0]["logicalLocations"] = json!([logical(object)]);
        }
        if let Some(hash) = spot.location.as_ref().and_then(|location| self.hash(location)) {
            result["partialFingerprints"]["primaryLocationLineHash"] = hash.into();
        }
        let related: Vec<Value> = finding
            .related
            .iter()
            .filter_map(|related| {
                Some((related, related.location.file.as_deref().filter(|file| forge::is_file(file))?))
            })
            .enumerate()
            .map(|(index, (related, file))| {
                let mut place = place(&self.forge.path(file), Some(&related.location), &related.message);
                place["id"] = (index + 1).into();
                place
            })
            .collect();
        if !related.is_empty() {
            result["relatedLocations"] = related.into();
        }
        if let Some(flow) = flow(finding, spot, self.of_values.contains(finding.deployment.as_str())) {
            result["codeFlows"] = json!([flow]);
        }
        if let Some(fix) = self.fix(finding) {
            result["fixes"] = json!([fix]);
        }
        result
    }

    fn hash(&mut self, location: &Location) -> Option<String> {
        let source = location.span?.source;
        let sources = self.sources;
        self.hashes
            .entry(source)
            .or_insert_with(|| line_hashes(&sources.get(source).text))
            .get(location.line.checked_sub(1)?)
            .cloned()
    }

    /// A fix as the replacement of a few characters, for fixes that need no person to fill in something.
    fn fix(&mut self, finding: &Finding) -> Option<Value> {
        let fix = finding.fix.as_ref().filter(|fix| fix.applicability != Applicability::Display)?;
        self.room_for_fixes = self.room_for_fixes.checked_sub(1)?;
        let made = replacement::of(fix, self.sources)?;
        let careful = if fix.applicability == Applicability::Safe { "" } else { " (changes what the deployment does)" };
        let artifact = json!({"uri": uri(&self.forge.path(&made.file)), "uriBaseId": "%SRCROOT%"});
        Some(json!({
            "description": {"text": no_link(&format!("{}{careful}", fix.title))},
            "artifactChanges": [{
                "artifactLocation": artifact,
                "replacements": [{
                    "deletedRegion": {
                        "startLine": made.start.line,
                        "startColumn": made.start.column,
                        "endLine": made.end.line,
                        "endColumn": made.end.column,
                    },
                    "insertedContent": {"text": made.text},
                }],
            }],
        }))
    }
}

/// How the value comes about, step by step: whose default it is or who writes it, and the object that gets it.
fn flow(finding: &Finding, spot: &Spot, is_values: bool) -> Option<Value> {
    let location = spot.location.as_ref()?;
    let first = match &finding.default_of {
        Some(default) if default.path.0.is_empty() => format!("not set: the default of {} holds", default.owner),
        Some(default) => format!("`{}` is not set: the default of {} holds", default.path, default.owner),
        None if finding.location.path.0.is_empty() => "it is written here".to_owned(),
        None => format!("`{}` is set here", finding.location.path),
    };
    let step = |text: &str| json!({"location": place(&spot.file, Some(location), text)});
    let mut steps = vec![step(&first)];
    // an object that is written in the file itself gets its values from nowhere else
    if let Some(object) = finding.object.as_ref().filter(|_| is_values) {
        let mut last = step(&format!("{}/{} gets it: {}", object.kind, object.name, finding.label));
        last["location"]["logicalLocations"] = json!([logical(object)]);
        steps.push(last);
    }
    (steps.len() > 1 || finding.default_of.is_some()).then(|| json!({"threadFlows": [{"locations": steps}]}))
}

fn logical(object: &ObjectRef) -> Value {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let qualified = [object.api_version.as_str(), &object.kind, namespace, &object.name];
    let qualified: Vec<&str> = qualified.into_iter().filter(|part| !part.is_empty()).collect();
    json!({"name": object.name, "kind": "resource", "fullyQualifiedName": qualified.join("/")})
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

/// A place with what is to be said of it. A file that only stands in for an argument has no region but its first line.
fn place(file: &str, location: Option<&Location>, message: &str) -> Value {
    let region = location.map_or_else(
        || json!({"startLine": 1}),
        |location| {
            json!({
                "startLine": location.line.max(1),
                "startColumn": location.column.max(1),
                "endLine": location.end_line.max(1),
                "endColumn": location.end_column.max(1),
            })
        },
    );
    json!({
        "physicalLocation": {"artifactLocation": {"uri": uri(file), "uriBaseId": "%SRCROOT%"}, "region": region},
        "message": {"text": no_link(message)},
    })
}

/// `[text](target)` would be a link; here it never is one.
fn no_link(text: &str) -> String {
    text.replace("](", "] (")
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
