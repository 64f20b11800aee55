//! The Qdrant server: version and effective configuration.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::{Tracked, Tree};

/// The server as it will start.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Server {
    /// `major.minor.patch`; absent when the image tag hides it.
    pub version: Option<Tracked<String>>,
    /// The version is not written anywhere: it is that of an assumed chart.
    pub version_assumed: bool,
    /// Effective configuration, all layers merged and values converted: `service.enable_tls`, `cluster.p2p.enable_tls`,
    /// `telemetry_disabled`, `storage.…`. Keys of other versions and unknown keys are left out. Key texts are redacted.
    pub config: Option<Tree>,
    /// Layer that won, by dotted key: `default`, `production.yaml`, `local.yaml`, `environment`, `arguments`, …
    pub layers: std::collections::BTreeMap<String, String>,
    /// Layers that exist but cannot be seen (a Secret, a ConfigMap that was not given).
    pub unseen_layers: Vec<String>,
    /// Keys that the server does not read.
    pub ignored_config: Vec<Tracked<IgnoredConfig>>,
    /// Files in the folder of the configuration that have no name under which Qdrant would read them.
    pub unread_files: Vec<Tracked<UnreadFile>>,
    /// Environment variables meant for Qdrant that it does not read.
    pub ignored_env: Vec<Tracked<IgnoredEnv>>,
    /// Environment variables that override a differing file value.
    pub overridden: Vec<Tracked<Overridden>>,
    /// Why the server will not start.
    pub startup_errors: Vec<Tracked<StartupError>>,
    /// `service.api_key`.
    pub api_key: Option<Tracked<ApiKey>>,
    /// `service.read_only_api_key`.
    pub read_only_api_key: Option<Tracked<ApiKey>>,
    /// `service.alt_api_key`.
    pub alt_api_key: Option<Tracked<ApiKey>>,
    /// Key literals anywhere (values, ConfigMap, env `value`, Secret manifest): each place.
    pub plain_text_keys: Vec<Tracked<PlainTextKey>>,
    /// How the Secret with the API key gets into the cluster; absent when the key is in no Secret.
    pub key_delivery: Option<Tracked<KeyDelivery>>,
    /// How peers find each other.
    pub bootstrap: Option<Tracked<Bootstrap>>,
    /// `--disable-telemetry` reaches the binary.
    pub telemetry_disabled_by_argument: bool,
    /// `RUN_MODE`, when set.
    pub run_mode: Option<Tracked<String>>,
    /// Certificate files of `tls.{cert,key,ca_cert}` and whether a volume is mounted there.
    pub tls_files: Vec<Tracked<TlsFile>>,
    /// TLS settings that were written where the server does not read them, or while nothing enables TLS.
    pub misplaced_tls: Vec<Tracked<MisplacedTls>>,
}

/// Where a key comes from.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ApiKey {
    /// `none`, `empty`, `secret`, `generated` (by the chart), `looked-up` (by the chart while it renders in a cluster),
    /// `lost` (likewise, but rendered without a cluster), `plain-text`, `unknown`.
    pub from: String,
    /// `secret/key` for references.
    pub reference: Option<String>,
    /// `secretKeyRef.optional`.
    pub optional: bool,
    /// Bytes of a literal; the literal itself is never kept.
    pub length: Option<usize>,
    /// The literal is a placeholder such as `CHANGEME`.
    pub placeholder: bool,
    /// The literal would be changed by YAML or number coercion, or carries a trailing newline; in words.
    pub mangled: Option<String>,
    /// A lower layer that holds a key which this (empty) one hides.
    pub hides: Option<String>,
}

/// How the Secret with a key gets into the cluster.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct KeyDelivery {
    /// Name of the Secret.
    pub secret: String,
    /// `external-secret`, `secret-provider-class`, `sealed-secret`, `manifest`, `unseen`.
    pub by: String,
    /// It is read again from its store from time to time.
    pub refreshes: bool,
    /// `refreshInterval`, as written.
    pub interval: Option<String>,
    /// A generator makes a new key each time.
    pub generates: bool,
    /// A controller restarts the pods when the Secret changes.
    pub restarts: bool,
}

/// A literal key.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PlainTextKey {
    /// `api_key`, `read_only_api_key`, `alt_api_key`.
    pub which: String,
    /// `values`, `config-map`, `env`, `secret-manifest`.
    pub place: String,
    /// Bytes.
    pub length: usize,
    /// Placeholder such as `CHANGEME`: a note, not a secret.
    pub placeholder: bool,
    /// A placeholder that works as a key if nobody replaces it (`changeme`).
    pub guessable: bool,
    /// In words: `rendered into a ConfigMap`.
    pub effect: String,
}

/// A configuration key that the server does not read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct IgnoredConfig {
    /// Dotted key as written.
    pub key: String,
    /// `unknown`, `misplaced`, `removed`, `newer`, `case`.
    pub reason: String,
    /// `read since 1.15.0`, `removed in 1.16.0`, …; in words.
    pub detail: String,
    /// The key that was probably meant.
    pub instead: Option<String>,
    /// `production.yaml`, `local.yaml`, …
    pub layer: String,
    /// Security or cluster key.
    pub severe: bool,
    /// A more specific rule speaks of it: `security/tls-misplaced`.
    pub covered_by: Option<String>,
}

/// A configuration file that the server does not read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct UnreadFile {
    /// Path in the container.
    pub path: String,
    /// What holds it: `the values`, `ConfigMap qdrant`.
    pub held_by: String,
    /// It sets an API key, which is lost with it.
    pub holds_key: bool,
}

/// An environment variable that the server does not read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct IgnoredEnv {
    /// Name as written.
    pub name: String,
    /// `prefix` (single underscores), `unknown`, `misplaced`, `newer`, `removed`.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// The right name.
    pub instead: Option<String>,
}

/// A value of a file that the environment overrides.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Overridden {
    /// Dotted key.
    pub key: String,
    /// Variable.
    pub env: String,
    /// Value of the variable (redacted for keys; absent when from a reference).
    pub env_value: Option<String>,
    /// Value of the file (redacted for keys).
    pub file_value: String,
    /// Layer of the file.
    pub layer: String,
}

/// A reason why the server exits at start.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct StartupError {
    /// Dotted key.
    pub key: String,
    /// `duplicate-field` (alias trap), `type`, `env-conversion`, `yaml`.
    pub kind: String,
    /// In words, as the server would say it.
    pub message: String,
    /// The key or value to write instead.
    pub instead: Option<String>,
}

/// How peers find each other.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Bootstrap {
    /// `chart-script`, `arguments`, `environment`, `none`, `unknown`.
    pub how: String,
    /// The first peer is given a URI.
    pub first_peer_has_uri: Option<bool>,
    /// The other peers are given a peer to bootstrap from.
    pub others_bootstrap: Option<bool>,
    /// Every peer, the first one too, bootstraps from another.
    pub first_peer_bootstraps: bool,
    /// Scheme of the URIs: `http`, `https`.
    pub scheme: Option<String>,
    /// Port of the URIs.
    pub port: Option<u16>,
}

/// A certificate file that the configuration names.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct TlsFile {
    /// `cert`, `key`, `ca_cert`.
    pub which: String,
    /// Path as configured; absent = explicitly null.
    pub path: Option<String>,
    /// A volume is mounted at or above the path.
    pub mounted: bool,
    /// Volume name.
    pub volume: Option<String>,
    /// What the volume has instead of the file, in words; absent when it has the file or its content is not known.
    pub missing_in_volume: Option<String>,
    /// The path is the server's default, not written.
    pub default: bool,
}

/// A TLS setting without effect.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MisplacedTls {
    /// Dotted key as written.
    pub key: String,
    /// `under-service`, `elsewhere`, `not-enabled` (files are named, nothing turns TLS on), `switch` (a switch that the server
    /// does not know).
    pub reason: String,
    /// What to write.
    pub instead: String,
}
