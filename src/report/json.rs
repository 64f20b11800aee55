//! `--format json`, schema version 1: what users script against.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::controls::{self, JsonFamily};
use super::{ErrorLine, Report, RuleVerdict, VerdictKind};
use crate::finding::{ExemptedBy, Finding, Location, ObjectRef, OriginKind, Status};
use crate::policy::eval::Applicability;
use crate::policy::{Consequence, Profile, Severity, SkipKind};
use crate::source::Path;

/// Version of the report.
pub const SCHEMA: &str = "qdrant-lint/report/v1";

/// The report as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "qdrant-lint report")]
pub struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    profile: Profile,
    deployments: Vec<Deployment<'a>>,
    #[serde(serialize_with = "findings")]
    #[schemars(with = "Vec<JsonFinding<'_>>")]
    findings: &'a [Finding],
    /// What the families mean that findings name in `controls`.
    controls: BTreeMap<&'a str, JsonFamily>,
    #[serde(serialize_with = "rules")]
    #[schemars(with = "Vec<RuleLine<'_>>")]
    rules: &'a [RuleVerdict],
    inputs: Vec<Input<'a>>,
    errors: Vec<JsonError<'a>>,
    summary: Summary,
}

#[derive(Serialize, JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Deployment<'a> {
    id: &'a str,
    name: &'a str,
    namespace: Option<&'a str>,
    source: &'a str,
    files: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    chart: Option<Chart<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    qdrant: Option<Version<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Chart<'a> {
    version: &'a str,
    assumed: bool,
}

#[derive(Serialize, JsonSchema)]
struct Version<'a> {
    version: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct JsonFinding<'a> {
    rule: &'a str,
    severity: Severity,
    consequence: Consequence,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    exemption: Option<JsonExemption<'a>>,
    deployment: &'a str,
    title: &'a str,
    message: &'a str,
    help: &'a str,
    origin: OriginKind,
    location: JsonLocation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<&'a ObjectRef>,
    related: Vec<JsonRelated<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<JsonFix<'a>>,
    fingerprint: &'a str,
    guide: &'a [String],
    controls: &'a [String],
    docs: &'a str,
}

/// Who accepted the finding, and why.
#[derive(Serialize, JsonSchema)]
struct JsonExemption<'a> {
    by: ExemptedBy,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
    location: JsonLocation<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonLocation<'a> {
    file: Option<&'a str>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    path: &'a Path,
}

#[derive(Serialize, JsonSchema)]
struct JsonRelated<'a> {
    message: &'a str,
    location: JsonLocation<'a>,
}

#[derive(Serialize, JsonSchema)]
struct JsonFix<'a> {
    title: &'a str,
    applicability: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct RuleLine<'a> {
    id: &'a str,
    deployment: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<SkipKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attested: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct Input<'a> {
    file: &'a str,
    line: usize,
    kind: &'a str,
    reason: &'a str,
    judged: bool,
    deployment: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
struct JsonError<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
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

/// Writes the report as pretty-printed JSON with a final newline. It is never in memory as a whole: a fleet's is long.
pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &document(report))?;
    out.write_all(b"\n")
}

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut text = Vec::new();
    write(report, &mut text).expect("memory takes all text");
    String::from_utf8(text).expect("JSON is text")
}

/// JSON Schema of the report.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Document<'_>).to_value()
}

fn document(report: &Report) -> Document<'_> {
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
                id: &deployment.id,
                name: &deployment.name,
                namespace: deployment.namespace.as_deref(),
                source: &deployment.source,
                files: &deployment.files,
                chart: deployment.chart.as_ref().map(|(version, assumed)| Chart { version, assumed: *assumed }),
                qdrant: deployment.qdrant.as_deref().map(|version| Version { version }),
            })
            .collect(),
        findings: &report.findings,
        controls: controls::of_report(report),
        rules: &report.verdicts,
        inputs: report
            .inputs
            .iter()
            .map(|input| Input {
                file: &input.file,
                line: input.line,
                kind: &input.kind,
                reason: &input.reason,
                judged: input.judged,
                deployment: input.deployment.as_deref(),
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

fn findings<S: Serializer>(all: &&[Finding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(finding))
}

fn rules<S: Serializer>(all: &&[RuleVerdict], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(all.iter().map(|verdict| RuleLine {
        id: &verdict.rule,
        deployment: &verdict.deployment,
        verdict: verdict.verdict.as_str(),
        kind: if let VerdictKind::Skipped(kind) = verdict.verdict { Some(kind) } else { None },
        attested: verdict.attested.as_deref(),
        reason: verdict.reason.as_deref(),
    }))
}

fn finding(finding: &Finding) -> JsonFinding<'_> {
    JsonFinding {
        rule: &finding.rule,
        severity: finding.severity,
        consequence: finding.consequence,
        status: finding.status,
        exemption: finding.exemption.as_ref().map(|exemption| JsonExemption {
            by: exemption.by,
            reason: &exemption.reason,
            owner: exemption.owner.as_deref(),
            ticket: exemption.ticket.as_deref(),
            until: exemption.until.as_deref(),
            location: location(&exemption.location),
        }),
        deployment: &finding.deployment,
        title: &finding.title,
        message: &finding.message,
        help: &finding.help,
        origin: finding.origin,
        location: location(&finding.location),
        object: finding.object.as_deref(),
        related: finding
            .related
            .iter()
            .map(|related| JsonRelated { message: &related.message, location: location(&related.location) })
            .collect(),
        fix: finding.fix.as_ref().map(|fix| JsonFix {
            title: &fix.title,
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
                Applicability::Display => "display",
            },
        }),
        fingerprint: &finding.fingerprint,
        guide: &finding.guide,
        controls: &finding.controls,
        docs: &finding.docs,
    }
}

fn location(location: &Location) -> JsonLocation<'_> {
    JsonLocation {
        file: location.file.as_deref(),
        line: location.line,
        column: location.column,
        end_line: location.end_line,
        end_column: location.end_column,
        path: &location.path,
    }
}

fn error(error: &ErrorLine) -> JsonError<'_> {
    JsonError {
        file: &error.file,
        line: error.line,
        column: error.column,
        message: &error.message,
        help: error.help.as_deref(),
    }
}
