//! Deployments × rules → a report. Pure but for the threads it runs on.

use std::collections::BTreeMap;
use std::sync::Arc;

use globset::GlobSet;
use rayon::prelude::*;

use crate::config::Config;
use crate::finding::{Finding, ObjectRef, fingerprint, sort};
use crate::model::build::{Built, Deployment, Seeds};
use crate::policy::engine::{Engine, Evaluator};
use crate::policy::eval::RawFinding;
use crate::policy::memo::Memo;
use crate::policy::{Evaluators, Profile, Registry, Rule, Severity, SkipKind, Verdict, eval};
use crate::reading::Reading;
use crate::report::{DeploymentSummary, Report, RuleVerdict, VerdictKind};
use crate::resolve::Resolver;
use crate::source::{Document, Path, Shared, Sources, Span};
use crate::suppress::{self, Deployed, Evidence, Exemption, Judging, Outcome, Ran};
use crate::topology::{self, Topology};

/// Of so many deployments some are likely to be alike, and it pays to remember what the rules said.
const MANY: usize = 4;

/// A memory of verdicts, where so many deployments are judged that it pays.
pub fn memo(registry: &Registry, deployments: usize) -> Option<Arc<Memo>> {
    (deployments >= MANY).then(|| Arc::new(Memo::new(registry)))
}

/// What is judged, and how severely.
pub struct Options<'a> {
    /// Profile.
    pub profile: Profile,
    /// Severities and rules that are off.
    pub config: &'a Config,
    /// `--rule`: only these; empty = all.
    pub only: GlobSet,
    /// `--skip`: not these.
    pub skip: GlobSet,
    /// Finds the document that holds a place.
    pub document_at: &'a (dyn Fn(Span) -> Option<Arc<Document>> + Sync),
    /// Called after each deployment.
    pub progress: &'a (dyn Fn() + Sync),
}

/// A rule with its severity in this run; none when it is off.
struct Enabled<'a> {
    rule: &'a Rule,
    severity: Option<Severity>,
    forced: Option<Severity>,
}

/// What the rules say of one deployment. It names no deployment: which of several of one name it is shows only when all
/// are known.
struct Judged {
    findings: Vec<Finding>,
    verdicts: Vec<RuleVerdict>,
    secrets: Vec<Span>,
    topology: Option<Box<Topology>>,
}

/// The rules, ready to judge.
pub struct Judge<'a> {
    enabled: Vec<Enabled<'a>>,
    sources: &'a Sources,
    options: &'a Options<'a>,
    draws: bool,
}

impl<'a> Judge<'a> {
    /// The rules of a registry as the options want them.
    pub fn new(registry: &'a Registry, sources: &'a Sources, options: &'a Options<'a>) -> Self {
        Self { enabled: enabled(registry, options), sources, options, draws: false }
    }

    /// Keeps what a drawing of each deployment needs, when a format draws.
    #[must_use]
    pub fn drawing(self, draws: bool) -> Self {
        Self { draws, ..self }
    }

    /// Judges every deployment of the inputs by every rule. Facts are let go as soon as they are judged.
    pub fn seeds(&self, seeds: Seeds<'_>, evaluators: &Evaluators<'_>) -> (Report, Vec<Deployment>) {
        let judged = seeds.each(|built| evaluators.with(|evaluator| self.deployment(&built, evaluator)));
        let deployments = judged.iter().map(|(deployment, _)| deployment.clone()).collect();
        (self.report(judged), deployments)
    }

    /// Likewise on this thread, with an evaluator that is kept for the next time.
    pub fn seeds_here(&self, seeds: Seeds<'_>, evaluator: &mut Evaluator<'_>) -> Report {
        self.report(seeds.each_here(|built| self.deployment(&built, evaluator)))
    }

    /// Judges deployments whose facts are at hand.
    pub fn built(&self, built: &[Built], evaluators: &Evaluators<'_>) -> Report {
        let judged = built.par_iter().map(|built| {
            let judged = evaluators.with(|evaluator| self.deployment(built, evaluator));
            (built.deployment.clone(), judged)
        });
        self.report(judged.collect())
    }

    fn report(&self, judged: Vec<(Deployment, Judged)>) -> Report {
        let mut report = Report { profile: self.options.profile, ..Report::default() };
        for (deployment, mut judged) in judged {
            let id = Shared::from(deployment.id.as_str());
            for finding in &mut judged.findings {
                finding.fingerprint = fingerprint(&id, &finding.fingerprint).into();
                finding.deployment.clone_from(&id);
            }
            for verdict in &mut judged.verdicts {
                verdict.deployment.clone_from(&id);
            }
            report
                .deployments
                .push(DeploymentSummary { topology: judged.topology, ..summary(&deployment, self.sources) });
            report.add(judged.findings, judged.verdicts);
            report.secrets.append(&mut judged.secrets);
        }
        sort(&mut report.findings);
        report
    }

    fn deployment(&self, built: &Built, evaluator: &mut Evaluator<'_>) -> Judged {
        let Self { enabled, sources, options, .. } = self;
        evaluator.set_facts(&built.facts);
        let resolver = Resolver {
            sources,
            facts: &built.facts,
            provenance: &built.provenance,
            values: built.values.as_ref(),
            profile: options.profile,
            document_at: options.document_at,
        };
        let mut findings = Vec::new();
        let mut verdicts = Vec::with_capacity(enabled.len());
        for Enabled { rule, severity, forced } in enabled {
            let verdict = |verdict: VerdictKind, reason: Option<String>| RuleVerdict {
                rule: rule.id.as_str().into(),
                deployment: Shared::default(),
                verdict,
                reason: reason.map(Shared::from),
                attested: None,
            };
            let Some(severity) = severity else {
                let reason = format!("off in profile {}", options.profile);
                verdicts.push(verdict(VerdictKind::Skipped(SkipKind::Profile), Some(reason)));
                continue;
            };
            verdicts.push(match eval::judge(evaluator, rule, &built.facts) {
                Verdict::Pass => verdict(VerdictKind::Pass, None),
                Verdict::Skipped(kind, reason) => verdict(VerdictKind::Skipped(kind), Some(reason)),
                Verdict::Errored(error) => verdict(VerdictKind::Errored, Some(error.to_string())),
                Verdict::Fail(raw) => match certain(built, raw) {
                    Err(hidden) => {
                        let reason = format!("{hidden}; it may set what this rests on");
                        verdict(VerdictKind::Skipped(SkipKind::Unknown), Some(reason))
                    }
                    Ok(raw) => {
                        let found = raw.iter().map(|raw| resolver.finding(rule, raw, *severity, *forced));
                        findings.extend(distinct(found));
                        verdict(VerdictKind::Fail, None)
                    }
                },
            });
        }
        self.attest(built, evaluator, &mut verdicts);
        (options.progress)();
        let topology = if self.draws { topology::collect(Reading::bare(&built.facts)) } else { None };
        Judged { findings, verdicts, secrets: secrets(built), topology: topology.map(Box::new) }
    }
}

impl Judge<'_> {
    /// Tells what passes only because a person vouches: a rule that needs evidence under one of its keys, or one that judges
    /// otherwise without the attestations.
    fn attest(&self, built: &Built, evaluator: &mut Evaluator<'_>, verdicts: &mut [RuleVerdict]) {
        let Some(evidence) = built.facts["evidence"].as_object().filter(|evidence| !evidence.is_empty()) else {
            return;
        };
        let mut without = None;
        for (verdict, Enabled { rule, .. }) in verdicts.iter_mut().zip(&self.enabled) {
            let Some(key) = rule.evidence.iter().find(|key| evidence.contains_key(*key)) else { continue };
            match verdict.verdict {
                VerdictKind::Skipped(SkipKind::NeedsEvidence) => {
                    verdict.verdict = VerdictKind::Pass;
                    verdict.reason = None;
                    verdict.attested = Some(key.as_str().into());
                }
                VerdictKind::Pass => {
                    let facts = without.get_or_insert_with(|| {
                        let mut facts = built.facts.clone();
                        facts["evidence"] = serde_json::json!({});
                        evaluator.set_facts(&facts);
                        facts
                    });
                    if !matches!(eval::judge(evaluator, rule, facts), Verdict::Pass) {
                        verdict.attested = Some(key.as_str().into());
                    }
                }
                VerdictKind::Fail | VerdictKind::Skipped(_) | VerdictKind::Errored => {}
            }
        }
    }
}

/// Judges deployments whose facts are at hand.
pub fn judge(
    built: &[Built],
    registry: &Registry,
    engine: &Engine,
    sources: &Sources,
    options: &Options<'_>,
) -> Report {
    let memo = memo(registry, built.len());
    Judge::new(registry, sources, options).built(built, &Evaluators::new(engine, memo))
}

/// Where the deployment's keys stand in plain text.
fn secrets(built: &Built) -> Vec<Span> {
    let keys = built.facts.pointer("/qdrant/plain_text_keys").and_then(serde_json::Value::as_array);
    (0..keys.map_or(0, Vec::len))
        .filter_map(|index| {
            let path = Path::keys(["qdrant", "plain_text_keys"]).index(index);
            Some(built.provenance.find(&path)?.0.place()?.value_span())
        })
        .collect()
}

/// What is written about findings.
pub struct Governance<'a> {
    /// Comments, annotations, waivers.
    pub exemptions: &'a [Exemption],
    /// Attestations.
    pub evidence: &'a [Evidence],
    /// Objects of the inputs, with their files.
    pub objects: &'a [(ObjectRef, String)],
    /// The day to judge by.
    pub now: jiff::civil::Date,
}

/// Marks the findings that are accepted, and judges the exemptions and attestations themselves. Returns the document that
/// the rules about them saw.
pub fn govern(
    report: &mut Report,
    governance: &Governance<'_>,
    registry: &Registry,
    engine: &Engine,
    sources: &Sources,
    options: &Options<'_>,
) -> Option<serde_json::Value> {
    let ran: Vec<Ran<'_>> = report.verdicts.iter().map(ran).collect();
    let deployed = |one: &DeploymentSummary| Deployed { id: one.id.clone(), files: one.files.clone() };
    let deployments: Vec<Deployed> = report.deployments.iter().map(deployed).collect();
    let judging = Judging {
        exemptions: governance.exemptions,
        evidence: governance.evidence,
        findings: &report.findings,
        ran: &ran,
        deployments: &deployments,
        objects: governance.objects,
        complete: report.errors.is_empty(),
        now: governance.now,
        profile: options.profile,
        params: registry.params(&options.config.params()),
        registry,
        engine,
        sources,
        document_at: options.document_at,
    };
    let judged = suppress::judge(&judging, &|rule| {
        let wanted = options.only.is_empty() || options.only.is_match(&rule.id);
        let setting = options.config.setting(&rule.id).and_then(super::config::RuleSetting::severity);
        let level = setting.unwrap_or_else(|| rule.severity_in(options.profile));
        level.filter(|_| wanted && !options.skip.is_match(&rule.id)).map(|level| (level, setting.is_some()))
    });
    suppress::mark(&mut report.findings, judged.accepted);
    report.findings.extend(judged.findings);
    report.verdicts.extend(judged.verdicts.into_iter().map(|(rule, outcome)| {
        let (verdict, reason) = match outcome {
            Outcome::Pass => (VerdictKind::Pass, None),
            Outcome::Fail => (VerdictKind::Fail, None),
            Outcome::Errored(error) => (VerdictKind::Errored, Some(error.to_string())),
        };
        let reason = reason.map(Shared::from);
        RuleVerdict { rule: rule.into(), deployment: Shared::default(), verdict, reason, attested: None }
    }));
    sort(&mut report.findings);
    judged.document
}

fn ran(verdict: &RuleVerdict) -> Ran<'_> {
    let skipped = if let VerdictKind::Skipped(kind) = verdict.verdict { Some(kind) } else { None };
    let errored = verdict.verdict == VerdictKind::Errored;
    Ran { rule: &verdict.rule, deployment: &verdict.deployment, skipped, errored }
}

fn enabled<'a>(registry: &'a Registry, options: &Options<'_>) -> Vec<Enabled<'a>> {
    registry
        .rules()
        .filter(|rule| !rule.is_about_the_run())
        .filter(|rule| options.only.is_empty() || options.only.is_match(&rule.id))
        .filter(|rule| !options.skip.is_match(&rule.id))
        .map(|rule| {
            let configured = options.config.setting(&rule.id).and_then(super::config::RuleSetting::severity);
            match configured {
                Some(severity) => Enabled { rule, severity, forced: severity },
                None => Enabled { rule, severity: rule.severity_in(options.profile), forced: None },
            }
        })
        .collect()
}

/// The findings that hold whatever the values say that could not be read; else what hides them, in words.
fn certain(built: &Built, raw: Vec<RawFinding>) -> Result<Vec<RawFinding>, String> {
    let mut hidden = None;
    let mut kept = Vec::new();
    for finding in raw {
        let origin = built.provenance.find(&finding.at).map(|(origin, _)| origin);
        match origin.and_then(|origin| built.hidden_values.may_decide(&finding.at, origin)) {
            Some(what) => hidden = hidden.or(Some(what)),
            None => kept.push(finding),
        }
    }
    match hidden {
        Some(what) if kept.is_empty() => Err(what.to_owned()),
        _ => Ok(kept),
    }
}

/// Two facts may stand at one place; one finding a rule, place and message is enough. Facts that share a key are numbered.
fn distinct(findings: impl Iterator<Item = Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    let mut occurrences: BTreeMap<Shared, usize> = BTreeMap::new();
    for mut finding in findings {
        if kept.iter().any(|other| other.location == finding.location && other.message == finding.message) {
            continue;
        }
        let count = occurrences.entry(finding.fingerprint.clone()).or_default();
        if *count > 0 {
            finding.fingerprint = format!("{}\n{count}", finding.fingerprint).into();
        }
        *count += 1;
        kept.push(finding);
    }
    kept
}

fn summary(deployment: &Deployment, sources: &Sources) -> DeploymentSummary {
    let of_files = deployment.files.iter().map(|id| sources.get(*id)).filter(|source| source.live.is_none());
    let mut files: Vec<String> = of_files.map(|source| source.name.clone()).collect();
    files.sort_unstable();
    DeploymentSummary {
        id: deployment.id.clone(),
        name: deployment.name.clone(),
        namespace: deployment.namespace.clone(),
        source: deployment.source.clone(),
        files,
        chart: deployment.chart.clone(),
        qdrant: deployment.qdrant_version.clone(),
        topology: None,
    }
}
