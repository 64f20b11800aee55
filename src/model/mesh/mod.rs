//! Service mesh and certificates: what encrypts the peers' traffic where Qdrant itself does not.

mod certificates;
mod istio;
mod linkerd;

use std::collections::BTreeMap;

use super::build::{Pods, Scope};
use super::facts::cluster::Mesh;
use super::network::Peers;
use super::network::labels::{Labels, labels_of};
use crate::source::Node;

/// How sure it is that a port takes nothing but mutual TLS; ordered from the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    /// No mesh touches it.
    None,
    /// Plain text gets through beside TLS.
    Permissive,
    /// A mesh is there, but what decides was not given.
    Unknown,
    /// Nothing but mutual TLS.
    Strict,
}

/// A level and why.
#[derive(Clone, Debug)]
struct Judged {
    level: Level,
    because: String,
}

impl Judged {
    fn new(level: Level, because: impl Into<String>) -> Self {
        Self { level, because: because.into() }
    }
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Permissive => "permissive",
            Self::Unknown => "unknown",
            Self::Strict => "strict",
        }
    }
}

/// The peers' pods with what a mesh reads of them and of their namespace.
struct Meshed<'a> {
    scope: &'a Scope<'a>,
    pods: &'a Pods,
    annotations: Labels,
    namespace_labels: Labels,
    namespace_annotations: Labels,
}

/// Other meshes, by the annotation or label that lets a pod join; their policies are not read.
const OTHER_MESHES: [(&str, &str); 4] = [
    ("consul.hashicorp.com/connect-inject", "Consul"),
    ("kuma.io/sidecar-injection", "Kuma"),
    ("openservicemesh.io/sidecar-injection", "Open Service Mesh"),
    ("appmesh.k8s.aws/sidecarInjectorWebhook", "App Mesh"),
];
/// Images of proxies that may end TLS inside the pod.
const PROXIES: [&str; 8] = ["envoy", "nginx", "haproxy", "ghostunnel", "stunnel", "caddy", "traefik", "hitch"];

/// Whether a mesh encrypts the peers' traffic, and the certificates they mount.
pub fn mesh(scope: &Scope<'_>, peers: Option<&Peers>) -> Mesh {
    let Some(pods) = &scope.pods else {
        return Mesh {
            mutual_tls: "none".to_owned(),
            clients: "none".to_owned(),
            peers: "none".to_owned(),
            ..Mesh::default()
        };
    };
    let namespace =
        scope.of_kind("Namespace").find(|object| scope.namespace.as_deref().is_none_or(|own| own == object.name()));
    let of_namespace =
        |field: &str| namespace.map(|object| labels_of(object.node.at(&["metadata", field]))).unwrap_or_default();
    let meshed = Meshed {
        scope,
        pods,
        annotations: labels_of(pods.template.at(&["metadata", "annotations"])),
        namespace_labels: of_namespace("labels"),
        namespace_annotations: of_namespace("annotations"),
    };
    let none = BTreeMap::new();
    let ports = peers.map_or(&none, |peers| &peers.ports);
    let judge = |role: &str, default: u16| meshed.judge(ports.get(role).copied().unwrap_or(default));
    let weaker = |left: Judged, right: Judged| if right.level < left.level { right } else { left };
    let clients = weaker(judge("rest", 6333), judge("grpc", 6334));
    let between = judge("p2p", 6335);
    let all = weaker(clients.clone(), between.clone());
    Mesh {
        mutual_tls: all.level.word().to_owned(),
        clients: clients.level.word().to_owned(),
        peers: between.level.word().to_owned(),
        because: all.because,
        tls_sidecar: tls_sidecar(pods),
        certificates: certificates::certificates(scope, pods),
    }
}

impl Meshed<'_> {
    fn judge(&self, port: u16) -> Judged {
        istio::judge(self, port).or_else(|| linkerd::judge(self, port)).or_else(|| self.other()).unwrap_or_else(|| {
            Judged::new(Level::None, "no sign of a service mesh at the pods, their namespace or its policies")
        })
    }

    fn other(&self) -> Option<Judged> {
        let (_, mesh) = OTHER_MESHES.iter().find(|(key, _)| {
            [&self.annotations, &self.pods.labels, &self.namespace_labels, &self.namespace_annotations]
                .iter()
                .any(|map| map.get(*key).is_some_and(|value| !matches!(value.as_str(), "false" | "disabled")))
        })?;
        Some(Judged::new(Level::Unknown, format!("the pods join {mesh}, whose policies are not read")))
    }

    /// A key of the pods' labels or annotations.
    fn of_pod(&self, key: &str) -> Option<&str> {
        self.pods.labels.get(key).or_else(|| self.annotations.get(key)).map(String::as_str)
    }

    /// Whether a container of the pods, or one started before them, has this name.
    fn has_container(&self, name: &str) -> bool {
        ["containers", "initContainers"]
            .iter()
            .flat_map(|list| self.pods.spec.items(&[*list]))
            .any(|container| container.text(&["name"]) == Some(name))
    }
}

/// A container beside Qdrant that may end TLS; its configuration is not read. One that declares ports, none of them of
/// TLS or of Qdrant, and holds no Secret does something else: it serves metrics, say.
fn tls_sidecar(pods: &Pods) -> Option<String> {
    let own = pods.container.text(&["name"]);
    let is_proxy = |container: &&Node| {
        let image = container.text(&["image"]).unwrap_or_default();
        let name = image.split('@').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
        container.text(&["name"]) != own
            && PROXIES.iter().any(|proxy| name.contains(proxy))
            && may_end_tls(pods, container)
    };
    pods.spec.items(&["containers"]).iter().find(is_proxy)?.text(&["name"]).map(str::to_owned)
}

fn may_end_tls(pods: &Pods, container: &Node) -> bool {
    const PORTS: [i64; 5] = [443, 8443, 6333, 6334, 9443];
    let ports = container.items(&["ports"]);
    let port = |port: &Node| port.at(&["containerPort"]).and_then(Node::as_i64).unwrap_or_default();
    let mounts_secret =
        container.items(&["volumeMounts"]).iter().filter_map(|mount| mount.text(&["name"])).any(|name| {
            let volumes = pods.spec.items(&["volumes"]);
            let own = volumes.iter().find(|volume| volume.text(&["name"]) == Some(name));
            own.is_some_and(|volume| volume.at(&["secret"]).or_else(|| volume.at(&["csi"])).is_some())
        });
    ports.is_empty() || mounts_secret || ports.iter().any(|one| PORTS.contains(&port(one)))
}

/// Whether a list of ports as annotations write it (`6333,6400-6500`, `*`) holds a port.
fn lists_port(list: &str, port: u16) -> bool {
    list.split(',').map(str::trim).any(|part| match part.split_once('-') {
        _ if part == "*" => true,
        Some((from, to)) => {
            matches!((from.parse::<u16>(), to.parse::<u16>()), (Ok(from), Ok(to)) if (from..=to).contains(&port))
        }
        None => part.parse() == Ok(port),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_ports_hold_numbers_ranges_and_the_star() {
        assert!(lists_port("8080, 6333", 6333));
        assert!(lists_port("6000-7000", 6335));
        assert!(lists_port("*", 1));
        assert!(!lists_port("", 6333));
        assert!(!lists_port("633,63330,7000-6000,a-b", 6333));
    }
}
