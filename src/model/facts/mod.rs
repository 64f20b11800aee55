//! The facts document: what rules see. One per deployment. An absent fact has no key; what could not be observed is
//! not in `observed`; what is hidden (template, Secret, placeholder) is listed in `unknown`.

pub mod backup;
pub mod cluster;
pub mod collections;
pub mod governance;
pub mod live;
pub mod monitoring;
pub mod network;
pub mod server;
pub mod storage;
pub mod workload;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::tracked::{Tracked, Tree};
use crate::source::Path;

/// Version of the facts document; rules may rely on it.
pub const SCHEMA: &str = "qdrant-lint/facts/v1";

/// JSON Schema of the facts document: what rules may read. Published as `policies/facts.schema.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Facts).to_value()
}

/// Everything the rules see of one deployment.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Facts {
    /// Always `qdrant-lint/facts/v1`.
    pub schema: &'static str,
    /// `production`, `gcc-sovereign` or `development`.
    pub profile: String,
    /// The date rules judge by, `YYYY-MM-DD` (today, or `--effective-date`).
    pub now: String,
    /// Parameters by rule id: defaults of the rule's METADATA under the configuration's.
    pub params: BTreeMap<String, serde_json::Value>,
    /// Where data may live, as configured.
    pub residency: Residency,
    /// Image registries the configuration allows; absent = any.
    pub registries: Option<Vec<String>>,
    /// What the configuration says the collections will hold: `vectors`, `dimension`, …
    pub expected: BTreeMap<String, serde_json::Value>,
    /// Attestations by checklist key (not expired).
    pub evidence: BTreeMap<String, serde_json::Value>,
    /// Which deployment this is.
    pub deployment: Deployment,
    /// Aspects that this input could show, present or absent.
    pub observed: BTreeSet<Aspect>,
    /// Why an aspect is not in `observed`, and what to give.
    pub unobserved: BTreeMap<Aspect, String>,
    /// Aspects of which only a part was seen, and why: findings stand, a pass does not.
    pub partly: BTreeMap<Aspect, String>,
    /// Facts whose value is hidden, with the reason.
    pub unknown: Vec<Unknown>,
    /// The Helm chart; only for Helm values.
    pub chart: Option<Chart>,
    /// The server: version, effective configuration, keys.
    pub qdrant: Option<server::Server>,
    /// Known vulnerabilities of the version that runs, by id.
    pub advisories: BTreeMap<String, Tracked<Advisory>>,
    /// The peers' workload.
    pub workload: Option<Tracked<workload::Workload>>,
    /// Volumes.
    pub storage: Option<storage::Storage>,
    /// Services that concern the peers.
    pub services: Option<Tracked<Vec<Tracked<network::Service>>>>,
    /// Ingresses and Gateway routes that lead to the peers.
    pub routes: Option<Tracked<Vec<Tracked<network::Route>>>>,
    /// Ways from outside the cluster to a port of the peers.
    pub exposure: Option<Vec<Tracked<network::Exposure>>>,
    /// Pod disruption budgets that select peers or are about Qdrant.
    pub budgets: Option<Tracked<Vec<Tracked<cluster::Budget>>>>,
    /// Autoscalers that target the peers.
    pub autoscalers: Option<Vec<Tracked<cluster::Autoscaler>>>,
    /// How peers spread over hosts and zones.
    pub spread: Option<cluster::Spread>,
    /// Where each peer runs; only a cluster shows it.
    pub placement: Option<Vec<Tracked<cluster::Placed>>>,
    /// Network policies and what they add up to.
    pub network: Option<network::Network>,
    /// Pod Security Standards.
    pub pod_security: Option<cluster::PodSecurity>,
    /// Arguments of the Qdrant container that never reach Qdrant.
    pub dropped_args: Vec<Tracked<DroppedArgument>>,
    /// Objects the API server would refuse.
    pub rejections: Vec<Tracked<cluster::Rejection>>,
    /// The namespace object.
    pub namespace: Option<Tracked<cluster::Namespace>>,
    /// Who may do what through the API server.
    pub access: Option<cluster::Access>,
    /// Collections that are declared.
    pub collections: Option<Vec<Tracked<collections::Collection>>>,
    /// Memory on one peer for what the configuration expects, where no collection is declared.
    pub expected_memory: Option<collections::MemoryEstimate>,
    /// What runs: the peers as they answer.
    pub live: Option<live::Live>,
    /// Backups, restores and buckets.
    pub backup: Option<backup::Backup>,
    /// Monitors, alerts, dashboards.
    pub monitoring: Option<monitoring::Monitoring>,
    /// Cloud, regions, registries, endpoints.
    pub platform: Option<cluster::Platform>,
    /// Mesh and certificates.
    pub mesh: Option<cluster::Mesh>,
    /// Keys that stand twice in one mapping.
    pub duplicate_keys: Vec<Tracked<DuplicateKey>>,
    /// Exemptions and attestations; only in the document of their own that the rules about them judge.
    pub governance: Option<governance::Governance>,
    /// The same deployment as files declare it, when both were given: a document like this one.
    pub declared: Option<Tree>,
    /// What differs between the two.
    pub drift: Vec<Difference>,
    /// The raw objects (only when a rule of `--policy` may want them, and in `qdrant-lint facts`).
    pub objects: Option<Vec<Tree>>,
}

/// Where data may live.
#[derive(Debug, Default, Clone, Serialize, JsonSchema)]
pub struct Residency {
    /// ISO 3166 codes, e.g. `AE`; absent = not declared.
    pub countries: Option<Vec<String>>,
    /// Regions keyed by cloud, e.g. `aws:me-central-1`; absent = not declared.
    pub regions: Option<Vec<String>>,
}

/// A known vulnerability of the version that runs.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Advisory {
    /// First version without it.
    pub fixed: String,
    /// First version without any of those that are known of this one.
    pub fixes_all: String,
    /// `critical` or `high`, by the advisory.
    pub severity: String,
    /// What an attacker gains, in words.
    pub effect: String,
    /// Whether what it needs besides the version holds here: `yes`, `no`, `unknown`.
    pub applies: String,
    /// What it needs is a setting that few deployments have.
    pub needs_rare_setting: bool,
    /// It needs a caller who may read, and nobody needs a key here.
    pub without_key: bool,
    /// Address of the advisory.
    pub source: String,
}

/// What one input can speak about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Helm values and chart.
    Chart,
    /// StatefulSet, Deployment, … of the peers.
    Workload,
    /// The server's configuration (a ConfigMap or values show it; unseen files hide it).
    Config,
    /// Volumes and claims.
    Storage,
    /// Services.
    Services,
    /// Ingresses and Gateway routes.
    Routes,
    /// Disruption budgets.
    Budgets,
    /// Autoscalers.
    Autoscalers,
    /// Network policies.
    NetworkPolicies,
    /// The namespace object.
    Namespace,
    /// Storage classes.
    StorageClasses,
    /// Roles and bindings.
    Access,
    /// Service accounts.
    ServiceAccounts,
    /// Collection bodies.
    Collections,
    /// Backup jobs.
    Backup,
    /// Monitors and scrape configuration.
    Monitoring,
    /// Prometheus rules.
    Alerts,
    /// Secrets' delivery: ExternalSecret, SecretProviderClass.
    SecretDelivery,
    /// Ingress controller configuration, log shipping.
    IngressController,
    /// Certificates.
    Certificates,
    /// Nodes (live).
    Nodes,
    /// The Qdrant API (live).
    QdrantApi,
    /// The cluster's API (live).
    Cluster,
}

/// Identity of the deployment.
#[derive(Debug, Default, Clone, Serialize, JsonSchema)]
pub struct Deployment {
    /// Release or workload name.
    pub name: String,
    /// Namespace; absent = unset (matches any).
    pub namespace: Option<String>,
    /// `helm-values`, `manifests`, `collections`, `backup`, `live`.
    pub source: String,
    /// Why this was taken for Qdrant.
    pub discovered_by: Vec<String>,
    /// How many peers there are by declaration (replicas, or the minimum of an autoscaler); where only the Qdrant API was
    /// asked, as many as the cluster counts.
    pub peers: Option<u64>,
}

/// A hidden fact.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Unknown {
    /// Path in this document.
    pub path: Path,
    /// What hides it: `template`, `secret`, `placeholder`, `operator`, …, in words.
    pub reason: String,
}

/// The Helm chart.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Chart {
    /// Version judged with.
    pub version: Tracked0<String>,
    /// What the input asked for (may be a range); absent when nothing names a version.
    pub requested: Option<Tracked<String>>,
    /// Nothing named a version: the newest modelled (or the one of the image tag) was assumed.
    pub assumed: bool,
    /// The requested version was once released.
    pub exists: bool,
    /// The requested version is newer than any modelled one.
    pub newer_than_modelled: bool,
    /// One exact version is named (no range, no star).
    pub pinned: bool,
    /// Only tables of keys and defaults are known of this version (before 1.12.4).
    pub approximate: bool,
    /// Version of Qdrant the chart ships, e.g. `1.12.4`.
    pub app_version: String,
    /// Values keys this chart version does not read.
    pub ignored_values: Vec<Tracked<IgnoredValue>>,
    /// Why the chart does not render.
    pub render_errors: Vec<Tracked<RenderError>>,
    /// Form of `apiKey`: `none`, `text`, `generated`, `value-from`, `lost` (something the chart makes no key of).
    pub api_key_form: Tracked0<String>,
    /// Likewise for the read-only key.
    pub read_only_api_key_form: Tracked0<String>,
    /// Rendered offline (Argo CD, Flux renders online): `lookup` finds nothing.
    pub rendered_offline: bool,
    /// Sources of values that could not be read, in words: what they hold lies over the values that were.
    pub unseen_values: Vec<String>,
    /// `config.cluster.p2p.enable_tls` as the chart's templates see it.
    pub p2p_tls: Option<Tracked<serde_json::Value>>,
    /// `config.service.enable_tls` as the chart's templates see it.
    pub service_tls: Option<Tracked<serde_json::Value>>,
}

/// A tracked value or nothing yet; [`Default`] for structs that are filled step by step.
pub type Tracked0<T> = Option<Tracked<T>>;

/// A values key that nothing reads.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct IgnoredValue {
    /// Dotted path in the chart's values.
    pub key: String,
    /// The key that was probably meant.
    pub instead: Option<String>,
    /// First chart version that reads the key, or the one in `instead`, when only a later one does.
    pub since: Option<String>,
    /// An earlier chart version read the key.
    pub once: bool,
    /// What the deployment gets instead, in words.
    pub effect: String,
    /// Storage, security or availability silently falls back.
    pub severe: bool,
    /// The value asks for what happens anyway.
    pub harmless: bool,
    /// Renaming the last part of the key to this mends it.
    pub rename: Option<String>,
}

/// A reason why Helm refuses to render the chart.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct RenderError {
    /// Dotted path of the value at fault.
    pub key: String,
    /// In words, lower case.
    pub message: String,
}

/// An argument that never reaches Qdrant.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DroppedArgument {
    /// The argument.
    pub argument: String,
    /// `ignored` (the start script passes nothing on), `taken-by-shell` (the shell takes it for an option and exits).
    pub how: String,
}

/// A fact that is declared otherwise than it runs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// Dotted.
    pub fact: String,
    /// Path in this document.
    pub at: Path,
    /// Path below `declared`: items of lists may stand in another order there.
    pub declared_at: Path,
    /// As it is declared, in words.
    pub declared: String,
    /// As it runs, in words.
    pub running: String,
}

/// A key that stands twice in one mapping.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DuplicateKey {
    /// Dotted path in the document.
    pub key: String,
    /// Line of the first one, which is lost.
    pub first_line: usize,
    /// Line of the last one, which wins.
    pub last_line: usize,
    /// File.
    pub file: String,
}
