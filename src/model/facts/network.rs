//! Services, routes and network policies.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Tracked0;
use crate::model::tracked::Tracked;

/// A Service.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Service {
    /// Name.
    pub name: String,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    pub r#type: String,
    /// `clusterIP: None`.
    pub headless: bool,
    /// Ports.
    pub ports: Vec<Tracked<ServicePort>>,
    /// `peers` (all of them and nothing else that was seen), `others-too`, `others`, `nothing-seen`, `no-selector`.
    pub selects: Tracked0<String>,
    /// Pods of the input that are not Qdrant peers and match the selector: `CronJob/qdrant-snapshot`.
    pub other_pods: Vec<String>,
    /// `externalIPs`.
    pub external_ips: Vec<String>,
    /// `loadBalancerSourceRanges`, without those that admit everyone.
    pub source_ranges: Vec<String>,
    /// A cloud annotation makes the load balancer internal.
    pub internal: bool,
    /// `publishNotReadyAddresses`.
    pub publishes_not_ready: bool,
    /// The chart made it.
    pub from_chart: bool,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A port of a Service.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ServicePort {
    /// Name.
    pub name: Option<String>,
    /// Port of the Service.
    pub port: u16,
    /// Port of the pod; names resolved where the pod was seen.
    pub target: Option<u16>,
    /// `nodePort`.
    pub node_port: Option<u16>,
    /// `p2p`, `rest`, `grpc`, `metrics`, `other`: by the target and the effective configuration.
    pub role: String,
    /// `appProtocol`.
    pub app_protocol: Option<String>,
}

/// An Ingress, HTTPRoute, GRPCRoute, TCPRoute, TLSRoute, IngressRoute or OpenShift Route to the peers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Route {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Host names; empty = any.
    pub hosts: Vec<String>,
    /// Hosts without TLS (for Ingress: not in `tls[].hosts`); for Gateway routes by the listener when it was given.
    pub hosts_without_tls: Vec<String>,
    /// TLS is ended or passed through at the edge: `true`, `false`; absent = cannot be seen (Gateway not given).
    pub tls: Option<Tracked<bool>>,
    /// Backends.
    pub backends: Vec<Tracked<Backend>>,
    /// `ingress-nginx`, `f5-nginx`, `traefik`, `gateway-api`, `openshift`, `alb`, `haproxy`, `unknown`.
    pub controller: Tracked0<String>,
    /// Why the controller is known: annotation prefix, class name, IngressClass.
    pub controller_by: String,
    /// Class name.
    pub class: Option<Tracked<String>>,
    /// Protocol to the backend as the controller is told: `HTTP`, `HTTPS`, `GRPC`, `GRPCS`; absent = not told (HTTP).
    pub backend_protocol: Option<Tracked<String>>,
    /// A rate limit is set; absent where a middleware that is not in the input may set it.
    pub rate_limited: Option<bool>,
    /// Obsolete annotations without effect, each with its successor.
    pub dead_annotations: Vec<Tracked<String>>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A backend of a route.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Backend {
    /// Service name.
    pub service: String,
    /// Port of the Service, names resolved; absent = the port is missing.
    pub port: Option<u16>,
    /// `p2p`, `rest`, `grpc`, `metrics`, `other`, `missing`.
    pub role: String,
    /// URL path.
    pub path: Option<String>,
}

/// A way from outside the cluster to a port of the peers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Exposure {
    /// Port of the pod.
    pub port: u16,
    /// `p2p`, `rest`, `grpc`, `metrics`.
    pub role: String,
    /// `LoadBalancer`, `NodePort`, `ExternalIP`, `Ingress`, `HTTPRoute`, …, `hostPort`, `hostNetwork`.
    pub how: String,
    /// `Service/qdrant`.
    pub object: String,
    /// Source ranges narrow it.
    pub source_ranges: bool,
    /// An internal load balancer.
    pub internal: bool,
    /// The union of network policies admits only peers to this port, and the pods are not on the host network.
    pub policy_blocks: Option<bool>,
}

/// Network policies and what they add up to.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Network {
    /// NetworkPolicies of the namespace.
    pub policies: Vec<Tracked<Policy>>,
    /// `CiliumNetworkPolicy/name`, Calico, AdminNetworkPolicy: recognised, not evaluated.
    pub foreign_policies: Vec<Tracked<String>>,
    /// Some policy selects the peers for ingress.
    pub isolated_ingress: bool,
    /// Some policy selects the peers for egress.
    pub isolated_egress: bool,
    /// A policy selects every pod of the namespace and admits nothing, for ingress.
    pub default_deny_ingress: bool,
    /// Likewise for egress.
    pub default_deny_egress: bool,
    /// Traffic between two peers, by role of the port: `p2p`, `rest`, `grpc`.
    pub between_peers: BTreeMap<String, PeerTraffic>,
    /// DNS from the peers over UDP.
    pub dns_udp: Option<Tracked<bool>>,
    /// DNS from the peers over TCP.
    pub dns_tcp: Option<Tracked<bool>>,
    /// Who may reach a port of the peers, by role (`p2p`, `rest`, `grpc`, `metrics`): every admitted source that is not
    /// only peers. A role without a list is closed. Meaningless while `isolated_ingress` is false: then everyone may.
    pub open_to: BTreeMap<String, Vec<Tracked<Source>>>,
    /// Where peers may connect to outside the cluster: `any`, `some`, `none`.
    pub internet_egress: Option<Tracked<String>>,
    /// Destinations outside the cluster, when only some: CIDRs.
    pub egress_cidrs: Vec<String>,
    /// Declared consumers that the policies keep out.
    pub blocked_clients: Vec<Tracked<BlockedClient>>,
}

/// A NetworkPolicy.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Policy {
    /// Name.
    pub name: String,
    /// Selects the peers.
    pub selects_peers: bool,
    /// `all`, `some`: of the pods of the namespace.
    pub scope: String,
    /// It is about Qdrant by name, ports or labels.
    pub about_qdrant: bool,
    /// It is about Qdrant, yet selects no Qdrant pod of the input (and a Qdrant pod was seen).
    pub selects_nothing: bool,
    /// The labels it asks for, in words.
    pub selector: Tracked0<String>,
    /// Labels of the peers, in words, for comparison.
    pub peer_labels: String,
    /// The API server refuses it: it does not exist and counts for nothing.
    pub rejected: bool,
    /// `Ingress`, `Egress`.
    pub types: Vec<String>,
    /// Without a workload in the input: ports this policy alone opens, by role (Qdrant's default ports 6333, 6334,
    /// 6335 are assumed), and to whom.
    pub opens: BTreeMap<String, Vec<Tracked<Source>>>,
}

/// Traffic between peers on one port.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PeerTraffic {
    /// Into a peer; its origin is the rule that admits it, else the rule that lets peers in on another port, else the
    /// policy that isolates them.
    pub ingress: Tracked0<bool>,
    /// Out of a peer, likewise.
    pub egress: Tracked0<bool>,
}

/// Someone who may connect.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Source {
    /// In words: `every pod of every namespace`, `namespaces kubernetes.io/metadata.name=ingress-nginx`.
    pub who: String,
    /// `anyone` (no `from`), `cidr`, `pods`, `namespaces`, `pods-in-namespaces`.
    pub kind: String,
    /// Every namespace matches.
    pub all_namespaces: bool,
    /// Every pod (of the namespaces) matches.
    pub all_pods: bool,
    /// The pod selector can only match Qdrant peers of the same namespace.
    pub only_peers: bool,
    /// CIDR.
    pub cidr: Option<String>,
    /// The CIDR holds addresses outside private ranges.
    pub public: bool,
    /// Policy that admits it.
    pub policy: String,
    /// Every port is admitted (no `ports`).
    pub all_ports: bool,
}

/// A declared consumer that policies keep out.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct BlockedClient {
    /// In words: `Prometheus of ServiceMonitor qdrant`.
    pub who: String,
    /// `monitor`, `backup`, `ingress`, `s3`.
    pub kind: String,
    /// Port.
    pub port: u16,
    /// `into the peers`, `out of the peers`, `out of the job`.
    pub direction: String,
    /// What to add, in words.
    pub add: String,
}
