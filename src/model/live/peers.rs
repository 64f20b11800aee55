//! One peer's facts.

use super::answers::{Asked, whole};
use crate::model::facts::live::{Consensus, Member, Peer, SendFailure};
use crate::model::recorded::{Answer, Probe};
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

/// Telemetry with the memory of the process.
const TELEMETRY: &str = "/telemetry?details_level=1";

pub(super) fn peer(asked: &Asked<'_>, origins: &Origins) -> Tracked<Peer> {
    let root = asked.good("/");
    let cluster = asked.good("/cluster").and_then(|body| body.at(&["result"]));
    let metric = |names: &[&str]| {
        let samples = asked.good("/metrics")?;
        let node = names.iter().find_map(|name| samples.at(&[name]))?;
        Some(origins.track(whole(node)?, &node.origin))
    };
    let telemetry = |keys: &[&str]| asked.good(TELEMETRY)?.at(&["result"])?.at(keys);
    let resident = telemetry(&["memory", "resident_bytes"]);
    let fact = Peer {
        name: asked.name().to_owned(),
        url: asked.endpoint.url.clone(),
        via: serde_json::to_value(asked.endpoint.via)
            .ok()
            .and_then(|via| via.as_str().map(str::to_owned))
            .unwrap_or_default(),
        reached: asked.is_reached(),
        failure: asked.endpoint.error.clone(),
        version: root
            .and_then(|root| root.at(&["version"]))
            .or_else(|| telemetry(&["app", "version"]))
            .and_then(|node| Some(origins.track(node.as_str()?.trim_start_matches('v').to_owned(), &node.origin))),
        id: cluster.and_then(|cluster| cluster.at(&["peer_id"])).and_then(id),
        tls: asked.endpoint.url.starts_with("https:"),
        open: tried(asked.probe(Probe::Unauthenticated), origins, &|answer, body| {
            // what answers anything with 200 is no open Qdrant
            let is_list = body.is_some_and(|body| body.at(&["result", "collections"]).is_some());
            (answer.status != Some(200) || is_list).then_some(is_list)
        }),
        metrics_open: tried(asked.probe(Probe::MetricsWithoutKey), origins, &|answer, body| {
            let is_open = body.is_some_and(|body| body.at(&["collections_total"]).is_some());
            (answer.status != Some(200) || is_open).then_some(is_open)
        }),
        plain_text: if asked.endpoint.url.starts_with("https:") {
            asked.probe(Probe::Plaintext).and_then(|(answer, body)| {
                let is_open = answer.status == Some(200) && body.is_some_and(|body| body.at(&["version"]).is_some());
                let is_told = answer.status.is_some() || answer.error.is_some();
                is_told.then(|| origins.track(is_open, &origin_of(body)))
            })
        } else {
            root.map(|root| origins.track(true, &root.origin))
        },
        cluster: cluster.map(|node| {
            let later = asked.later("/cluster").and_then(|body| body.at(&["result"]));
            origins.track(consensus(node, later, origins), &node.origin)
        }),
        resident_bytes: resident
            .and_then(|node| Some(origins.track(whole(node)?, &node.origin)))
            .or_else(|| metric(&["memory_resident_bytes"])),
        max_open_files: metric(&["process_max_fds"]),
        open_files: metric(&["process_open_fds"]),
        recovery_mode: telemetry(&["app", "features", "recovery_mode"])
            .and_then(|node| Some(origins.track(node.as_bool()?, &node.origin))),
    };
    let origin = root.map_or(Origin::Derived, |root| root.origin.clone());
    origins.track(fact, &origin)
}

/// What a probe shows: open, closed, or nothing that could be told.
fn tried(
    probe: Option<(&Answer, Option<&Node>)>,
    origins: &Origins,
    is_open: &dyn Fn(&Answer, Option<&Node>) -> Option<bool>,
) -> Option<Tracked<bool>> {
    let (answer, body) = probe?;
    if !matches!(answer.status, Some(200 | 401 | 403)) {
        return None;
    }
    Some(origins.track(is_open(answer, body)?, &origin_of(body)))
}

fn origin_of(body: Option<&Node>) -> Origin {
    body.map_or(Origin::Derived, |body| body.origin.clone())
}

fn consensus(node: &Node, later: Option<&Node>, origins: &Origins) -> Consensus {
    let number = |keys: &[&str]| node.at(keys).and_then(whole);
    let thread = node.at(&["consensus_thread_status"]);
    Consensus {
        enabled: node.text(&["status"]) == Some("enabled"),
        members: node
            .fields(&["peers"])
            .map(|(id, peer)| {
                let uri = peer.text(&["uri"]).unwrap_or_default().to_owned();
                Member { id: id.to_string(), tls: uri.starts_with("https:"), uri }
            })
            .collect(),
        term: number(&["raft_info", "term"]),
        commit: number(&["raft_info", "commit"]),
        later_commit: later.and_then(|later| later.at(&["raft_info", "commit"])).and_then(whole),
        pending_operations: number(&["raft_info", "pending_operations"]),
        leader: node.at(&["raft_info", "leader"]).and_then(id),
        role: node.text(&["raft_info", "role"]).map(str::to_owned),
        voter: node.at(&["raft_info", "is_voter"]).and_then(Node::as_bool),
        thread: thread
            .and_then(|thread| thread.at(&["consensus_thread_status"]))
            .and_then(|state| Some(origins.track(state.as_str()?.to_owned(), &state.origin))),
        thread_error: thread.and_then(|thread| thread.text(&["err"])).map(str::to_owned),
        send_failures: node
            .fields(&["message_send_failures"])
            .map(|(uri, failure)| {
                let count = failure.at(&["count"]).and_then(whole);
                origins.track(SendFailure { uri: uri.to_string(), count }, &failure.origin)
            })
            .collect(),
        later_send_failures: later
            .map(|later| later.fields(&["message_send_failures"]).map(|(uri, _)| uri.to_string()).collect()),
    }
}

/// An id, which older servers print beyond what other languages' numbers hold.
pub(super) fn id(node: &Node) -> Option<String> {
    whole(node).map(|id| id.to_string()).or_else(|| node.as_str().map(str::to_owned))
}
