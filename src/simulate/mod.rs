//! What happens to the collections of one deployment when peers go away: a drain, a lost node, a lost zone, a rolling
//! upgrade. Pure arithmetic over facts: Raft majority, copies, write consistency, spread, budgets and volumes. What the
//! input does not show is assumed for the better and for the worse, and said.

mod facts;
pub mod placement;
mod scenario;

use serde::Serialize;

use crate::reading::{Place, Reading};

/// What the user knows of the cluster and no file says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ground {
    /// Nodes that peers may run on.
    pub nodes: Option<u64>,
    /// Zones that they lie in.
    pub zones: Option<u64>,
}

/// What happens to one deployment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Simulation {
    /// Peers.
    pub peers: u64,
    /// Peers that must live for the consensus to decide anything; 0 without cluster mode.
    pub majority: u64,
    /// What was assumed because the input does not show it.
    pub assumptions: Vec<String>,
    /// The collections that are looked at.
    pub collections: Vec<Collection>,
    /// What may happen.
    pub scenarios: Vec<Scenario>,
}

/// A collection.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Collection {
    /// Name, or what it stands for.
    pub name: String,
    /// Shards.
    pub shards: u64,
    /// `replication_factor`.
    pub replication_factor: u64,
    /// Copies of each shard that exist: never more than peers.
    pub copies: u64,
    /// Copies that must take a write: `write_consistency_factor`, never more than there are copies.
    pub acknowledgements: u64,
    /// Where the replication factor was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Something that may happen.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// Which.
    pub event: Event,
    /// It cannot happen, or never ends, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked: Option<Reason>,
    /// At best.
    pub best: Outcome,
    /// At worst.
    pub worst: Outcome,
    /// Why so few or so many peers.
    pub because: Vec<Reason>,
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// `kubectl drain` of one node.
    Drain,
    /// One node dies.
    NodeLoss,
    /// One zone goes away.
    ZoneLoss,
    /// A rolling upgrade.
    RollingUpgrade,
}

/// A reason with its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Peers that are away at once.
    pub peers_down: u64,
    /// The consensus can decide; absent without cluster mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quorum: Option<bool>,
    /// Each collection, in the order of [`Simulation::collections`].
    pub collections: Vec<Fate>,
}

/// What becomes of one collection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// In one word.
    pub state: State,
    /// Shards of which no copy answers: a search over the collection fails.
    pub shards_unreachable: u64,
    /// Shards that answer an error to a write.
    pub shards_refusing_writes: u64,
    /// Shards whose data does not come back with the peers.
    pub shards_lost: u64,
}

/// A collection in one word, from good to bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Reads and writes work.
    #[default]
    Works,
    /// Reads work; some or all writes answer an error.
    ReadOnly,
    /// Searches fail.
    Unavailable,
    /// Data is gone.
    DataLoss,
}

impl Event {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Drain => "drain of one node",
            Self::NodeLoss => "loss of one node",
            Self::ZoneLoss => "loss of one zone",
            Self::RollingUpgrade => "rolling upgrade",
        }
    }
}

impl State {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::ReadOnly => "read-only",
            Self::Unavailable => "unavailable",
            Self::DataLoss => "data lost",
        }
    }
}

impl Outcome {
    /// Nothing a client would notice.
    pub fn harmless(&self) -> bool {
        self.quorum != Some(false) && self.collections.iter().all(|fate| fate.state == State::Works)
    }

    /// The worst that becomes of any collection.
    pub fn state(&self) -> State {
        self.collections.iter().map(|fate| fate.state).max().unwrap_or_default()
    }
}

impl Simulation {
    /// Everything is survived, whatever is assumed.
    pub fn survives(&self) -> bool {
        self.scenarios.iter().all(|scenario| scenario.blocked.is_none() && scenario.worst.harmless())
    }
}

/// Simulates a deployment; says why when the input does not show how many peers there are.
pub fn simulate(reading: Reading<'_>, ground: Ground) -> Result<Simulation, String> {
    facts::cluster(reading, ground).map(|cluster| scenario::play(&cluster))
}

#[cfg(test)]
mod tests;
