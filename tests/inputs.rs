//! A rule judges every kind of input that it declares: on each there is a case in which it finds something, and one in
//! which it passes. Cases of manifests are also judged as an audit sees a cluster to which they were applied.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use qdrant_lint::finding::{Finding, Location};
use qdrant_lint::model::build::Built;
use qdrant_lint::policy::Rule;
use qdrant_lint::policy::rule::InputKind;
use qdrant_lint::report::VerdictKind;
use rayon::prelude::*;
use serde_json::Value;

use crate::rules::{cases, files_of, flags_of};
use crate::support::{Flags, Judged, judge, project, replayed, rules};

/// What no case shows, and why.
const LACKING: [(&str, InputKind, Shown, &str); 2] = [
    (
        "security/service-account-token-mounted",
        InputKind::Values,
        Shown::Passes,
        "no value of the chart turns the token off",
    ),
    ("operations/drift", InputKind::Values, Shown::Passes, "a case would repeat everything that the chart renders"),
];

/// Cases that an audit judges otherwise than their files, and why it must.
const APART: [(&str, &str); 9] = [
    (
        "security/api_key_in_plain_text/bad-local-file-in-a-secret.yaml",
        "a Secret of a cluster is no file of a repository",
    ),
    ("security/api_key_in_plain_text/bad-secret-manifest.yaml", "a Secret of a cluster is no file of a repository"),
    ("security/api_key_missing/good-kustomize-patch", "a patch is not an object of its own in a cluster"),
    ("security/api_key_missing/good-local-file-in-a-secret.yaml", "an audit never reads what a Secret holds"),
    (
        "security/api_key_never_rotated/bad-by-hand.yaml",
        "an audit does not list Secrets, so nothing tells who made them",
    ),
    ("security/namespace_not_restricted/good-two-namespaces.yaml", "an object of a cluster has a namespace"),
    ("security/runs_as_root/bad-user-of-the-image-is-root.yaml", "a pod that runs has got a user from somewhere"),
    ("sovereignty/telemetry_enabled/good-local-file-of-a-secret.yaml", "an audit never reads what a Secret holds"),
    ("sovereignty/telemetry_enabled/bad-local-file-in-base64.yaml", "an audit never reads what a Secret holds"),
];

/// What a rule does in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Shown {
    Fails,
    Passes,
}

/// A bad or good case, judged as it is, and as a cluster to which it was applied where it is made of objects alone.
struct Trial {
    rule: String,
    case: String,
    shown: Shown,
    written: Judged,
    applied: Option<Judged>,
}

static TRIALS: LazyLock<Vec<Trial>> =
    LazyLock::new(|| cases().par_iter().filter_map(|(rule, case)| trial(rule, case)).collect());

fn trial(rule: &str, case: &Path) -> Option<Trial> {
    let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let shown = match name.split('-').next() {
        Some("bad") => Shown::Fails,
        Some("good") => Shown::Passes,
        _ => return None,
    };
    let files = files_of(case);
    // rules about exemptions ask what the others found
    let only = Some(rule.to_owned()).filter(|_| !is_about_the_run(rule));
    let flags = Flags { only, ..flags_of(&files) };
    let written = judge(&files, &flags);
    // a cluster is judged by the Qdrant that runs there, so there must be one
    let runs =
        written.built.iter().all(|built| source(&built.facts) == "manifests" && built.facts.get("workload").is_some());
    let recording = if runs && declares(rule, InputKind::Live) { replayed::recording(&files) } else { None };
    let applied = recording.map(|recording| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recording.json");
        std::fs::write(&file, recording.to_string()).unwrap();
        judge(&[file], &flags)
    });
    let case = case.strip_prefix(project("testdata/rules")).unwrap_or(case).to_string_lossy().replace('\\', "/");
    Some(Trial { rule: rule.to_owned(), case, shown, written, applied })
}

fn declares(rule: &str, kind: InputKind) -> bool {
    rules().0.get(rule).is_some_and(|rule| rule.inputs.contains(&kind))
}

fn is_about_the_run(rule: &str) -> bool {
    rules().0.get(rule).is_some_and(Rule::is_about_the_run)
}

impl Trial {
    /// The kinds of input on which the rule does what the name of the case says.
    fn kinds(&self) -> BTreeSet<InputKind> {
        if is_about_the_run(&self.rule) {
            return BTreeSet::from([InputKind::Governance]);
        }
        let alike = self.applied.iter().filter(|_| self.difference().is_none());
        std::iter::once(&self.written).chain(alike).flat_map(|judged| self.kinds_in(judged)).collect()
    }

    fn kinds_in(&self, judged: &Judged) -> BTreeSet<InputKind> {
        let mut kinds = BTreeSet::new();
        // in the order of the deployments; what runs may have the name of what is declared
        let verdicts = judged.report.verdicts.iter().filter(|said| said.rule == self.rule);
        for (built, said) in judged.built.iter().zip(verdicts) {
            match (self.shown, said.verdict) {
                (Shown::Passes, VerdictKind::Pass) => kinds.extend(made_of(built)),
                (Shown::Fails, VerdictKind::Fail) => {
                    let found = judged.report.findings.iter();
                    let own = found.filter(|one| one.rule == self.rule && one.deployment == built.deployment.id);
                    let shown = |found| made_of(built).into_iter().filter(move |kind| rests_on(*kind, found));
                    kinds.extend(own.flat_map(shown));
                }
                _ => {}
            }
        }
        kinds
    }

    /// How the cluster is judged otherwise than its manifests.
    fn difference(&self) -> Option<String> {
        let (written, applied) = (self.said(&self.written), self.said(self.applied.as_ref()?));
        (written != applied).then(|| format!("{}: written {written:?}, applied {applied:?}", self.case))
    }

    /// Findings by their object and field, and the verdicts.
    fn said(&self, judged: &Judged) -> BTreeSet<String> {
        let own = judged.report.findings.iter().filter(|found| found.rule == self.rule);
        let findings = own.map(|found| {
            let object = found.object.as_ref();
            let object = object.map_or_else(String::new, |object| format!("{}/{}", object.kind, object.name));
            format!("{} at {object} {}", found.severity, found.location.path)
        });
        let verdicts = judged.report.verdicts.iter().filter(|said| said.rule == self.rule);
        let verdicts = verdicts.map(|said| match said.verdict {
            // what to give is told in words of the input
            VerdictKind::Skipped(kind) => kind.as_str().to_owned(),
            other => format!("{other:?}"),
        });
        let errors = judged.errors.iter().map(|error| format!("error: {error}"));
        findings.chain(verdicts).chain(errors).collect()
    }
}

fn source(facts: &Value) -> &str {
    facts["deployment"]["source"].as_str().unwrap_or_default()
}

/// The kinds of input that a deployment was made of.
fn made_of(built: &Built) -> BTreeSet<InputKind> {
    let facts = &built.facts;
    let holds = |pointer: &str| facts.pointer(pointer).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let of_files = |facts: &Value| match source(facts) {
        "helm-values" => Some(InputKind::Values),
        "manifests" | "backup" => Some(InputKind::Manifests),
        "collections" => Some(InputKind::Collection),
        _ => None,
    };
    let mut kinds: BTreeSet<InputKind> =
        [Some(facts), facts.get("declared")].into_iter().flatten().filter_map(of_files).collect();
    if source(facts) == "live" {
        let seen = [(facts.get("workload").is_some(), InputKind::Live), (holds("/live/peers"), InputKind::Api)];
        kinds.extend(seen.into_iter().filter(|(is_seen, _)| *is_seen).map(|(_, kind)| kind));
    } else if holds("/collections") {
        kinds.insert(InputKind::Collection);
    }
    let of_backups = ["jobs", "restores", "drills", "buckets", "stores", "other_means"];
    if of_backups.iter().any(|part| holds(&format!("/backup/{part}"))) {
        kinds.insert(InputKind::Backup);
    }
    kinds
}

/// Whether a finding speaks of one of several kinds of input that a deployment was made of.
fn rests_on(kind: InputKind, finding: &Finding) -> bool {
    let fact = finding.fact.to_string();
    let is_answer = |location: &Location| location.path.to_string().starts_with("[\"GET ");
    match kind {
        InputKind::Backup => fact.starts_with("backup") || fact.starts_with("platform"),
        InputKind::Api => {
            let places = std::iter::once(&finding.location).chain(finding.related.iter().map(|other| &other.location));
            fact.starts_with("declared") || places.into_iter().any(is_answer)
        }
        _ => true,
    }
}

#[test]
fn every_rule_finds_something_and_passes_on_each_input_that_it_declares() {
    let (registry, _) = rules();
    let mut seen: BTreeSet<(&str, InputKind, Shown)> = BTreeSet::new();
    let mut said: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for trial in TRIALS.iter() {
        seen.extend(trial.kinds().into_iter().map(|kind| (trial.rule.as_str(), kind, trial.shown)));
        said.entry(&trial.rule).or_default().push(format!("  {}: {:?}", trial.case, trial.said(&trial.written)));
    }
    let mut faults = Vec::new();
    for rule in registry.rules() {
        for (kind, shown) in rule.inputs.iter().flat_map(|kind| [(*kind, Shown::Fails), (*kind, Shown::Passes)]) {
            let excuse = LACKING.iter().any(|(id, of, what, _)| (*id, *of, *what) == (rule.id.as_str(), kind, shown));
            match (seen.contains(&(rule.id.as_str(), kind, shown)), excuse) {
                (false, false) => {
                    let cases = said.get(rule.id.as_str()).map_or_else(String::new, |cases| cases.join("\n"));
                    faults.push(format!("{} never {shown:?} on {kind:?}; its cases:\n{cases}", rule.id));
                }
                (true, true) => faults.push(format!("{} {shown:?} on {kind:?}: it need not be excused", rule.id)),
                _ => {}
            }
        }
    }
    let strays = LACKING.iter().filter(|(id, kind, ..)| !declares(id, *kind));
    faults.extend(strays.map(|(id, kind, ..)| format!("{id} does not declare {kind:?}, and is excused")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_cluster_is_judged_like_the_manifests_that_were_applied_to_it() {
    let applied: Vec<&Trial> = TRIALS.iter().filter(|trial| trial.applied.is_some()).collect();
    assert!(applied.len() > 200, "only {} cases were applied", applied.len());
    let is_apart = |trial: &Trial| APART.iter().any(|(case, _)| *case == trial.case);
    let mut faults: Vec<String> =
        applied.iter().filter(|trial| !is_apart(trial)).filter_map(|trial| trial.difference()).collect();
    let apart = |case: &str| applied.iter().any(|trial| trial.case == case && trial.difference().is_some());
    let stale = APART.iter().filter(|(case, _)| !apart(case));
    faults.extend(stale.map(|(case, _)| format!("{case}: it need not be set apart")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
