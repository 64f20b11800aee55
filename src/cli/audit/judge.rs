//! Judging what comes, one namespace at a time; of each only the findings stay, and the texts that they are drawn from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::write::Workloads;
use crate::cli::args::Acceptance;
use crate::cli::govern::{self, Governed};
use crate::cli::output::Failure;
use crate::cli::plan::Plan;
use crate::cli::session::Session;
use crate::lint::{self, Judge};
use crate::load::LoadError;
use crate::load::live::gather::Scope;
use crate::load::live::{Cluster, Common, Taken, views};
use crate::model::build::{Built, Seeds, Settings};
use crate::policy::Evaluators;
use crate::report::{ErrorLine, Report, sort_in_place};
use crate::source::{Document, SourceId, Sources, Span};
use crate::suppress::scope::Base;
use crate::suppress::{self, Baseline, Exemption, annotations, waivers};

/// Bytes of objects that are kept to be drawn beside their findings.
const DRAWN: usize = 8 << 20;

/// One look at the clusters.
pub(super) struct Run {
    pub(super) report: Report,
    pub(super) sources: Sources,
    declared: Option<Session>,
    declared_built: Vec<Built>,
    waivers: Vec<Exemption>,
    /// Waivers and annotations count.
    ignores: bool,
    common: BTreeMap<usize, Common>,
    settings: Settings,
    recorded_at: String,
    among_others: bool,
    draws: bool,
    drawn: usize,
    /// Only where reports are written to them.
    pub(super) workloads: Option<Workloads>,
}

impl Run {
    pub(super) fn new(declared: Option<Session>, settings: Settings, recorded_at: String, among_others: bool) -> Self {
        let sources = declared.as_ref().map(|session| session.sources.clone()).unwrap_or_default();
        let declared_built = declared.as_ref().map(Session::built).unwrap_or_default();
        let mut report = Report::default();
        if let Some(session) = &declared {
            report.errors = session.errors();
            report.inputs = session.inputs(&[]);
        }
        Self {
            report,
            sources,
            declared,
            declared_built,
            waivers: Vec::new(),
            ignores: true,
            common: BTreeMap::new(),
            settings,
            recorded_at,
            among_others,
            draws: false,
            drawn: 0,
            workloads: None,
        }
    }

    /// What the configuration accepts or attests counts of what runs, too.
    pub(super) fn govern(&mut self, plan: &Plan, acceptance: &Acceptance) {
        let cwd = std::env::current_dir().unwrap_or_default();
        let evidence = Governed::read(plan, &mut Sources::default()).attestations(plan, &cwd);
        self.settings.evidence = suppress::evidence::facts(&evidence, plan.now);
        self.report.attestations = govern::counting(&evidence, plan.now);
        self.report.strict_evidence = acceptance.strict_evidence;
        self.ignores = !acceptance.no_ignores;
        if self.ignores {
            let base = Base { cwd, folder: plan.governing.folder.clone() };
            self.waivers = waivers::read(&plan.waivers, None, &base);
        }
    }

    /// Marks what the baseline holds, and writes a new one where that is asked for.
    pub(super) fn compare(&mut self, baseline: Option<&Baseline>, acceptance: &Acceptance) -> Result<(), Failure> {
        let told = govern::compare(&mut self.report, baseline, acceptance)?;
        self.report.hints.extend(told);
        Ok(())
    }

    /// Keeps what a drawing of each deployment needs.
    pub(super) fn draw(&mut self, draws: bool) {
        self.draws = draws;
    }

    /// Remembers the workloads, to write reports to.
    pub(super) fn remember_workloads(&mut self) {
        self.workloads = Some(Workloads::default());
    }

    pub(super) fn error(&mut self, error: ErrorLine) {
        self.report.errors.push(error);
    }

    pub(super) fn hint(&mut self, hint: String) {
        if !self.report.hints.contains(&hint) {
            self.report.hints.push(hint);
        }
    }

    /// Keeps what all namespaces of the cluster at a position share.
    pub(super) fn share(&mut self, position: usize, cluster: &Cluster, plan: &Plan) {
        let taken = Taken { recorded_at: &self.recorded_at, among_others: self.among_others, limits: &plan.limits };
        let common = Common::of(cluster, taken, &mut self.sources);
        self.report.errors.extend(common.errors.iter().map(line));
        self.common.insert(position, common);
    }

    /// Judges one namespace of the cluster at a position.
    pub(super) fn judge(&mut self, position: usize, cluster: &Cluster, plan: &Plan, evaluators: &Evaluators<'_>) {
        self.report.profile = plan.profile;
        let mut sources = self.sources.clone();
        let first = sources.len();
        let taken = Taken { recorded_at: &self.recorded_at, among_others: self.among_others, limits: &plan.limits };
        let none = Common::default();
        let common = self.common.get(&position).unwrap_or(&none);
        let made = views(cluster, common, taken, &mut sources);
        let documents: BTreeMap<SourceId, Arc<Document>> =
            made.documents.into_iter().map(|document| (document.source, document)).collect();
        let declared = self.declared.as_ref();
        let document = |id: &SourceId| documents.get(id).or_else(|| common.documents.get(id));
        let document_at = |span: Span| match (document(&span.source), declared) {
            (Some(document), _) => Some(Arc::clone(document)),
            (None, Some(session)) => session.document_at(span),
            (None, None) => None,
        };
        let options = lint::Options {
            profile: plan.profile,
            config: &plan.config,
            only: plan.only.clone(),
            skip: plan.skip.clone(),
            document_at: &document_at,
            progress: &|| {},
        };
        let judge = Judge::new(plan.registry(), &sources, &options).drawing(self.draws);
        let mut part = Report { profile: plan.profile, ..Report::default() };
        for view in &made.views {
            let seeds = Seeds::of(&view.inputs, &sources, &self.settings).compared_with(&self.declared_built);
            let (mut judged, _) = judge.seeds(seeds, evaluators);
            let objects = view.inputs.objects.iter().filter(|_| self.ignores);
            let asked: Vec<Exemption> = objects.flat_map(|object| annotations::read(&object.node, &sources)).collect();
            suppress::accept(&mut judged.findings, asked.iter().chain(&self.waivers), plan.now);
            if let Some(workloads) = &mut self.workloads {
                workloads.keep(position, view, &judged.deployments);
            }
            part.absorb(judged);
        }
        part.errors.extend(made.errors.iter().map(line));
        self.keep_drawn(&mut part, &sources, first);
        self.report.absorb(part);
    }

    /// Keeps the texts of findings while there is room; the others name object and path all the same.
    fn keep_drawn(&mut self, part: &mut Report, sources: &Sources, first: usize) {
        let mut kept: BTreeMap<SourceId, Option<SourceId>> = BTreeMap::new();
        let mut keep = |own: &mut Sources, drawn: &mut usize, id: SourceId| -> Option<SourceId> {
            if (id.0 as usize) < first {
                return Some(id);
            }
            *kept.entry(id).or_insert_with(|| {
                let text = sources.shared(id);
                (*drawn + text.text.len() <= DRAWN).then(|| {
                    *drawn += text.text.len();
                    own.share(text)
                })
            })
        };
        let Self { sources: own, drawn, .. } = self;
        let places = part.findings.iter_mut().flat_map(|finding| {
            std::iter::once(&mut finding.location)
                .chain(finding.related.iter_mut().map(|related| &mut related.location))
        });
        for location in places {
            location.span =
                location.span.and_then(|span| Some(Span { source: keep(own, drawn, span.source)?, ..span }));
        }
        part.secrets.retain_mut(|span| match keep(own, drawn, span.source) {
            Some(source) => {
                span.source = source;
                true
            }
            None => false,
        });
    }

    /// Says so when there is nothing that could be judged.
    pub(super) fn nothing(&mut self, contexts: &[String], scope: &Scope) {
        if !self.report.deployments.is_empty() || !self.report.errors.is_empty() {
            return;
        }
        let place = match scope.namespaces.as_slice() {
            [] => format!("the cluster of {}", contexts.join(", ")),
            namespaces => format!("namespace {} of {}", namespaces.join(", "), contexts.join(", ")),
        };
        let selected = scope.selector.as_ref().map_or_else(String::new, |selector| format!(" with labels {selector}"));
        self.error(ErrorLine {
            message: format!(
                "no Qdrant runs in {place}: no workload{selected} has an image, a variable, a mount or ports of Qdrant"
            ),
            help: Some("name the namespace with -n, another cluster with --context".to_owned()),
            ..ErrorLine::default()
        });
    }

    /// The same report whatever came first.
    pub(super) fn finish(&mut self) {
        self.report.settle();
        sort_in_place(&mut self.report.verdicts, |one, other| one.deployment.cmp(&other.deployment));
        self.report.hints.sort_unstable();
    }
}

fn line(error: &LoadError) -> ErrorLine {
    let LoadError { file, message, help, .. } = error.clone();
    ErrorLine { file, message, help, ..ErrorLine::default() }
}
