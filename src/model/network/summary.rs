//! One policy by itself: whom it selects and whether it is about Qdrant.

use std::collections::BTreeMap;

use super::dns::is_only_dns;
use super::labels::labels_in_words;
use super::policy::{Policy, PortNumber};
use super::{Around, Peers, sources};
use crate::model::facts::network::Policy as Fact;
use crate::model::tracked::Origins;

/// Words in a selector that mean pods around Qdrant rather than its peers.
const HELPERS: [&str; 9] =
    ["backup", "snapshot", "exporter", "dashboard", "ui", "mcp", "operator", "client", "restore"];

/// Labels by which applications are told apart.
const NAMES: [&str; 5] = ["app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app", "name"];

/// The facts of one policy.
pub(super) fn policy(
    policy: &Policy,
    rejected: bool,
    peers: Option<&Peers>,
    around: &Around,
    origins: &Origins,
) -> Fact {
    let selects_peers = peers.is_some_and(|peers| policy.pods.matches(&peers.labels));
    let selects_other = around.pods.iter().any(|pod| policy.pods.matches(&pod.labels));
    let by_selector = means_qdrant(policy);
    let by_ports = policy.isolates_ingress && opens_qdrant_ports(policy);
    let by_name = policy.isolates_ingress && policy.name.contains("qdrant") && !is_helper(&policy.name);
    let about_qdrant = selects_peers || by_selector || by_ports || by_name;
    let types =
        [("Ingress", policy.isolates_ingress), ("Egress", policy.isolates_egress)].into_iter().filter(|(_, is)| *is);
    Fact {
        name: policy.name.clone(),
        selects_peers,
        scope: if policy.pods.is_empty() { "all" } else { "some" }.to_owned(),
        about_qdrant,
        selects_nothing: peers.is_some() && about_qdrant && !selects_peers && !selects_other,
        selector: Some(origins.track(
            if policy.pods.is_empty() { "every pod".to_owned() } else { policy.pods.to_string() },
            &policy.selector_origin,
        )),
        peer_labels: peers.map(|peers| labels_in_words(&peers.labels)).unwrap_or_default(),
        rejected,
        types: types.map(|(name, _)| name.to_owned()).collect(),
        opens: if peers.is_none() && about_qdrant { sources::opens(policy, origins) } else { BTreeMap::default() },
    }
}

/// A policy for every pod that lets nothing in.
pub(super) fn denies_ingress(policy: &Policy) -> bool {
    policy.pods.is_empty() && policy.isolates_ingress && policy.ingress.is_empty()
}

/// A policy for every pod that lets nothing out, but for DNS: without it no name resolves.
pub(super) fn denies_egress(policy: &Policy) -> bool {
    policy.pods.is_empty() && policy.isolates_egress && policy.egress.iter().all(is_only_dns)
}

fn means_qdrant(policy: &Policy) -> bool {
    policy.pods.pins().any(|(key, value)| NAMES.contains(&key) && value.contains("qdrant"))
        && !policy.pods.words().any(is_helper)
}

fn is_helper(word: &str) -> bool {
    word.split(['-', '.', '/', '_']).any(|part| HELPERS.contains(&part))
}

/// Whether the policy names one of Qdrant's ports, which hardly anything else listens on.
fn opens_qdrant_ports(policy: &Policy) -> bool {
    policy.ingress.iter().flat_map(|rule| &rule.ports).any(
        |port| matches!(port.number, Some(PortNumber::Range(low, high)) if low == high && (6333..=6335).contains(&low)),
    )
}
