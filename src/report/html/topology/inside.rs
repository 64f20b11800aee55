//! The inside of the frame: peers by zone and node with their volumes, then collections with their copies.

use super::marks::{Marks, Part};
use super::svg::{Face, Svg};
use super::words;
use crate::topology::{Placed, Topology};

/// Up to here each peer has a card as wide as the frame.
const CARDS: usize = 3;
/// Up to here two cards lie side by side.
const PAIRS: usize = 12;
/// Up to here each peer is a tile; beyond, all are one stack.
const TILES: usize = 60;
/// Zones that are drawn as such.
const ZONES: usize = 8;
/// Collections that are drawn.
const COLLECTIONS: usize = 6;
/// Shards of one collection that are drawn.
const SHARDS: i32 = 16;

const DISK: &str =
    "M0 3.5C0 1.6 3.6 0 8 0s8 1.6 8 3.5v11c0 1.9-3.6 3.5-8 3.5s-8-1.6-8-3.5zM0 3.5C0 5.4 3.6 7 8 7s8-1.6 8-3.5";
const PEER: &str = "M8.7 0 17.3 5v10L8.7 20 0 15V5z";

struct Peer<'a> {
    name: String,
    place: Option<&'a Placed>,
}

/// Draws at a corner, so wide; the height it took.
pub(super) fn draw(svg: &mut Svg, topology: &Topology, marks: &Marks, (x, y): (i32, i32), width: i32) -> i32 {
    let mut down = y;
    for line in words::spread(&topology.peers) {
        let face = if line.starts_with("may all") { Face::Alarm } else { Face::Soft };
        svg.text(face, (x, down + 12), width, &line);
        down += 19;
    }
    down += if down > y { 6 } else { 0 };
    down += peers(svg, topology, (x, down), width);
    down += volumes(svg, topology, marks, (x, down), width);
    down += collections(svg, topology, marks, (x, down), width);
    down - y
}

fn names(topology: &Topology) -> Vec<Peer<'_>> {
    let count = usize::try_from(topology.peers.count.unwrap_or(1)).unwrap_or(usize::MAX);
    if !topology.peers.placed.is_empty() {
        return topology
            .peers
            .placed
            .iter()
            .map(|place| Peer { name: place.name.clone(), place: Some(place) })
            .collect();
    }
    let (kind, name) = topology.workload.split_once('/').unwrap_or(("", "peer"));
    let numbered = |number: usize| match kind {
        "Deployment" | "ReplicaSet" | "DaemonSet" | "Rollout" => format!("{name} ({})", number + 1),
        "Pod" => name.to_owned(),
        _ => format!("{name}-{number}"),
    };
    (0..count.min(TILES)).map(|number| Peer { name: numbered(number), place: None }).collect()
}

fn peers(svg: &mut Svg, topology: &Topology, (x, y): (i32, i32), width: i32) -> i32 {
    let count = topology.peers.count.unwrap_or(1);
    if count == 0 {
        svg.text(Face::Alarm, (x, y + 14), width, "scaled to 0: no peer runs");
        return 26;
    }
    if topology.workload.is_empty() {
        svg.text(Face::Soft, (x, y + 14), width, "the workload was not given");
        return 26;
    }
    let peers = names(topology);
    if count > TILES as u64 || peers.len() > TILES {
        return stack(svg, topology, (x, y), width);
    }
    let zone = |peer: &Peer<'_>| peer.place.and_then(|place| place.zone.clone()).unwrap_or_default();
    let mut zones: Vec<String> = peers.iter().map(zone).collect();
    zones.sort_unstable();
    zones.dedup();
    let grouped = zones.len() <= ZONES && zones.iter().any(|zone| !zone.is_empty());
    let mut down = y;
    if !grouped {
        down += grid(svg, topology, &peers.iter().collect::<Vec<_>>(), peers.len(), (x, down), width);
        return down - y;
    }
    for name in &zones {
        let of_zone: Vec<&Peer<'_>> = peers.iter().filter(|peer| zone(peer) == *name).collect();
        let words = if name.is_empty() { "zone not known".to_owned() } else { format!("zone {name}") };
        let mut within = Svg::default();
        let height = 26 + grid(&mut within, topology, &of_zone, peers.len(), (x + 8, down + 26), width - 16);
        svg.group("zone", &words, |svg| {
            svg.rect("zone", (x, down, width, height + 2), 9);
            svg.text(Face::Soft, (x + 9, down + 17), width - 18, &words);
            svg.append(&within);
        });
        down += height + 10;
    }
    down - y
}

/// Peers side by side, as large as their number leaves room for.
fn grid(svg: &mut Svg, topology: &Topology, peers: &[&Peer<'_>], of: usize, (x, y): (i32, i32), width: i32) -> i32 {
    let (columns, height) = match of {
        0..=CARDS => (1, 56),
        _ if of <= PAIRS => (2, 50),
        _ => (10, 26),
    };
    let gap = if columns == 10 { 3 } else { 8 };
    let own = (width - gap * (columns - 1)) / columns;
    for (peer, index) in peers.iter().zip(0..) {
        let at = (x + index % columns * (own + gap), y + index / columns * (height + gap));
        let volume = topology.data.as_ref().map(words::volume).unwrap_or_default();
        let place = peer.place.map_or_else(String::new, |place| {
            let node = place.node.as_deref().map_or_else(|| "not scheduled".to_owned(), |node| format!("node {node}"));
            let zone = place.zone.as_deref().map_or_else(String::new, |zone| format!(", zone {zone}"));
            format!(" · {node}{zone}")
        });
        svg.group("peer", &format!("{}{place} · {volume}", peer.name), |svg| match columns {
            1 => card(svg, topology, peer, at, own),
            2 => small(svg, topology, peer, at, own),
            _ => tile(svg, &peer.name, at, own),
        });
    }
    let rows = i32::try_from(peers.len().div_ceil(columns.unsigned_abs() as usize)).unwrap_or_default();
    rows * (height + gap)
}

fn node<'a>(peer: &'a Peer<'_>) -> Option<&'a str> {
    peer.place.map(|place| place.node.as_deref().unwrap_or("not scheduled"))
}

fn card(svg: &mut Svg, topology: &Topology, peer: &Peer<'_>, (x, y): (i32, i32), width: i32) {
    svg.rect("box", (x, y, width, 56), 9);
    svg.icon("peer-icon", (x + 12, y + 18), PEER);
    let disk = (x + width - 122, y + 19);
    let lower = if node(peer).is_some() { 25 } else { 33 };
    svg.text(Face::Name, (x + 40, y + lower), width - 172, &peer.name);
    if let Some(node) = node(peer) {
        svg.text(Face::Small, (x + 40, y + 43), width - 172, node);
    }
    if let Some(data) = &topology.data {
        svg.icon("disk", disk, DISK);
        let (size, class) = (words::size(data), words::class(data));
        if size == class {
            svg.text(Face::Small, (disk.0 + 24, y + 33), 92, &size);
        } else {
            svg.text(Face::Small, (disk.0 + 24, y + 25), 92, &size);
            svg.text(Face::Small, (disk.0 + 24, y + 41), 92, &class);
        }
    }
}

fn small(svg: &mut Svg, topology: &Topology, peer: &Peer<'_>, (x, y): (i32, i32), width: i32) {
    svg.rect("box", (x, y, width, 50), 8);
    svg.text(Face::Name, (x + 10, y + 20), width - 18, &peer.name);
    let below = match (node(peer), &topology.data) {
        (Some(node), _) => node.to_owned(),
        (None, Some(data)) => words::size(data),
        (None, None) => String::new(),
    };
    svg.text(Face::Small, (x + 10, y + 38), width - 18, &below);
}

fn tile(svg: &mut Svg, name: &str, (x, y): (i32, i32), width: i32) {
    svg.rect("box", (x, y, width, 26), 5);
    let number = name.rsplit(['-', '(']).next().unwrap_or("").trim_end_matches(')');
    if number.len() <= 3 && number.chars().all(|digit| digit.is_ascii_digit()) {
        svg.middle("t name small", (x + width / 2, y + 17), number);
    }
}

/// More peers than can be told apart.
fn stack(svg: &mut Svg, topology: &Topology, (x, y): (i32, i32), width: i32) -> i32 {
    for step in (0..3).rev() {
        svg.rect("box", (x + 5 * step, y + 5 * step, width - 10, 54), 9);
    }
    svg.icon("peer-icon", (x + 14, y + 17), PEER);
    svg.text(Face::Name, (x + 44, y + 33), width - 64, &words::peers(topology));
    76
}

/// What every peer has, where the peers are too small to show it, and the volume of snapshots.
fn volumes(svg: &mut Svg, topology: &Topology, marks: &Marks, (x, y): (i32, i32), width: i32) -> i32 {
    let each = topology.peers.count.unwrap_or(1) > 1;
    let mut down = y + 6;
    let lines = [("data", &topology.data, Part::Data), ("snapshots", &topology.snapshots, Part::Snapshots)];
    for (what, volume, part) in lines {
        let Some(volume) = volume else { continue };
        let owner = if each && !volume.shared { "each: " } else { "" };
        let words = format!("{owner}{what} {}", words::volume(volume));
        svg.group("volume", &words, |svg| {
            svg.icon("disk", (x + 2, down), DISK);
            svg.text(Face::Plain, (x + 27, down + 13), width - 60, &words);
        });
        marks.draw(svg, &part, (x + width - 14, down + 9));
        down += 28;
    }
    down - y
}

fn collections(svg: &mut Svg, topology: &Topology, marks: &Marks, (x, y): (i32, i32), width: i32) -> i32 {
    if topology.collections.is_empty() && marks.of(&Part::Collections).is_none() {
        return 0;
    }
    let mut down = y + 12;
    svg.path("rule", &format!("M{x} {down}h{width}"));
    down += 22;
    svg.text(Face::Strong, (x, down), width - 60, "Collections");
    marks.draw(svg, &Part::Collections, (x + width - 14, down - 5));
    down += 12;
    for (index, collection) in topology.collections.iter().take(COLLECTIONS).enumerate() {
        let (name, shards) = (words::collection_name(collection), words::shards(collection));
        svg.group("collection", &format!("{name}: {shards}"), |svg| {
            let (face, words) = if collection.name.is_empty() { (Face::Soft, name) } else { (Face::Name, name) };
            svg.text(face, (x, down + 13), width - 34, words);
            let single = collection.copies == 1 && topology.peers.count.unwrap_or(1) > 1;
            let copies = i32::try_from(collection.copies.min(3)).unwrap_or(3);
            for shard in 0..i32::try_from(collection.shards).unwrap_or(i32::MAX).min(SHARDS) {
                for copy in 0..copies {
                    let class = if single { "shard single" } else { "shard" };
                    svg.rect(class, (x + shard * 11, down + 20 + copy * 10, 8, 8), 2);
                }
            }
            let drawn = i32::try_from(collection.shards).unwrap_or(i32::MAX).min(SHARDS);
            let right = x + drawn * 11 + 8;
            let face = if single { Face::Alarm } else { Face::Soft };
            svg.text(face, (right, down + 29), x + width - right, &shards);
        });
        marks.draw(svg, &Part::Collection(index), (x + width - 14, down + 8));
        down += 28 + 10 * i32::try_from(collection.copies.min(3)).unwrap_or(3).max(1);
    }
    let more = topology.collections.len().saturating_sub(COLLECTIONS) + topology.more_collections;
    if more > 0 {
        svg.text(Face::Soft, (x, down + 12), width, &format!("and {more} more"));
        down += 22;
    }
    down - y
}
