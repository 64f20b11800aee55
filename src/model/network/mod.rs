//! Network policies and what they add up to: the union of every policy that selects the peers, exactly as Kubernetes
//! combines them.

pub mod cidr;
pub mod clients;
pub mod dns;
pub mod egress;
pub mod labels;
pub mod policy;
pub mod sources;
mod summary;

use std::collections::BTreeMap;

use self::clients::Clients;
use self::labels::Labels;
use self::policy::{Endpoint, NAMESPACE_NAME, NamedPort, Policy, Protocol};
use super::facts::network::{Network, PeerTraffic};
use super::input::Object;
use super::tracked::Origins;
use crate::source::Origin;

/// Roles of the ports that peers may use between each other.
const BETWEEN_PEERS: [&str; 3] = ["p2p", "rest", "grpc"];

/// The pods of one deployment, as policies see them.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    /// Name of the workload.
    pub name: String,
    /// Labels of the pods.
    pub labels: Labels,
    /// Namespace; `None` = unset (matches any).
    pub namespace: Option<String>,
    /// Ports by role: `p2p`, `rest`, `grpc`, `metrics`.
    pub ports: BTreeMap<String, u16>,
    /// Named ports of every container.
    pub named_ports: Vec<NamedPort>,
}

/// A pod of the input that is not a peer.
#[derive(Debug, Clone, Default)]
pub struct OtherPod {
    /// `Deployment/rag`.
    pub what: String,
    /// Labels.
    pub labels: Labels,
    /// Namespace; `None` = unset (taken for that of the peers).
    pub namespace: Option<String>,
}

/// What else was seen.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// Pods that are not peers.
    pub pods: Vec<OtherPod>,
    /// Labels of the namespaces that were seen, by name.
    pub namespaces: BTreeMap<String, Labels>,
}

impl Around {
    /// Labels of a namespace: those that were seen, and the one that every namespace carries.
    pub fn namespace_labels(&self, name: &str) -> Labels {
        let mut labels = self.namespaces.get(name).cloned().unwrap_or_default();
        labels.insert(NAMESPACE_NAME.to_owned(), name.to_owned());
        labels
    }
}

/// Everything one evaluation needs.
struct View<'a> {
    policies: &'a [Policy],
    peers: &'a Peers,
    around: &'a Around,
    own_namespace: Labels,
}

/// What the policies of the peers' namespace add up to. `peers` is `None` when no workload is in the input: then each
/// policy is judged by itself ([`facts::network::Policy::opens`](super::facts::network::Policy::opens)).
pub fn network(
    objects: &[&Object],
    peers: Option<&Peers>,
    around: &Around,
    clients: &Clients,
    origins: &Origins,
) -> Network {
    let namespace = peers.and_then(|peers| peers.namespace.as_deref());
    let native: Vec<&Object> = objects
        .iter()
        .copied()
        .filter(|object| is_native(object))
        .filter(|object| namespace.is_none_or(|own| object.namespace().is_none_or(|of_policy| of_policy == own)))
        .collect();
    let rejected: Vec<bool> = native.iter().map(|object| super::rejections::refuses(object)).collect();
    let policies: Vec<Policy> = native.iter().map(|object| Policy::of(object)).collect();
    let assumed = sources::assumed_peers();
    let mut network = Network {
        policies: policies
            .iter()
            .zip(&rejected)
            .map(|(policy, rejected)| {
                origins.track(summary::policy(policy, *rejected, peers, around, origins), &policy.origin)
            })
            .collect(),
        foreign_policies: objects
            .iter()
            .filter(|object| is_foreign(object))
            .map(|object| origins.track(format!("{}/{}", object.kind(), object.name()), &object.node.origin))
            .collect(),
        ..Network::default()
    };
    let in_force: Vec<Policy> =
        policies.into_iter().zip(rejected).filter(|(_, rejected)| !rejected).map(|(policy, _)| policy).collect();
    network.default_deny_ingress = in_force.iter().any(summary::denies_ingress);
    network.default_deny_egress = in_force.iter().any(summary::denies_egress);
    let view = View {
        policies: &in_force,
        peers: peers.unwrap_or(&assumed),
        around,
        own_namespace: around.namespace_labels(namespace.unwrap_or_default()),
    };
    if peers.is_none() {
        return network;
    }
    network.isolated_ingress = view.ingress().next().is_some();
    network.isolated_egress = view.egress().next().is_some();
    network.between_peers = view.between_peers(origins);
    network.open_to = sources::open_to(&view, origins);
    (network.dns_udp, network.dns_tcp) = dns::dns(&view, origins);
    (network.internet_egress, network.egress_cidrs) = egress::internet(&view, origins);
    network.blocked_clients = clients::blocked(&view, clients, origins);
    network
}

/// Whether the policies leave a port of the peers to peers alone.
pub fn admits_only_peers(network: &Network, role: &str) -> bool {
    network.isolated_ingress && network.open_to.get(role).is_none_or(Vec::is_empty)
}

fn is_native(object: &Object) -> bool {
    object.kind() == "NetworkPolicy" && matches!(object.group(), "networking.k8s.io" | "extensions")
}

fn is_foreign(object: &Object) -> bool {
    match object.kind() {
        "CiliumNetworkPolicy"
        | "CiliumClusterwideNetworkPolicy"
        | "GlobalNetworkPolicy"
        | "AdminNetworkPolicy"
        | "BaselineAdminNetworkPolicy"
        | "ClusterNetworkPolicy"
        | "AntreaNetworkPolicy" => true,
        "NetworkPolicy" => object.group().ends_with("projectcalico.org") || object.group().ends_with("antrea.io"),
        _ => false,
    }
}

impl View<'_> {
    /// Policies that isolate the peers for ingress.
    fn ingress(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().filter(|policy| policy.isolates_ingress && policy.pods.matches(&self.peers.labels))
    }

    /// Policies that isolate the peers for egress.
    fn egress(&self) -> impl Iterator<Item = &Policy> {
        self.policies.iter().filter(|policy| policy.isolates_egress && policy.pods.matches(&self.peers.labels))
    }

    /// Where egress of the peers is taken away: the first policy that does.
    fn egress_origin(&self) -> Option<&Origin> {
        self.egress().next().map(|policy| &policy.origin)
    }

    /// A peer as the other end.
    fn peer(&self) -> Endpoint<'_> {
        Endpoint::Pod { labels: &self.peers.labels, same_namespace: true, namespace_labels: &self.own_namespace }
    }

    /// Whether `from` may open a TCP connection to a port of the peers.
    fn may_enter(&self, from: &Endpoint<'_>, port: u16) -> bool {
        let mut isolated = false;
        for policy in self.ingress() {
            isolated = true;
            if policy
                .ingress
                .iter()
                .any(|rule| rule.covers(Protocol::Tcp, port, &self.peers.named_ports) && rule.admits(from))
            {
                return true;
            }
        }
        !isolated
    }

    /// Whether a pod with these labels in the peers' namespace may open a connection to `to`.
    fn may_leave(
        &self,
        labels: &Labels,
        to: &Endpoint<'_>,
        protocol: Protocol,
        port: u16,
        names: &[NamedPort],
    ) -> bool {
        let mut isolated = false;
        for policy in self.policies.iter().filter(|policy| policy.isolates_egress && policy.pods.matches(labels)) {
            isolated = true;
            if policy.egress.iter().any(|rule| rule.covers(protocol, port, names) && rule.admits(to)) {
                return true;
            }
        }
        !isolated
    }

    /// The rule by which peers reach each other on a port; where none does, the one that they use on another port and
    /// that lacks this one; else the policy that isolates them.
    fn way<'a>(
        &'a self,
        policies: impl Iterator<Item = &'a Policy>,
        rules: impl Fn(&'a Policy) -> &'a [policy::Rule],
        port: u16,
    ) -> &'a Origin {
        let peer = self.peer();
        let policies: Vec<&Policy> = policies.collect();
        let of_peers = || policies.iter().flat_map(|policy| rules(policy)).filter(|rule| rule.admits(&peer));
        let covers = |rule: &&policy::Rule, port| rule.covers(Protocol::Tcp, port, &self.peers.named_ports);
        let another = |rule: &&policy::Rule| {
            BETWEEN_PEERS.iter().filter_map(|role| self.peers.ports.get(*role)).any(|port| covers(rule, *port))
        };
        let rule = of_peers().find(|rule| covers(rule, port)).or_else(|| of_peers().find(another));
        rule.map(|rule| &rule.ports_origin)
            .or_else(|| policies.first().map(|policy| &policy.origin))
            .unwrap_or(&Origin::Derived)
    }

    fn between_peers(&self, origins: &Origins) -> BTreeMap<String, PeerTraffic> {
        let peer = self.peer();
        self.peers
            .ports
            .iter()
            .filter(|(role, _)| BETWEEN_PEERS.contains(&role.as_str()))
            .map(|(role, port)| {
                let ingress = self.may_enter(&peer, *port);
                let egress = self.may_leave(&self.peers.labels, &peer, Protocol::Tcp, *port, &self.peers.named_ports);
                let traffic = PeerTraffic {
                    ingress: Some(origins.track(ingress, self.way(self.ingress(), |policy| &policy.ingress, *port))),
                    egress: Some(origins.track(egress, self.way(self.egress(), |policy| &policy.egress, *port))),
                };
                (role.clone(), traffic)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
