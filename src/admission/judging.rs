//! Objects in memory → findings, by the same engine as everywhere.

use std::sync::Arc;

use globset::GlobSet;
use serde_json::Value;

use crate::config::Config;
use crate::finding::Finding;
use crate::lint::{Judge, Options};
use crate::load::sniff::kubernetes;
use crate::model::build::{Pods, Seeds, Settings};
use crate::model::input::{Inputs, Object};
use crate::model::recorded::{List, Live};
use crate::policy::engine::Engine;
use crate::policy::{Profile, Registry};
use crate::report::Report;
use crate::source::{Document, Limits, LiveObject, Node, Origin, Path, Source, Sources, Span, parse_json};

/// The rules and what the configuration makes of them; the same for the whole life of a webhook.
pub struct Rules {
    /// All rules.
    pub registry: &'static Registry,
    /// The rules, compiled.
    pub engine: &'static Engine,
    /// The configuration, the same file as in CI.
    pub config: Config,
    /// What it says of deployments.
    pub settings: Settings,
    /// Profile.
    pub profile: Profile,
    /// `--rule`
    pub only: GlobSet,
    /// `--skip`
    pub skip: GlobSet,
    /// Severity from which a finding denies; none = never.
    pub threshold: Option<crate::policy::Severity>,
}

/// Which object is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// `StatefulSet`
    pub kind: String,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl Named {
    /// The one that an object is.
    pub fn of(object: &Value) -> Self {
        let part = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { kind: part("/kind"), namespace: part("/metadata/namespace"), name: part("/metadata/name") }
    }

    /// Whether a finding lies in it.
    pub fn holds(&self, finding: &Finding) -> bool {
        finding.object.as_ref().is_some_and(|object| {
            object.kind == self.kind
                && object.name == self.name
                && object.namespace.as_deref().is_none_or(|namespace| namespace == self.namespace)
        })
    }
}

impl std::fmt::Display for Named {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}/{}", self.kind, self.namespace, self.name)
    }
}

/// Judges the objects of one namespace. `lists` says whose absence is a fact.
pub fn judge(rules: &Rules, objects: &[&Value], lists: Vec<List>, namespace: &str) -> Report {
    let mut sources = Sources::default();
    let mut documents: Vec<Option<Arc<Document>>> = Vec::new();
    let limits = Limits::default();
    let mut inputs = Inputs {
        namespace: Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty()),
        // an object without peers beside it is judged for what it alone proves, like a lone manifest
        live: objects
            .iter()
            .any(|object| runs_qdrant(object))
            .then(|| Arc::new(Live { context: "in-cluster".to_owned(), lists, ..Live::default() })),
        ..Inputs::default()
    };
    for value in objects {
        let Some((object, document)) = read(value, &limits, &mut sources) else { continue };
        documents.resize(document.source.0 as usize + 1, None);
        documents[object.source.0 as usize] = Some(document);
        inputs.objects.push(object);
    }
    let settings = Settings { now: today(), ..rules.settings.clone() };
    let path_at = |span: Span| {
        let document = documents.get(span.source.0 as usize).and_then(Option::as_ref);
        document.map_or_else(Path::new, |document| document.path_at(span.start))
    };
    let options = Options {
        profile: rules.profile,
        config: &rules.config,
        only: rules.only.clone(),
        skip: rules.skip.clone(),
        path_at: &path_at,
        progress: &|| {},
    };
    let judge = Judge::new(rules.registry, rules.engine, &sources, &options);
    judge.seeds(Seeds::of(&inputs, &sources, &settings)).0
}

/// The date to judge by: waivers and advisories change while the webhook runs.
fn today() -> String {
    jiff::Zoned::now().date().to_string()
}

fn read(value: &Value, limits: &Limits, sources: &mut Sources) -> Option<(Object, Arc<Document>)> {
    let part = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let about = LiveObject {
        api_version: part("/apiVersion").unwrap_or_default(),
        kind: part("/kind").unwrap_or_default(),
        namespace: part("/metadata/namespace"),
        name: part("/metadata/name").unwrap_or_default(),
    };
    let shown = about.to_string();
    let source = sources.add(Source::live(about, shown, value.to_string()));
    let document = parse_json(sources, source, limits).documents.into_iter().next()?;
    let node = document.root.clone();
    if kubernetes::is_test_hook(&node) {
        return None;
    }
    let rendered_by_helm = kubernetes::is_rendered_by_helm(&node);
    let object = Object { node, source, folder: String::new(), rendered_by_helm, live: true };
    Some((object, Arc::new(document)))
}

/// Whether an object's pods run Qdrant.
pub fn runs_qdrant(value: &Value) -> bool {
    const KINDS: [&str; 5] = ["StatefulSet", "Deployment", "DaemonSet", "Pod", "Rollout"];
    if !value["kind"].as_str().is_some_and(|kind| KINDS.contains(&kind)) {
        return false;
    }
    let node = Node::from_json(value, &Origin::Derived);
    let source = crate::source::SourceId(0);
    Pods::of(&Object { node, source, folder: String::new(), rendered_by_helm: false, live: true }).is_some()
}
