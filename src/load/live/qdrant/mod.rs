//! The Qdrant API, asked of every peer: what it says of itself, of its cluster and of the collections, and whether it says
//! so to anyone. Only GET is ever sent.

mod address;
mod dial;
mod key;
mod questions;
mod request;
mod targets;

use std::time::Duration;

use futures::StreamExt as _;
use kube::Client;
use tokio::time::Instant;

pub use address::{Address, AddressError};
pub use dial::{Trust, TrustError};
pub use key::{ApiKey, KeyError};
pub use targets::pods;

use questions::Peer;

use super::recording::{Endpoint, Via};

/// Peers at a time.
const AT_ONCE: usize = 8;

/// One Qdrant that is to be asked.
#[derive(Clone)]
pub struct Target {
    /// Namespace of the peer; empty where nothing says it.
    pub namespace: String,
    /// `Kind/name` of its workload.
    pub workload: Option<String>,
    /// Its pod.
    pub pod: Option<String>,
    /// Where it answers. Through a port-forward only the port counts.
    pub address: Address,
    /// Whether the address says by itself if TLS is spoken; else both are tried.
    pub scheme_is_known: bool,
    /// How it is reached.
    pub via: Via,
    /// The client of the cluster, for [`Via::PortForward`].
    pub client: Option<Client>,
}

/// What holds for all peers.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The key; none = everything is asked without one.
    pub key: Option<ApiKey>,
    /// Send the key over connections that anyone on the way may read.
    pub key_in_plain_text: bool,
    /// Authorities.
    pub trust: Trust,
    /// Longest wait for one answer.
    pub patience: Duration,
    /// Longest time for all of it.
    pub at_most: Duration,
    /// Time between the two looks at a cluster whose peers do not reach each other.
    pub settling: Duration,
}

impl Asking {
    /// The usual bounds.
    pub fn new(key: Option<ApiKey>, trust: Trust) -> Self {
        Self {
            key,
            key_in_plain_text: false,
            trust,
            patience: Duration::from_secs(15),
            at_most: Duration::from_mins(5),
            settling: Duration::from_secs(10),
        }
    }
}

/// Ways to ask that the user chose.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Ask every pod, in this way.
    pub via: Option<Via>,
    /// Addresses that were given.
    pub urls: Vec<Address>,
    /// How.
    pub asking: Asking,
}

/// Addresses as targets that name no pod.
pub fn addresses(urls: &[Address], namespace: &str, workload: Option<&str>) -> Vec<Target> {
    let target = |address: &Address| Target {
        namespace: namespace.to_owned(),
        workload: workload.map(str::to_owned),
        pod: None,
        address: address.clone(),
        scheme_is_known: true,
        via: Via::Url,
        client: None,
    };
    urls.iter().map(target).collect()
}

/// Asks every target. The order of the answers is that of the targets.
pub async fn ask(targets: Vec<Target>, asking: &Asking) -> Vec<Endpoint> {
    let deadline = Instant::now() + asking.at_most;
    let mut peers: Vec<Peer> = each(targets, |target| async move { Peer::meet(target, asking, deadline).await }).await;
    let first_look = Instant::now();
    let names = questions::collections(&peers);
    let count = peers.len();
    let shares: Vec<(usize, Peer)> = peers.into_iter().enumerate().collect();
    peers = each(shares, |(index, mut peer)| {
        let own: Vec<&String> = names.iter().skip(index).step_by(count.max(1)).collect();
        async move {
            peer.describe(&own).await;
            peer.list_snapshots().await;
            peer
        }
    })
    .await;
    // what one peer could not say another may
    for name in &names {
        if peers.iter().any(|peer| questions::is_described(peer.endpoint(), name)) {
            continue;
        }
        for peer in &mut peers {
            if !peer.was_asked_of(name) {
                peer.describe(&[name]).await;
            }
            if questions::is_described(peer.endpoint(), name) {
                break;
            }
        }
    }
    if peers.iter().any(|peer| questions::is_troubled(peer.endpoint())) || questions::differ(&peers) {
        tokio::time::sleep_until((first_look + asking.settling).min(deadline)).await;
        peers = each(peers, |mut peer| async move {
            peer.look_again().await;
            peer
        })
        .await;
    }
    peers.into_iter().map(Peer::into_endpoint).collect()
}

async fn each<I, O, F: Future<Output = O>>(items: Vec<I>, work: impl FnMut(I) -> F) -> Vec<O> {
    futures::stream::iter(items).map(work).buffered(AT_ONCE).collect().await
}
