//! The verdict in plain words, the score, and what would happen, worst first.

use std::collections::{BTreeMap, BTreeSet};

use super::findings::anchor;
use super::text::{cut, visible};
use crate::finding::{Finding, Status};
use crate::policy::{Consequence, Registry, Severity, SkipKind};
use crate::report::checklist::{self, Standing};
use crate::report::{Report, VerdictKind, count_of};

/// Kinds of trouble that the headline names.
const NAMED: usize = 3;
/// Titles under one kind of trouble.
const TITLES: usize = 3;

/// What a person reads first.
pub(super) struct Verdict {
    /// `bad`, `warn`, `good` or `unknown`; the style knows them.
    pub(super) tone: &'static str,
    /// One sentence.
    pub(super) headline: String,
    /// What the gate says.
    pub(super) gate: String,
    /// What the audit says; empty without a deployment.
    pub(super) audit: String,
}

/// How much of what was judged holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Score {
    /// 0 to 100.
    pub(super) value: usize,
}

/// One kind of trouble.
pub(super) struct Trouble {
    /// Its slug in links and filters.
    pub(super) slug: &'static str,
    /// `Will not install`.
    pub(super) phrase: String,
    /// Open findings.
    pub(super) count: usize,
    /// The worst of them.
    pub(super) worst: &'static str,
    /// Anchor, title and how often.
    pub(super) titles: Vec<(String, String, usize)>,
    /// Findings whose titles are not listed.
    pub(super) more: usize,
}

/// A kind of trouble of which nothing was found, and on what that rests.
pub(super) struct Clear {
    pub(super) phrase: String,
    pub(super) basis: String,
}

/// In the order in which they hurt.
pub(super) const ORDER: [Consequence; 10] = [
    Consequence::DoesNotInstall,
    Consequence::DoesNotStart,
    Consequence::DataLoss,
    Consequence::Exposure,
    Consequence::Residency,
    Consequence::Unrecoverable,
    Consequence::Outage,
    Consequence::Blind,
    Consequence::Ignored,
    Consequence::Waste,
];

/// What one deployment does, and what several do.
pub(super) fn phrase(consequence: Consequence) -> (&'static str, &'static str) {
    match consequence {
        Consequence::DoesNotInstall => ("will not install", "will not install"),
        Consequence::DoesNotStart => ("will not start", "will not start"),
        Consequence::DataLoss => ("can lose data", "can lose data"),
        Consequence::Exposure => ("is open to others", "are open to others"),
        Consequence::Residency => ("can send data abroad", "can send data abroad"),
        Consequence::Unrecoverable => ("could not be restored", "could not be restored"),
        Consequence::Outage => ("can go down", "can go down"),
        Consequence::Blind => ("would fail unnoticed", "would fail unnoticed"),
        Consequence::Ignored => ("has settings without effect", "have settings without effect"),
        Consequence::Waste => ("wastes resources", "waste resources"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The verdict on the whole run.
pub(super) fn verdict(report: &Report, threshold: Option<Severity>) -> Verdict {
    let failing = report.failing(threshold);
    let worst = report.open().map(|finding| finding.severity).max();
    let tone = match worst {
        _ if report.deployments.is_empty() => "unknown",
        Some(Severity::Critical | Severity::High) => "bad",
        Some(Severity::Medium) => "warn",
        _ if !report.errors.is_empty() => "unknown",
        _ if failing > 0 || report.unproven() > 0 => "warn",
        _ => "good",
    };
    Verdict { tone, headline: headline(report), gate: gate(report, failing, threshold), audit: audit(report) }
}

fn headline(report: &Report) -> String {
    let deployments = report.deployments.len();
    if deployments == 0 {
        return if report.errors.is_empty() { "Nothing here to judge" } else { "Nothing could be judged" }.to_owned();
    }
    let mut troubled: BTreeMap<Consequence, BTreeSet<&str>> = BTreeMap::new();
    for finding in report.open().filter(|finding| finding.severity >= Severity::Medium) {
        troubled.entry(finding.consequence).or_default().insert(&finding.deployment);
    }
    let named: Vec<(Consequence, usize)> =
        ORDER.iter().filter_map(|kind| Some((*kind, troubled.get(kind)?.len()))).take(NAMED).collect();
    let subject = report.deployments.first().map(|one| format!("`{}`", cut(&visible(&one.id), 60))).unwrap_or_default();
    if named.is_empty() {
        let counts = report.counts();
        let of = if deployments == 1 { subject } else { count_of(deployments, "deployment") };
        return match (report.errors.len(), counts.pass + counts.attested) {
            (0, 0) => format!("None of the rules could judge {of}"),
            (0, _) => format!("Nothing serious found in {of}"),
            (errors, _) => {
                format!("Nothing serious found in {of}, but {} could not be judged", count_of(errors, "input"))
            }
        };
    }
    let parts: Vec<String> = named
        .iter()
        .map(|(kind, count)| match (deployments, count) {
            (1, _) => phrase(*kind).0.to_owned(),
            (_, 1) => format!("1 {}", phrase(*kind).0),
            (_, count) => format!("{count} {}", phrase(*kind).1),
        })
        .collect();
    let (last, rest) = parts.split_last().map_or(("", &[][..]), |(last, rest)| (last.as_str(), rest));
    let listed = if rest.is_empty() { last.to_owned() } else { format!("{} and {last}", rest.join(", ")) };
    if deployments == 1 { format!("{subject} {listed}") } else { format!("Of {deployments} deployments, {listed}") }
}

fn gate(report: &Report, failing: usize, threshold: Option<Severity>) -> String {
    let Some(threshold) = threshold else { return "No finding fails the run (fail-on never)".to_owned() };
    let mut parts = Vec::new();
    if failing > 0 {
        parts.push(format!("{} at or above {threshold}", count_of(failing, "finding")));
    }
    if report.unproven() > 0 {
        parts.push(format!("{} without evidence", count_of(report.unproven(), "rule")));
    }
    if !report.errors.is_empty() {
        parts.push(format!("{} not judged", count_of(report.errors.len(), "input")));
    }
    let errored = report.counts().errored;
    if errored > 0 {
        parts.push(format!("{} failed to run", count_of(errored, "rule")));
    }
    match parts.as_slice() {
        [] if report.deployments.is_empty() => "The gate fails: nothing was judged".to_owned(),
        [] => format!("The gate passes: no finding at or above {threshold}"),
        parts => format!("The gate fails: {}", parts.join(", ")),
    }
}

/// The checklist, over every deployment.
fn audit(report: &Report) -> String {
    if report.deployments.is_empty() {
        return String::new();
    }
    let failed_by_any = report.deployments.len() > 1;
    let mut worst: BTreeMap<&str, Standing> = BTreeMap::new();
    for deployment in report.deployments.iter().take(super::lists::CHECKLISTS) {
        for row in checklist::rows(report, &deployment.id) {
            let standing = worst.entry(row.item.id.as_str()).or_insert(Standing::NotApplicable);
            *standing = (*standing).min(row.standing);
        }
    }
    let of = |wanted: Standing| worst.values().filter(|standing| **standing == wanted).count();
    let (fail, lacking) = (of(Standing::Fail), of(Standing::NeedsEvidence));
    let of_any = if failed_by_any { ", taken over all deployments" } else { "" };
    match (fail, lacking) {
        (0, 0) => format!("Every statement of the checklist holds{of_any}"),
        (0, lacking) => {
            format!("An audit would find no statement that fails; {lacking} of {} need evidence{of_any}", worst.len())
        }
        (fail, lacking) => {
            format!(
                "An audit would fail: {fail} of {} statements do not hold, {lacking} need evidence{of_any}",
                worst.len()
            )
        }
    }
}

/// What a rule weighs.
fn weight(severity: Severity) -> usize {
    match severity {
        Severity::Critical => 10,
        Severity::High => 5,
        Severity::Medium => 3,
        Severity::Low => 1,
        Severity::Info => 0,
    }
}

/// The score of every deployment by its id, and of all together under the empty one. What was not judged, and what is
/// only accepted, counts neither way.
pub(super) fn scores<'a>(report: &'a Report, registry: &Registry) -> BTreeMap<&'a str, Score> {
    let mut worst: BTreeMap<(&str, &str), Severity> = BTreeMap::new();
    let counts = |finding: &&Finding| matches!(finding.status, Status::Open | Status::Baseline);
    for finding in report.findings.iter().filter(counts) {
        let entry = worst.entry((&finding.deployment, &finding.rule)).or_insert(finding.severity);
        *entry = (*entry).max(finding.severity);
    }
    let mut sums: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for verdict in report.verdicts.iter().filter(|verdict| !verdict.deployment.is_empty()) {
        let (holds, all) = match verdict.verdict {
            VerdictKind::Pass => {
                let severity = registry.get(&verdict.rule).and_then(|rule| rule.severity_in(report.profile));
                let weight = severity.map_or(0, weight);
                (weight, weight)
            }
            VerdictKind::Fail => {
                (0, worst.get(&(verdict.deployment.as_str(), verdict.rule.as_str())).copied().map_or(0, weight))
            }
            VerdictKind::Skipped(_) | VerdictKind::Errored => continue,
        };
        for id in [verdict.deployment.as_str(), ""] {
            let sum = sums.entry(id).or_default();
            *sum = (sum.0 + holds, sum.1 + all);
        }
    }
    let scores = sums.into_iter().filter(|(_, (_, all))| *all > 0);
    scores.map(|(id, (holds, all))| (id, Score { value: 100 * holds / all })).collect()
}

/// What would happen, worst first, and what was looked for and not found.
pub(super) fn troubles(report: &Report, registry: &Registry) -> (Vec<Trouble>, Vec<Clear>) {
    let mut troubles = Vec::new();
    let mut clears = Vec::new();
    for consequence in ORDER {
        let phrase = if report.deployments.len() == 1 { phrase(consequence).0 } else { phrase(consequence).1 };
        let open: Vec<&Finding> = report.open().filter(|finding| finding.consequence == consequence).collect();
        let Some(first) = open.first() else {
            clears.extend(clear(report, registry, consequence, phrase));
            continue;
        };
        let mut titles: Vec<(String, String, usize)> = Vec::new();
        let mut rules: Vec<&str> = Vec::new();
        for finding in &open {
            if let Some(place) = rules.iter().position(|rule| *rule == finding.rule) {
                titles[place].2 += 1;
            } else {
                rules.push(&finding.rule);
                titles.push((anchor(finding), visible(&finding.title), 1));
            }
        }
        let more = titles.iter().skip(TITLES).map(|(.., count)| count).sum();
        titles.truncate(TITLES);
        troubles.push(Trouble {
            slug: consequence.as_str(),
            phrase: capital(phrase),
            count: open.len(),
            worst: first.severity.as_str(),
            titles,
            more,
        });
    }
    (troubles, clears)
}

fn clear(report: &Report, registry: &Registry, consequence: Consequence, phrase: &str) -> Option<Clear> {
    let of_kind = report.verdicts.iter().filter(|verdict| {
        registry.get(&verdict.rule).is_some_and(|rule| rule.consequence == consequence)
            && verdict.verdict != VerdictKind::Skipped(SkipKind::Profile)
    });
    let (passed, rest): (Vec<_>, Vec<_>) = of_kind.partition(|verdict| verdict.verdict == VerdictKind::Pass);
    if passed.is_empty() && rest.is_empty() {
        return None;
    }
    let accepted = report.findings.iter().filter(|finding| finding.consequence == consequence).count();
    let unjudged = rest.iter().filter(|verdict| verdict.verdict != VerdictKind::Fail).count();
    let mut basis = vec![format!("{} passed", count_of(passed.len(), "check"))];
    if accepted > 0 {
        basis.push(format!("{accepted} accepted or known"));
    }
    if unjudged > 0 {
        basis.push(format!("{unjudged} not judged"));
    }
    Some(Clear { phrase: capital(phrase), basis: basis.join(", ") })
}
