//! A NetworkPolicy as Kubernetes reads it: defaults filled in, nothing interpreted yet.

use crate::model::input::Object;
use crate::source::{Node, Origin};

use super::cidr::Block;
use super::labels::{Labels, Selector};

/// Label that every namespace carries with its own name as value.
pub const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// A NetworkPolicy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// The pods it isolates.
    pub pods: Selector,
    /// It isolates for ingress.
    pub isolates_ingress: bool,
    /// It isolates for egress.
    pub isolates_egress: bool,
    /// What it lets in.
    pub ingress: Vec<Rule>,
    /// What it lets out.
    pub egress: Vec<Rule>,
    /// Its name, or the whole policy.
    pub origin: Origin,
    /// `spec.podSelector`, or the policy where it is missing.
    pub selector_origin: Origin,
}

/// An entry of `ingress` or `egress`.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Who; none listed = anyone.
    pub ends: Vec<End>,
    /// Which ports; none listed = all.
    pub ports: Vec<Port>,
    /// Where it stands.
    pub origin: Origin,
    /// Where its ports stand, or the rule.
    pub ports_origin: Origin,
}

/// An entry of `from` or `to`.
#[derive(Debug, Clone)]
pub struct End {
    /// Who it admits.
    pub who: Who,
    /// Where it stands.
    pub origin: Origin,
}

/// Who an entry of `from` or `to` admits.
#[derive(Debug, Clone)]
pub enum Who {
    /// Addresses.
    Block(Block),
    /// Pods; both selectors must match.
    Pods {
        /// Namespaces; `None` = that of the policy.
        namespaces: Option<Selector>,
        /// Pods in them.
        pods: Selector,
    },
    /// Neither, or no address range: refused by the API server, so it admits nobody.
    Nobody,
}

/// An entry of `ports`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// `TCP` when not written.
    pub protocol: Protocol,
    /// Number, range or name; `None` = every port of the protocol.
    pub number: Option<PortNumber>,
}

/// Number, range or name of a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortNumber {
    /// Both ends included.
    Range(u16, u16),
    /// A named port of the pods.
    Name(String),
}

/// Transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
}

/// A pod, or an address outside, as policies see it.
#[derive(Debug, Clone)]
pub enum Endpoint<'a> {
    /// A pod in a namespace.
    Pod {
        /// Labels of the pod.
        labels: &'a Labels,
        /// Its namespace is that of the policies.
        same_namespace: bool,
        /// Labels of its namespace.
        namespace_labels: &'a Labels,
    },
    /// An address.
    Address(std::net::IpAddr),
}

impl Protocol {
    /// By its name; Kubernetes' default is TCP. `None` for names that it refuses.
    pub fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("TCP") => Some(Self::Tcp),
            Some("UDP") => Some(Self::Udp),
            Some("SCTP") => Some(Self::Sctp),
            Some(_) => None,
        }
    }
}

impl Policy {
    /// Reads a policy with the defaults of the API server.
    pub fn of(object: &Object) -> Self {
        let spec = object.node.at(&["spec"]);
        let rules = |direction: &str, side: &str| {
            object.node.items(&["spec", direction]).iter().map(|rule| Rule::of(rule, side)).collect::<Vec<_>>()
        };
        let (ingress, egress) = (rules("ingress", "from"), rules("egress", "to"));
        let types: Vec<&str> = object.node.items(&["spec", "policyTypes"]).iter().filter_map(Node::as_str).collect();
        let selector = spec.and_then(|spec| spec.at(&["podSelector"]));
        Self {
            name: object.name().to_owned(),
            pods: Selector::of(selector),
            // Without policyTypes a policy always isolates for ingress, and for egress when it has egress rules.
            isolates_ingress: types.is_empty() || types.contains(&"Ingress"),
            isolates_egress: if types.is_empty() { !egress.is_empty() } else { types.contains(&"Egress") },
            ingress,
            egress,
            origin: object.node.at(&["metadata", "name"]).unwrap_or(&object.node).origin.clone(),
            selector_origin: selector.or(spec).unwrap_or(&object.node).origin.clone(),
        }
    }
}

impl Rule {
    fn of(node: &Node, side: &str) -> Self {
        Self {
            ends: node.items(&[side]).iter().map(End::of).collect(),
            ports: node.items(&["ports"]).iter().map(|port| Port::of(port).unwrap_or(Port::NONE)).collect(),
            origin: node.origin.clone(),
            ports_origin: node.at(&["ports"]).unwrap_or(node).origin.clone(),
        }
    }

    /// Whether the rule speaks of a port of pods whose named ports are `names`.
    pub fn covers(&self, protocol: Protocol, port: u16, names: &[NamedPort]) -> bool {
        self.ports.is_empty() || self.ports.iter().any(|one| one.covers(protocol, port, names))
    }

    /// Whether the rule admits the other end.
    pub fn admits(&self, other: &Endpoint<'_>) -> bool {
        self.ends.is_empty() || self.ends.iter().any(|end| end.who.admits(other))
    }
}

/// A named port of a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPort {
    /// Name.
    pub name: String,
    /// Number.
    pub port: u16,
    /// Protocol.
    pub protocol: Protocol,
}

impl Port {
    /// What the API server refuses covers nothing.
    const NONE: Self = Self { protocol: Protocol::Tcp, number: Some(PortNumber::Range(1, 0)) };

    fn of(node: &Node) -> Option<Self> {
        let protocol = Protocol::parse(node.text(&["protocol"]))?;
        let number = match node.at(&["port"]) {
            None => None,
            Some(port) => match (port.as_i64(), port.as_str()) {
                (Some(number), _) => {
                    let low = u16::try_from(number).ok()?;
                    let high = node.at(&["endPort"]).map_or(Some(low), |end| u16::try_from(end.as_i64()?).ok())?;
                    Some(PortNumber::Range(low, high))
                }
                (None, Some(name)) => Some(PortNumber::Name(name.to_owned())),
                (None, None) => return None,
            },
        };
        Some(Self { protocol, number })
    }

    fn covers(&self, protocol: Protocol, port: u16, names: &[NamedPort]) -> bool {
        self.protocol == protocol
            && match &self.number {
                None => true,
                Some(PortNumber::Range(low, high)) => (*low..=*high).contains(&port),
                Some(PortNumber::Name(name)) => {
                    names.iter().any(|one| one.name == *name && one.port == port && one.protocol == protocol)
                }
            }
    }
}

impl End {
    fn of(node: &Node) -> Self {
        let who = match (node.at(&["ipBlock"]), node.at(&["namespaceSelector"]), node.at(&["podSelector"])) {
            (Some(block), None, None) => Block::parse(
                block.text(&["cidr"]).unwrap_or_default(),
                block.items(&["except"]).iter().map(|except| except.as_str().unwrap_or_default()),
            )
            .map_or(Who::Nobody, Who::Block),
            (None, None, None) | (Some(_), _, _) => Who::Nobody,
            (None, namespaces, pods) => {
                Who::Pods { namespaces: namespaces.map(|node| Selector::of(Some(node))), pods: Selector::of(pods) }
            }
        };
        Self { who, origin: node.origin.clone() }
    }
}

impl Who {
    /// Whether it admits the other end.
    pub fn admits(&self, other: &Endpoint<'_>) -> bool {
        match (self, other) {
            (Self::Pods { namespaces, pods }, Endpoint::Pod { labels, same_namespace, namespace_labels }) => {
                namespaces.as_ref().map_or(*same_namespace, |selector| selector.matches(namespace_labels))
                    && pods.matches(labels)
            }
            // Whether an address range holds pods is up to the network plugin; Kubernetes means it for outside.
            (Self::Block(block), Endpoint::Address(address)) => block.contains(*address),
            (Self::Block(block), Endpoint::Pod { .. }) => block.may_hold_pods(),
            (Self::Pods { .. }, Endpoint::Address(_)) | (Self::Nobody, _) => false,
        }
    }
}
