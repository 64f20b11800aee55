//! Autoscalers that target the peers.

use super::build::Scope;
use super::facts::cluster::Autoscaler;
use super::input::Object;
use super::tracked::Tracked;
use crate::source::{Node, Origin};

/// Kinds with the field that names the target, and its kind when none is written.
const KINDS: [(&str, &str, &str); 3] = [
    ("HorizontalPodAutoscaler", "scaleTargetRef", ""),
    ("ScaledObject", "scaleTargetRef", "Deployment"),
    ("VerticalPodAutoscaler", "targetRef", ""),
];

/// HorizontalPodAutoscalers, ScaledObjects and VerticalPodAutoscalers of the peers.
pub fn autoscalers(scope: &Scope<'_>) -> Vec<Tracked<Autoscaler>> {
    let own = scope.pods.as_ref().map(|pods| &pods.workload);
    scope
        .objects
        .iter()
        .filter_map(|object| {
            let target = target(object)?;
            let aims = own.map_or_else(|| is_about_qdrant(object), |workload| aims_at(object, workload));
            aims.then(|| scope.origins.track(fact(object), &target.origin))
        })
        .collect()
}

/// The least replicas that an autoscaler leaves of a workload: the node that says so, and the number when it is one.
pub fn least<'o>(objects: impl Iterator<Item = &'o Object>, workload: &Object) -> Option<(Node, Option<u64>)> {
    let horizontal = objects.filter(|object| object.kind() != "VerticalPodAutoscaler" && aims_at(object, workload));
    horizontal
        .map(|object| {
            let written = object.node.at(&["spec", min_field(object)]);
            let node = written.or_else(|| target(object)).unwrap_or(&object.node).clone();
            // one that may scale to nothing is asked about while it runs
            let number = written.map_or(Some(1), whole).map(|number| number.max(1));
            (node, number)
        })
        .next()
}

fn fact(object: &Object) -> Autoscaler {
    let spec = object.node.at(&["spec"]).cloned().unwrap_or_else(|| Node::null(Origin::Derived));
    let number = |field: &str, default: Option<u64>| spec.at(&[field]).map_or(default, whole);
    let kind = object.kind();
    let (min, max, mode) = match kind {
        "HorizontalPodAutoscaler" => (number("minReplicas", Some(1)), number("maxReplicas", None), None),
        "ScaledObject" => (number("minReplicaCount", Some(0)), number("maxReplicaCount", Some(100)), None),
        _ => {
            let mode = spec.at(&["updatePolicy", "updateMode"]).and_then(Node::scalar_text);
            // `Off` is a boolean to YAML 1.1
            let mode = mode.map(|mode| if mode == "false" { "Off".to_owned() } else { mode });
            (None, None, mode)
        }
    };
    Autoscaler { kind: kind.to_owned(), name: object.name().to_owned(), min, max, mode }
}

fn min_field(object: &Object) -> &'static str {
    if object.kind() == "ScaledObject" { "minReplicaCount" } else { "minReplicas" }
}

fn whole(node: &Node) -> Option<u64> {
    node.as_i64().and_then(|number| u64::try_from(number).ok())
}

fn target(object: &Object) -> Option<&Node> {
    let (_, field, _) = KINDS.iter().find(|(kind, ..)| *kind == object.kind())?;
    object.node.at(&["spec", field])
}

fn aims_at(object: &Object, workload: &Object) -> bool {
    let Some((_, _, default)) = KINDS.iter().find(|(kind, ..)| *kind == object.kind()) else { return false };
    let Some(target) = target(object) else { return false };
    let same_namespace = match (object.namespace(), workload.namespace()) {
        (Some(left), Some(right)) => left == right,
        _ => true,
    };
    let name = target.text(&["name"]).unwrap_or_default();
    same_namespace
        && target.text(&["kind"]).unwrap_or(default) == workload.kind()
        && !name.is_empty()
        && name == workload.name()
}

fn is_about_qdrant(object: &Object) -> bool {
    target(object).and_then(|target| target.text(&["name"])).is_some_and(|name| name.contains("qdrant"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_autoscaler_is_judged_by_its_target_and_not_its_name() {
        let workload =
            Object::derived(&json!({"kind": "StatefulSet", "metadata": {"name": "vectors", "namespace": "a"}}));
        let aim = |kind: &str, name: &str, namespace: &str| {
            Object::derived(
                &json!({"kind": "HorizontalPodAutoscaler", "metadata": {"name": "x", "namespace": namespace},
                "spec": {"scaleTargetRef": {"kind": kind, "name": name}, "minReplicas": 3, "maxReplicas": 6}}),
            )
        };
        assert!(aims_at(&aim("StatefulSet", "vectors", "a"), &workload));
        assert!(!aims_at(&aim("Deployment", "vectors", "a"), &workload));
        assert!(!aims_at(&aim("StatefulSet", "vectors", "b"), &workload));
        assert!(!aims_at(&aim("StatefulSet", "app", "a"), &workload));
        let least = least([aim("StatefulSet", "vectors", "a")].iter(), &workload).and_then(|(_, number)| number);
        assert_eq!(least, Some(3));
    }

    #[test]
    fn an_update_mode_that_yaml_reads_as_a_boolean_is_still_off() {
        let scaler = json!({"kind": "VerticalPodAutoscaler", "metadata": {"name": "v"},
            "spec": {"targetRef": {"kind": "StatefulSet", "name": "q"}, "updatePolicy": {"updateMode": false}}});
        assert_eq!(fact(&Object::derived(&scaler)).mode.as_deref(), Some("Off"));
    }
}
