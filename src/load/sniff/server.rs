//! Server configuration in a file of its own: `production.yaml`, `local.yaml`.

use crate::source::Node;

/// Top-level keys of the server's settings.
const TOP_LEVEL: [&str; 12] = [
    "audit",
    "cluster",
    "debugger",
    "feature_flags",
    "gpu",
    "inference",
    "log_level",
    "logger",
    "service",
    "storage",
    "telemetry_disabled",
    "tls",
];

/// Settings below them that hardly anything else has.
const TELLING: [&[&str]; 21] = [
    &["telemetry_disabled"],
    &["cluster", "p2p"],
    &["cluster", "consensus"],
    &["service", "api_key"],
    &["service", "enable_cors"],
    &["service", "enable_tls"],
    &["service", "grpc_port"],
    &["service", "http_port"],
    &["service", "jwt_rbac"],
    &["service", "max_request_size_mb"],
    &["service", "read_only_api_key"],
    &["storage", "hnsw_index"],
    &["storage", "on_disk_payload"],
    &["storage", "optimizers"],
    &["storage", "performance"],
    &["storage", "quantization"],
    &["storage", "snapshots_config"],
    &["storage", "snapshots_path"],
    &["storage", "storage_path"],
    &["storage", "wal"],
    &["tls", "cert_ttl"],
];

/// The settings that tell, when there are enough and nothing foreign outweighs them.
pub(crate) fn evidence(root: &Node) -> Option<String> {
    let fields = root.as_mapping()?;
    let known = fields.keys().filter(|key| TOP_LEVEL.contains(&&***key)).count();
    let telling: Vec<String> =
        TELLING.iter().filter(|path| root.at(path).is_some()).map(|path| path.join(".")).collect();
    // a misspelt section must not hide the file, so one foreign key for every two known ones is forgiven
    let is_ours = (fields.len() - known) * 2 <= known;
    let telling_enough = telling.len() >= 2 || telling.iter().any(|setting| setting == "telemetry_disabled");
    let reason = || telling.iter().take(3).map(|key| format!("key {key}")).collect::<Vec<_>>().join(", ");
    (is_ours && telling_enough).then(reason)
}
