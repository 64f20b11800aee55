//! The pods of the peers that run: where they are, and of which version.

use crate::model::build::{Scope, is_qdrant_container};
use crate::model::facts::live::Pod as Fact;
use crate::model::input::Object;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Pods of the workload, by name.
pub(super) fn pods(scope: &Scope<'_>) -> Vec<Tracked<Fact>> {
    let Some(own) = &scope.pods else { return Vec::new() };
    let (kind, name) = (own.workload.kind(), own.workload.name());
    let is_own = |pod: &&Object| {
        pod.kind() == "Pod"
            && pod.node.items(&["metadata", "ownerReferences"]).iter().any(|owner| {
                let (of, by) = (owner.text(&["kind"]).unwrap_or_default(), owner.text(&["name"]).unwrap_or_default());
                let is_hashed = kind == "Deployment"
                    && of == "ReplicaSet"
                    && by.rsplit_once('-').is_some_and(|(set, _)| set == name);
                is_hashed || (of == kind && by == name)
            })
    };
    let mut pods: Vec<&Object> = scope.running.iter().filter(is_own).collect();
    pods.sort_by(|one, other| one.name().cmp(other.name()));
    pods.into_iter().map(|pod| scope.origins.track(fact(pod, scope), &place(pod).origin)).collect()
}

/// A finding about where a pod runs points at its node.
fn place(pod: &Object) -> &Node {
    pod.node.at(&["spec", "nodeName"]).unwrap_or(&pod.node)
}

fn fact(pod: &Object, scope: &Scope<'_>) -> Fact {
    let node = pod.node.text(&["spec", "nodeName"]).map(str::to_owned);
    let on = node.as_deref().and_then(|name| scope.object("Node", name));
    let label = |name: &str| on.and_then(|node| node.node.text(&["metadata", "labels", name])).map(str::to_owned);
    let ready = pod.node.items(&["status", "conditions"]).iter().find(|one| one.text(&["type"]) == Some("Ready"));
    let logs = scope.live.iter().flat_map(|live| &live.logs);
    let log = logs.clone().find(|log| log.pod == pod.name() && Some(log.namespace.as_str()) == pod.namespace());
    Fact {
        unread_log: match log {
            Some(log) => log.error.clone(),
            None => Some("its log was not read".to_owned()),
        },
        filesystem_fault: log
            .and_then(|log| log.lines.iter().find(|line| line.contains("Filesystem check failed")))
            .map(|line| line[line.find("Filesystem check failed").unwrap_or(0)..].to_owned()),
        name: pod.name().to_owned(),
        zone: label("topology.kubernetes.io/zone"),
        node,
        phase: pod.node.text(&["status", "phase"]).unwrap_or_default().to_owned(),
        ready: ready.and_then(|one| one.text(&["status"])).map(|status| status == "True"),
        restarts: pod
            .node
            .items(&["status", "containerStatuses"])
            .iter()
            .filter_map(|one| u64::try_from(one.at(&["restartCount"])?.as_i64()?).ok())
            .max(),
        image: pod
            .node
            .items(&["spec", "containers"])
            .iter()
            .find(|one| is_qdrant_container(one).is_some())
            .and_then(|one| one.at(&["image"]))
            .and_then(|image| Some(scope.origins.track(image.as_str()?.to_owned(), &image.origin))),
        ordinal: pod.name().rsplit_once('-').and_then(|(_, number)| number.parse().ok()),
    }
}
