//! What runs: the peers as the Qdrant API shows them, and the state of the collections.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// The running deployment; only in an audit and in its recording.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Live {
    /// When it was read, RFC 3339.
    pub read_at: String,
    /// Version of the API server, `v1.34.4`; absent when no cluster was read.
    pub kubernetes: Option<String>,
    /// The workload is being rolled out: some of its pods are of the revision before.
    pub rolling: Option<bool>,
    /// Each peer that was asked, in the order it was asked.
    pub peers: Vec<Tracked<Peer>>,
    /// What was asked of the Qdrant API and not answered.
    pub unanswered: Vec<Unanswered>,
    /// Pods of the workload, by name.
    pub pods: Vec<Tracked<Pod>>,
    /// Nodes of the cluster.
    pub nodes: Vec<Tracked<Node>>,
    /// What makes pods talk to each other; absent when it was not read.
    pub network_plugin: Option<NetworkPlugin>,
}

/// A pod of the peers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Pod {
    /// Name.
    pub name: String,
    /// Its number in the StatefulSet.
    pub ordinal: Option<u64>,
    /// Node that it runs on.
    pub node: Option<String>,
    /// Zone of the node.
    pub zone: Option<String>,
    /// `Running`, `Pending`, …
    pub phase: String,
    /// Its Ready condition.
    pub ready: Option<bool>,
    /// The most restarts of a container.
    pub restarts: Option<u64>,
    /// Image of the Qdrant container.
    pub image: Option<Tracked<String>>,
    /// Why its log does not tell how it started; absent when it does.
    pub unread_log: Option<String>,
    /// What Qdrant's own check of the file system found wrong, in its words.
    pub filesystem_fault: Option<String>,
}

/// A node.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Node {
    /// Name.
    pub name: String,
    /// Zone.
    pub zone: Option<String>,
    /// The scheduler may put a peer there: labels, affinity, taints and cordons let it.
    pub eligible: bool,
    /// Bytes of memory that pods may ask for.
    pub memory_bytes: Option<u64>,
    /// Thousandths of cores that pods may ask for.
    pub cpu_millis: Option<u64>,
}

/// Network plugins, by the DaemonSets that run them.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct NetworkPlugin {
    /// In words, sorted.
    pub names: Vec<String>,
    /// Whether one of them carries network policies out; absent when it cannot be told.
    pub enforces: Option<bool>,
}

/// One peer, as it answers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Peer {
    /// The pod, else the address.
    pub name: String,
    /// Address, without credentials.
    pub url: String,
    /// `port-forward`, `service`, `url`, `dns`.
    pub via: String,
    /// It answered at least one question.
    pub reached: bool,
    /// Why nothing, or nothing more, could be asked.
    pub failure: Option<String>,
    /// `major.minor.patch`.
    pub version: Option<Tracked<String>>,
    /// Id in the cluster; a text, because it may exceed what numbers of JSON hold.
    pub id: Option<String>,
    /// It spoke TLS.
    pub tls: bool,
    /// Whether the list of collections is shown to callers without a key.
    pub open: Option<Tracked<bool>>,
    /// Whether the metrics are shown to callers without a key.
    pub metrics_open: Option<Tracked<bool>>,
    /// Whether the REST port answers without TLS.
    pub plain_text: Option<Tracked<bool>>,
    /// What it knows of its cluster.
    pub cluster: Option<Tracked<Consensus>>,
    /// Bytes of memory that are resident for the process itself, without files that are mapped.
    pub resident_bytes: Option<Tracked<u64>>,
    /// Files that the process may open.
    pub max_open_files: Option<Tracked<u64>>,
    /// Files that it has open.
    pub open_files: Option<Tracked<u64>>,
    /// It runs in recovery mode: collections are not loaded.
    pub recovery_mode: Option<Tracked<bool>>,
}

/// A cluster as one peer sees it.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Consensus {
    /// Cluster mode is on.
    pub enabled: bool,
    /// Peers that it counts as members, by id.
    pub members: Vec<Member>,
    /// Term of Raft.
    pub term: Option<u64>,
    /// Entries that are committed.
    pub commit: Option<u64>,
    /// Entries that were committed at a second look, some seconds later; absent when there was none.
    pub later_commit: Option<u64>,
    /// Operations that wait to be applied.
    pub pending_operations: Option<u64>,
    /// Id of the leader; absent when there is none.
    pub leader: Option<String>,
    /// `Leader`, `Follower`, `Candidate`, `PreCandidate`.
    pub role: Option<String>,
    /// It votes.
    pub voter: Option<bool>,
    /// `working`, `stopped`, `stopped_with_err`.
    pub thread: Option<Tracked<String>>,
    /// Why the thread stopped.
    pub thread_error: Option<String>,
    /// Members that do not hear it.
    pub send_failures: Vec<Tracked<SendFailure>>,
    /// Members that did not hear it at the second look either; absent when there was none.
    pub later_send_failures: Option<Vec<String>>,
}

/// A member of the cluster.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Member {
    /// Id.
    pub id: String,
    /// Address that its peers use.
    pub uri: String,
    /// The address is `https`: peers talk over TLS.
    pub tls: bool,
}

/// Messages that do not arrive.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct SendFailure {
    /// Address of the member.
    pub uri: String,
    /// How many.
    pub count: Option<u64>,
}

/// A question without an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Unanswered {
    /// The peer.
    pub peer: String,
    /// `GET /collections/documents`.
    pub question: String,
    /// In words.
    pub reason: String,
}

/// A collection that exists: what it is besides its configuration.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Running {
    /// `green`, `yellow`, `grey`, `red`.
    pub status: Option<Tracked<String>>,
    /// `ok`, or the error that stopped the optimizers.
    pub optimizer: Option<Tracked<String>>,
    /// Points.
    pub points: Option<Tracked<u64>>,
    /// Vectors that an index covers.
    pub indexed_vectors: Option<Tracked<u64>>,
    /// Shards with their replicas; absent when no peer said.
    pub shards: Option<Vec<Tracked<Shard>>>,
    /// The fewest replicas that a shard has, whatever their state.
    pub least_copies: Option<u64>,
    /// The fewest replicas that a shard is served by.
    pub least_active: Option<u64>,
    /// Snapshots, by the peer that holds them.
    pub snapshots: Vec<Tracked<Snapshots>>,
}

/// A shard.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Shard {
    /// Number.
    pub id: u64,
    /// Key, with custom sharding.
    pub key: Option<String>,
    /// Its copies.
    pub replicas: Vec<Tracked<Replica>>,
    /// A transfer of it is under way.
    pub transferring: bool,
}

/// One copy of a shard.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Replica {
    /// Id of the peer that holds it.
    pub peer: String,
    /// `Active`, `Dead`, `Partial`, `Initializing`, `Recovery`, …
    pub state: String,
    /// It serves reads.
    pub active: bool,
}

/// Snapshots of one collection on one peer.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Snapshots {
    /// The peer's name.
    pub peer: String,
    /// How many.
    pub count: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// When the newest was made, as Qdrant says it (UTC).
    pub newest: Option<String>,
    /// Its age in hours when it was read.
    pub age_hours: Option<u64>,
    /// The peer holds shards of the collection.
    pub holds_shards: Option<bool>,
}
