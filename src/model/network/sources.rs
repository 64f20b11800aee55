//! Who else than peers may reach a port of the peers, in words and with the entry that lets them.

use std::collections::BTreeMap;

use super::labels::Selector;
use super::policy::{End, Endpoint, NAMESPACE_NAME, NamedPort, Policy, Protocol, Rule, Who};
use super::{Around, Peers, View};
use crate::model::facts::network::Source;
use crate::model::tracked::{Origins, Tracked};

/// Labels that tell applications apart; a selector that pins one of them to the peers' value means the peers.
const IDENTITY: [&str; 6] =
    ["app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "k8s-app", "name", "release"];

/// Qdrant's own ports and the names they go by, for policies without a workload.
pub(super) fn assumed_peers() -> Peers {
    let named = |name: &str, port| NamedPort { name: name.to_owned(), port, protocol: Protocol::Tcp };
    Peers {
        ports: [("rest", 6333), ("grpc", 6334), ("p2p", 6335)].map(|(role, port)| (role.to_owned(), port)).into(),
        named_ports: vec![
            named("http", 6333),
            named("rest", 6333),
            named("api", 6333),
            named("grpc", 6334),
            named("p2p", 6335),
            named("internal", 6335),
            named("cluster", 6335),
        ],
        ..Peers::default()
    }
}

/// Sources that are not only peers, by role of the port.
pub(super) fn open_to(view: &View<'_>, origins: &Origins) -> BTreeMap<String, Vec<Tracked<Source>>> {
    by_role(view.peers, view.ingress().filter(|policy| policy.isolates_ingress), origins, |end, policy| {
        only_peers(end, policy, view)
    })
}

/// What one policy opens when no workload is known: everything that does not name the policy's own pods.
pub(super) fn opens(policy: &Policy, origins: &Origins) -> BTreeMap<String, Vec<Tracked<Source>>> {
    let peers = assumed_peers();
    by_role(
        &peers,
        std::iter::once(policy).filter(|policy| policy.isolates_ingress),
        origins,
        |end, policy| matches!(&end.who, Who::Pods { namespaces: None, pods } if *pods == policy.pods && !pods.is_empty()),
    )
}

fn by_role<'a>(
    peers: &Peers,
    policies: impl Iterator<Item = &'a Policy>,
    origins: &Origins,
    only_peers: impl Fn(&End, &Policy) -> bool,
) -> BTreeMap<String, Vec<Tracked<Source>>> {
    let mut open: BTreeMap<String, Vec<Tracked<Source>>> = BTreeMap::new();
    for policy in policies {
        for rule in &policy.ingress {
            for (role, port) in &peers.ports {
                if !rule.covers(Protocol::Tcp, *port, &peers.named_ports) {
                    continue;
                }
                let sources = open.entry(role.clone()).or_default();
                if rule.ends.is_empty() {
                    sources.push(origins.track(anyone(rule, policy), &rule.origin));
                }
                for end in &rule.ends {
                    if !matches!(end.who, Who::Nobody) && !only_peers(end, policy) {
                        sources.push(origins.track(source(end, rule, policy), &end.origin));
                    }
                }
            }
        }
    }
    open.retain(|_, sources| !sources.is_empty());
    open
}

fn anyone(rule: &Rule, policy: &Policy) -> Source {
    Source {
        who: "anyone, inside and outside the cluster".to_owned(),
        kind: "anyone".to_owned(),
        all_namespaces: true,
        all_pods: true,
        public: true,
        policy: policy.name.clone(),
        all_ports: rule.ports.is_empty(),
        ..Source::default()
    }
}

fn source(end: &End, rule: &Rule, policy: &Policy) -> Source {
    let mut source = Source { policy: policy.name.clone(), all_ports: rule.ports.is_empty(), ..Source::default() };
    match &end.who {
        Who::Nobody => {}
        Who::Block(block) => {
            "cidr".clone_into(&mut source.kind);
            source.cidr = Some(block.cidr.to_string());
            source.public = block.is_public();
            source.who = if block.is_everything() {
                format!("every address ({})", block.cidr)
            } else {
                format!("addresses {}", block.cidr)
            };
            if !block.except.is_empty() {
                let except = block.except.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                source.who = format!("{} except {except}", source.who);
            }
        }
        Who::Pods { namespaces, pods } => {
            source.all_namespaces = namespaces.as_ref().is_some_and(Selector::is_empty);
            source.all_pods = pods.is_empty();
            let kind = match (namespaces, pods.is_empty()) {
                (None, _) => "pods",
                (Some(_), true) => "namespaces",
                (Some(_), false) => "pods-in-namespaces",
            };
            kind.clone_into(&mut source.kind);
            let which = if pods.is_empty() { "every pod".to_owned() } else { format!("pods {pods}") };
            source.who = match namespaces {
                None => format!("{which} of the namespace"),
                Some(all) if all.is_empty() => format!("{which} of every namespace"),
                Some(some) => format!("{which} of namespaces {some}"),
            };
        }
    }
    source
}

/// Whether an entry can only mean peers: it lies in their namespace, matches them and no other pod that was seen, and
/// pins a label that tells applications apart (or is the very selector of the policy).
fn only_peers(end: &End, policy: &Policy, view: &View<'_>) -> bool {
    let Who::Pods { namespaces, pods } = &end.who else { return false };
    let own = view.peers.namespace.as_deref();
    let same_namespace = namespaces
        .as_ref()
        .is_none_or(|selector| selector.pins().any(|(key, value)| key == NAMESPACE_NAME && Some(value) == own));
    let identifies = (*pods == policy.pods && !pods.is_empty())
        || pods.pins().any(|(key, value)| {
            view.peers.labels.get(key).is_some_and(|own| own == value)
                && (IDENTITY.contains(&key) || value.contains("qdrant") || value == view.peers.name)
        });
    same_namespace && identifies && pods.matches(&view.peers.labels) && !matches_another(pods, view.around, own)
}

fn matches_another(pods: &Selector, around: &Around, own: Option<&str>) -> bool {
    around
        .pods
        .iter()
        .filter(|pod| pod.namespace.is_none() || own.is_none() || pod.namespace.as_deref() == own)
        .any(|pod| pods.matches(&pod.labels))
}

impl View<'_> {
    /// A pod of the input as the other end.
    pub(super) fn endpoint<'a>(
        &'a self,
        labels: &'a super::Labels,
        namespace: Option<&str>,
        of: &'a super::Labels,
    ) -> Endpoint<'a> {
        let same_namespace =
            namespace.is_none() || self.peers.namespace.is_none() || namespace == self.peers.namespace.as_deref();
        Endpoint::Pod { labels, same_namespace, namespace_labels: of }
    }
}
