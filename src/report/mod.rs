//! What a run found, and one file per format. Nothing here decides; the exit code does not depend on a format.

mod alike;
pub mod checklist;
pub mod concise;
mod controls;
pub mod excerpt;
pub mod forge;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod json;
pub mod junit;
pub mod markdown;
mod order;
pub mod oscal;
pub mod policyreport;
pub mod pretty;
mod replacement;
pub mod sarif;

use std::collections::BTreeMap;

pub use alike::Alike;
pub use order::sort_in_place;

use crate::finding::{self, Exemption, Finding, Status};
use crate::policy::{Profile, Severity, SkipKind};
use crate::source::Shared;
use crate::topology::Topology;

/// The result of a run.
#[derive(Debug, Default)]
pub struct Report {
    /// What deployments were judged for.
    pub profile: Profile,
    /// Deployments in the order of their ids.
    pub deployments: Vec<DeploymentSummary>,
    /// Findings, worst first.
    pub findings: Vec<Finding>,
    /// Verdict of every rule on every deployment.
    pub verdicts: Vec<RuleVerdict>,
    /// What each file was taken for.
    pub inputs: Vec<InputLine>,
    /// What could not be judged.
    pub errors: Vec<ErrorLine>,
    /// The day it was judged by, today or `--effective-date`; none where nothing was judged.
    pub as_of: Option<jiff::civil::Date>,
    /// `--strict-evidence`: what needs evidence fails the run.
    pub strict_evidence: bool,
    /// Attestations that count.
    pub attestations: Vec<Attestation>,
    /// How it compares with the baseline; none without one.
    pub baseline: Option<Comparison>,
    /// Hints for the user: another way to call.
    pub hints: Vec<String>,
    /// Where keys stand in the inputs; excerpts show stars there.
    pub secrets: Vec<crate::source::Span>,
    /// What findings and verdicts have in common.
    pub alike: Alike,
}

/// What became of the baseline; what it holds and is still found has that status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Entries of which nothing is found any more.
    pub gone: usize,
}

/// One deployment.
#[derive(Clone, Debug, Default)]
pub struct DeploymentSummary {
    /// `namespace/name`, made unique.
    pub id: String,
    /// Release or workload.
    pub name: String,
    /// Namespace, when known.
    pub namespace: Option<String>,
    /// `helm-values`, `manifests`, …
    pub source: String,
    /// Files.
    pub files: Vec<String>,
    /// Chart version and whether it was assumed.
    pub chart: Option<(String, bool)>,
    /// Version of Qdrant.
    pub qdrant: Option<String>,
    /// What a drawing needs; only where a format draws.
    pub topology: Option<Box<Topology>>,
}

/// A verdict.
#[derive(Clone, Debug)]
pub struct RuleVerdict {
    /// Rule.
    pub rule: Shared,
    /// Id of the deployment.
    pub deployment: Shared,
    /// What it says.
    pub verdict: VerdictKind,
    /// Why it was skipped or failed to run.
    pub reason: Option<Shared>,
    /// It passes because a person vouches: the key of the attestation.
    pub attested: Option<Shared>,
}

/// What a person vouches for.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// A key that a rule asks for, or the id of a statement.
    pub key: String,
    /// Who, until when, and where the record is.
    pub in_words: String,
    /// What was seen.
    pub statement: String,
    /// Where the record is: an address, or a file relative to the configuration.
    pub link: Option<String>,
    /// Last day on which it counts, `YYYY-MM-DD`.
    pub until: String,
}

/// The kind of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerdictKind {
    /// Nothing is wrong.
    Pass,
    /// Findings.
    Fail,
    /// Not judged.
    Skipped(SkipKind),
    /// The rule failed to run.
    Errored,
}

impl VerdictKind {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Skipped(_) => "skipped",
            Self::Errored => "errored",
        }
    }
}

/// A file or document and what it was taken for.
#[derive(Clone, Debug, Default)]
pub struct InputLine {
    /// File.
    pub file: String,
    /// 1-based line of the document.
    pub line: usize,
    /// What it is.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// It was judged.
    pub judged: bool,
    /// Id of its deployment.
    pub deployment: Option<String>,
}

/// An input that could not be judged.
#[derive(Clone, Debug, Default)]
pub struct ErrorLine {
    /// File; empty for the run as a whole.
    pub file: String,
    /// 1-based; 0 without a place.
    pub line: usize,
    /// 1-based; 0 without a place.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// The next step.
    pub help: Option<String>,
}

/// Counts of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Open findings by severity, worst first.
    pub by_severity: [usize; 5],
    /// Rules that passed.
    pub pass: usize,
    /// Rules that pass because a person vouches.
    pub attested: usize,
    /// Rules that failed.
    pub fail: usize,
    /// Rules that were skipped.
    pub skipped: usize,
    /// Rules that failed to run.
    pub errored: usize,
}

impl Report {
    /// Takes in what was found elsewhere in the same run. When all is taken in, [`Self::settle`] brings it into its order.
    pub fn absorb(&mut self, mut other: Self) {
        self.deployments.append(&mut other.deployments);
        self.add(other.findings, other.verdicts);
        self.inputs.append(&mut other.inputs);
        self.errors.append(&mut other.errors);
        self.hints.append(&mut other.hints);
        self.secrets.append(&mut other.secrets);
    }

    /// Adds findings and verdicts. What is alike among all of them is kept once.
    pub fn add(&mut self, mut findings: Vec<Finding>, mut verdicts: Vec<RuleVerdict>) {
        for finding in &mut findings {
            self.alike.finding(finding);
        }
        for verdict in &mut verdicts {
            self.alike.verdict(verdict);
        }
        self.findings.append(&mut findings);
        self.verdicts.append(&mut verdicts);
    }

    /// Deployments in the order of their ids, findings worst first.
    pub fn settle(&mut self) {
        self.deployments.sort_by(|one, other| one.id.cmp(&other.id));
        sort_in_place(&mut self.findings, finding::compare);
    }

    /// Findings that count.
    pub fn open(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.status == Status::Open)
    }

    /// Findings that somebody accepted, by a comment, an annotation or a waiver.
    pub fn accepted(&self) -> impl Iterator<Item = (&Finding, &Exemption)> {
        self.findings.iter().filter_map(|finding| Some((finding, finding.exemption.as_deref()?)))
    }

    /// `2 ignored, 1 waived, 30 in the baseline`; none when everything is open.
    pub fn not_counted(&self) -> Option<String> {
        let of = |status: Status| self.findings.iter().filter(|finding| finding.status == status).count();
        let counts = [Status::Ignored, Status::Waived, Status::Baseline].map(|status| (of(status), status.in_words()));
        let told: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    /// Open findings at or above a severity; none for `never`.
    pub fn failing(&self, threshold: Option<Severity>) -> usize {
        threshold.map_or(0, |threshold| self.open().filter(|finding| finding.severity >= threshold).count())
    }

    /// Rules that fail the run because nobody attests what they need; none without `--strict-evidence`.
    pub fn unproven(&self) -> usize {
        let needs = |verdict: &&RuleVerdict| verdict.verdict == VerdictKind::Skipped(SkipKind::NeedsEvidence);
        if self.strict_evidence { self.verdicts.iter().filter(needs).count() } else { 0 }
    }

    /// Counts for summaries.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for finding in self.open() {
            let place = Severity::WORST_FIRST.iter().position(|severity| *severity == finding.severity).unwrap_or(4);
            counts.by_severity[place] += 1;
        }
        for verdict in &self.verdicts {
            match verdict.verdict {
                VerdictKind::Pass if verdict.attested.is_some() => counts.attested += 1,
                VerdictKind::Pass => counts.pass += 1,
                VerdictKind::Fail => counts.fail += 1,
                VerdictKind::Skipped(_) => counts.skipped += 1,
                VerdictKind::Errored => counts.errored += 1,
            }
        }
        counts
    }

    /// Skipped rules by kind and reason, most first: what to give so that more can be judged.
    pub fn skips(&self) -> Vec<(SkipKind, String, usize)> {
        let mut by_reason: BTreeMap<(SkipKind, &str), usize> = BTreeMap::new();
        for verdict in &self.verdicts {
            if let VerdictKind::Skipped(kind) = verdict.verdict {
                *by_reason.entry((kind, verdict.reason.as_deref().unwrap_or_default())).or_default() += 1;
            }
        }
        let mut skips: Vec<_> =
            by_reason.into_iter().map(|((kind, reason), count)| (kind, reason.to_owned(), count)).collect();
        skips.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| (a.0, &a.1).cmp(&(b.0, &b.1))));
        skips
    }
}

/// `1 finding`, `2 findings`.
pub fn count_of(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
