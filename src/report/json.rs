//! `--format json`, schema version 1: what users script against.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::controls::{self, JsonFamily};
use super::{ErrorLine, Report, VerdictKind};
use crate::finding::{ExemptedBy, Finding, Location, ObjectRef, OriginKind, Status};
use crate::policy::eval::Applicability;
use crate::policy::{Consequence, Profile, Severity, SkipKind};
use crate::source::Path;

/// Version of the report.
pub const SCHEMA: &str = "qdrant-lint/report/v1";

/// The report as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "qdrant-lint report")]
pub struct Document {
    schema: &'static str,
    tool: Tool,
    profile: Profile,
    deployments: Vec<Deployment>,
    findings: Vec<JsonFinding>,
    /// What the families mean that findings name in `controls`.
    controls: BTreeMap<String, JsonFamily>,
    rules: Vec<RuleLine>,
    inputs: Vec<Input>,
    errors: Vec<JsonError>,
    summary: Summary,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Deployment {
    id: String,
    name: String,
    namespace: Option<String>,
    source: String,
    files: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<Chart>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qdrant: Option<Version>,
}

#[derive(Serialize, JsonSchema)]
struct Chart {
    version: String,
    assumed: bool,
}

#[derive(Serialize, JsonSchema)]
struct Version {
    version: String,
}

#[derive(Serialize, JsonSchema)]
struct JsonFinding {
    rule: String,
    severity: Severity,
    consequence: Consequence,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<JsonExemption>,
    deployment: String,
    title: String,
    message: String,
    help: String,
    origin: OriginKind,
    location: JsonLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectRef>,
    related: Vec<JsonRelated>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix>,
    fingerprint: String,
    guide: Vec<String>,
    controls: Vec<String>,
    docs: String,
}

/// Who accepted the finding, and why.
#[derive(Serialize, JsonSchema)]
struct JsonExemption {
    by: ExemptedBy,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    location: JsonLocation,
}

#[derive(Serialize, JsonSchema)]
struct JsonLocation {
    file: Option<String>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    path: Path,
}

#[derive(Serialize, JsonSchema)]
struct JsonRelated {
    message: String,
    location: JsonLocation,
}

#[derive(Serialize, JsonSchema)]
struct JsonFix {
    title: String,
    applicability: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct RuleLine {
    id: String,
    deployment: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<SkipKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attested: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Input {
    file: String,
    line: usize,
    kind: String,
    reason: String,
    judged: bool,
    deployment: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct JsonError {
    file: String,
    line: usize,
    column: usize,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Summary {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    pass: usize,
    attested: usize,
    fail: usize,
    skipped: usize,
    errored: usize,
}

/// The report as pretty-printed JSON with a final newline.
pub fn render(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(&document(report)).expect("the report holds only strings and numbers");
    text.push('\n');
    text
}

/// JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document).to_value()
}

fn document(report: &Report) -> Document {
    let counts = report.counts();
    let [critical, high, medium, low, info] = counts.by_severity;
    Document {
        schema: SCHEMA,
        tool: Tool { name: "qdrant-lint", version: env!("CARGO_PKG_VERSION") },
        profile: report.profile,
        deployments: report
            .deployments
            .iter()
            .map(|deployment| Deployment {
                id: deployment.id.clone(),
                name: deployment.name.clone(),
                namespace: deployment.namespace.clone(),
                source: deployment.source.clone(),
                files: deployment.files.clone(),
                chart: deployment.chart.clone().map(|(version, assumed)| Chart { version, assumed }),
                qdrant: deployment.qdrant.clone().map(|version| Version { version }),
            })
            .collect(),
        findings: report.findings.iter().map(finding).collect(),
        controls: controls::of_report(report).into_iter().map(|(name, family)| (name.to_owned(), family)).collect(),
        rules: report
            .verdicts
            .iter()
            .map(|verdict| RuleLine {
                id: verdict.rule.clone(),
                deployment: verdict.deployment.clone(),
                verdict: verdict.verdict.as_str(),
                kind: if let VerdictKind::Skipped(kind) = verdict.verdict { Some(kind) } else { None },
                attested: verdict.attested.clone(),
                reason: verdict.reason.clone(),
            })
            .collect(),
        inputs: report
            .inputs
            .iter()
            .map(|input| Input {
                file: input.file.clone(),
                line: input.line,
                kind: input.kind.clone(),
                reason: input.reason.clone(),
                judged: input.judged,
                deployment: input.deployment.clone(),
            })
            .collect(),
        errors: report.errors.iter().map(error).collect(),
        summary: Summary {
            critical,
            high,
            medium,
            low,
            info,
            pass: counts.pass,
            attested: counts.attested,
            fail: counts.fail,
            skipped: counts.skipped,
            errored: counts.errored,
        },
    }
}

fn finding(finding: &Finding) -> JsonFinding {
    JsonFinding {
        rule: finding.rule.clone(),
        severity: finding.severity,
        consequence: finding.consequence,
        status: finding.status,
        exemption: finding.exemption.as_ref().map(|exemption| JsonExemption {
            by: exemption.by,
            reason: exemption.reason.clone(),
            owner: exemption.owner.clone(),
            ticket: exemption.ticket.clone(),
            until: exemption.until.clone(),
            location: location(&exemption.location),
        }),
        deployment: finding.deployment.clone(),
        title: finding.title.clone(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        origin: finding.origin,
        location: location(&finding.location),
        object: finding.object.clone(),
        related: finding
            .related
            .iter()
            .map(|related| JsonRelated { message: related.message.clone(), location: location(&related.location) })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| JsonFix {
            title: fix.title.clone(),
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
                Applicability::Display => "display",
            },
        }),
        fingerprint: finding.fingerprint.clone(),
        guide: finding.guide.clone(),
        controls: finding.controls.clone(),
        docs: finding.docs.clone(),
    }
}

fn location(location: &Location) -> JsonLocation {
    JsonLocation {
        file: location.file.clone(),
        line: location.line,
        column: location.column,
        end_line: location.end_line,
        end_column: location.end_column,
        path: location.path.clone(),
    }
}

fn error(error: &ErrorLine) -> JsonError {
    JsonError {
        file: error.file.clone(),
        line: error.line,
        column: error.column,
        message: error.message.clone(),
        help: error.help.clone(),
    }
}
