//! From facts to what the simulation needs, with the assumptions that fill the gaps.

use serde_json::Value;

use super::{Collection, Ground, Reason};
use crate::reading::{Place, Reading};
use crate::source::Path;

/// More peers than anybody runs are not told apart.
const MANY: u64 = 100_000;

/// A deployment, as far as losing peers is concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Cluster {
    pub(super) peers: u64,
    pub(super) clustered: bool,
    pub(super) collections: Vec<Collection>,
    pub(super) assumptions: Vec<String>,
    pub(super) node: Domain,
    pub(super) zone: Domain,
    pub(super) budget: Budget,
    pub(super) upgrade: Upgrade,
    pub(super) volume: Volume,
}

/// How many peers one node or zone holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Domain {
    pub(super) fewest: u64,
    pub(super) most: u64,
    pub(super) because: Option<Reason>,
}

/// What holds evictions back.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// Evictions at once at best; `None` = as many as there are.
    pub(super) best: Option<u64>,
    /// Likewise at worst.
    pub(super) worst: Option<u64>,
    /// The drain never ends.
    pub(super) blocks: bool,
    pub(super) because: Reason,
}

/// How a rollout takes peers.
#[derive(Clone, Debug)]
pub(super) struct Upgrade {
    pub(super) at_once: u64,
    pub(super) because: Reason,
}

/// What becomes of a peer's data when its pod or node goes.
#[derive(Clone, Debug)]
pub(super) struct Volume {
    pub(super) keeps: Keeps,
    pub(super) because: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeps {
    /// It follows the pod to another node of the zone.
    Follows,
    /// It lies on one node's disk.
    OnNode,
    /// It goes with the pod.
    Nothing,
    /// The input does not show it.
    Unknown,
}

impl Default for Budget {
    fn default() -> Self {
        Self { best: None, worst: None, blocks: false, because: reason("no disruption budget covers the peers", None) }
    }
}

impl Default for Upgrade {
    fn default() -> Self {
        Self { at_once: 1, because: reason("a rollout takes one peer after the other", None) }
    }
}

impl Default for Volume {
    fn default() -> Self {
        Self { keeps: Keeps::Follows, because: reason("volumes follow their pod to another node", None) }
    }
}

pub(super) fn reason(text: impl Into<String>, place: Option<Place>) -> Reason {
    Reason { text: text.into(), place }
}

pub(super) fn cluster(reading: Reading<'_>, ground: Ground) -> Result<Cluster, String> {
    let peers = reading
        .number("/workload/replicas")
        .or_else(|| reading.number("/deployment/peers"))
        .ok_or("how many peers there are cannot be seen; give the Helm values or the StatefulSet")?
        .min(MANY);
    if peers == 0 {
        return Err("the workload is scaled to 0: no peer runs".to_owned());
    }
    let mut assumptions = Vec::new();
    let clustered = reading.flag("/qdrant/config/cluster/enabled").unwrap_or_else(|| {
        assumptions.push("cluster mode is on (the server's configuration was not given)".to_owned());
        true
    });
    if !clustered && peers > 1 {
        assumptions.push(format!(
            "cluster mode is off: the {peers} pods are {peers} databases that know nothing of each other, so every \
             collection has one copy"
        ));
    }
    let collections = collections(reading, peers, clustered, &mut assumptions);
    assumptions.push(
        "shards lie as Qdrant deals them out at creation: evenly, no shard twice on one peer; moving shards by hand or \
         adding peers later changes that (`GET /collections/NAME/cluster` shows it)"
            .to_owned(),
    );
    if peers > 1 {
        assumptions
            .push("every copy is active when it begins: no peer is still recovering from the last time".to_owned());
    }
    Ok(Cluster {
        peers,
        clustered,
        collections,
        assumptions,
        node: domain(reading, "host", "node", peers, ground.nodes),
        zone: domain(reading, "zone", "zone", peers, ground.zones),
        budget: budget(reading),
        upgrade: upgrade(reading, peers),
        volume: volume(reading),
    })
}

fn collections(reading: Reading<'_>, peers: u64, clustered: bool, assumptions: &mut Vec<String>) -> Vec<Collection> {
    let copies_of = |factor: u64| if clustered { factor.min(peers) } else { 1 };
    let mut found: Vec<Collection> = Vec::new();
    for (index, fact) in reading.list("/collections").iter().enumerate() {
        let name = fact["name"].as_str().map_or_else(|| "unnamed collection".to_owned(), str::to_owned);
        let factor = fact["replication_factor"].as_u64().filter(|factor| *factor > 0);
        let Some(factor) = factor else {
            if fact["operation"].as_str() != Some("update") {
                assumptions.push(format!("`{name}` is left out: its replication factor is hidden or not valid"));
            }
            continue;
        };
        let shards = fact["shard_number"].as_u64().or_else(|| fact["default_shard_number"].as_u64()).unwrap_or(peers);
        let copies = copies_of(factor);
        let acknowledgements = fact["write_consistency_factor"].as_u64().unwrap_or(1).clamp(1, copies);
        let place = reading.place(&Path::keys(["collections"]).index(index).key("replication_factor"));
        if fact["sharding_method"].as_str() == Some("custom") {
            assumptions.push(format!("`{name}` has custom sharding: looked at as if it had one shard key"));
        }
        found.push(Collection {
            name,
            shards: shards.max(1),
            replication_factor: factor,
            copies,
            acknowledgements,
            place,
        });
    }
    if found.is_empty() {
        let default = |key: &str| reading.number(&format!("/qdrant/config/storage/collection/{key}"));
        let factor = default("replication_factor").unwrap_or(1).max(1);
        let copies = copies_of(factor);
        let shards = default("shard_number")
            .or_else(|| default("shard_number_per_node").map(|each| each.saturating_mul(peers)))
            .unwrap_or(if clustered { peers } else { 1 });
        assumptions.push(format!(
            "no collection was given: looked at is one with the server's defaults ({shards} shards, replication factor {factor})"
        ));
        found.push(Collection {
            name: "any collection with the server's defaults".to_owned(),
            shards: shards.max(1),
            replication_factor: factor,
            copies,
            acknowledgements: default("write_consistency_factor").unwrap_or(1).clamp(1, copies),
            place: reading.place(&Path::keys(["qdrant", "config", "storage", "collection", "replication_factor"])),
        });
    }
    found
}

fn domain(reading: Reading<'_>, scope: &str, word: &str, peers: u64, domains: Option<u64>) -> Domain {
    let path = Path::keys(["spread", scope]);
    let place = reading.place(&path);
    let even = |domains: u64| peers.div_ceil(domains.clamp(1, peers));
    let fewest = domains.map_or(1, even);
    if peers == 1 {
        return Domain { fewest: 1, most: 1, because: None };
    }
    if scope == "zone"
        && let Some(only) = reading.text("/spread/only_zone")
    {
        let because = Some(reason(
            format!("every peer runs in zone {only}"),
            reading.place(&Path::keys(["spread", "only_zone"])),
        ));
        return Domain { fewest: peers, most: peers, because };
    }
    let by = reading.text(&format!("/spread/{scope}/by")).unwrap_or_default();
    let (most, text) = match reading.text(&format!("/spread/{scope}/level")) {
        Some("required") => (1, format!("{by} keeps any two peers off one {word}")),
        Some("hard-spread") => (1, format!("{by} (DoNotSchedule, minDomains) gives each peer its own {word}")),
        Some("hard-spread-open") => match domains {
            Some(domains) => (even(domains), format!("{by} (DoNotSchedule) spreads evenly over {domains} {word}s")),
            None => (peers, format!("{by} (DoNotSchedule) spreads evenly, but over how many {word}s is not said")),
        },
        Some("preferred") => (peers, format!("{by} only prefers different {word}s: all peers may land on one")),
        Some(_) => (peers, format!("nothing keeps peers off one {word}")),
        None => (peers, format!("how peers spread over {word}s cannot be seen")),
    };
    let because = Some(reason(text, place.filter(|_| reading.observed("workload"))));
    Domain { fewest: fewest.min(most), most, because }
}

fn budget(reading: Reading<'_>) -> Budget {
    if !reading.observed("budgets") {
        let why = reading.unobserved("budgets").unwrap_or("no manifest of the namespace was given");
        let because = reason(format!("whether a disruption budget covers the peers cannot be seen: {why}"), None);
        return Budget { best: Some(1), worst: None, blocks: false, because };
    }
    let all: Vec<(usize, &Value)> = reading
        .list("/budgets")
        .iter()
        .enumerate()
        .filter(|(_, budget)| matches!(budget["selects"].as_str(), Some("peers" | "some")))
        .collect();
    let place = |index: usize| reading.place(&Path::keys(["budgets"]).index(index));
    let name = |budget: &Value| format!("PodDisruptionBudget/{}", budget["name"].as_str().unwrap_or("?"));
    let in_force: Vec<&(usize, &Value)> =
        all.iter().filter(|(_, budget)| budget["rejected"].as_bool() != Some(true)).collect();
    match in_force.as_slice() {
        [] => match all.first() {
            Some((index, refused)) => Budget {
                because: reason(
                    format!("{} is refused by the API server, so nothing holds evictions back", name(refused)),
                    place(*index),
                ),
                ..Budget::default()
            },
            None => Budget::default(),
        },
        [(index, one)] => match one["allowed_disruptions"].as_i64() {
            Some(0) => Budget {
                best: Some(0),
                worst: Some(0),
                blocks: true,
                because: reason(format!("{} allows no eviction: the drain never ends", name(one)), place(*index)),
            },
            Some(allowed) if one["selects"].as_str() == Some("peers") => {
                let allowed = u64::try_from(allowed).ok();
                let at_once =
                    allowed.map_or_else(String::new, |allowed| format!("{} lets {allowed} go at once", name(one)));
                Budget { best: allowed, worst: allowed, blocks: false, because: reason(at_once, place(*index)) }
            }
            _ => Budget {
                best: Some(1),
                worst: None,
                blocks: false,
                because: reason(
                    format!("how many evictions {} allows for the peers cannot be computed", name(one)),
                    place(*index),
                ),
            },
        },
        [(index, _), ..] => Budget {
            best: Some(0),
            worst: Some(0),
            blocks: true,
            because: reason("several budgets select one pod: the API server refuses every eviction", place(*index)),
        },
    }
}

fn upgrade(reading: Reading<'_>, peers: u64) -> Upgrade {
    let place = |key: &str| reading.place(&Path::keys(["workload", key]));
    match reading.text("/workload/update_strategy") {
        Some("Recreate") => Upgrade {
            at_once: peers,
            because: reason(
                "the strategy is Recreate: every pod stops before a new one starts",
                place("update_strategy"),
            ),
        },
        Some("OnDelete") => Upgrade {
            at_once: 1,
            because: reason(
                "OnDelete: someone deletes the pods; assumed one after the other",
                place("update_strategy"),
            ),
        },
        _ => match reading.number("/workload/update_takes").filter(|takes| *takes > 1) {
            Some(takes) => Upgrade {
                at_once: takes.min(peers),
                because: reason(
                    format!("a rolling update takes {takes} pods at once; budgets do not hold it back"),
                    place("update_max_unavailable"),
                ),
            },
            None => Upgrade::default(),
        },
    }
}

fn volume(reading: Reading<'_>) -> Volume {
    let place = reading.place(&Path::keys(["storage", "data"]));
    let kind = reading.text("/storage/data/kind");
    let node_local = reading.flag("/storage/data/node_local") == Some(true);
    let (keeps, text) = match kind {
        Some("empty-dir" | "container-layer" | "generic-ephemeral") => (
            Keeps::Nothing,
            "the data goes with the pod, and a peer that comes back empty does not rejoin by itself".to_owned(),
        ),
        Some("host-path") => (Keeps::OnNode, "the data lies on one node's disk (hostPath)".to_owned()),
        Some(_) if node_local => (Keeps::OnNode, "the data lies on one node's disk".to_owned()),
        Some("claim-template" | "claim" | "nfs" | "csi") => {
            let certain = reading.flag("/storage/data/seen") != Some(false)
                && reading.at("/storage/data/class/known").as_bool() != Some(false);
            let text = if certain {
                "the volume follows its pod to another node of its zone"
            } else {
                "the volume follows its pod (its class is not known; one on a node's own disk would not)"
            };
            (Keeps::Follows, text.to_owned())
        }
        Some(_) | None => (Keeps::Unknown, "where the data lies cannot be seen".to_owned()),
    };
    Volume { keeps, because: reason(text, place) }
}
