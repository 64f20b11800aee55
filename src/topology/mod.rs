//! What a drawing of one deployment needs, and no more: peers and where they run, their volumes, Services and routes, who
//! reaches which port, collections with their copies. Bounded, so that a run over many deployments may keep it of each
//! when the facts are gone. Judges nothing.

mod collect;

use crate::reach::Port;

pub use collect::collect;

/// The summary of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    /// `StatefulSet/qdrant`; empty when no workload was given.
    pub workload: String,
    /// Namespace, when known.
    pub namespace: Option<String>,
    /// Peers.
    pub peers: Peers,
    /// Where the data lies.
    pub data: Option<Volume>,
    /// Where snapshots lie, when that is another volume.
    pub snapshots: Option<Volume>,
    /// Services, in the order of the facts.
    pub services: Vec<Service>,
    /// Services that have no room.
    pub more_services: usize,
    /// Ingresses and routes.
    pub routes: Vec<Route>,
    /// Routes that have no room.
    pub more_routes: usize,
    /// Ports of the peers and who gets in.
    pub ports: Vec<Port>,
    /// Ways that have no room.
    pub more_ways: usize,
    /// Role of the port that each of the facts' exposures publishes.
    pub exposed: Vec<String>,
    /// What the network policies add up to.
    pub policies: Policies,
    /// What is not known, in words.
    pub questions: Vec<String>,
    /// Collections.
    pub collections: Vec<Collection>,
    /// Collections that have no room.
    pub more_collections: usize,
}

/// The peers.
#[derive(Clone, Debug, Default)]
pub struct Peers {
    /// How many; none when that cannot be seen.
    pub count: Option<u64>,
    /// Cluster mode; none when the configuration was not given.
    pub clustered: Option<bool>,
    /// Where each runs; empty when only the declaration is known.
    pub placed: Vec<Placed>,
    /// What keeps them off one node: level and means.
    pub over_nodes: Option<(String, String)>,
    /// What keeps them off one zone.
    pub over_zones: Option<(String, String)>,
    /// The only zone they may run in.
    pub only_zone: Option<String>,
}

/// Where a peer runs.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// Pod.
    pub name: String,
    /// Node.
    pub node: Option<String>,
    /// Zone of the node.
    pub zone: Option<String>,
}

/// A volume.
#[derive(Clone, Debug, Default)]
pub struct Volume {
    /// `claim-template`, `empty-dir`, …
    pub kind: String,
    /// Bytes asked for.
    pub size: Option<u64>,
    /// Name of the class; empty when none is named.
    pub class: String,
    /// `nvme`, `ssd`, `hdd`, …
    pub media: String,
    /// One claim serves every peer.
    pub shared: bool,
}

/// A Service.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Name.
    pub name: String,
    /// `ClusterIP`, `headless`, `LoadBalancer`, …
    pub kind: String,
    /// Ports.
    pub ports: Vec<u16>,
}

/// An Ingress or route.
#[derive(Clone, Debug, Default)]
pub struct Route {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Host names.
    pub hosts: Vec<String>,
    /// Some backend is a port of the peers.
    pub arrives: bool,
}

/// What the network policies add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policies {
    /// The input does not show them.
    #[default]
    Unknown,
    /// None selects the peers.
    None,
    /// Some select the peers: only who is named gets in.
    Isolate,
    /// A kind of policy decides that is not evaluated.
    Foreign,
    /// The pods are on the network of their nodes.
    HostNetwork,
}

impl Policies {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Unknown => "network policies were not given",
            Self::None => "no network policy selects the peers",
            Self::Isolate => "network policies isolate the peers",
            Self::Foreign => "policies of a kind that is not evaluated",
            Self::HostNetwork => "on the host network: no policy applies",
        }
    }
}

/// A collection.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// Name; empty when the file does not say.
    pub name: String,
    /// Shards.
    pub shards: u64,
    /// Copies of each.
    pub copies: u64,
    /// Its index in the facts.
    pub fact: usize,
}
