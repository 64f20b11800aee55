//! Where data may live, which registries are allowed, what the collections will hold, own vulnerabilities.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where data may live.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResidencySetting {
    /// ISO 3166 codes: `[AE]`.
    #[schemars(inner(regex(pattern = "^[A-Z]{2}$")))]
    pub countries: Option<Vec<String>>,
    /// Regions keyed by cloud: `["aws:me-central-1"]`.
    #[schemars(inner(regex(pattern = "^[a-z0-9-]+:[A-Za-z0-9._-]+$")))]
    pub regions: Option<Vec<String>>,
}

/// Image registries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegistriesSetting {
    /// Host names, optionally with a path.
    pub allowed: Option<Vec<String>>,
}

/// What the only collection will hold, and several by name. Read by the rules on sizes as it stands.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used: the values go to the rules as they are written")]
pub(super) struct ExpectedSetting {
    /// Vectors of the only collection.
    #[schemars(range(min = 1))]
    vectors: Option<u64>,
    /// Likewise, by Qdrant's word.
    #[schemars(range(min = 1))]
    points: Option<u64>,
    /// Length of a vector, where no collection body is given.
    #[schemars(range(min = 1))]
    dimension: Option<u64>,
    /// Copies of each shard, likewise; else the server's default.
    #[schemars(range(min = 1))]
    replication_factor: Option<u64>,
    /// How vectors are quantized, likewise.
    quantization: Option<Quantization>,
    /// Several collections, by name.
    collections: Option<BTreeMap<String, ExpectedCollection>>,
}

/// What one collection will hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "as above")]
pub(super) enum ExpectedCollection {
    /// Vectors.
    Vectors(#[schemars(range(min = 1))] u64),
    /// Vectors, by name.
    Named(ExpectedVectors),
}

/// How many vectors a collection will hold.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "as above")]
pub(super) struct ExpectedVectors {
    /// Vectors.
    #[schemars(range(min = 1))]
    vectors: Option<u64>,
    /// Likewise, by Qdrant's word.
    #[schemars(range(min = 1))]
    points: Option<u64>,
}

/// How vectors are quantized.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Quantization {
    /// One byte a dimension.
    Scalar,
    /// Codes of segments.
    Product,
    /// One or two bits a dimension.
    Binary,
    /// Rotated, some bits a dimension.
    Turbo,
}

/// A vulnerability that the built-in table does not know, or knows otherwise.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvisorySetting {
    /// `CVE-…`, `GHSA-…`, or a name of your own.
    pub id: String,
    /// Versions that have it: `">=1.9.3, <1.16.0"`.
    pub affected: String,
    /// First version without it.
    pub fixed: String,
    /// How bad it is.
    pub severity: AdvisorySeverity,
    /// What must hold besides the version; always when absent.
    pub condition: Option<AdvisoryCondition>,
    /// What an attacker gains, in words.
    pub effect: String,
    /// Address of the advisory.
    pub source: String,
}

/// Severity of an advisory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdvisorySeverity {
    /// Anyone who reaches the server, or code execution.
    Critical,
    /// Everything else.
    High,
}

/// What an advisory needs besides the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdvisoryCondition {
    /// Someone calls with a read-only key, a token, or no key where none is needed.
    ReadOnlyCaller,
    /// `storage.snapshots_config.snapshots_storage: s3`.
    #[serde(rename = "snapshots-in-s3")]
    SnapshotsInS3,
    /// `service.enforce_internal_auth: true`.
    InternalAuth,
    /// A key that is empty.
    EmptyKey,
}
