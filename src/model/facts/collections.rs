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
    /// In words: `Qdrant API`, `file`, `ConfigMap/x key y`, `curl in Job/z`, `QdrantCollection/x`.
    pub carrier: String,
    /// The whole body as written.
    pub body: Option<Tree>,
    /// `shard_number`, as written.
    pub shard_number: Option<Tracked<u64>>,
    /// `auto` or `custom`.
    pub sharding_method: Option<Tracked<String>>,
    /// As written, else the joined server's default, else Qdrant's 1.
    pub replication_factor: Option<Tracked<u64>>,
    /// Where `replication_factor` comes from: `body`, `server-default` (joined), `assumed`, `api` (the collection
    /// exists).
    pub replication_factor_from: String,
    /// Shards that are made when `shard_number` is not written: the joined server's default, else one a peer.
    pub default_shard_number: Option<u64>,
    /// As written, else default 1.
    pub write_consistency_factor: Option<Tracked<u64>>,
    /// Vectors by name; the single unnamed one is `""`.
    pub vectors: Vec<Tracked<Vector>>,
    /// Points the configuration or metadata declares; absent = not declared.
    pub declared_points: Option<u64>,
    /// Who declares them: `configuration`, `metadata`; `api` when so many are there.
    pub declared_by: Option<String>,
    /// `optimizers_config.indexing_threshold` as written, else the joined server's when someone wrote it there; in KB.
    pub indexing_threshold: Option<Tracked<u64>>,
    /// `optimizers_config.max_optimization_threads`, when it is a number.
    pub max_optimization_threads: Option<Tracked<u64>>,
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
    /// Fields whose value is filled in later (`${RF}`, a template); dotted.
    pub hidden_fields: Vec<String>,
    /// Estimated bytes of memory per peer (`qdrant.md` §9), when points and dimension are known.
    pub memory: Option<MemoryEstimate>,
    /// The collection exists: its state. `replication_factor` is only what was asked for then.
    pub running: Option<super::live::Running>,
    /// Peers of the joined deployment.
    pub peers: Option<u64>,
    /// Version of the joined server; absent when it is unknown or only assumed.
    pub server_version: Option<String>,
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
    /// Links of each node in the HNSW graph in effect; 0 = no graph.
    pub hnsw_m: u64,
    /// The graph is left on disk.
    pub hnsw_on_disk: bool,
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
    /// They are loaded into RAM: pinned, or the originals they follow are.
    pub in_ram: bool,
    /// Kept there whatever the originals do: `always_ram: true` or `memory: pinned`.
    pub pinned: bool,
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
    /// Bytes per point that search reads all the time: the quantized vectors, or the originals where nothing is quantized,
    /// and the graph.
    pub bytes_per_point: f64,
    /// Bytes per point of originals that are loaded beside quantized ones: page cache that may be evicted.
    pub bytes_per_point_cached: f64,
    /// `bytes_per_point` of all points on one peer.
    pub required_bytes: u64,
    /// The rule of thumb of Qdrant's documentation: 1.5 × the vectors that are searched; never less than required.
    pub comfortable_bytes: u64,
    /// The arithmetic, in words.
    pub arithmetic: String,
}
