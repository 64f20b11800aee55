//! From facts to the summary.

use serde_json::Value;

use super::{Collection, Peers, Placed, Policies, Route, Service, Topology, Volume};
use crate::reach::{self, Port};
use crate::reading::Reading;

/// Characters of a name; Kubernetes allows 253.
const NAME: usize = 260;
/// Services, routes, collections, ways of one port.
const ITEMS: usize = 12;
/// Peers whose places are kept.
const PLACED: usize = 200;

/// The summary; none where there is nothing to draw (a collection by itself, a backup job).
pub fn collect(reading: Reading<'_>) -> Option<Topology> {
    let has = |pointer: &str| !reading.list(pointer).is_empty();
    let workload = reading.at("/workload");
    if !workload.is_object() && !has("/services") && !has("/network/policies") {
        return None;
    }
    let reach = reach::reach(reading);
    let mut topology = Topology {
        workload: match (workload["kind"].as_str(), workload["name"].as_str()) {
            (Some(kind), Some(name)) => short(&format!("{kind}/{name}")),
            _ => String::new(),
        },
        namespace: reading.text("/deployment/namespace").map(short),
        peers: peers(reading),
        data: volume(reading.at("/storage/data")),
        snapshots: volume(reading.at("/storage/snapshots")),
        exposed: reading.list("/exposure").iter().map(|one| text(&one["role"])).collect(),
        policies: policies(reading),
        questions: reach.open_questions.iter().take(ITEMS).map(|note| short(&note.text)).collect(),
        ..Topology::default()
    };
    // Qdrant's own keep to one order: REST, gRPC, between peers
    let mut ports = reach.ports;
    ports.sort_by_key(|port| (port.role == "metrics", port.port));
    topology.ports = ports.into_iter().map(|port| bounded(port, &mut topology.more_ways)).collect();
    (topology.services, topology.more_services) = few(reading.list("/services"), service);
    (topology.routes, topology.more_routes) = few(reading.list("/routes"), route);
    let mut collections: Vec<Collection> = reading
        .list("/collections")
        .iter()
        .enumerate()
        .filter_map(|(index, fact)| collection(index, fact, &topology.peers))
        .collect();
    collections.sort_by(|one, other| (&one.name, one.shards).cmp(&(&other.name, other.shards)));
    topology.more_collections = collections.len().saturating_sub(ITEMS);
    topology.collections = collections.into_iter().take(ITEMS).collect();
    Some(topology)
}

fn short(text: &str) -> String {
    match text.char_indices().nth(NAME) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(String::new, short)
}

/// The first by kind and name: facts stand as the files were given, and the same files make the same page.
fn few<T>(facts: &[Value], made: impl Fn(&Value) -> T) -> (Vec<T>, usize) {
    let mut sorted: Vec<&Value> = facts.iter().collect();
    sorted.sort_by_key(|fact| (fact["kind"].as_str(), fact["name"].as_str()));
    (sorted.into_iter().take(ITEMS).map(made).collect(), facts.len().saturating_sub(ITEMS))
}

fn peers(reading: Reading<'_>) -> Peers {
    let spread = |scope: &str| {
        let of_scope = |what: &str| reading.text(&format!("/spread/{scope}/{what}")).map(short);
        Some((of_scope("level")?, of_scope("by").unwrap_or_default()))
    };
    Peers {
        count: reading.number("/workload/replicas").or_else(|| reading.number("/deployment/peers")),
        clustered: reading.flag("/qdrant/config/cluster/enabled"),
        placed: reading
            .list("/placement")
            .iter()
            .take(PLACED)
            .map(|fact| Placed {
                name: text(&fact["pod"]),
                node: fact["node"].as_str().map(short),
                zone: fact["zone"].as_str().map(short),
            })
            .collect(),
        over_nodes: spread("host"),
        over_zones: spread("zone"),
        only_zone: reading.text("/spread/only_zone").map(short),
    }
}

fn volume(fact: &Value) -> Option<Volume> {
    Some(Volume {
        kind: short(fact["kind"].as_str()?),
        size: fact["size_bytes"].as_u64().or_else(|| fact["size_limit_bytes"].as_u64()),
        class: text(&fact["class"]["name"]),
        media: text(&fact["class"]["media"]),
        shared: fact["shared_by_peers"] == true,
    })
}

fn service(fact: &Value) -> Service {
    let port = |port: &Value| port["port"].as_u64().and_then(|port| u16::try_from(port).ok());
    let ports = fact["ports"].as_array().map_or(&[][..], Vec::as_slice);
    Service {
        name: text(&fact["name"]),
        kind: if fact["headless"] == true { "headless".to_owned() } else { text(&fact["type"]) },
        ports: ports.iter().filter_map(port).take(ITEMS).collect(),
    }
}

fn route(fact: &Value) -> Route {
    let list = |key: &str| fact[key].as_array().map_or(&[][..], Vec::as_slice);
    Route {
        kind: text(&fact["kind"]),
        name: text(&fact["name"]),
        hosts: list("hosts").iter().filter_map(Value::as_str).take(4).map(short).collect(),
        arrives: list("backends")
            .iter()
            .any(|backend| matches!(backend["role"].as_str(), Some("p2p" | "rest" | "grpc" | "metrics"))),
    }
}

fn policies(reading: Reading<'_>) -> Policies {
    if reading.flag("/workload/host_network") == Some(true) {
        Policies::HostNetwork
    } else if !reading.list("/network/foreign_policies").is_empty() {
        Policies::Foreign
    } else if reading.flag("/network/isolated_ingress") == Some(true) {
        Policies::Isolate
    } else if reading.observed("network_policies") {
        Policies::None
    } else {
        Policies::Unknown
    }
}

fn collection(index: usize, fact: &Value, peers: &Peers) -> Option<Collection> {
    let factor = fact["replication_factor"].as_u64().filter(|factor| *factor > 0)?;
    let count = peers.count.unwrap_or(u64::MAX).max(1);
    let shards = fact["shard_number"].as_u64().or_else(|| fact["default_shard_number"].as_u64());
    Some(Collection {
        name: text(&fact["name"]),
        shards: shards.unwrap_or(1).max(1),
        // no shard lies twice on one peer, and without cluster mode there is only one
        copies: if peers.clustered == Some(false) { 1 } else { factor.min(count) },
        fact: index,
    })
}

/// The worst ways of a port; they come sorted.
fn bounded(mut port: Port, more: &mut usize) -> Port {
    *more += port.ways.len().saturating_sub(ITEMS);
    port.ways.truncate(ITEMS);
    for way in &mut port.ways {
        for words in [&mut way.who, &mut way.through, &mut way.because] {
            *words = short(words);
        }
        way.place = None;
    }
    port
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_collection_by_itself_has_no_topology() {
        assert!(collect(Reading::bare(&json!({"collections": [{"name": "a", "replication_factor": 2}]}))).is_none());
    }

    #[test]
    fn the_summary_holds_what_is_drawn_and_is_bounded() {
        let many: Vec<Value> = (0..40)
            .map(|n| json!({"name": "n".repeat(10_000), "type": "ClusterIP", "ports": [{"port": 6333 + n}]}))
            .collect();
        let facts = json!({
            "observed": ["workload", "services", "network_policies"],
            "deployment": {"peers": 3, "namespace": "vectors"},
            "workload": {"kind": "StatefulSet", "name": "qdrant", "replicas": 3},
            "qdrant": {"config": {"cluster": {"enabled": true}, "service": {"http_port": 6333}}},
            "storage": {"data": {"kind": "claim-template", "size_bytes": 1_u64 << 39, "class": {"name": "gp3", "media": "ssd"}}},
            "services": many,
            "placement": [{"pod": "qdrant-0", "node": "n1", "zone": "a"}],
            "collections": [{"name": "docs", "replication_factor": 5, "shard_number": 6}, {"operation": "update"}],
        });
        let topology = collect(Reading::bare(&facts)).unwrap();
        assert_eq!((topology.workload.as_str(), topology.peers.count), ("StatefulSet/qdrant", Some(3)));
        assert_eq!((topology.services.len(), topology.more_services), (ITEMS, 28));
        assert!(topology.services.iter().all(|service| service.name.chars().count() <= NAME + 1));
        assert_eq!(topology.peers.placed[0].zone.as_deref(), Some("a"));
        assert_eq!(topology.data.unwrap().class, "gp3");
        // five copies do not fit on three peers
        assert_eq!((topology.collections.len(), topology.collections[0].copies), (1, 3));
        assert_eq!(topology.policies, Policies::None);
    }
}
