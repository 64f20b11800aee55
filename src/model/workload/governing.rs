//! The Service that gives the peers their names in DNS.

use crate::model::build::{Pods, Scope};
use crate::model::input::Object;
use crate::model::network::labels::labels_of;
use crate::source::Node;

/// What became of the Service that `serviceName` names; `None` for anything but a StatefulSet.
pub(super) fn service(pods: &Pods, scope: &Scope<'_>) -> Option<&'static str> {
    if pods.workload.kind() != "StatefulSet" {
        return None;
    }
    let name = pods.workload.node.text(&["spec", "serviceName"]).filter(|name| !name.is_empty());
    let Some(name) = name else { return Some("missing") };
    if super::hidden::is_templated(name) {
        return Some("unseen");
    }
    let same_namespace = |object: &Object| {
        object.namespace().is_none_or(|own| scope.namespace.as_deref().is_none_or(|seen| seen == own))
    };
    let found = scope.of_kind("Service").find(|object| object.name() == name && same_namespace(object));
    Some(found.map_or("missing", |service| state(&service.node, pods)))
}

fn state(service: &Node, pods: &Pods) -> &'static str {
    let selector = labels_of(service.at(&["spec", "selector"]));
    let selects = selector.iter().all(|(key, value)| pods.labels.get(key) == Some(value));
    let flag = service.at(&["spec", "publishNotReadyAddresses"]).and_then(Node::as_bool);
    if service.text(&["spec", "clusterIP"]) != Some("None") {
        "not-headless"
    } else if selector.is_empty() || !selects {
        "selects-other"
    } else if flag != Some(true) {
        "hides-not-ready"
    } else {
        "resolved"
    }
}
