//! The checklist, what was not judged and what to give, deployments and inputs.

use std::collections::{BTreeMap, BTreeSet};

use super::overview::Score;
use super::text::{cut, visible};
use crate::policy::{Severity, SkipKind};
use crate::report::checklist::{self, Standing};
use crate::report::{Report, VerdictKind};

/// Deployments with a checklist of their own.
pub(super) const CHECKLISTS: usize = 25;
/// Rows of a table.
pub(super) const ROWS: usize = 1_000;
/// Characters of one piece of evidence.
const EVIDENCE: usize = 300;

/// A deployment in the overview.
pub(super) struct DeploymentRow {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) files: Vec<String>,
    pub(super) more_files: usize,
    pub(super) chart: String,
    pub(super) qdrant: String,
    pub(super) score: Option<Score>,
    /// Open findings, worst first.
    pub(super) counts: [usize; 5],
    pub(super) total: usize,
}

/// The checklist of one deployment.
pub(super) struct Checklist {
    pub(super) deployment: String,
    /// Verdict, its class, how often.
    pub(super) counts: Vec<(&'static str, &'static str, usize)>,
    pub(super) groups: Vec<Statements>,
}

/// Statements under one heading.
pub(super) struct Statements {
    pub(super) title: String,
    pub(super) rows: Vec<Statement>,
}

/// One statement.
pub(super) struct Statement {
    pub(super) id: String,
    pub(super) statement: String,
    pub(super) verdict: &'static str,
    pub(super) class: &'static str,
    pub(super) evidence: Vec<String>,
}

/// Why rules did not judge.
pub(super) struct Skips {
    pub(super) title: &'static str,
    pub(super) lead: &'static str,
    /// Reason, how many deployments, rules.
    pub(super) reasons: Vec<(String, usize, Vec<String>)>,
}

/// Deployments, worst first.
pub(super) fn deployments(report: &Report, scores: &BTreeMap<&str, Score>) -> Vec<DeploymentRow> {
    let mut open: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for finding in report.open() {
        let place = Severity::WORST_FIRST.iter().position(|severity| *severity == finding.severity).unwrap_or(4);
        open.entry(&finding.deployment).or_default()[place] += 1;
    }
    let mut rows: Vec<DeploymentRow> = report
        .deployments
        .iter()
        .map(|one| {
            let counts = open.get(one.id.as_str()).copied().unwrap_or_default();
            DeploymentRow {
                id: visible(&one.id),
                source: match one.source.as_str() {
                    "helm-values" => "Helm values".to_owned(),
                    other => visible(other).replace('-', " "),
                },
                files: one.files.iter().take(4).map(|file| visible(file)).collect(),
                more_files: one.files.len().saturating_sub(4),
                chart: one.chart.as_ref().map_or_else(String::new, |(version, assumed)| {
                    format!("{}{}", visible(version), if *assumed { " (assumed)" } else { "" })
                }),
                qdrant: one.qdrant.as_deref().map_or_else(String::new, visible),
                score: scores.get(one.id.as_str()).copied(),
                counts,
                total: counts.iter().sum(),
            }
        })
        .collect();
    rows.sort_by(|one, other| other.counts.cmp(&one.counts).then_with(|| one.id.cmp(&other.id)));
    rows
}

fn class(standing: Standing) -> (&'static str, &'static str) {
    match standing {
        Standing::Fail => ("fail", "fail"),
        Standing::NeedsEvidence => ("needs evidence", "lack"),
        Standing::Attested => ("pass (attested)", "attested"),
        Standing::Pass => ("pass", "pass"),
        Standing::NotApplicable => ("not applicable", "na"),
    }
}

/// Checklists of the first deployments in this order.
pub(super) fn checklists(report: &Report, order: &[DeploymentRow]) -> Vec<Checklist> {
    let by_shown: BTreeMap<String, &str> =
        report.deployments.iter().map(|one| (visible(&one.id), one.id.as_str())).collect();
    let ids = order.iter().filter_map(|row| by_shown.get(&row.id)).take(CHECKLISTS);
    ids.map(|id| checklist_of(report, id)).collect()
}

fn checklist_of(report: &Report, id: &str) -> Checklist {
    let mut groups: Vec<Statements> = Vec::new();
    let mut counts =
        [Standing::Fail, Standing::NeedsEvidence, Standing::Attested, Standing::Pass, Standing::NotApplicable]
            .map(|standing| (class(standing).0, class(standing).1, 0));
    for row in checklist::rows(report, id) {
        let (verdict, class) = class(row.standing);
        if let Some(count) = counts.iter_mut().find(|(known, ..)| *known == verdict) {
            count.2 += 1;
        }
        if groups.last().is_none_or(|group| group.title != row.item.group) {
            groups.push(Statements { title: row.item.group.clone(), rows: Vec::new() });
        }
        let statement = Statement {
            id: row.item.id.clone(),
            statement: row.item.statement.clone(),
            verdict,
            class,
            evidence: row.evidence.iter().map(|text| cut(&visible(text), EVIDENCE)).collect(),
        };
        if let Some(group) = groups.last_mut() {
            group.rows.push(statement);
        }
    }
    let counts = counts.into_iter().filter(|(.., count)| *count > 0).collect();
    Checklist { deployment: visible(id), counts, groups }
}

/// The deployments and the rules that one reason concerns.
type Concerned<'report> = (BTreeSet<&'report str>, BTreeSet<&'report str>);

/// What was not judged, by what would help.
pub(super) fn skips(report: &Report) -> Vec<Skips> {
    let mut by_reason: BTreeMap<(SkipKind, &str), Concerned<'_>> = BTreeMap::new();
    for verdict in &report.verdicts {
        if let VerdictKind::Skipped(kind) = verdict.verdict {
            let entry = by_reason.entry((kind, verdict.reason.as_deref().unwrap_or_default())).or_default();
            entry.0.insert(&verdict.deployment);
            entry.1.insert(&verdict.rule);
        }
    }
    let of = |wanted: SkipKind, title, lead| {
        let mut reasons: Vec<(String, usize, Vec<String>)> = by_reason
            .iter()
            .filter(|((kind, _), _)| *kind == wanted)
            .map(|((_, reason), (deployments, rules))| {
                (cut(&visible(reason), EVIDENCE), deployments.len(), rules.iter().map(|rule| visible(rule)).collect())
            })
            .collect();
        reasons.sort_by(|one, other| other.2.len().cmp(&one.2.len()).then_with(|| one.0.cmp(&other.0)));
        reasons.truncate(ROWS);
        Skips { title, lead, reasons }
    };
    let all = [
        of(
            SkipKind::NotObserved,
            "Give more and it is judged",
            "The input could not show these; each line says what to give.",
        ),
        of(SkipKind::Unknown, "Hidden values", "A template, a Secret or a placeholder hides what these rest on."),
        of(SkipKind::NeedsEvidence, "No file can prove it", "Attest these under `evidence` in the configuration."),
        of(SkipKind::NotApplicable, "Does not apply here", "Another rule speaks of it, or what it is about is absent."),
        of(SkipKind::Profile, "Left out by the profile", "This profile does not ask for these."),
    ];
    all.into_iter().filter(|skips| !skips.reasons.is_empty()).collect()
}

/// Rules that failed to run, with their errors.
pub(super) fn errored(report: &Report) -> Vec<(String, String)> {
    let errored = report.verdicts.iter().filter(|verdict| verdict.verdict == VerdictKind::Errored);
    let lines: BTreeSet<(String, String)> = errored
        .map(|verdict| (visible(&verdict.rule), cut(&visible(verdict.reason.as_deref().unwrap_or_default()), EVIDENCE)))
        .collect();
    lines.into_iter().take(ROWS).collect()
}
