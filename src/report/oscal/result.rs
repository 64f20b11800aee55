//! One deployment: what was reviewed, what was seen, which statements hold, and which risks are open or accepted.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::names::{NAMESPACE, line, moment, property, token, uuid};
use super::{day, file_uuid};
use crate::finding::{ExemptedBy, Finding, Status};
use crate::policy::controls::{self, Control};
use crate::report::checklist::{self, Row, Standing};
use crate::report::{DeploymentSummary, Report, forge};

/// The result on one deployment.
pub(super) fn of(report: &Report, deployment: &DeploymentSummary) -> Value {
    let it = Subject { report, deployment, start: moment(day(report)) };
    let rows = if deployment.id.is_empty() { Vec::new() } else { checklist::rows(report, &deployment.id) };
    let found: Vec<&Finding> = report.findings.iter().filter(|finding| finding.deployment == deployment.id).collect();
    let mut observations: Vec<Value> = found.iter().map(|finding| it.observed(finding)).collect();
    observations.extend(rows.iter().filter(|row| row.standing != Standing::Fail).map(|row| it.reviewed(row)));
    let findings: Vec<Value> = rows.iter().map(|row| it.judged(row, &found)).collect();
    let risks: Vec<Value> = found.iter().map(|finding| it.risk(finding)).collect();
    let mut result = json!({
        "uuid": uuid(&["result", &deployment.id, report.profile.as_str(), &it.start]),
        "title": if deployment.id.is_empty() { "Nothing was judged".to_owned() } else { line(&deployment.id) },
        "description": line(&it.description()),
        "start": it.start,
        "end": it.start,
        "local-definitions": {"components": it.components()},
        "reviewed-controls": reviewed_controls(&rows),
    });
    // the schema knows no empty lists
    for (name, list) in [("observations", observations), ("risks", risks), ("findings", findings)] {
        if !list.is_empty() {
            result[name] = list.into();
        }
    }
    result
}

/// What is assessed, and when.
struct Subject<'a> {
    report: &'a Report,
    deployment: &'a DeploymentSummary,
    start: String,
}

impl Subject<'_> {
    fn description(&self) -> String {
        let it = self.deployment;
        if it.id.is_empty() {
            return "No deployment of Qdrant was found in the input.".to_owned();
        }
        let chart = it
            .chart
            .as_ref()
            .map(|(version, assumed)| format!(", chart {version}{}", if *assumed { " (assumed)" } else { "" }));
        let server = it.qdrant.as_ref().map(|version| format!(", Qdrant {version}"));
        let files = it.files.join(", ");
        format!("{}{}{}, from {files}", it.source, chart.unwrap_or_default(), server.unwrap_or_default())
    }

    fn component(&self) -> String {
        uuid(&["deployment", &self.deployment.id])
    }

    fn components(&self) -> Vec<Value> {
        let tool = json!({
            "uuid": tool(),
            "type": "software",
            "title": "qdrant-lint",
            "description": "Judges deployments of Qdrant by rules in Rego.",
            "props": [{"name": "version", "value": env!("CARGO_PKG_VERSION")}],
            "status": {"state": "operational"},
        });
        let mut components = vec![tool];
        if !self.deployment.id.is_empty() {
            components.push(json!({
                "uuid": self.component(),
                "type": "service",
                "title": line(&self.deployment.id),
                "description": line(&self.description()),
                "status": {"state": "other", "remarks": "as declared, not as it runs"},
            }));
        }
        components
    }

    fn subjects(&self) -> Vec<Value> {
        vec![json!({"subject-uuid": self.component(), "type": "component"})]
    }

    /// A fault, at its place.
    fn observed(&self, finding: &Finding) -> Value {
        let mut evidence = Map::new();
        let mut subjects = self.subjects();
        let place = finding.location.file.as_deref().filter(|file| forge::is_file(file));
        if let Some(file) = place {
            let line = finding.location.line;
            evidence.insert("href".to_owned(), format!("{}#L{line}", forge::uri(file)).into());
            if self.deployment.files.iter().any(|one| one == file) {
                subjects.push(json!({"subject-uuid": file_uuid(file), "type": "resource"}));
            }
        }
        let object = finding.object.as_ref().map(|object| format!("{}/{}: ", object.kind, object.name));
        let at = place.map(|file| format!("{file}:{}: ", finding.location.line));
        let description = format!("{}{}{}", at.unwrap_or_default(), object.unwrap_or_default(), finding.message);
        evidence.insert("description".to_owned(), line(&description).into());
        json!({
            "uuid": uuid(&["observation", &self.deployment.id, &finding.fingerprint, &place_of(finding)]),
            "title": line(&finding.title),
            "description": line(&finding.message),
            "props": [
                property("rule", &finding.rule),
                property("severity", finding.severity.as_str()),
                property("consequence", finding.consequence.as_str()),
                property("status", finding.status.in_words()),
                property("fingerprint", &finding.fingerprint),
            ],
            "methods": ["EXAMINE"],
            "types": ["finding"],
            "origins": origins(),
            "subjects": subjects,
            "relevant-evidence": [evidence],
            "collected": self.start,
        })
    }

    /// A statement without a fault: what it rests on.
    fn reviewed(&self, row: &Row) -> Value {
        let attested = self.attestation(row);
        let evidence: Vec<Value> = match attested {
            Some(one) => vec![with_link(&format!("{} ({})", one.statement, one.in_words), one.link.as_deref())],
            None => row.evidence.iter().map(|text| json!({"description": line(text)})).collect(),
        };
        let mut observation = json!({
            "uuid": self.review_uuid(row),
            "title": line(&row.item.statement),
            "description": line(&format!("{}: {}", row.standing.in_words(), row.evidence.join("; "))),
            "props": [property("verdict", row.standing.in_words())],
            "methods": [if attested.is_some() { "INTERVIEW" } else { "EXAMINE" }],
            "types": ["control-objective"],
            "origins": origins(),
            "subjects": self.subjects(),
            "collected": self.start,
        });
        if !evidence.is_empty() {
            observation["relevant-evidence"] = evidence.into();
        }
        let expires = attested.and_then(|one| one.until.parse().ok());
        if let Some(until) = expires {
            observation["expires"] = moment(until).into();
        }
        observation
    }

    fn attestation(&self, row: &Row) -> Option<&crate::report::Attestation> {
        let key = row.attested.as_ref()?;
        self.report.attestations.iter().find(|one| one.key == *key)
    }

    fn review_uuid(&self, row: &Row) -> String {
        uuid(&["review", &self.deployment.id, &row.item.id])
    }

    /// A statement and whether it holds.
    fn judged(&self, row: &Row, found: &[&Finding]) -> Value {
        let item = row.item;
        let behind: Vec<&&Finding> =
            found.iter().filter(|finding| item.rules.iter().any(|rule| finding.rule == *rule)).collect();
        let failed = row.standing == Standing::Fail;
        let observations: Vec<Value> = if failed {
            behind
                .iter()
                .map(|one| uuid(&["observation", &self.deployment.id, &one.fingerprint, &place_of(one)]))
                .map(|uuid| json!({"observation-uuid": uuid}))
                .collect()
        } else {
            vec![json!({"observation-uuid": self.review_uuid(row)})]
        };
        let (state, reason) = match row.standing {
            Standing::Pass | Standing::Attested => ("satisfied", "pass"),
            Standing::Fail => ("not-satisfied", "fail"),
            Standing::NotApplicable => ("satisfied", "other"),
            Standing::NeedsEvidence => ("not-satisfied", "other"),
        };
        let mut target = json!({
            "type": "objective-id",
            "target-id": token(&item.id),
            "title": line(&item.statement),
            "status": {"state": state, "reason": reason, "remarks": line(&status_remark(row))},
        });
        if row.standing == Standing::NotApplicable {
            target["implementation-status"] = json!({"state": "not-applicable"});
        }
        let mut props = vec![property("verdict", row.standing.in_words())];
        props.extend(item.rules.iter().map(|rule| property("rule", rule)));
        props.extend(relevant(&item.controls));
        let mut finding = json!({
            "uuid": uuid(&["finding", &self.deployment.id, &item.id]),
            "title": line(&format!("{}: {}", item.id, item.statement)),
            "description": line(&status_remark(row)),
            "props": props,
            "origins": origins(),
            "target": target,
            "related-observations": observations,
        });
        if failed {
            let risks = behind.iter().map(|one| json!({"risk-uuid": self.risk_uuid(one)}));
            finding["related-risks"] = risks.collect();
        }
        finding
    }

    fn risk_uuid(&self, finding: &Finding) -> String {
        uuid(&["risk", &self.deployment.id, &finding.fingerprint, &place_of(finding)])
    }

    /// What a fault may lead to, and whether somebody accepted that.
    fn risk(&self, finding: &Finding) -> Value {
        let mut props = vec![property("rule", &finding.rule)];
        let mut risk = json!({
            "uuid": self.risk_uuid(finding),
            "title": line(&finding.title),
            "description": line(&finding.message),
            "statement": line(&format!("{}: {}", finding.consequence.in_words(), finding.message)),
            "status": if finding.status == Status::Open || finding.status == Status::Baseline { "open" } else { "deviation-approved" },
            "origins": origins(),
            "characterizations": [{
                "origin": {"actors": [{"type": "tool", "actor-uuid": tool()}]},
                "facets": [{"name": "severity", "system": NAMESPACE, "value": finding.severity.as_str()}],
            }],
            "related-observations": [{"observation-uuid":
                uuid(&["observation", &self.deployment.id, &finding.fingerprint, &place_of(finding)])}],
        });
        if !finding.help.trim().is_empty() {
            risk["remediations"] = json!([{
                "uuid": uuid(&["remediation", &self.deployment.id, &finding.fingerprint, &place_of(finding)]),
                "lifecycle": "recommendation",
                "title": line(&finding.title),
                "description": line(&finding.help),
            }]);
        }
        if let Some(exemption) = &finding.exemption {
            props.push(property("accepted-by", exemption.owner.as_deref().unwrap_or(exemption.by.as_str())));
            props.push(property("reason", &exemption.reason));
            props.extend(exemption.ticket.as_ref().map(|ticket| property("ticket", ticket)));
            let until = exemption.until.as_ref().and_then(|until| until.parse().ok());
            if let (ExemptedBy::Waiver, Some(until)) = (exemption.by, until) {
                risk["deadline"] = moment(until).into();
            }
        }
        risk["props"] = props.into();
        risk
    }
}

/// Two findings of one rule may share a fingerprint where a value stands twice.
fn place_of(finding: &Finding) -> String {
    let at = &finding.location;
    format!("{}:{}:{}", at.file.as_deref().unwrap_or_default(), at.line, at.column)
}

fn status_remark(row: &Row) -> String {
    format!("{}: {}", row.standing.in_words(), row.evidence.join("; "))
}

fn with_link(description: &str, link: Option<&str>) -> Value {
    let mut evidence = json!({"description": line(description)});
    if let Some(link) = link {
        let href = if link.contains("://") { link.to_owned() } else { forge::uri(link) };
        evidence["href"] = href.into();
    }
    evidence
}

fn origins() -> Value {
    json!([{"actors": [{"type": "tool", "actor-uuid": tool()}]}])
}

fn tool() -> String {
    uuid(&["tool", env!("CARGO_PKG_VERSION")])
}

/// Controls that a statement is relevant to, each with what makes it uncertain.
fn relevant(families: &[String]) -> Vec<Value> {
    let named = controls::of_families(families.iter().map(String::as_str));
    named
        .into_iter()
        .map(|control| {
            let mut control_property = property("relevant-control", &control.to_string());
            control_property["class"] = token(&control.framework).into();
            control_property["remarks"] = line(&format!(
                "{}, {} confidence: {}; source: {}",
                control.strength.as_str(),
                control.confidence.as_str(),
                control.title,
                control.framework().source
            ))
            .into();
            control_property
        })
        .collect()
}

/// The objectives, and the controls that they are relevant to by standard. A control without an id that could be printed
/// is only in the properties of the findings.
fn reviewed_controls(rows: &[Row]) -> Value {
    let objectives: Vec<Value> = rows.iter().map(|row| json!({"objective-id": token(&row.item.id)})).collect();
    let families: BTreeSet<&str> = rows.iter().flat_map(|row| &row.item.controls).map(String::as_str).collect();
    let mut by_framework: BTreeMap<&str, (&Control, BTreeSet<String>)> = BTreeMap::new();
    for control in controls::of_families(families) {
        if let Some(id) = control.printed_id() {
            let (_, ids) = by_framework.entry(&control.framework).or_insert_with(|| (control, BTreeSet::new()));
            ids.insert(token(&format!("{}_{id}", control.framework)));
        }
    }
    let selections: Vec<Value> = by_framework
        .into_values()
        .map(|(control, ids)| {
            let framework = control.framework();
            json!({
                "description": line(&format!("{}, {}", framework.title, framework.edition)),
                "include-controls": ids.into_iter().map(|id| json!({"control-id": id})).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut reviewed = json!({
        "description": "Evidence towards these controls; nothing here claims that one is met.",
        "control-selections": if selections.is_empty() { vec![json!({"include-all": {}})] } else { selections },
    });
    if !objectives.is_empty() {
        reviewed["control-objective-selections"] = json!([{"include-objectives": objectives}]);
    }
    reviewed
}
