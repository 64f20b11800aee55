//! Facts × rules → verdicts. A rule whose needs are not met is skipped with the reason, never passed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::engine::Evaluator;
use super::memo::Lookup;
use super::{PolicyError, Profile, Rule, metadata};
use crate::source::Path;

/// What a rule says of one deployment.
#[derive(Debug)]
pub struct Outcome {
    /// Id of the rule.
    pub rule: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// Fail, pass, or why not.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Nothing is wrong.
    Pass,
    /// At least one finding.
    Fail(Vec<RawFinding>),
    /// Could not be judged.
    Skipped(SkipKind, String),
    /// The rule itself failed.
    Errored(PolicyError),
}

/// Why a rule could not judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SkipKind {
    /// The input cannot show it; the reason says what to give.
    NotObserved,
    /// The value is hidden by a template, a Secret, a placeholder.
    Unknown,
    /// No file can prove it: attest.
    NeedsEvidence,
    /// Another rule speaks of it, or it does not apply.
    NotApplicable,
    /// The profile leaves the rule out.
    Profile,
}

impl SkipKind {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotObserved => "not-observed",
            Self::Unknown => "unknown",
            Self::NeedsEvidence => "needs-evidence",
            Self::NotApplicable => "not-applicable",
            Self::Profile => "profile",
        }
    }
}

/// A finding as Rego returns it: paths of facts instead of places.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawFinding {
    /// Path of the fact that is wrong.
    pub at: Path,
    /// What is wrong and what happens.
    pub message: String,
    /// Short text at the underline.
    #[serde(default)]
    pub label: Option<String>,
    /// The exact next step; the rule's remediation when absent.
    #[serde(default)]
    pub help: Option<String>,
    /// Severity of this very finding: a word, or words by profile.
    #[serde(default)]
    pub severity: Option<SeverityOf>,
    /// Other places that explain it.
    #[serde(default)]
    pub related: Vec<RawRelated>,
    /// How to mend it mechanically.
    #[serde(default)]
    pub fix: Option<RawFix>,
}

/// A severity, or one by profile.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SeverityOf {
    /// In every profile.
    One(super::Severity),
    /// By profile; a profile that is missing takes the METADATA's.
    ByProfile(BTreeMap<Profile, super::Severity>),
}

impl SeverityOf {
    /// The severity in a profile.
    pub fn in_profile(&self, profile: Profile) -> Option<super::Severity> {
        match self {
            Self::One(severity) => Some(*severity),
            Self::ByProfile(by_profile) => by_profile.get(&profile).copied(),
        }
    }
}

/// Another place.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRelated {
    /// Path of a fact.
    pub at: Path,
    /// What it has to do with the finding.
    pub message: String,
}

/// A mechanical fix.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RawFix {
    /// Imperative: `rename it to …`.
    pub title: String,
    /// `safe` or `unsafe`.
    pub applicability: Applicability,
    /// Edits.
    #[serde(default)]
    pub edits: Vec<RawEdit>,
}

/// Whether a fix may be applied without a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicability {
    /// Keeps what was meant.
    Safe,
    /// Changes behaviour: a person decides.
    Unsafe,
    /// Only shown.
    Display,
}

/// One edit: at a fact's origin, below what holds it in its manifest, or at a path of the chart's values. A last step `-` is
/// the end of a list.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RawEdit {
    /// Path of a fact.
    #[serde(default)]
    pub at: Option<Path>,
    /// Path in the chart's values.
    #[serde(default)]
    pub values: Option<Path>,
    /// Path from the root of the Kubernetes object that holds the place of `at`.
    #[serde(default)]
    pub object: Option<Path>,
    /// Path from the `spec` of its pods.
    #[serde(default)]
    pub pod: Option<Path>,
    /// Path from the container that holds the place of `at`.
    #[serde(default)]
    pub container: Option<Path>,
    /// New value.
    #[serde(default, deserialize_with = "present")]
    pub set: Option<Value>,
    /// New key.
    #[serde(default)]
    pub rename: Option<String>,
    /// Remove the key.
    #[serde(default)]
    pub remove: bool,
}

/// Keeps an explicit null apart from an absent field.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSkip {
    kind: SkipKind,
    reason: String,
}

/// Judges one facts document by one rule.
pub fn judge(evaluator: &mut Evaluator<'_>, rule: &Rule, facts: &Value) -> Verdict {
    if let Some((kind, reason)) = unmet(rule, facts) {
        return Verdict::Skipped(kind, reason);
    }
    match verdict(evaluator, rule, facts) {
        Ok(Verdict::Pass) => {
            partly(rule, facts).map_or(Verdict::Pass, |reason| Verdict::Skipped(SkipKind::NotObserved, reason))
        }
        Ok(verdict) => verdict,
        Err(error) => Verdict::Errored(error),
    }
}

/// What the rule says, or said of other facts that are the same as far as it reads them.
fn verdict(evaluator: &mut Evaluator<'_>, rule: &Rule, facts: &Value) -> Result<Verdict, PolicyError> {
    match evaluator.look_up(rule, facts) {
        Lookup::Known(verdict) => Ok(verdict),
        Lookup::Missing(gap) => {
            let verdict = said(evaluator, rule, facts)?;
            gap.fill(&verdict);
            Ok(verdict)
        }
        Lookup::Unknowable => said(evaluator, rule, facts),
    }
}

fn said(evaluator: &mut Evaluator<'_>, rule: &Rule, facts: &Value) -> Result<Verdict, PolicyError> {
    let contract = |what: String| PolicyError::Contract { rule: rule.id.clone(), what };
    let mut findings = Vec::new();
    for value in evaluator.run(rule, "findings", facts)? {
        let finding = RawFinding::deserialize(&value);
        findings.push(finding.map_err(|error| contract(format!("a finding `{value}` ({error})")))?);
    }
    if !findings.is_empty() {
        return Ok(Verdict::Fail(findings));
    }
    if rule.has_skips
        && let Some(value) = evaluator.run(rule, "skipped", facts)?.into_iter().next()
    {
        let skip = RawSkip::deserialize(&value).map_err(|error| contract(format!("a skip `{value}` ({error})")))?;
        return Ok(Verdict::Skipped(skip.kind, skip.reason));
    }
    Ok(Verdict::Pass)
}

/// The first need that is not met: the aspect was not observed, or the fact is hidden or absent.
fn unmet(rule: &Rule, facts: &Value) -> Option<(SkipKind, String)> {
    rule.needs.iter().find_map(|need| {
        if metadata::aspect(need).is_some() {
            let observed = facts.get("observed").and_then(Value::as_array);
            let seen = observed.is_some_and(|aspects| aspects.iter().any(|aspect| aspect.as_str() == Some(need)));
            return (!seen).then(|| {
                let reason = facts.get("unobserved").and_then(|reasons| reasons.get(need)).and_then(Value::as_str);
                let reason = reason
                    .map_or_else(|| format!("{} cannot be seen in this input", need.replace('_', " ")), str::to_owned);
                (SkipKind::NotObserved, reason)
            });
        }
        let keys: Vec<&str> = need.split('.').collect();
        if let Some(reason) = hidden(facts, &keys) {
            return Some((SkipKind::Unknown, format!("`{need}` is hidden: {reason}")));
        }
        let found = keys.iter().try_fold(facts, |value, key| value.get(key)).is_some();
        (!found).then(|| (SkipKind::NotObserved, format!("`{need}` cannot be seen in this input")))
    })
}

/// Why nothing wrong was seen in a part does not say that nothing is wrong.
fn partly(rule: &Rule, facts: &Value) -> Option<String> {
    let partly = facts.get("partly")?;
    rule.needs.iter().find_map(|need| partly.get(need)?.as_str().map(str::to_owned))
}

fn hidden(facts: &Value, keys: &[&str]) -> Option<String> {
    facts.get("unknown")?.as_array()?.iter().find_map(|unknown| {
        let path = unknown.get("path")?.as_array()?;
        let same =
            path.len() == keys.len() && path.iter().zip(keys).all(|(segment, key)| segment.as_str() == Some(key));
        same.then(|| {
            unknown.get("reason").and_then(Value::as_str).unwrap_or("its value is not in the input").to_owned()
        })
    })
}
