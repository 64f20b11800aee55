//! Where the peers run: the pods of the workload and the zones of their nodes. Only a cluster shows it.

use super::build::Scope;
use super::facts::cluster::Placed;
use super::network::labels::labels_of;
use super::tracked::Tracked;
use crate::source::Node;

const ZONES: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];

/// The peers by name; none for files.
pub fn placement(scope: &Scope<'_>) -> Option<Vec<Tracked<Placed>>> {
    scope.live.as_ref()?;
    let pods = scope.pods.as_ref()?;
    let mut placed: Vec<Tracked<Placed>> = scope
        .running
        .iter()
        .filter(|object| object.kind() == "Pod" && object.namespace() == pods.workload.namespace())
        .filter(|object| {
            let labels = labels_of(object.node.at(&["metadata", "labels"]));
            !pods.labels.is_empty() && pods.labels.iter().all(|(key, value)| labels.get(key) == Some(value))
        })
        .map(|object| {
            let node = object.node.text(&["spec", "nodeName"]).filter(|node| !node.is_empty());
            let fact = Placed {
                pod: object.name().to_owned(),
                node: node.map(str::to_owned),
                zone: node.and_then(|node| scope.object("Node", node)).and_then(|node| zone(&node.node)),
            };
            scope.origins.track(fact, &object.node.at(&["spec", "nodeName"]).unwrap_or(&object.node).origin)
        })
        .collect();
    // `qdrant-2` before `qdrant-10`
    placed.sort_by_key(|peer| (peer.value.pod.len(), peer.value.pod.clone()));
    Some(placed)
}

fn zone(node: &Node) -> Option<String> {
    let labels = labels_of(node.at(&["metadata", "labels"]));
    ZONES.iter().find_map(|key| labels.get(*key)).cloned()
}
