//! A recording: what an audit saw, so that an auditor or a bug report needs no cluster. `check FILE` judges it offline.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::model::recorded::{Answer, Endpoint, List, ListStatus, Probe, StartLog, Via};

/// Version of the format.
pub const SCHEMA: &str = "qdrant-lint/recording/v1";

/// Everything that one run of `audit` saw. It holds no keys: they are replaced before anything is judged or written.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "qdrant-lint recording")]
pub struct Recording {
    /// Always `qdrant-lint/recording/v1`.
    pub schema: String,
    /// Version of the tool that recorded.
    pub tool: String,
    /// When, RFC 3339.
    pub recorded_at: String,
    /// Clusters in the order of the contexts.
    pub clusters: Vec<Cluster>,
}

/// What was seen of one cluster.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// Name of the context, or `in-cluster`; empty where no cluster was read.
    pub context: String,
    /// Version of the API server, `v1.34.4`.
    #[serde(default)]
    pub kubernetes: Option<String>,
    /// Workloads that were asked for, as `namespace/Kind/name`; empty = every Qdrant among the objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// What was asked for, and with what success.
    #[serde(default)]
    pub lists: Vec<List>,
    /// Kubernetes objects without managed fields, without what was last applied, and never with data of Secrets.
    #[serde(default)]
    pub objects: Vec<Value>,
    /// What the Qdrant API answered.
    #[serde(default)]
    pub qdrant: Vec<Endpoint>,
    /// What the pods of Qdrant said when they started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<StartLog>,
}

impl Recording {
    /// An empty recording of this version of the tool.
    pub fn new(recorded_at: impl Into<String>) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool: env!("CARGO_PKG_VERSION").to_owned(),
            recorded_at: recorded_at.into(),
            clusters: Vec::new(),
        }
    }
}

/// JSON Schema of recordings, published as `docs/recording.schema.json`.
pub fn schema() -> Value {
    schemars::schema_for!(Recording).to_value()
}
