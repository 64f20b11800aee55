//! Marks what is accepted, then judges the exemptions and attestations themselves.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use super::accept::{Exemptions, accepted};
use super::{Covered, Evidence, Exemption, facts, is_about_exemptions};
use crate::finding::{Exemption as Accepted, Finding, Location, ObjectRef, Status, fingerprint};
use crate::policy::engine::Engine;
use crate::policy::{PolicyError, Profile, Registry, Rule, Severity, SkipKind, Verdict, eval};
use crate::resolve::Resolver;
use crate::source::{Document, Path, Segment, Sources, Span};

/// What a rule said of a deployment, as far as it tells whether an exemption may still be needed.
#[derive(Clone, Copy, Debug)]
pub struct Ran<'a> {
    /// Rule.
    pub rule: &'a str,
    /// Id of the deployment.
    pub deployment: &'a str,
    /// Why it did not judge; none when it did.
    pub skipped: Option<SkipKind>,
    /// It failed to run.
    pub errored: bool,
}

/// A deployment of the run.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Its id.
    pub id: String,
    /// Its files, as shown.
    pub files: Vec<String>,
}

/// What is judged, and by what.
pub struct Judging<'a> {
    /// Comments, annotations, waivers.
    pub exemptions: &'a [Exemption],
    /// Attestations.
    pub evidence: &'a [Evidence],
    /// Findings of all deployments.
    pub findings: &'a [Finding],
    /// What the rules said.
    pub ran: &'a [Ran<'a>],
    /// Deployments.
    pub deployments: &'a [Deployed],
    /// Objects of the inputs, with their files.
    pub objects: &'a [(ObjectRef, String)],
    /// Every input could be read.
    pub complete: bool,
    /// The day to judge by.
    pub now: Date,
    /// Profile.
    pub profile: Profile,
    /// Parameters by rule id.
    pub params: BTreeMap<String, Value>,
    /// Rules.
    pub registry: &'a Registry,
    /// Rules, compiled.
    pub engine: &'a Engine,
    /// Texts.
    pub sources: &'a Sources,
    /// Finds the document that holds a place.
    pub document_at: &'a dyn Fn(Span) -> Option<Arc<Document>>,
}

/// The outcome.
#[derive(Debug, Default)]
pub struct Judged {
    /// Of each finding of the run, who accepts it.
    pub accepted: Vec<Option<Accepted>>,
    /// What is wrong with the exemptions and attestations.
    pub findings: Vec<Finding>,
    /// What each rule about them says; empty when there are none.
    pub verdicts: Vec<(String, Outcome)>,
    /// What these rules saw.
    pub document: Option<Value>,
}

/// What a rule about exemptions says.
#[derive(Debug)]
pub enum Outcome {
    /// Nothing is wrong.
    Pass,
    /// Findings.
    Fail,
    /// The rule failed to run.
    Errored(PolicyError),
}

/// Judges the exemptions by the rules about them. `severity` is what a rule has in this run: none when it is off or left
/// out, and whether the configuration forces it.
pub fn judge(judging: &Judging<'_>, severity: &dyn Fn(&Rule) -> Option<(Severity, bool)>) -> Judged {
    let files_of: BTreeMap<&str, &[String]> =
        judging.deployments.iter().map(|deployment| (deployment.id.as_str(), deployment.files.as_slice())).collect();
    let exemptions = Exemptions::new(judging.exemptions);
    let mut covered: Vec<Vec<usize>> = vec![Vec::new(); judging.exemptions.len()];
    let mut judged = Judged::default();
    for (index, finding) in judging.findings.iter().enumerate() {
        let files = files_of.get(finding.deployment.as_str()).copied().unwrap_or_default();
        let covers = exemptions.covering(&Covered { finding, files });
        for at in &covers {
            covered[*at].push(index);
        }
        let first = exemptions.counting(&covers, judging.now);
        judged.accepted.push(first.map(|one| accepted(one, location(judging, one))));
    }
    if judging.exemptions.is_empty() && judging.evidence.is_empty() {
        return judged;
    }
    let Some((document, provenance)) = facts::facts(judging, &covered) else { return judged };
    let resolver = Resolver {
        sources: judging.sources,
        facts: &document,
        provenance: &provenance,
        values: None,
        profile: judging.profile,
        document_at: judging.document_at,
    };
    let mut evaluator = judging.engine.evaluator();
    evaluator.set_facts(&document);
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for rule in judging.registry.rules().filter(|rule| is_about_exemptions(&rule.id)) {
        let Some((level, forced)) = severity(rule) else { continue };
        let outcome = match eval::judge(&mut evaluator, rule, &document) {
            Verdict::Pass | Verdict::Skipped(..) => Outcome::Pass,
            Verdict::Errored(error) => Outcome::Errored(error),
            Verdict::Fail(raw) => {
                for raw in &raw {
                    let mut finding = resolver.finding(rule, raw, level, forced.then_some(level));
                    finding.deployment = deployment_of(judging, &finding.location).into();
                    let key = key(judging, rule, &raw.at, &finding.location);
                    let count = seen.entry(key.clone()).or_default();
                    finding.fingerprint = fingerprint(&finding.deployment, &format!("{key}\n{count}")).into();
                    *count += 1;
                    judged.findings.push(finding);
                }
                Outcome::Fail
            }
        };
        judged.verdicts.push((rule.id.clone(), outcome));
    }
    judged.document = Some(document);
    judged
}

/// Marks the findings as judged.
pub fn mark(findings: &mut [Finding], accepted: Vec<Option<Accepted>>) {
    for (finding, accepted) in findings.iter_mut().zip(accepted) {
        if let Some(accepted) = accepted {
            finding.status = accepted.by.status();
            finding.exemption = Some(Box::new(accepted));
        } else {
            finding.status = Status::Open;
        }
    }
}

fn location(judging: &Judging<'_>, exemption: &Exemption) -> Location {
    exemption.origin.place().map_or_else(Location::default, |place| {
        let span = place.value_span();
        let source = judging.sources.get(span.source);
        let (start, end) = (source.position(span.start), source.position(span.end));
        Location {
            file: Some(source.name.clone()),
            span: Some(span),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            path: Arc::new((judging.document_at)(span).map_or_else(Path::new, |document| document.path_at(span.start))),
        }
    })
}

/// The only deployment that a file belongs to.
fn deployment_of(judging: &Judging<'_>, location: &Location) -> String {
    let Some(file) = &location.file else { return String::new() };
    let mut holding = judging.deployments.iter().filter(|deployment| deployment.files.contains(file));
    match (holding.next(), holding.next()) {
        (Some(only), None) => only.id.clone(),
        _ => String::new(),
    }
}

/// What stays the same when lines move: the rule, the file, and what the exemption or the attestation says.
fn key(judging: &Judging<'_>, rule: &Rule, at: &Path, location: &Location) -> String {
    let said = match at.0.as_slice() {
        [_, Segment::Key(list), Segment::Index(index), ..] if &**list == "exemptions" => {
            let exemption = judging.exemptions.get(*index);
            exemption.map(|one| format!("{} {}", one.rule, one.reason.as_deref().unwrap_or_default()))
        }
        [_, _, Segment::Index(index), ..] => judging.evidence.get(*index).map(|one| one.setting.key.clone()),
        _ => None,
    };
    format!("{}\n{}\n{}", rule.id, location.file.as_deref().unwrap_or_default(), said.unwrap_or_default())
}
