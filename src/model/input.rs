//! What `load` hands to the model: recognised documents, unwrapped from their carriers.

use std::sync::Arc;

use super::platform::Words;
use super::recorded::Live;
use crate::source::{Node, Origin, Path, SourceId, Span, is_filled_in_later};

/// Everything that was recognised in one run.
#[derive(Debug, Default)]
pub struct Inputs {
    /// Releases of the official chart.
    pub releases: Vec<Release>,
    /// Kubernetes objects (lists unwrapped, test hooks left out).
    pub objects: Vec<Object>,
    /// Collection and recover bodies that stand in files of their own.
    pub bodies: Vec<Body>,
    /// Server configuration files that stand alone.
    pub server_configs: Vec<ServerConfigFile>,
    /// Keys that stand twice, by file.
    pub duplicates: Vec<DuplicateKey>,
    /// What the configuration calls this deployment; it is the id then.
    pub called: Option<String>,
    /// `-n`: where objects that name no namespace go, as with kubectl.
    pub namespace: Option<String>,
    /// The cluster that the objects were read from; none for files.
    pub live: Option<Arc<Live>>,
    /// Bodies of what the Qdrant API answered, where they can be pointed into.
    pub answers: Vec<AnswerBody>,
    /// Positions in [`Live::qdrant`] of the ways to the peers of this namespace.
    pub endpoints: Vec<usize>,
    /// Workloads of the cluster that are judged, as `namespace/Kind/name`; empty = every one that runs Qdrant.
    pub only: Vec<String>,
}

/// The body of one answer of the Qdrant API.
#[derive(Debug, Clone)]
pub struct AnswerBody {
    /// Position of the endpoint in [`Live::qdrant`].
    pub endpoint: usize,
    /// Position of the answer in it.
    pub answer: usize,
    /// The body; of metrics the samples without labels.
    pub node: Node,
}

/// A release of the official chart: layers of values and who asks for it.
#[derive(Debug, Clone)]
pub struct Release {
    /// Release name: the carrier's, `--release`, else `qdrant`.
    pub name: String,
    /// Namespace: `-n`, the carrier's; absent = unset.
    pub namespace: Option<String>,
    /// Chart name in the templates: `qdrant`, or the alias of an umbrella's dependency.
    pub chart_name: String,
    /// Chart version as asked for (exact or a range), and where it is written.
    pub chart_version: Option<(String, Origin)>,
    /// `--chart-version` was given: it has the last word.
    pub chart_version_forced: bool,
    /// Values, lowest first (the chart's own defaults are added by the model).
    pub layers: Vec<Layer>,
    /// What carries the values.
    pub carrier: Carrier,
    /// Where a default would be set when nothing of it is written: the values' root, the umbrella's key.
    pub anchor: Origin,
    /// Why this was recognised, in words: `key snapshotPersistence`.
    pub reason: String,
    /// Folder of the carrier, `/`-separated, relative; for joins.
    pub folder: String,
    /// Every file that contributes.
    pub files: Vec<SourceId>,
    /// Rendered without a cluster (Argo CD): `lookup` finds nothing.
    pub rendered_offline: bool,
    /// Value sources that could not be read.
    pub unseen: Vec<Unseen>,
    /// `${VAR}` is replaced after loading (Flux): such strings are unknown.
    pub substitutes: bool,
}

/// A source of values that could not be read.
#[derive(Debug, Clone)]
pub struct Unseen {
    /// In words: `Secret keys cannot be seen`.
    pub what: String,
    /// It sets nothing but this, from the root of the values; none = it may set anything.
    pub only: Option<Path>,
    /// The values that lie below it and that it may replace.
    pub over: Vec<Span>,
}

/// One layer of values.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The chart's values (already below the umbrella's key).
    pub values: Node,
    /// Inside an umbrella's own values.yaml a null deletes no default of the subchart.
    pub null_keeps_default: bool,
    /// In words: `values.prod.yaml`, `--set`, `valuesObject`.
    pub name: String,
}

/// What carries a release's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carrier {
    /// A values file by itself.
    Values,
    /// A chart with a dependency.
    Umbrella,
    /// Argo CD Application or ApplicationSet.
    Argo,
    /// Flux HelmRelease.
    Flux,
    /// Anything later: named in the reason.
    Other,
}

/// A Kubernetes object.
#[derive(Debug, Clone)]
pub struct Object {
    /// The object.
    pub node: Node,
    /// The file.
    pub source: SourceId,
    /// Folder, `/`-separated, relative; for joins.
    pub folder: String,
    /// It carries the labels of `helm template` output (managed-by Helm, helm.sh/chart).
    pub rendered_by_helm: bool,
    /// A live object or a recording.
    pub live: bool,
    /// What its words say of clouds; empty until somebody asks.
    pub words: Words,
}

impl Object {
    /// An object that stands in no file.
    pub fn derived(json: &serde_json::Value) -> Self {
        let node = Node::from_json(json, &Origin::Derived);
        Self {
            node,
            source: SourceId(0),
            folder: String::new(),
            rendered_by_helm: false,
            live: false,
            words: Words::default(),
        }
    }

    /// `kind`, or the empty string.
    pub fn kind(&self) -> &str {
        self.node.text(&["kind"]).unwrap_or_default()
    }

    /// `apiVersion`, or the empty string.
    pub fn api_version(&self) -> &str {
        self.node.text(&["apiVersion"]).unwrap_or_default()
    }

    /// API group: `apps` of `apps/v1`, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version().rsplit_once('/').map_or("", |(group, _)| group)
    }

    /// `metadata.name`, or the empty string.
    pub fn name(&self) -> &str {
        self.node.text(&["metadata", "name"]).unwrap_or_default()
    }

    /// `namespace/Kind/name`
    pub fn id(&self) -> String {
        format!("{}/{}/{}", self.namespace().unwrap_or_default(), self.kind(), self.name())
    }

    /// `metadata.namespace`, when set and no placeholder.
    pub fn namespace(&self) -> Option<&str> {
        self.node.text(&["metadata", "namespace"]).filter(|namespace| !is_filled_in_later(namespace))
    }
}

/// A collection or recover body in a file of its own.
#[derive(Debug, Clone)]
pub struct Body {
    /// The body.
    pub node: Node,
    /// `collection` or `recover`.
    pub kind: BodyKind,
    /// Name of the collection, when the wrapper or the file name shows one.
    pub name: Option<String>,
    /// The file.
    pub source: SourceId,
    /// Folder, for joins.
    pub folder: String,
}

/// What a body asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// `PUT /collections/{name}` (or PATCH).
    Collection,
    /// `PUT /collections/{name}/snapshots/recover`.
    Recover,
}

/// A Qdrant configuration file by itself (`production.yaml`).
#[derive(Debug, Clone)]
pub struct ServerConfigFile {
    /// The configuration, read by YAML 1.2 rules.
    pub node: Node,
    /// The file.
    pub source: SourceId,
    /// Folder, for joins.
    pub folder: String,
}

/// A key that stands twice in one mapping.
#[derive(Debug, Clone)]
pub struct DuplicateKey {
    /// Dotted path.
    pub path: Path,
    /// The first, which is lost.
    pub first: Span,
    /// The last, which wins.
    pub last: Span,
}
