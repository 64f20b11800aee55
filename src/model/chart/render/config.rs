//! The ConfigMap: Qdrant's `production.yaml`, and the script that starts peers.

use std::collections::BTreeMap;

use super::block::Block;
use super::changes::Change;
use super::context::Context;
use super::{Bootstrap, RenderedObject};
use crate::source::Node;

/// How the start script of this version tells peers of each other.
pub(super) fn bootstrap(context: &Context<'_>) -> Bootstrap {
    let restoration = context.value("snapshotRestoration");
    let restores = restoration.get("enabled").truth() && context.value("replicaCount").text() == "1";
    let snapshots = if restores {
        restoration.get("snapshots").items().iter().map(super::context::Value::text).collect()
    } else {
        Vec::new()
    };
    let (mut scheme, mut port, mut at) = ("http", "6335".to_owned(), context.fixed_origin());
    if context.has(Change::PeerUrisFollowConfig) {
        let p2p = context.value("config.cluster.p2p");
        let (tls, number) = (p2p.get("enable_tls"), p2p.get("port"));
        at = if number.origin().is_written() && !tls.origin().is_written() { number.origin() } else { tls.origin() };
        // only the boolean counts, a string "true" does not
        if tls.node.and_then(Node::as_bool) == Some(true) {
            scheme = "https";
        }
        if number.truth() {
            port = number.text();
        }
    }
    let name = context.full_name().0;
    let first_peer = format!("{scheme}://{name}-0.{name}-headless:{port}");
    Bootstrap { scheme, port, first_peer, at, snapshots, restores }
}

/// The ConfigMap. Its `production.yaml` stands in the data as JSON, which is YAML too; its script as a summary.
pub(super) fn render(context: &Context<'_>, bootstrap: &Bootstrap) -> RenderedObject {
    let values = context.value("config");
    let production = if context.has(Change::ConfigIsTemplate) { context.evaluated(&values) } else { values.yaml() };
    let script = if bootstrap.restores {
        let mut script = format!("exec ./entrypoint.sh --uri '{}'", bootstrap.first_peer);
        for snapshot in &bootstrap.snapshots {
            script.push_str(" --snapshot ");
            script.push_str(snapshot);
        }
        script
    } else {
        let Bootstrap { first_peer, scheme, port, .. } = bootstrap;
        let name = context.full_name().0;
        format!(
            "# peer 0\nexec ./entrypoint.sh --uri '{first_peer}'\n# every other peer N\n\
             exec ./entrypoint.sh --bootstrap '{first_peer}' --uri '{scheme}://{name}-N.{name}-headless:{port}'"
        )
    };
    let data = Block::new(context)
        .with("initialize.sh", Node::string(script, bootstrap.at.clone()))
        .with("production.yaml", Node::string(production.to_json().to_string(), values.origin()));
    let annotations = context.annotations(None);
    let object = context.object("v1", "ConfigMap", context.named(""), context.labels(), annotations);
    let configs = BTreeMap::from([("production.yaml".to_owned(), production)]);
    RenderedObject { object: object.with("data", data.node()).node(), configs }
}
