//! Numbers and kinds as people say them.

use crate::reach::{Asks, Circle, Port};
use crate::report::count_of;
use crate::topology::{Collection, Peers, Topology, Volume};

/// `500 GiB`.
pub(super) fn bytes(bytes: u64) -> String {
    let mut unit = "B";
    let mut whole = bytes;
    let mut tenths = 0;
    for next in ["KiB", "MiB", "GiB", "TiB", "PiB"] {
        if whole < 1024 {
            break;
        }
        (tenths, whole, unit) = (whole % 1024 * 10 / 1024, whole / 1024, next);
    }
    if tenths > 0 && whole < 100 { format!("{whole}.{tenths} {unit}") } else { format!("{whole} {unit}") }
}

/// `500 GiB`, or what the kind says instead.
pub(super) fn size(volume: &Volume) -> String {
    volume.size.map_or_else(|| kind(volume).to_owned(), bytes)
}

/// The class, or the kind where there is none.
pub(super) fn class(volume: &Volume) -> String {
    if volume.class.is_empty() { kind(volume).to_owned() } else { volume.class.clone() }
}

fn kind(volume: &Volume) -> &str {
    match volume.kind.as_str() {
        "claim-template" | "claim" => "default class",
        "generic-ephemeral" => "goes with the pod",
        "empty-dir" => "emptyDir",
        "host-path" => "hostPath",
        "container-layer" => "no volume",
        other => other,
    }
}

/// A volume in one line.
pub(super) fn volume(volume: &Volume) -> String {
    let mut parts = vec![size(volume)];
    if class(volume) != parts[0] {
        parts.push(class(volume));
    }
    if !volume.media.is_empty() && !matches!(volume.media.as_str(), "unknown" | "ambiguous") {
        parts.push(volume.media.clone());
    }
    if volume.shared {
        parts.push("one for all peers".to_owned());
    }
    parts.join(" · ")
}

/// `REST`, short.
pub(super) fn port_title(port: &Port) -> &'static str {
    if port.role == "p2p" { "peers" } else { port.title() }
}

/// Who comes, with the namespace by its name.
pub(super) fn who(who: &str) -> String {
    who.replace("namespaces kubernetes.io/metadata.name=", "namespace ")
}

/// What they come through, short.
pub(super) fn through(through: &str) -> String {
    // `Service/qdrant (LoadBalancer)`: who comes says how
    let object = through.split_once(" (").map_or(through, |(object, _)| object);
    object.strip_prefix("NetworkPolicy/").map_or_else(|| object.to_owned(), |name| format!("policy {name}"))
}

/// What a caller must show, short.
pub(super) fn asks(port: &Port) -> &'static str {
    match port.asks {
        Asks::Nothing => "asks for no key",
        Asks::ApiKey => "asks for an API key",
        Asks::Unknown => "key: not known",
    }
}

/// Whether the line is encrypted, short.
pub(super) fn encrypted(port: &Port) -> &'static str {
    match port.encrypted {
        Some(true) => "encrypted (TLS)",
        Some(false) => "not encrypted",
        None => "encryption not known",
    }
}

/// How wide it is open, short.
pub(super) fn open_to(port: &Port) -> &'static str {
    match (port.widest, port.maybe_wider) {
        (Circle::Nobody | Circle::Peers, true) => "perhaps open to others",
        (Circle::Nobody, false) => "open to nobody",
        (Circle::Peers, false) => "open to peers only",
        (Circle::Named, _) => "open to named clients",
        (Circle::Namespace, _) => "open to the namespace",
        (Circle::Cluster, _) => "open to every pod",
        (Circle::Network, _) => "open to the network",
        (Circle::Internet, _) => "open to the internet",
    }
}

/// What keeps peers apart, one line for zones, one for nodes.
pub(super) fn spread(peers: &Peers) -> Vec<String> {
    if peers.count.is_none_or(|count| count < 2) {
        return Vec::new();
    }
    let line = |what: &str, spread: &Option<(String, String)>| {
        let (level, _) = spread.as_ref()?;
        Some(match level.as_str() {
            "required" | "hard-spread" => format!("each in a {what} of its own"),
            "hard-spread-open" => format!("spread evenly over {what}s"),
            "preferred" => format!("different {what}s only preferred"),
            _ => format!("may all share one {what}"),
        })
    };
    let zones = match &peers.only_zone {
        Some(zone) => Some(format!("all in zone {zone}")),
        None => line("zone", &peers.over_zones),
    };
    // «in a node» is not how people say it
    let nodes = line("node", &peers.over_nodes).map(|words| words.replace("each in a node", "each on a node"));
    zones.into_iter().chain(nodes).collect()
}

/// `6 shards × 2 copies`.
pub(super) fn shards(collection: &Collection) -> String {
    let copies = if collection.copies == 1 { "1 copy".to_owned() } else { format!("{} copies", collection.copies) };
    format!("{} × {copies}", count_of(usize::try_from(collection.shards).unwrap_or(usize::MAX), "shard"))
}

/// The name, or that there is none.
pub(super) fn collection_name(collection: &Collection) -> &str {
    if collection.name.is_empty() { "collection without a name" } else { &collection.name }
}

/// `3 peers`.
pub(super) fn peers(topology: &Topology) -> String {
    match topology.peers.count {
        None => "peers: how many is not known".to_owned(),
        Some(count) => count_of(usize::try_from(count).unwrap_or(usize::MAX), "peer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        assert_eq!(bytes(536_870_912_000), "500 GiB");
        assert_eq!(bytes(1_610_612_736), "1.5 GiB");
        assert_eq!(bytes(512), "512 B");
        assert_eq!(bytes(u64::MAX), "16383 PiB");
        let nothing = Volume { kind: "container-layer".to_owned(), ..Volume::default() };
        assert_eq!(volume(&nothing), "no volume");
    }
}
