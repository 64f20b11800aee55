//! `--format policyreport`: what dashboards of clusters read. One report a deployment, as a list that `kubectl apply -f`
//! takes. Nothing here is read from or written to a cluster: `load::live::reports` does that.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{DeploymentSummary, Report, RuleVerdict, VerdictKind};
use crate::finding::{Finding, ObjectRef, Status};
use crate::policy::Severity;

/// Results of a report: etcd takes 1.5 MiB an object.
const RESULTS: usize = 400;
/// Bytes of one text, likewise.
const TEXT: usize = 1_000;

/// The API a report is written for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Api {
    /// OpenReports, the successor
    #[default]
    #[value(name = "openreports.io/v1alpha1", alias = "openreports")]
    OpenReports,
    /// The policy working group's, which older consumers read
    #[value(name = "wgpolicyk8s.io/v1alpha2", alias = "wgpolicy")]
    WorkingGroup,
}

impl Api {
    /// The one that an `apiVersion` names.
    pub fn of(api_version: &str) -> Option<Self> {
        [Self::OpenReports, Self::WorkingGroup].into_iter().find(|api| api.names().0 == api_version)
    }

    /// `apiVersion` and kind of a report.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenReports => ("openreports.io/v1alpha1", "Report"),
            Self::WorkingGroup => ("wgpolicyk8s.io/v1alpha2", "PolicyReport"),
        }
    }
}

/// The reports as a Kubernetes list.
pub fn render(report: &Report, api: Api, threshold: Option<Severity>) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": items(report, api, threshold).collect::<Vec<_>>()});
    let mut text = serde_json::to_string_pretty(&list).expect("made of strings and numbers");
    text.push('\n');
    text
}

/// A report for each deployment, in their order. A finding below the threshold is a warning, one that is accepted is
/// skipped.
pub fn items(report: &Report, api: Api, threshold: Option<Severity>) -> impl Iterator<Item = Value> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        findings.entry(&finding.deployment).or_default().push(finding);
    }
    let mut verdicts: BTreeMap<&str, Vec<&RuleVerdict>> = BTreeMap::new();
    for verdict in &report.verdicts {
        verdicts.entry(&verdict.deployment).or_default().push(verdict);
    }
    let mut of_run = findings.remove("").unwrap_or_default();
    report.deployments.iter().map(move |deployment| {
        let mut own = findings.remove(deployment.id.as_str()).unwrap_or_default();
        // what is about the run as a whole is told once
        own.append(&mut of_run);
        let verdicts = verdicts.remove(deployment.id.as_str()).unwrap_or_default();
        item(deployment, &own, &verdicts, report, api, threshold)
    })
}

fn item(
    deployment: &DeploymentSummary,
    findings: &[&Finding],
    verdicts: &[&RuleVerdict],
    report: &Report,
    api: Api,
    threshold: Option<Severity>,
) -> Value {
    let mut results: Vec<Value> = findings.iter().map(|finding| of_finding(finding, threshold)).collect();
    results.extend(verdicts.iter().filter_map(|verdict| of_verdict(verdict)));
    // what fails comes first, so that it is what stays
    results.sort_by_key(|result| !matches!(result["result"].as_str(), Some("fail" | "error")));
    let mut summary: BTreeMap<&str, usize> = ["pass", "fail", "warn", "error", "skip"].map(|word| (word, 0)).into();
    for result in &results {
        if let Some(count) = result["result"].as_str().and_then(|word| summary.get_mut(word)) {
            *count += 1;
        }
    }
    let left_out = results.len().saturating_sub(RESULTS);
    results.truncate(RESULTS);
    let (api_version, kind) = api.names();
    let mut annotations = Map::new();
    annotations.insert("qdrant-lint.dev/deployment".to_owned(), cut(&deployment.id).into());
    annotations.insert("qdrant-lint.dev/profile".to_owned(), report.profile.as_str().into());
    if !deployment.files.is_empty() {
        annotations.insert("qdrant-lint.dev/files".to_owned(), cut(&deployment.files.join(", ")).into());
    }
    if left_out > 0 {
        annotations.insert("qdrant-lint.dev/results-left-out".to_owned(), left_out.to_string().into());
    }
    if !report.errors.is_empty() {
        let unjudged = report.errors.len().to_string();
        annotations.insert("qdrant-lint.dev/inputs-not-judged".to_owned(), unjudged.into());
    }
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), name(&deployment.id).into());
    if let Some(namespace) = deployment.namespace.as_ref().filter(|namespace| is_label(namespace)) {
        metadata.insert("namespace".to_owned(), namespace.as_str().into());
    }
    metadata.insert("labels".to_owned(), json!({"app.kubernetes.io/managed-by": "qdrant-lint"}));
    metadata.insert("annotations".to_owned(), annotations.into());
    let mut item = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
    if api == Api::OpenReports {
        item["source"] = "qdrant-lint".into();
    }
    if let Some(scope) = scope(findings) {
        item["scope"] = reference(scope);
    }
    item["summary"] = json!(summary);
    item["results"] = results.into();
    item
}

/// The workload, where a finding names it: all of the report is about its deployment.
fn scope<'a>(findings: &[&'a Finding]) -> Option<&'a ObjectRef> {
    let objects = findings.iter().filter_map(|finding| finding.object.as_deref());
    objects.filter(|object| object.api_version.starts_with("apps/")).min_by_key(|object| (&object.kind, &object.name))
}

fn of_finding(finding: &Finding, threshold: Option<Severity>) -> Value {
    let fails = threshold.is_none_or(|threshold| finding.severity >= threshold);
    let (word, message) = match (&finding.exemption, finding.status, fails) {
        (Some(exemption), status, _) => ("skip", format!("{}. {}", exemption.in_words(status), finding.message)),
        (None, Status::Open, true) => ("fail", finding.message.to_string()),
        (None, Status::Open, false) => ("warn", finding.message.to_string()),
        (None, status, _) => ("skip", format!("{}. {}", status.in_words(), finding.message)),
    };
    let mut properties = BTreeMap::from([
        ("consequence", finding.consequence.as_str().to_owned()),
        ("documentation", finding.docs.to_string()),
        ("fingerprint", finding.fingerprint.to_string()),
        ("remediation", cut(&finding.help)),
    ]);
    if let Some(file) = &finding.location.file {
        properties.insert("place", cut(&format!("{file}:{}:{}", finding.location.line, finding.location.column)));
    }
    let mut result = result(&finding.rule, word, &message);
    result["severity"] = finding.severity.as_str().into();
    result["scored"] = (word != "warn").into();
    result["properties"] = json!(properties);
    if let Some(object) = &finding.object {
        result["resources"] = json!([reference(object)]);
    }
    result
}

/// What a rule says without findings; its findings tell the rest.
fn of_verdict(verdict: &RuleVerdict) -> Option<Value> {
    let reason = verdict.reason.as_deref().unwrap_or_default();
    let (word, message) = match verdict.verdict {
        VerdictKind::Fail => return None,
        VerdictKind::Pass => match &verdict.attested {
            Some(key) => ("pass", format!("attested: {key}")),
            None => ("pass", String::new()),
        },
        VerdictKind::Skipped(_) => ("skip", reason.to_owned()),
        VerdictKind::Errored => ("error", reason.to_owned()),
    };
    let mut result = result(&verdict.rule, word, &message);
    result["scored"] = true.into();
    Some(result)
}

fn result(rule: &str, word: &str, message: &str) -> Value {
    let concern = rule.rsplit_once('/').map_or("qdrant-lint", |(concern, _)| concern);
    let mut result = json!({"source": "qdrant-lint", "policy": rule, "category": concern, "result": word});
    if !message.is_empty() {
        result["message"] = cut(message).into();
    }
    result
}

fn reference(object: &ObjectRef) -> Value {
    let mut reference = json!({"apiVersion": object.api_version, "kind": object.kind, "name": object.name});
    if let Some(namespace) = &object.namespace {
        reference["namespace"] = namespace.as_str().into();
    }
    reference
}

/// A name that Kubernetes takes, the same for the same deployment.
fn name(id: &str) -> String {
    const LONGEST: usize = 42;
    let words: String = id
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = words.split('-').filter(|word| !word.is_empty()).collect();
    let words: String = words.join("-").chars().take(LONGEST).collect();
    let digest = Sha256::digest(id);
    let tail = digest.iter().take(4).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    ["qdrant-lint", words.trim_matches('-'), &tail]
        .iter()
        .filter(|part| !part.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join("-")
}

/// RFC 1123, as names of namespaces are.
fn is_label(text: &str) -> bool {
    let inner = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    (1..=63).contains(&text.len()) && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

fn cut(text: &str) -> String {
    if text.len() <= TEXT {
        return text.to_owned();
    }
    let end = (0..=TEXT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_name_that_kubernetes_takes() {
        assert_eq!(name("search/qdrant"), "qdrant-lint-search-qdrant-713ef095");
        assert!(is_label(&name("\u{1b}[31m/../Ünder_score@a\nb.yaml")));
        assert!(is_label(&name(&"x".repeat(300))));
        assert_ne!(name("a/b"), name("a-b"));
    }
}
