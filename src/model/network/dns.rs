//! Whether the peers may ask the cluster's DNS, over UDP and over TCP (answers beyond one datagram, glibc retries).

use super::View;
use super::labels::{Labels, Selector};
use super::policy::{NAMESPACE_NAME, PortNumber, Protocol, Rule, Who};
use crate::model::tracked::{Origins, Tracked};
use crate::source::Origin;

/// Namespaces that DNS pods live in, and the port they listen on (OpenShift's pods: 5353, behind a Service on 53).
const PLACES: [(&str, u16); 3] = [("kube-system", 53), ("kube-dns", 53), ("openshift-dns", 5353)];

/// Labels of DNS pods: CoreDNS and kube-dns, the node-local cache, OpenShift.
const PODS: [&[(&str, &str)]; 4] = [
    &[("k8s-app", "kube-dns"), ("app.kubernetes.io/name", "coredns"), ("app.kubernetes.io/instance", "coredns")],
    &[("k8s-app", "coredns"), ("app", "coredns")],
    &[("k8s-app", "node-local-dns")],
    &[("dns.operator.openshift.io/daemonset-dns", "default")],
];

/// DNS over UDP and over TCP, each with the rule that admits it, or the policy that does not.
pub(super) fn dns(view: &View<'_>, origins: &Origins) -> (Option<Tracked<bool>>, Option<Tracked<bool>>) {
    let of = |protocol| {
        let (value, origin) = admitted(view, protocol);
        Some(origins.track(value, origin))
    };
    (of(Protocol::Udp), of(Protocol::Tcp))
}

fn admitted<'a>(view: &'a View<'_>, protocol: Protocol) -> (bool, &'a Origin) {
    let Some(isolating) = view.egress_origin() else { return (true, &Origin::Derived) };
    view.egress()
        .flat_map(|policy| &policy.egress)
        .find(|rule| admits(rule, protocol, view))
        .map_or((false, isolating), |rule| (true, &rule.ports_origin))
}

fn admits(rule: &Rule, protocol: Protocol, view: &View<'_>) -> bool {
    let port = |number| covers(rule, protocol, number);
    if rule.ends.is_empty() {
        return port(53) || port(5353);
    }
    rule.ends.iter().any(|end| match &end.who {
        Who::Nobody => false,
        Who::Block(block) => block.may_hold_pods() && (port(53) || port(5353)),
        Who::Pods { namespaces, pods } => PLACES.iter().any(|(namespace, number)| {
            port(*number)
                && is_dns(pods)
                && match namespaces {
                    None => view.peers.namespace.as_deref() == Some(*namespace),
                    Some(selector) => selector.is_empty() || selector.matches(&likely_labels(namespace, view)),
                }
        }),
    })
}

/// CoreDNS names its ports `dns` and `dns-tcp`.
fn covers(rule: &Rule, protocol: Protocol, number: u16) -> bool {
    let named = |name: &str, protocol| super::NamedPort { name: name.to_owned(), port: number, protocol };
    rule.covers(
        protocol,
        number,
        &[named("dns", Protocol::Udp), named("dns", Protocol::Tcp), named("dns-tcp", Protocol::Tcp)],
    )
}

fn is_dns(pods: &Selector) -> bool {
    PODS.iter().any(|labels| {
        let labels: Labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        pods.matches(&labels)
    })
}

/// Labels the namespace may carry: those that were seen, its own name, and the `name` that older guides ask for.
fn likely_labels(namespace: &str, view: &View<'_>) -> Labels {
    let mut labels = view.around.namespace_labels(namespace);
    if !view.around.namespaces.contains_key(namespace) {
        labels.insert("name".to_owned(), namespace.to_owned());
    }
    labels.insert(NAMESPACE_NAME.to_owned(), namespace.to_owned());
    labels
}

/// Whether a rule is about nothing but DNS.
pub(super) fn is_only_dns(rule: &Rule) -> bool {
    !rule.ports.is_empty()
        && rule.ports.iter().all(|port| match &port.number {
            Some(PortNumber::Range(low, high)) => low == high && matches!(low, 53 | 5353),
            Some(PortNumber::Name(name)) => name.starts_with("dns"),
            None => false,
        })
}
