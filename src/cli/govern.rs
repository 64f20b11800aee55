//! What the run knows of accepted findings: comments, annotations, waivers, evidence, the baseline.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use super::args::Acceptance;
use super::output::Failure;
use super::plan::Plan;
use super::session::Session;
use crate::finding::{ObjectRef, Status};
use crate::lint;
use crate::report::{Attestation, Comparison, Report, count_of};
use crate::source::{Document, Limits, Node, Source, Sources, parse};
use crate::suppress::scope::Base;
use crate::suppress::{self, Baseline, Evidence, Exemption, annotations, evidence, waivers};

/// The configuration as documents of the run, so that findings can point into it.
#[derive(Debug, Default)]
pub(super) struct Governed {
    config: Option<Arc<Document>>,
    waivers: Option<Arc<Document>>,
}

impl Governed {
    /// Reads the texts of the plan into the run.
    pub(super) fn read(plan: &Plan, sources: &mut Sources) -> Self {
        let mut document = |text: &Option<(String, String)>| {
            let (name, text) = text.as_ref()?;
            let id = sources.add(Source::new(name.as_str(), text.as_str()));
            parse(sources, id, &Limits::default()).documents.into_iter().next().map(Arc::new)
        };
        let config = document(&plan.governing.config);
        let waivers = document(&plan.governing.waivers);
        Self { config, waivers }
    }

    /// All of them.
    pub(super) fn documents(&self) -> impl Iterator<Item = &Arc<Document>> {
        self.config.iter().chain(&self.waivers)
    }

    fn waivers(&self) -> Option<&Node> {
        let own = self.waivers.as_ref().map(|document| &document.root);
        own.or_else(|| self.config.as_ref()?.root.get("waivers"))
    }

    /// The attestations of the configuration, their records compared with their digests.
    pub(super) fn attestations(&self, plan: &Plan, cwd: &Path) -> Vec<Evidence> {
        let folder = cwd.join(&plan.governing.folder);
        let list = self.config.as_ref().and_then(|document| document.root.get("evidence"));
        evidence::read(&plan.config.evidence, list, &|link| std::fs::read(folder.join(link)).ok())
    }
}

/// Marks what is accepted and judges the exemptions.
pub(super) fn govern(report: &mut Report, session: &Session, plan: &Plan, no_ignores: bool) {
    let exemptions = if no_ignores { Vec::new() } else { exemptions(report, session, plan) };
    let evidence = session.governing.attestations(plan, &session.cwd);
    report.as_of = Some(plan.now);
    report.attestations = counting(&evidence, plan.now);
    let objects: Vec<_> = std::iter::once(&session.loaded.inputs)
        .chain(&session.loaded.live)
        .flat_map(|inputs| &inputs.objects)
        .filter_map(|object| {
            let file = session.sources.get(object.source).name.clone();
            Some((ObjectRef::of(&object.node)?, file))
        })
        .collect();
    let governance =
        lint::Governance { exemptions: &exemptions, evidence: &evidence, objects: &objects, now: plan.now };
    let options = lint::Options {
        profile: plan.profile,
        config: &plan.config,
        only: plan.only.clone(),
        skip: plan.skip.clone(),
        document_at: &|span| session.document_at(span),
        progress: &|| {},
    };
    lint::govern(report, &governance, plan.registry(), plan.engine(), &session.sources, &options);
}

/// The attestations that count on a day, as reports tell them.
pub(super) fn counting(evidence: &[Evidence], now: jiff::civil::Date) -> Vec<Attestation> {
    let told = |one: &Evidence| Attestation {
        key: one.setting.key.clone(),
        in_words: one.in_words(),
        statement: one.setting.statement.clone(),
        link: one.setting.link.clone(),
        until: one.setting.until.clone(),
    };
    evidence.iter().filter(|one| one.counts(now)).map(told).collect()
}

fn exemptions(report: &Report, session: &Session, plan: &Plan) -> Vec<Exemption> {
    let sources = &session.sources;
    let judged: HashSet<&String> = report.deployments.iter().flat_map(|deployment| &deployment.files).collect();
    let is_judged = |document: &&Arc<Document>| judged.contains(&sources.get(document.source).name);
    let documents = session.loaded.documents.iter().filter(is_judged).map(AsRef::as_ref);
    let mut found = suppress::inline(documents, sources);
    let live = session.loaded.live.iter().flat_map(|inputs| &inputs.objects).filter(|object| object.live);
    found.extend(live.flat_map(|object| annotations::read(&object.node, sources)));
    let base = Base { cwd: session.cwd.clone(), folder: plan.governing.folder.clone() };
    found.extend(waivers::read(&plan.waivers, session.governing.waivers(), &base));
    found
}

/// The baseline that the arguments name.
pub(super) fn baseline(arguments: &Acceptance) -> Result<Option<Baseline>, Failure> {
    let Some(path) = &arguments.baseline else { return Ok(None) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("baseline `{shown}` cannot be read: {error}"))
            .help(format!("`--write-baseline {shown}` makes one of what is found now"))
    })?;
    let baseline = Baseline::parse(&text).map_err(|error| {
        Failure::new(format!("`{shown}` {error}")).help("give a file that `--write-baseline` or `--format json` wrote")
    })?;
    Ok(Some(baseline))
}

/// Marks what the baseline holds, and writes a new one; what to say about it.
pub(super) fn compare(
    report: &mut Report,
    baseline: Option<&Baseline>,
    arguments: &Acceptance,
) -> Result<Vec<String>, Failure> {
    let mut hints = Vec::new();
    report.baseline = baseline.map(|baseline| Comparison { gone: baseline.apply(&mut report.findings) });
    let findings = &mut report.findings;
    let gone = report.baseline.map_or(0, |comparison| comparison.gone);
    if gone > 0 && arguments.write_baseline.is_none() {
        let file = arguments.baseline.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        hints.push(format!(
            "{} of the baseline found no more; `--write-baseline {file}` brings it up to date",
            count_of(gone, "entry").replace("entrys", "entries")
        ));
    }
    if let Some(path) = &arguments.write_baseline {
        let shown = path.display();
        let text = Baseline::write(findings);
        std::fs::write(path, text).map_err(|error| Failure::new(format!("`{shown}` cannot be written: {error}")))?;
        for finding in findings.iter_mut().filter(|finding| finding.status == Status::Open) {
            finding.status = Status::Baseline;
        }
        let known = findings.iter().filter(|finding| finding.status == Status::Baseline).count();
        hints.push(format!("{} written to {shown}; `--baseline {shown}` leaves them out", count_of(known, "finding")));
    }
    Ok(hints)
}
