//! The nodes that the peers may run on, and what they have.

use std::collections::BTreeMap;

use crate::model::build::{Pods, Scope};
use crate::model::facts::live::Node as Fact;
use crate::model::input::Object;
use crate::model::quantity::Quantity;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Label of a zone, and its name of old.
const ZONE: [&str; 2] = ["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"];

/// Every node, and whether the pods of the peers may be put there.
pub(super) fn nodes(scope: &Scope<'_>) -> Vec<Tracked<Fact>> {
    scope.of_kind("Node").map(|object| scope.origins.track(fact(object, scope), &object.node.origin)).collect()
}

fn fact(object: &Object, scope: &Scope<'_>) -> Fact {
    let allocatable =
        |resource: &str| Quantity::parse(&object.node.at(&["status", "allocatable", resource])?.scalar_text()?);
    Fact {
        name: object.name().to_owned(),
        zone: label(object, &ZONE),
        eligible: scope.pods.as_ref().is_some_and(|pods| takes(object, pods)),
        memory_bytes: allocatable("memory").and_then(Quantity::units),
        cpu_millis: allocatable("cpu").and_then(Quantity::millis),
    }
}

fn label(object: &Object, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.node.text(&["metadata", "labels", name])).map(str::to_owned)
}

/// Whether the scheduler may put the pods on a node: it is schedulable, has the labels they ask for, and they tolerate it.
fn takes(node: &Object, pods: &Pods) -> bool {
    let is_cordoned = node.node.at(&["spec", "unschedulable"]).and_then(Node::as_bool) == Some(true);
    let labels: BTreeMap<&str, &str> = node
        .node
        .fields(&["metadata", "labels"])
        .filter_map(|(name, value)| Some((name.as_ref(), value.as_str()?)))
        .collect();
    let is_selected =
        pods.spec.fields(&["nodeSelector"]).all(|(name, value)| labels.get(name.as_ref()).copied() == value.as_str());
    let required = pods.spec.items(&[
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    ]);
    let is_wanted = required.is_empty() || required.iter().any(|term| term_holds(term, &labels, node.name()));
    let tolerations = pods.spec.items(&["tolerations"]);
    let is_tolerated = node.node.items(&["spec", "taints"]).iter().all(|taint| {
        taint.text(&["effect"]) == Some("PreferNoSchedule") || tolerations.iter().any(|one| tolerates(one, taint))
    });
    !is_cordoned && is_selected && is_wanted && is_tolerated
}

fn term_holds(term: &Node, labels: &BTreeMap<&str, &str>, name: &str) -> bool {
    let expressions = term.items(&["matchExpressions"]);
    let fields = term.items(&["matchFields"]);
    if expressions.is_empty() && fields.is_empty() {
        return false;
    }
    expressions.iter().all(|one| holds(one, one.text(&["key"]).and_then(|key| labels.get(key).copied())))
        && fields.iter().all(|one| holds(one, Some(name)))
}

/// One requirement on the value of a label, as the scheduler reads it.
fn holds(requirement: &Node, value: Option<&str>) -> bool {
    let values = requirement.items(&["values"]);
    let is_in = value.is_some_and(|value| values.iter().any(|one| one.as_str() == Some(value)));
    let compared = |fits: fn(i64, i64) -> bool| {
        let limit = values.first().and_then(Node::as_str).and_then(|limit| limit.parse().ok());
        value.and_then(|value| value.parse().ok()).zip(limit).is_some_and(|(value, limit)| fits(value, limit))
    };
    match requirement.text(&["operator"]) {
        Some("In") => is_in,
        Some("NotIn") => !is_in,
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        Some("Gt") => compared(|value, limit| value > limit),
        Some("Lt") => compared(|value, limit| value < limit),
        _ => false,
    }
}

fn tolerates(toleration: &Node, taint: &Node) -> bool {
    let of = |node: &Node, field: &str| node.text(&[field]).unwrap_or_default().to_owned();
    let (key, effect) = (of(toleration, "key"), of(toleration, "effect"));
    let exists = of(toleration, "operator") == "Exists";
    (effect.is_empty() || effect == of(taint, "effect"))
        && if key.is_empty() {
            exists
        } else {
            key == of(taint, "key") && (exists || of(toleration, "value") == of(taint, "value"))
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn pods(spec: &Value) -> Pods {
        let mut spec = spec.clone();
        spec["containers"] = json!([{"name": "q", "image": "qdrant/qdrant"}]);
        Pods::of(&Object::derived(
            &json!({"kind": "StatefulSet", "metadata": {"name": "q"}, "spec": {"template": {"spec": spec}}}),
        ))
        .unwrap()
    }

    #[test]
    fn a_node_is_eligible_as_the_scheduler_would_have_it() {
        let node = Object::derived(
            &json!({"kind": "Node", "metadata": {"name": "n", "labels": {"disk": "nvme", "gen": "7"}},
            "spec": {"taints": [{"key": "dedicated", "value": "qdrant", "effect": "NoSchedule"}, {"key": "soft", "effect": "PreferNoSchedule"}]}}),
        );
        let tolerated = json!([{"key": "dedicated", "operator": "Equal", "value": "qdrant", "effect": "NoSchedule"}]);
        let affinity = |expressions: Value| json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchExpressions": expressions}]}}});
        for (spec, expected) in [
            (json!({}), false),
            (json!({"tolerations": tolerated}), true),
            (json!({"tolerations": [{"operator": "Exists"}]}), true),
            (json!({"tolerations": [{"key": "dedicated", "value": "other"}]}), false),
            (json!({"tolerations": tolerated, "nodeSelector": {"disk": "hdd"}}), false),
            (
                json!({"tolerations": tolerated, "affinity": affinity(json!([{"key": "disk", "operator": "In", "values": ["nvme"]}, {"key": "gen", "operator": "Gt", "values": ["6"]}]))}),
                true,
            ),
            (
                json!({"tolerations": tolerated, "affinity": affinity(json!([{"key": "disk", "operator": "DoesNotExist"}]))}),
                false,
            ),
            (json!({"tolerations": tolerated, "affinity": affinity(json!([]))}), false),
        ] {
            assert_eq!(takes(&node, &pods(&spec)), expected, "{spec}");
        }
        let cordoned =
            Object::derived(&json!({"kind": "Node", "metadata": {"name": "n"}, "spec": {"unschedulable": true}}));
        assert!(!takes(&cordoned, &pods(&json!({}))));
    }
}
