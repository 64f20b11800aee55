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

/// Whether a budget selects peers, or is about Qdrant by name or labels.
pub fn concerns(object: &Object, peers: Option<&Peers>) -> bool {
    let namespace = peers.and_then(|peers| peers.namespace.as_deref());
    let same = match (object.namespace(), namespace) {
        (Some(of_object), Some(of_peers)) => of_object == of_peers,
        _ => true,
    };
    same && (about_qdrant(object) || peers.is_some_and(|peers| matches(object, peers)))
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
    let of_peers = judged.peers.map(|peers| matches(object, peers));
    let rejected = min.is_some() && max.is_some();
    let peers_matched = if of_peers == Some(true) { judged.count.unwrap_or_default() } else { 0 };
    let matched = peers_matched + other_pods.len() as u64;
    let known = of_peers == Some(true) && judged.count.is_some() && !rejected;
    let fact = Budget {
        name: object.name().to_owned(),
        min_available: written("minAvailable"),
        max_unavailable: written("maxUnavailable"),
        selects: match of_peers {
            Some(true) => "peers",
            Some(false) => "nothing",
            None => "unseen",
        }
        .to_owned(),
        about_qdrant: about_qdrant(object),
        matched_pods: matched,
        other_pods,
        allowed_disruptions: if known { allowed(min, max, matched) } else { None },
        rejected,
        releases: judged
            .others
            .iter()
            .filter(|(_, peers)| of_peers == Some(true) && matches(object, peers))
            .map(|(name, _)| name.clone())
            .collect(),
        from_chart: labels_of(node.at(&["metadata", "labels"])).contains_key("helm.sh/chart"),
    };
    let place = min.or(max).or_else(|| node.at(&["spec", "selector"])).unwrap_or(node);
    origins.track(fact, &place.origin)
}

/// Evictions while every pod is healthy. Percentages are rounded up for both fields; an empty spec allows none.
fn allowed(min: Option<&Node>, max: Option<&Node>, matched: u64) -> Option<i64> {
    let matched = i64::try_from(matched).ok()?;
    match (min, max) {
        (Some(min), _) => Some((matched - scaled(min, matched)?).max(0)),
        (None, Some(max)) => Some(scaled(max, matched)?.min(matched)),
        (None, None) => Some(0),
    }
}

fn scaled(value: &Node, of: i64) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let percent: i64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    Some((percent * of + 99).div_euclid(100))
}

fn selector(object: &Object) -> Option<Selector> {
    // policy/v1: an empty selector means every pod of the namespace, an absent one none
    object.node.at(&["spec", "selector"]).map(|node| Selector::of(Some(node)))
}

fn matches(object: &Object, peers: &Peers) -> bool {
    let same = match (object.namespace(), peers.namespace.as_deref()) {
        (Some(of_object), Some(of_peers)) => of_object == of_peers,
        _ => true,
    };
    same && selector(object).is_some_and(|selector| selector.matches(&peers.labels))
}

fn about_qdrant(object: &Object) -> bool {
    let named = object.name().contains("qdrant");
    let by_label = selector(object).is_some_and(|selector| selector.words().any(|word| word.contains("qdrant")));
    named || by_label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, SourceId};
    use serde_json::{Value, json};

    fn allowed_of(spec: &Value, count: u64) -> Option<i64> {
        let mut node = json!({"kind": "PodDisruptionBudget", "metadata": {"name": "q"}, "spec": {"selector": {"matchLabels": {"app": "q"}}}});
        node["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        let object = Object {
            node: Node::from_json(&node, &Origin::Derived),
            source: SourceId(0),
            folder: String::new(),
            rendered_by_helm: false,
            live: false,
        };
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
    fn an_empty_spec_allows_nothing_and_both_fields_are_refused() {
        assert_eq!(allowed_of(&json!({}), 3), Some(0));
        assert_eq!(allowed_of(&json!({"minAvailable": 2, "maxUnavailable": 1}), 3), None);
    }
}
