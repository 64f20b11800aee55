//! Collections that exist: the configuration as a body, and their state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answers::{Asked, whole};
use super::peers::id;
use crate::model::facts::live::{Replica, Running, Shard, Snapshots};
use crate::model::recorded::escaped;
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Mapping, Node};

/// Fields of the configuration by where they stand in the answer, as a request would write them.
const FIELDS: [(&[&str], &str); 13] = [
    (&["params", "vectors"], "vectors"),
    (&["params", "sparse_vectors"], "sparse_vectors"),
    (&["params", "shard_number"], "shard_number"),
    (&["params", "sharding_method"], "sharding_method"),
    (&["params", "replication_factor"], "replication_factor"),
    (&["params", "write_consistency_factor"], "write_consistency_factor"),
    (&["params", "on_disk_payload"], "on_disk_payload"),
    (&["hnsw_config"], "hnsw_config"),
    (&["optimizer_config"], "optimizers_config"),
    (&["wal_config"], "wal_config"),
    (&["quantization_config"], "quantization_config"),
    (&["strict_mode_config"], "strict_mode_config"),
    (&["metadata"], "metadata"),
];

/// A collection that was found.
#[derive(Debug)]
pub struct Found {
    /// Name.
    pub name: String,
    /// Its configuration as the body that makes it.
    pub body: Node,
    /// Its state.
    pub state: Running,
}

/// The collections of a deployment by name, and why some of them could not be read.
pub fn collections(api: &[Asked<'_>], origins: &Origins, read_at: &str) -> (Vec<Found>, Option<String>) {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut missing = None;
    for asked in api {
        match asked.good("/collections").map(|body| body.at(&["result", "collections"]).and_then(Node::as_sequence)) {
            Some(Some(list)) => names.extend(list.iter().filter_map(|one| one.text(&["name"]))),
            Some(None) => {
                missing.get_or_insert(format!("GET /collections of {}: the answer has no list", asked.name()));
            }
            None => {}
        }
    }
    let mut found = Vec::new();
    for name in names {
        match one(name, api, origins, read_at) {
            Ok((collection, lacking)) => {
                found.push(collection);
                missing = missing.or(lacking);
            }
            Err(why) => {
                missing.get_or_insert(why);
            }
        }
    }
    (found, missing)
}

/// One collection as the first peer describes it that can, and what else could not be read of it.
fn one(name: &str, api: &[Asked<'_>], origins: &Origins, read_at: &str) -> Result<(Found, Option<String>), String> {
    let path = format!("/collections/{}", escaped(name));
    let described = api.iter().find_map(|asked| {
        let result = asked.good(&path)?.at(&["result"])?;
        Some((result, result.at(&["config"]).filter(|config| config.at(&["params"]).is_some())?))
    });
    let Some((result, config)) = described else {
        return Err(why(api, &path).unwrap_or_else(|| format!("GET {path}: the answer has another form than Qdrant's")));
    };
    let of_shards = format!("{path}/cluster");
    let shards = api.iter().find_map(|asked| shards(asked.good(&of_shards)?.at(&["result"])?, origins));
    let lacking = if shards.is_none() { why(api, &of_shards) } else { None };
    let tracked = |keys: &[&str]| {
        let node = result.at(keys)?;
        Some(origins.track(whole(node)?, &node.origin))
    };
    let count = |active: bool| {
        let counts = shards.as_ref()?.iter().map(|shard| {
            let replicas = &shard.value.replicas;
            replicas.iter().filter(|replica| !active || replica.value.active).count() as u64
        });
        counts.min()
    };
    let state = Running {
        status: result.at(&["status"]).and_then(|node| Some(origins.track(node.as_str()?.to_owned(), &node.origin))),
        optimizer: result.at(&["optimizer_status"]).map(|node| {
            let text = node.as_str().or_else(|| node.text(&["error"])).unwrap_or_default();
            origins.track(text.to_owned(), &node.origin)
        }),
        points: tracked(&["points_count"]),
        indexed_vectors: tracked(&["indexed_vectors_count"]),
        least_copies: count(false),
        least_active: count(true),
        snapshots: snapshots(&path, api, shards.as_deref(), origins, read_at),
        shards,
    };
    Ok((Found { name: name.to_owned(), body: body(config), state }, lacking))
}

/// Why no peer gave a good answer.
fn why(api: &[Asked<'_>], path: &str) -> Option<String> {
    let asked_first = |asked: &&Asked<'_>| asked.endpoint.answers.iter().any(|answer| answer.path == path);
    let first = api.iter().find(asked_first).or_else(|| api.first());
    first.and_then(|asked| asked.why_not(path))
}

fn body(config: &Node) -> Node {
    let mut fields = Mapping::new();
    for (from, to) in FIELDS {
        if let Some(value) = config.at(from) {
            fields.insert(Arc::from(to), value.clone());
        }
    }
    Node::mapping(fields, config.origin.clone())
}

/// Shards with every replica that is known; none when the answer has another form.
fn shards(result: &Node, origins: &Origins) -> Option<Vec<Tracked<Shard>>> {
    let own = result.at(&["peer_id"]).and_then(id)?;
    let moving: BTreeSet<u64> =
        result.items(&["shard_transfers"]).iter().filter_map(|transfer| whole(transfer.at(&["shard_id"])?)).collect();
    let mut made: BTreeMap<u64, (Shard, &Node)> = BTreeMap::new();
    let local = result.at(&["local_shards"])?.as_sequence()?.iter().map(|node| (node, Some(own.clone())));
    let remote = result.at(&["remote_shards"])?.as_sequence()?.iter();
    let remote = remote.map(|node| (node, node.at(&["peer_id"]).and_then(id)));
    for (node, peer) in local.chain(remote) {
        let number = whole(node.at(&["shard_id"])?)?;
        let state = node.at(&["state"])?;
        let (shard, _) = made.entry(number).or_insert_with(|| {
            let key = node.at(&["shard_key"]).and_then(Node::scalar_text);
            (Shard { id: number, key, transferring: moving.contains(&number), ..Shard::default() }, node)
        });
        let text = state.as_str()?.to_owned();
        let active = matches!(text.as_str(), "Active" | "ActiveRead");
        shard.replicas.push(origins.track(Replica { peer: peer?, state: text, active }, &state.origin));
    }
    Some(made.into_values().map(|(shard, node)| origins.track(shard, &node.origin)).collect())
}

fn snapshots(
    path: &str,
    api: &[Asked<'_>],
    shards: Option<&[Tracked<Shard>]>,
    origins: &Origins,
    read_at: &str,
) -> Vec<Tracked<Snapshots>> {
    let now: Option<jiff::Timestamp> = read_at.parse().ok();
    let of_peer = |asked: &Asked<'_>| {
        let node = asked.good(&format!("{path}/snapshots"))?.at(&["result"])?;
        let list = node.as_sequence()?;
        let newest = list.iter().filter_map(|one| one.text(&["creation_time"])).max();
        let made = newest.and_then(moment);
        let peer_id = asked.good("/cluster").and_then(|body| body.at(&["result", "peer_id"])).and_then(id);
        let holds = |peer: &str| {
            shards.map(|shards| {
                let mut replicas = shards.iter().flat_map(|shard| &shard.value.replicas);
                replicas.any(|replica| replica.value.peer == peer)
            })
        };
        let fact = Snapshots {
            peer: asked.name().to_owned(),
            count: list.len() as u64,
            bytes: list.iter().filter_map(|one| whole(one.at(&["size"])?)).fold(0, u64::saturating_add),
            newest: newest.map(str::to_owned),
            age_hours: now
                .zip(made)
                .map(|(now, made)| u64::try_from(now.duration_since(made).as_hours()).unwrap_or_default()),
            holds_shards: peer_id.as_deref().and_then(holds),
        };
        Some(origins.track(fact, &node.origin))
    };
    api.iter().filter_map(of_peer).collect()
}

/// `2026-11-22T23:50:52`, in UTC whether it says so or not.
fn moment(text: &str) -> Option<jiff::Timestamp> {
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}
