//! `--format checklist`: each statement of the guide and of the GCC checklist with its verdict and its evidence, for an
//! auditor. A statement passes only on evidence; what no file can prove is said plainly.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Report, RuleVerdict, VerdictKind, controls};
use crate::finding::{Finding, Status};
use crate::policy::SkipKind;

/// Evidence of one statement that is listed before the rest is counted.
const EVIDENCE: usize = 4;

/// The statements, in our own words; a test holds their rules against the registry.
static ITEMS: LazyLock<Vec<Item>> = LazyLock::new(|| {
    let table: Table = serde_json::from_str(include_str!("../../../data/checklist.json"))
        .expect("the checklist is part of the program and tested");
    table.items
});

#[derive(Deserialize)]
struct Table {
    items: Vec<Item>,
}

/// One statement.
#[derive(Debug, Deserialize)]
pub struct Item {
    /// `G20`
    pub id: String,
    /// Heading.
    pub group: String,
    /// What must hold.
    pub statement: String,
    /// Rules that judge it; empty when no file can show it.
    pub rules: Vec<String>,
    /// Families of controls that it is relevant to.
    #[serde(default)]
    pub controls: Vec<String>,
    /// What no file can prove, and where to look.
    #[serde(default)]
    pub beyond_files: Option<String>,
    /// Key under which that may be attested, besides the statement's own id.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// The verdict on one statement, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Counter-evidence.
    Fail,
    /// The input cannot decide.
    NeedsEvidence,
    /// A person vouches for what no file can prove.
    Attested,
    /// Evidence for every part.
    Pass,
    /// A precondition is absent, or the profile leaves it out.
    NotApplicable,
}

impl Standing {
    const ALL: [Self; 5] = [Self::Fail, Self::NeedsEvidence, Self::Attested, Self::Pass, Self::NotApplicable];

    /// The word in reports.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NeedsEvidence => "needs evidence",
            Self::Attested => "pass (attested)",
            Self::Pass => "pass",
            Self::NotApplicable => "not applicable",
        }
    }
}

/// A statement judged on one deployment.
pub struct Row {
    /// The statement.
    pub item: &'static Item,
    /// The verdict.
    pub standing: Standing,
    /// Places, or what would prove it.
    pub evidence: Vec<String>,
    /// Key of the attestation that it rests on.
    pub attested: Option<String>,
}

/// Every statement.
pub fn items() -> &'static [Item] {
    &ITEMS
}

/// Judges every statement on one deployment.
pub fn rows(report: &Report, deployment: &str) -> Vec<Row> {
    ITEMS.iter().map(|item| row(item, report, deployment)).collect()
}

fn row(item: &'static Item, report: &Report, deployment: &str) -> Row {
    let verdicts: Vec<&RuleVerdict> = report
        .verdicts
        .iter()
        .filter(|verdict| verdict.deployment == deployment && item.rules.iter().any(|rule| verdict.rule == *rule))
        .collect();
    let is = |wanted: fn(VerdictKind) -> bool| verdicts.iter().any(|verdict| wanted(verdict.verdict));
    let undecided = |kind| {
        matches!(
            kind,
            VerdictKind::Skipped(SkipKind::NotObserved | SkipKind::Unknown | SkipKind::NeedsEvidence)
                | VerdictKind::Errored
        )
    };
    if is(|kind| kind == VerdictKind::Fail) {
        // what counts first; what is accepted is still a fault, and says who accepted it
        let of_item = |finding: &&Finding| {
            finding.deployment == deployment && item.rules.iter().any(|rule| finding.rule == *rule)
        };
        let (open, accepted): (Vec<&Finding>, Vec<&Finding>) =
            report.findings.iter().filter(of_item).partition(|finding| finding.status == Status::Open);
        let findings = open.into_iter().chain(accepted);
        return Row {
            item,
            standing: Standing::Fail,
            evidence: shortened(findings.map(place).collect()),
            attested: None,
        };
    }
    let keys = [Some(&item.id), item.evidence.as_ref()];
    let vouched = report.attestations.iter().find(|one| keys.contains(&Some(&one.key)));
    let own_id = report.attestations.iter().find(|one| one.key == item.id);
    let by_rule = || {
        let mut keys = verdicts.iter().filter_map(|verdict| verdict.attested.as_ref());
        keys.find_map(|key| report.attestations.iter().find(|one| one.key == *key))
    };
    // the statement as a whole, or what no file can prove of it and every part that rules could not decide
    let lacking = (item.beyond_files.is_some() && vouched.is_none()) || is(undecided) || verdicts.is_empty();
    if let Some(own) = own_id.or_else(|| vouched.or_else(by_rule).filter(|_| !lacking)) {
        let evidence = vec![own.in_words.clone()];
        return Row { item, standing: Standing::Attested, evidence, attested: Some(own.key.clone()) };
    }
    if lacking {
        let reasons: BTreeSet<&str> = verdicts
            .iter()
            .filter(|verdict| undecided(verdict.verdict))
            .filter_map(|verdict| verdict.reason.as_deref())
            .chain(item.beyond_files.as_deref())
            .collect();
        let evidence = shortened(reasons.into_iter().map(str::to_owned).collect());
        return Row { item, standing: Standing::NeedsEvidence, evidence, attested: None };
    }
    let passed: Vec<String> = verdicts
        .iter()
        .filter(|verdict| verdict.verdict == VerdictKind::Pass)
        .map(|verdict| verdict.rule.to_string())
        .collect();
    if passed.is_empty() {
        let reasons: BTreeSet<&str> = verdicts.iter().filter_map(|verdict| verdict.reason.as_deref()).collect();
        let evidence = shortened(reasons.into_iter().map(str::to_owned).collect());
        return Row { item, standing: Standing::NotApplicable, evidence, attested: None };
    }
    Row { item, standing: Standing::Pass, evidence: vec![format!("judged by {}", passed.join(", "))], attested: None }
}

fn place(finding: &Finding) -> String {
    let at =
        finding.location.file.as_ref().map_or_else(String::new, |file| format!("{file}:{} ", finding.location.line));
    let accepted = match &finding.exemption {
        Some(exemption) => format!(", {}", exemption.in_words(finding.status)),
        None if finding.status == Status::Open => String::new(),
        None => format!(", {}", finding.status.in_words()),
    };
    format!("{at}{} ({}{accepted})", finding.rule, finding.severity)
}

fn shortened(mut evidence: Vec<String>) -> Vec<String> {
    let more = evidence.len().saturating_sub(EVIDENCE);
    evidence.truncate(EVIDENCE);
    if more > 0 {
        evidence.push(format!("and {more} more"));
    }
    evidence
}

/// Markdown that reads well in a terminal: one table a deployment, grouped as the guide is.
pub fn render(report: &Report) -> String {
    let mut text = format!("# Checklist, profile {}\n", report.profile);
    for deployment in &report.deployments {
        let rows = rows(report, &deployment.id);
        let counts: Vec<String> = Standing::ALL
            .iter()
            .map(|standing| (rows.iter().filter(|row| row.standing == *standing).count(), standing.in_words()))
            .map(|(count, words)| format!("{count} {words}"))
            .collect();
        let _ =
            writeln!(text, "\n## {}\n\n{} · from {}", deployment.id, counts.join(" · "), deployment.files.join(", "));
        let mut group = "";
        for row in &rows {
            if row.item.group != group {
                group = &row.item.group;
                let _ = writeln!(
                    text,
                    "\n### {group}\n\n| | statement | verdict | evidence | relevant to |\n|---|---|---|---|---|"
                );
            }
            let evidence = row.evidence.join("<br>").replace('|', "\\|");
            let _ = writeln!(
                text,
                "| {} | {} | {} | {evidence} | {} |",
                row.item.id,
                row.item.statement.replace('|', "\\|"),
                row.standing.in_words(),
                controls::direct(&row.item.controls).join("<br>")
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::DeploymentSummary;

    fn report(verdicts: &[(&str, VerdictKind)]) -> Report {
        let verdicts = verdicts
            .iter()
            .map(|(rule, verdict)| RuleVerdict {
                rule: (*rule).into(),
                deployment: "q".into(),
                verdict: *verdict,
                reason: Some("because".into()),
                attested: None,
            })
            .collect();
        let deployments = vec![DeploymentSummary { id: "q".to_owned(), ..DeploymentSummary::default() }];
        Report { deployments, verdicts, ..Report::default() }
    }

    fn standing(id: &str, verdicts: &[(&str, VerdictKind)]) -> Standing {
        rows(&report(verdicts), "q").into_iter().find(|row| row.item.id == id).unwrap().standing
    }

    #[test]
    fn a_statement_is_as_good_as_its_worst_part() {
        let (a, b) = ("resources/memory-unbounded", "resources/memory-overcommitted");
        let skipped = VerdictKind::Skipped(SkipKind::NotObserved);
        let off = VerdictKind::Skipped(SkipKind::Profile);
        assert_eq!(standing("G18", &[(a, VerdictKind::Pass), (b, VerdictKind::Fail)]), Standing::Fail);
        assert_eq!(standing("G18", &[(a, VerdictKind::Pass), (b, skipped)]), Standing::NeedsEvidence);
        assert_eq!(standing("G18", &[(a, VerdictKind::Pass), (b, off)]), Standing::Pass);
        assert_eq!(standing("G18", &[(a, off), (b, off)]), Standing::NotApplicable);
    }

    #[test]
    fn what_no_file_can_prove_is_never_passed() {
        assert_eq!(standing("G6", &[]), Standing::NeedsEvidence);
        assert_eq!(standing("G50", &[("security/api-key-never-rotated", VerdictKind::Pass)]), Standing::NeedsEvidence);
    }
}
