//! Declared collections.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::{Tracked, Tree};

/// A collection body.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Collection {
    /// Name; absent when the body stands alone.
    pub name: Option<String>,
    /// `create` or `update`.
    pub operation: String,
    /// In words: `file`, `ConfigMap/x key y`, `curl in Job/z`, `QdrantCollection/x`.
    pub carrier: String,
    /// The whole body as written.
    pub body: Option<Tree>,
    /// `shard_number`, as written.
    pub shard_number: Option<Tracked<u64>>,
    /// `auto` or `custom`.
    pub sharding_method: Option<Tracked<String>>,
    /// As written, else the joined server's default, else Qdrant's 1.
    pub replication_factor: Option<Tracked<u64>>,
    /// Where `replication_factor` comes from: `body`, `server-default` (joined), `assumed`.
    pub replication_factor_from: String,
    /// As written, else default 1.
    pub write_consistency_factor: Option<Tracked<u64>>,
    /// Vectors by name; the single unnamed one is `""`.
    pub vectors: Vec<Tracked<Vector>>,
    /// Points the configuration or metadata declares; absent = not declared.
    pub declared_points: Option<u64>,
    /// `hnsw_config` in effect for the whole collection.
    pub hnsw: Option<Tree>,
    /// `optimizers_config` as written.
    pub optimizers: Option<Tree>,
    /// `strict_mode_config.enabled` in effect (body, else server default).
    pub strict_mode: Option<Tracked<bool>>,
    /// `metadata` as written.
    pub metadata: Option<Tree>,
    /// The metadata or name marks it cold.
    pub cold: bool,
    /// Fields that the server does not read, or that have the wrong form.
    pub ignored_fields: Vec<Tracked<IgnoredField>>,
    /// Estimated bytes of memory per peer (`qdrant.md` §9), when points and dimension are known.
    pub memory: Option<MemoryEstimate>,
    /// Peers of the joined deployment.
    pub peers: Option<u64>,
}

/// One vector of a collection.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Vector {
    /// Name; empty for the single one.
    pub name: String,
    /// Dimension.
    pub size: Option<u64>,
    /// `float32`, `float16`, `uint8`, `turbo4`.
    pub datatype: String,
    /// Originals are on disk (`on_disk: true`, `memory: cold`).
    pub on_disk: Option<Tracked<bool>>,
    /// Multivector.
    pub multivector: bool,
    /// `scalar`, `product`, `binary`, `turbo`; absent = none (also no collection-wide or server-wide one).
    pub quantization: Option<Tracked<Quantization>>,
}

/// Quantization of a vector.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Quantization {
    /// `scalar`, `product`, `binary`, `turbo`.
    pub kind: String,
    /// Bytes per dimension of the quantized vectors.
    pub bytes_per_dimension: f64,
    /// Kept in RAM (`always_ram: true` or `memory: pinned`).
    pub in_ram: bool,
    /// `quantile`.
    pub quantile: Option<f64>,
    /// `x16`, `two_bits`, …
    pub compression: Option<String>,
}

/// A body field without effect.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct IgnoredField {
    /// Dotted path.
    pub field: String,
    /// `unknown`, `deprecated`, `removed`, `newer`, `enum`, `type`.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// What was probably meant.
    pub instead: Option<String>,
}

/// Memory of one collection on one peer.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct MemoryEstimate {
    /// Points.
    pub points: u64,
    /// Copies of each point that one peer holds on average: replication factor / peers.
    pub share: f64,
    /// Bytes per point that must stay in RAM: quantized vectors and graph (and originals when not evictable).
    pub bytes_per_point: f64,
    /// Bytes per point with originals in page cache.
    pub bytes_per_point_cached: f64,
    /// Bytes on one peer that must stay.
    pub required_bytes: u64,
    /// The official rule of thumb: ×1.5 with originals.
    pub comfortable_bytes: u64,
    /// The arithmetic, in words.
    pub arithmetic: String,
}
