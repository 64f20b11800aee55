//! Whether a mapping holds values of the official chart: evidence for and against, in points.

use crate::source::Node;

/// Points from which a mapping counts as values of the official chart.
pub(crate) const ENOUGH: i32 = 5;

/// Keys that only the official chart has.
const ONLY_THERE: [&[&str]; 9] = [
    &["snapshotPersistence"],
    &["snapshotRestoration"],
    &["updateVolumeFsOwnership"],
    &["updateConfigurationOnChange"],
    &["readOnlyApiKey"],
    &["image", "useUnprivilegedImage"],
    &["chartTests", "dbInteraction"],
    &["persistence", "storageVolumeName"],
    &["persistence", "storageSubPath"],
];

/// Top-level keys that some version of the chart knows.
const KNOWN: [&str; 44] = [
    "additionalAnnotations",
    "additionalLabels",
    "additionalVolumeMounts",
    "additionalVolumes",
    "affinity",
    "apiKey",
    "args",
    "chartTests",
    "config",
    "containerSecurityContext",
    "env",
    "fullnameOverride",
    "image",
    "imagePullSecrets",
    "ingress",
    "lifecycle",
    "livenessProbe",
    "metrics",
    "minReadySeconds",
    "nameOverride",
    "nodeSelector",
    "persistence",
    "podAnnotations",
    "podDisruptionBudget",
    "podLabels",
    "podManagementPolicy",
    "podSecurityContext",
    "priorityClassName",
    "readOnlyApiKey",
    "readinessProbe",
    "replicaCount",
    "resources",
    "service",
    "serviceAccount",
    "shareProcessNamespace",
    "sidecarContainers",
    "snapshotPersistence",
    "snapshotRestoration",
    "startupProbe",
    "terminationGracePeriodSeconds",
    "tolerations",
    "topologySpreadConstraints",
    "updateConfigurationOnChange",
    "updateVolumeFsOwnership",
];

/// Keys that Helm or people add to any chart's values.
const NEUTRAL: [&str; 4] = ["global", "enabled", "tags", "commonLabels"];

/// Keys that users of the official chart write by habit from other charts; it ignores them.
const MISTAKEN: [&str; 8] = [
    "extraEnv",
    "extraVolumeMounts",
    "extraVolumes",
    "initContainers",
    "requests",
    "securityContext",
    "serviceMonitor",
    "tag",
];

/// Settings that only Qdrant's configuration has, below `config`.
const SERVER: [(&str, &[&str]); 4] = [
    ("cluster", &["p2p", "consensus"]),
    (
        "storage",
        &[
            "hnsw_index",
            "on_disk_payload",
            "optimizers",
            "performance",
            "quantization",
            "shard_transfer_method",
            "snapshots_config",
            "snapshots_path",
            "storage_path",
            "update_concurrency",
            "wal",
        ],
    ),
    (
        "service",
        &[
            "alt_api_key",
            "api_key",
            "enable_static_content",
            "enable_tls",
            "grpc_port",
            "hardware_reporting",
            "http_port",
            "jwt_rbac",
            "max_request_size_mb",
            "read_only_api_key",
            "verify_https_client_certificate",
        ],
    ),
    ("tls", &["ca_cert", "cert", "cert_ttl", "key"]),
];

/// Evidence for and against.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Score {
    /// The sum.
    pub points: i32,
    /// What speaks for it, strongest first.
    pub evidence: Vec<String>,
    /// Top-level keys that the chart does not know, and shapes it does not have.
    pub against: Vec<String>,
    /// How many top-level keys it does know.
    pub known: usize,
}

impl Score {
    /// Adds something known from outside the mapping.
    pub(crate) fn add(&mut self, points: i32, why: impl Into<String>) {
        self.points += points;
        self.evidence.push(why.into());
    }

    /// Whether the evidence suffices.
    pub(crate) fn is_enough(&self) -> bool {
        self.points >= ENOUGH
    }

    /// Nothing in it is foreign to the chart and something is of it: enough for a chart that is called `qdrant`.
    pub(crate) fn fits(&self) -> bool {
        self.against.is_empty() && self.known > 0
    }

    /// Why it is taken for values of the chart.
    pub(crate) fn why(&self) -> String {
        self.evidence.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
    }

    /// Why it is not.
    pub(crate) fn why_not(&self) -> String {
        let list = |items: &[String]| items.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
        match (self.evidence.is_empty(), self.against.is_empty()) {
            (true, true) => "no key that only the official chart has".to_owned(),
            (true, false) => format!("the official chart does not know {}", list(&self.against)),
            (false, true) => format!("{} alone is no proof of the official chart", list(&self.evidence)),
            (false, false) => {
                format!("{}, but the official chart does not know {}", list(&self.evidence), list(&self.against))
            }
        }
    }
}

/// Weighs a mapping; what is known of its file is added by the caller.
pub(crate) fn score(values: &Node) -> Score {
    let mut score = Score::default();
    for path in ONLY_THERE {
        if values.get_path(path) {
            score.add(5, format!("key {}", path.join(".")));
        }
    }
    configuration(values, &mut score);
    let variables = values.items(&["env"]).iter().filter_map(|item| item.text(&["name"]));
    if let Some(name) = variables.into_iter().find(|name| name.starts_with("QDRANT__")) {
        score.add(4, format!("variable {name}"));
    }
    if values.items(&["service", "ports"]).iter().any(|port| port.get("checksEnabled").is_some()) {
        score.add(4, "key service.ports[].checksEnabled");
    }
    if values.text(&["image", "repository"]).is_some_and(is_qdrant_image) {
        score.add(2, "image.repository of Qdrant");
    }
    for (path, points) in [(&["apiKey"][..], 1), (&["persistence", "storageClassName"][..], 1)] {
        if values.get_path(path) {
            score.add(points, format!("key {}", path.join(".")));
        }
    }
    for (key, _) in values.as_mapping().into_iter().flatten() {
        if KNOWN.contains(&&**key) {
            score.known += 1;
        } else if !NEUTRAL.contains(&&**key) && !key.starts_with("x-") && !key.starts_with('.') {
            score.points -= if MISTAKEN.contains(&&**key) { 1 } else { 2 };
            score.against.push(key.to_string());
        }
    }
    shapes(values, &mut score);
    score
}

/// Whether the last part of an image's name is `qdrant` or begins with it.
pub(crate) fn is_qdrant_image(repository: &str) -> bool {
    let name = repository.rsplit('/').next().unwrap_or(repository);
    name == "qdrant" || name.starts_with("qdrant:") || name.starts_with("qdrant@")
}

fn configuration(values: &Node, score: &mut Score) {
    for (section, settings) in SERVER {
        let found = settings.iter().find(|setting| values.get_path(&["config", section, setting]));
        if let Some(setting) = found {
            score.add(4, format!("key config.{section}.{setting}"));
        } else if section == "cluster" && values.get_path(&["config", "cluster", "enabled"]) {
            score.add(4, "key config.cluster.enabled");
        }
    }
    if values.get_path(&["config", "telemetry_disabled"]) {
        score.add(4, "key config.telemetry_disabled");
    }
}

/// Shapes with which the official chart cannot be rendered, and one that it ignores.
fn shapes(values: &Node, score: &mut Score) {
    let mut foreign = |holds: bool, points: i32, what: &str| {
        if holds {
            score.points -= points;
            score.against.push(what.to_owned());
        }
    };
    let mapping_at = |path: &[&str]| values.at(path).is_some_and(|node| node.as_mapping().is_some());
    foreign(mapping_at(&["service", "ports"]), 20, "service.ports as a mapping");
    foreign(values.at(&["image"]).is_some_and(|image| image.as_str().is_some()), 20, "image as one string");
    foreign(values.at(&["config"]).is_some_and(|config| config.as_mapping().is_none()), 20, "config as text");
    foreign(values.get_path(&["image", "registry"]), 2, "image.registry");
}

trait GetPath {
    /// Whether the path is written, be it null.
    fn get_path(&self, path: &[&str]) -> bool;
}

impl GetPath for Node {
    fn get_path(&self, path: &[&str]) -> bool {
        path.iter().try_fold(self, |node, key| node.get(key)).is_some()
    }
}
