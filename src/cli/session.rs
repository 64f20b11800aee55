//! What `check` and `facts` share: read the inputs, then judge or show the deployments they make.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::args::{AsKind, Input};
use super::govern::Governed;
use super::matrix;
use super::output::Failure;
use super::plan::Plan;
use crate::load::{self, LoadOptions, Loaded};
use crate::model::build::{self, Built, Deployment, Seeds, Settings};
use crate::model::chart::set::{self, SetArgument, SetKind, SetOrigin};
use crate::model::facts::Residency;
use crate::model::input::Inputs;
use crate::report::{ErrorLine, InputLine};
use crate::source::{Document, Mapping, Node, Origin, Source, SourceId, Sources, Span};
use crate::suppress;

/// Inputs that were read, and the deployments they make.
pub(super) struct Session {
    /// Texts.
    pub(super) sources: Sources,
    /// Documents and errors.
    pub(super) loaded: Loaded,
    /// The working folder.
    pub(super) cwd: PathBuf,
    /// What the configuration says of findings, where it is written.
    pub(super) governing: Governed,
    settings: Settings,
    documents: BTreeMap<SourceId, Vec<Arc<Document>>>,
}

impl Session {
    /// Reads what the arguments name. `with_objects` keeps the raw objects in the facts.
    pub(super) fn new(input: &Input, plan: &Plan, with_objects: bool) -> Result<Self, Failure> {
        Self::with_edits(input, plan, with_objects, BTreeMap::new())
    }

    /// Likewise, with texts in place of files, by absolute path.
    pub(super) fn with_edits(
        input: &Input,
        plan: &Plan,
        with_objects: bool,
        edited: BTreeMap<PathBuf, String>,
    ) -> Result<Self, Failure> {
        let cwd = std::env::current_dir()
            .map_err(|error| Failure::new(format!("the working folder cannot be read: {error}")))?;
        let mut sources = Sources::default();
        let set = set_arguments(input, &mut sources)?;
        let options = LoadOptions {
            paths: input.paths.clone(),
            values_files: input.values.clone(),
            set,
            chart_version: input.chart_version.clone(),
            release: input.release.clone(),
            namespace: input.namespace.clone(),
            as_kind: input.as_kind.map(as_kind),
            ignore_paths: plan.ignore_paths.clone(),
            limits: plan.limits,
            edited,
            ..LoadOptions::new(cwd.clone())
        };
        let by_name = input.paths.is_empty() && input.values.is_empty() && !plan.config.deployments.is_empty();
        let loaded =
            if by_name { matrix::load(&options, plan, &mut sources) } else { load::load(&options, &mut sources) };
        let mut settings = settings(plan, with_objects)?;
        let mut documents: BTreeMap<SourceId, Vec<Arc<Document>>> = BTreeMap::new();
        for document in &loaded.documents {
            documents.entry(document.source).or_default().push(Arc::clone(document));
        }
        let governing = Governed::read(plan, &mut sources);
        let evidence = governing.attestations(plan, &cwd);
        settings.evidence = suppress::evidence::facts(&evidence, plan.now);
        for document in governing.documents() {
            documents.entry(document.source).or_default().push(Arc::clone(document));
        }
        Ok(Self { sources, loaded, cwd, governing, settings, documents })
    }

    /// What files declare of what a recording shows; empty where there is no recording.
    pub(super) fn declared(&self) -> Vec<Built> {
        let is_live = self.loaded.live.iter().any(|inputs| inputs.live.is_some());
        if is_live { build::build(&self.loaded.inputs, &self.sources, &self.settings) } else { Vec::new() }
    }

    /// The deployments, before their facts are made: those of the files, and those of each recording beside what is
    /// declared.
    pub(super) fn seeds<'a>(&'a self, declared: &'a [Built]) -> Vec<Seeds<'a>> {
        let seeds = |inputs: &'a Inputs| Seeds::of(inputs, &self.sources, &self.settings);
        let of_files = std::iter::once(seeds(&self.loaded.inputs));
        let others = self.loaded.live.iter().map(|inputs| match &inputs.live {
            Some(_) => seeds(inputs).beside(declared),
            None => seeds(inputs),
        });
        of_files.chain(others).collect()
    }

    /// The deployments with their facts.
    pub(super) fn built(&self) -> Vec<Built> {
        let declared = self.declared();
        self.seeds(&declared).into_iter().flat_map(Seeds::built).collect()
    }

    /// The document that holds a place.
    pub(super) fn document_at(&self, span: Span) -> Option<Arc<Document>> {
        let documents = self.documents.get(&span.source)?;
        let after = documents.partition_point(|document| document.span.start <= span.start);
        documents[..after].last().cloned()
    }

    /// What each document was taken for.
    pub(super) fn inputs(&self, deployments: &[Deployment]) -> Vec<InputLine> {
        let mut of_file: BTreeMap<&str, &str> = BTreeMap::new();
        for deployment in deployments {
            for file in &deployment.files {
                of_file.entry(self.sources.get(*file).name.as_str()).or_insert(&deployment.id);
            }
        }
        self.loaded
            .listing
            .iter()
            .map(|entry| InputLine {
                file: entry.file.clone(),
                line: entry.line,
                kind: entry.kind.name().to_owned(),
                reason: entry.reason.clone(),
                judged: entry.judged,
                deployment: of_file.get(entry.file.as_str()).map(|id| (*id).to_owned()),
            })
            .collect()
    }

    /// What could not be judged.
    pub(super) fn errors(&self) -> Vec<ErrorLine> {
        self.loaded
            .errors
            .iter()
            .map(|error| ErrorLine {
                file: error.file.clone(),
                line: error.line.unwrap_or(0),
                column: error.column.unwrap_or(0),
                message: error.message.clone(),
                help: error.help.clone(),
            })
            .collect()
    }
}

/// What the configuration says of deployments.
pub(super) fn settings(plan: &Plan, with_objects: bool) -> Result<Settings, Failure> {
    let config = &plan.config;
    let advisories = config.advisories.iter().map(|own| {
        let entry = serde_json::to_value(own).and_then(serde_json::from_value);
        entry.map_err(|error| {
            Failure::new(format!("`advisories`: {} cannot be used: {error}", own.id))
                .help("write `affected` as \">=1.9.3, <1.16.0\" and `fixed` as 1.16.0")
        })
    });
    let advisories = advisories.collect::<Result<Vec<_>, _>>()?;
    Ok(Settings {
        advisories,
        profile: plan.profile.to_string(),
        now: plan.now.to_string(),
        params: plan.registry().params(&config.params()),
        residency: Residency {
            countries: config.residency.countries.clone(),
            regions: config.residency.regions.clone(),
        },
        registries: config.registries.allowed.clone(),
        expected: config.expected.clone(),
        storage_classes: config.storage_classes.clone(),
        with_objects: with_objects || plan.registry().rules().any(|rule| !rule.built_in),
        ..Settings::default()
    })
}

fn as_kind(kind: AsKind) -> load::AsKind {
    match kind {
        AsKind::Values => load::AsKind::Values,
        AsKind::Manifest => load::AsKind::Manifest,
        AsKind::Collection => load::AsKind::Collection,
        AsKind::Recover => load::AsKind::Recover,
        AsKind::Config => load::AsKind::Config,
    }
}

/// `--set` and its kin; each argument is a source of its own, so that findings show it.
fn set_arguments(input: &Input, sources: &mut Sources) -> Result<Vec<SetArgument>, Failure> {
    let kinds = [
        (SetKind::Json, "--set-json", &input.set_json),
        (SetKind::Typed, "--set", &input.set),
        (SetKind::String, "--set-string", &input.set_string),
        (SetKind::File, "--set-file", &input.set_file),
        (SetKind::Literal, "--set-literal", &input.set_literal),
    ];
    let mut arguments = Vec::new();
    for (kind, flag, texts) in kinds {
        for text in texts {
            let id = sources.add(Source::new(flag, text.as_str()));
            arguments.push(SetArgument { kind, text: text.as_str().into(), origin: SetOrigin::Text(id, 0) });
        }
    }
    // what is wrong with an argument by itself is wrong before any file is read
    let read = |path: &str| std::fs::read_to_string(path).map_err(|error| error.to_string());
    let nothing = Node::mapping(Mapping::new(), Origin::Derived);
    set::apply(nothing, &arguments, &read).map_err(|error| Failure::new(error.to_string()))?;
    Ok(arguments)
}
