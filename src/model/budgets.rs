//! Disruption budgets: whom they select, and how many evictions they allow.

use super::facts::cluster::Budget;
use super::input::Object;
use super::network::labels::{Selector, labels_of};
use super::network::{Around, Peers};
use super::tracked::{Origins, Tracked};
use crate::source::Node;

/// The peers' names and numbers that budgets are judged by.
pub struct Judged<'a> {
    /// Labels and namespace of the peers; `None` without a workload.
    pub peers: Option<&'a Peers>,
    /// How many peers.
    pub count: Option<u64>,
    /// Other pods of the input, with how many there are at most one each.
    pub around: &'a Around,
    /// Releases whose pods match, by name: those of other deployments.
    pub others: &'a [(String, Peers)],
}

/// Whether a budget selects peers, or is about Qdrant by name or labels and not that of another Qdrant.
pub fn concerns(object: &Object, peers: Option<&Peers>, others: &[(String, Peers)]) -> bool {
    let namespace = peers.and_then(|peers| peers.namespace.as_deref());
    let same = match (object.namespace(), namespace) {
        (Some(of_object), Some(of_peers)) => of_object == of_peers,
        _ => true,
    };
    let of_peers = peers.is_some_and(|peers| selected(object, peers, None) != Selected::Nothing);
    let of_others = || others.iter().any(|(_, peers)| selected(object, peers, None) != Selected::Nothing);
    same && (of_peers || (about_qdrant(object) && !of_others()))
}

/// A budget as a fact.
pub fn budget(object: &Object, judged: &Judged<'_>, origins: &Origins) -> Tracked<Budget> {
    let node = &object.node;
    let written = |key: &str| node.at(&["spec", key]).map(|value| origins.track(value.to_json(), &value.origin));
    let (min, max) = (node.at(&["spec", "minAvailable"]), node.at(&["spec", "maxUnavailable"]));
    let other_pods: Vec<String> = judged
        .around
        .pods
        .iter()
        .filter(|pod| {
            pod.namespace.is_none() || object.namespace().is_none() || pod.namespace.as_deref() == object.namespace()
        })
        .filter(|pod| selector(object).is_some_and(|selector| selector.matches(&pod.labels)))
        .map(|pod| pod.what.clone())
        .collect();
    let of_peers = judged.peers.map(|peers| selected(object, peers, judged.count));
    let rejected = min.is_some() && max.is_some();
    let peers_matched = match of_peers {
        Some(Selected::Peers) => judged.count.unwrap_or_default(),
        Some(Selected::Some(count)) => count,
        Some(Selected::Nothing) | None => 0,
    };
    let matched = peers_matched + other_pods.len() as u64;
    let known = judged.count.is_some() && peers_matched > 0;
    let fact = Budget {
        name: object.name().to_owned(),
        min_available: written("minAvailable"),
        max_unavailable: written("maxUnavailable"),
        selects: match of_peers {
            Some(Selected::Peers) => "peers",
            Some(Selected::Some(_)) => "some",
            Some(Selected::Nothing) => "nothing",
            None => "unseen",
        }
        .to_owned(),
        about_qdrant: about_qdrant(object),
        matched_pods: matched,
        other_pods,
        allowed_disruptions: match (rejected, known) {
            (true, _) => None,
            (false, true) => allowed(min, max, matched),
            (false, false) => none_of_any(min, max).then_some(0),
        },
        rejected,
        releases: judged
            .others
            .iter()
            .filter(|(_, peers)| peers_matched > 0 && selected(object, peers, None) != Selected::Nothing)
            .map(|(name, _)| name.clone())
            .collect(),
        from_chart: labels_of(node.at(&["metadata", "labels"])).contains_key("helm.sh/chart"),
    };
    let spec = node.at(&["spec"]);
    let place = match of_peers {
        Some(Selected::Nothing) => node.at(&["spec", "selector"]).or(spec),
        _ => min.or(max).or(spec),
    };
    origins.track(fact, &place.unwrap_or(node).origin)
}

/// Evictions while every pod is healthy. Percentages are rounded up for both fields; an empty spec allows none.
fn allowed(min: Option<&Node>, max: Option<&Node>, matched: u64) -> Option<i64> {
    let matched = i64::try_from(matched).ok()?;
    match (min, max) {
        (Some(min), _) => Some((matched - scaled(min, matched)?).clamp(0, matched)),
        (None, Some(max)) => Some(scaled(max, matched)?.clamp(0, matched)),
        (None, None) => Some(0),
    }
}

/// Whether it allows no eviction, however many pods there are.
fn none_of_any(min: Option<&Node>, max: Option<&Node>) -> bool {
    match (min, max) {
        (Some(min), _) => min.as_str() == Some("100%"),
        (None, Some(max)) => scaled(max, 100) == Some(0),
        (None, None) => true,
    }
}

fn scaled(value: &Node, of: i64) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let percent: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    Some(percent.checked_mul(of)?.checked_add(99)?.div_euclid(100))
}

fn selector(object: &Object) -> Option<Selector> {
    // policy/v1: an empty selector means every pod of the namespace, an absent one none
    object.node.at(&["spec", "selector"]).map(|node| Selector::of(Some(node)))
}

/// Which peers a budget selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Selected {
    Nothing,
    /// How many of them.
    Some(u64),
    Peers,
}

/// Labels that Kubernetes gives to the pods of a StatefulSet, one value each.
const OF_ONE_POD: [&str; 2] = ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];
/// More peers than anybody runs are not looked at one by one.
const MANY: u64 = 1024;

fn selected(object: &Object, peers: &Peers, count: Option<u64>) -> Selected {
    let same = match (object.namespace(), peers.namespace.as_deref()) {
        (Some(of_object), Some(of_peers)) => of_object == of_peers,
        _ => true,
    };
    let Some(selector) = selector(object).filter(|_| same) else { return Selected::Nothing };
    if !selector.words().any(|word| OF_ONE_POD.contains(&word)) {
        return if selector.matches(&peers.labels) { Selected::Peers } else { Selected::Nothing };
    }
    let count = count.unwrap_or(1).min(MANY);
    let matched = (0..count)
        .filter(|ordinal| {
            let mut labels = peers.labels.clone();
            labels.insert(OF_ONE_POD[0].to_owned(), format!("{}-{ordinal}", peers.name));
            labels.insert(OF_ONE_POD[1].to_owned(), ordinal.to_string());
            selector.matches(&labels)
        })
        .count() as u64;
    match matched {
        0 => Selected::Nothing,
        all if all == count => Selected::Peers,
        some => Selected::Some(some),
    }
}

fn about_qdrant(object: &Object) -> bool {
    let named = object.name().contains("qdrant");
    let by_label = selector(object).is_some_and(|selector| selector.words().any(|word| word.contains("qdrant")));
    named || by_label
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn allowed_of(spec: &Value, count: u64) -> Option<i64> {
        let mut node = json!({"kind": "PodDisruptionBudget", "metadata": {"name": "q"}, "spec": {"selector": {"matchLabels": {"app": "q"}}}});
        node["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let object = Object::derived(&node);
        let peers = Peers { labels: [("app".to_owned(), "q".to_owned())].into_iter().collect(), ..Peers::default() };
        let judged = Judged { peers: Some(&peers), count: Some(count), around: &Around::default(), others: &[] };
        budget(&object, &judged, &Origins::default()).value.allowed_disruptions
    }

    #[test]
    fn percentages_are_rounded_up_for_both_fields() {
        assert_eq!(allowed_of(&json!({"minAvailable": "50%"}), 3), Some(1));
        assert_eq!(allowed_of(&json!({"maxUnavailable": "50%"}), 3), Some(2));
        assert_eq!(allowed_of(&json!({"maxUnavailable": "1%"}), 3), Some(1));
    }

    #[test]
    fn a_budget_for_one_pod_selects_some() {
        let selector = json!({"matchLabels": {"statefulset.kubernetes.io/pod-name": "q-0"}});
        let node = json!({"kind": "PodDisruptionBudget", "metadata": {"name": "b"}, "spec": {"selector": selector}});
        let object = Object::derived(&node);
        let peers = Peers { name: "q".to_owned(), ..Peers::default() };
        assert_eq!(selected(&object, &peers, Some(3)), Selected::Some(1));
        assert_eq!(selected(&object, &peers, Some(1)), Selected::Peers);
    }

    #[test]
    fn without_peers_only_what_holds_for_any_number_is_known() {
        let none = |spec: Value| {
            let node = Node::from_json(&spec, &crate::source::Origin::Derived);
            none_of_any(node.at(&["minAvailable"]), node.at(&["maxUnavailable"]))
        };
        assert!(none(json!({})));
        assert!(none(json!({"maxUnavailable": "0%"})));
        assert!(none(json!({"minAvailable": "100%"})));
        assert!(!none(json!({"minAvailable": 2})));
        assert!(!none(json!({"maxUnavailable": "1%"})));
    }

    #[test]
    fn an_empty_spec_allows_nothing_and_both_fields_are_refused() {
        assert_eq!(allowed_of(&json!({}), 3), Some(0));
        assert_eq!(allowed_of(&json!({"minAvailable": 2, "maxUnavailable": 1}), 3), None);
    }
}
