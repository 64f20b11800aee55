//! Budgets, spread, Pod Security, namespaces, access, platform, mesh.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// A PodDisruptionBudget.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Budget {
    /// Name.
    pub name: String,
    /// As written: a number or `"50%"`.
    pub min_available: Option<Tracked<serde_json::Value>>,
    /// As written: a number or `"50%"`.
    pub max_unavailable: Option<Tracked<serde_json::Value>>,
    /// `peers` (every peer), `some`, `nothing`, `unseen` (no Qdrant pod in the input).
    pub selects: String,
    /// It is about Qdrant by name or labels.
    pub about_qdrant: bool,
    /// Pods of the input the selector matches, peers and others.
    pub matched_pods: u64,
    /// Pods that are not peers and match: they inflate `minAvailable`.
    pub other_pods: Vec<String>,
    /// Evictions it allows while every matched pod is healthy (percentages rounded up as Kubernetes does).
    pub allowed_disruptions: Option<i64>,
    /// The API server refuses it (both fields): it does not exist.
    pub rejected: bool,
    /// Several releases match.
    pub releases: Vec<String>,
    /// The chart made it.
    pub from_chart: bool,
}

/// HorizontalPodAutoscaler, ScaledObject, VerticalPodAutoscaler.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Autoscaler {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Least replicas.
    pub min: Option<u64>,
    /// Most replicas.
    pub max: Option<u64>,
    /// VPA `updateMode`; absent = Auto.
    pub mode: Option<String>,
}

/// How peers spread.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Spread {
    /// Over hosts.
    pub host: Option<Tracked<Spreading>>,
    /// Over zones.
    pub zone: Option<Tracked<Spreading>>,
    /// The only zone the pods may run in, when their node selection names one.
    pub only_zone: Option<String>,
    /// Anti-affinity and spread terms that were meant for the pods and whose selector does not match their labels.
    pub selecting_nothing: Vec<Tracked<SelectsNothing>>,
}

/// Where a peer runs.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Placed {
    /// Pod.
    pub pod: String,
    /// Node; absent = not scheduled.
    pub node: Option<String>,
    /// Zone of the node; absent = the node was not read or names none.
    pub zone: Option<String>,
}

/// How peers spread over one topology.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Spreading {
    /// `required` (anti-affinity, or host ports), `hard-spread` (DoNotSchedule, maxSkew 1, minDomains ≥ peers),
    /// `hard-spread-open` (DoNotSchedule, but two peers may still share when domains lack), `preferred`
    /// (soft, or maxSkew above 1), `none`.
    pub level: String,
    /// What does it: `podAntiAffinity`, `topologySpreadConstraints`, `hostNetwork`.
    pub by: String,
}

/// A term that matches none of its own pods.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct SelectsNothing {
    /// `podAntiAffinity` or `topologySpreadConstraints`.
    pub term: String,
    /// Topology key.
    pub topology_key: String,
    /// The selector, in words.
    pub selector: String,
    /// The pods' labels, in words.
    pub pod_labels: String,
}

/// Pod Security Standards.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct PodSecurity {
    /// Level the namespace enforces: `privileged`, `baseline`, `restricted`; absent = namespace not given or no label.
    pub enforces: Option<Tracked<String>>,
    /// The namespace object was seen.
    pub namespace_seen: bool,
    /// Controls that pods break, each with the lowest level that holds the control.
    pub violations: Vec<Tracked<PodSecurityViolation>>,
}

/// A control of the Pod Security Standards that a pod breaks.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct PodSecurityViolation {
    /// `baseline` or `restricted`.
    pub level: String,
    /// Control as the API server names it: `allowPrivilegeEscalation != false`, `unrestricted capabilities`, `runAsNonRoot != true`, `seccompProfile`, …
    pub control: String,
    /// Containers that break it; empty for a pod-wide control.
    pub containers: Vec<String>,
    /// Object: `StatefulSet/qdrant`.
    pub object: String,
    /// `peers`, `backup`, `other`.
    pub role: String,
    /// The message of the API server: `control (detail)`.
    pub message: String,
    /// A stricter control of `restricted` speaks of it too; under `restricted` only that one is named.
    pub superseded: bool,
}

/// An object the API server refuses.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Rejection {
    /// `PodDisruptionBudget/qdrant`.
    pub object: String,
    /// Field path as the API server writes it.
    pub field: String,
    /// The message of the API server.
    pub message: String,
    /// What to write instead, in words.
    pub instead: Option<String>,
    /// What lacks a value, and the key or field that would hold it, at its place.
    pub missing: Option<Tracked<String>>,
    /// A more specific rule that speaks of it, e.g. `configuration/ingress-port-missing`.
    pub covered_by: Option<String>,
    /// The other of two fields that exclude each other: its path, and its place or whose default it is.
    pub collides_with: Option<Tracked<String>>,
    /// When that other field is a default of the chart: its key in the values.
    pub unset_key: Option<String>,
    /// What takes that default away there: `null`, or `0` where an umbrella cannot delete a default.
    pub unset: Option<String>,
}

/// The namespace object.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// `pod-security.kubernetes.io/enforce`.
    pub enforce: Option<Tracked<String>>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// Who may do what.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Access {
    /// Grants that reach into the pods: portforward, exec, attach, proxy, `*`.
    pub port_forward: Vec<Tracked<Grant>>,
    /// Grants that read Secrets (or create pods, which can mount them).
    pub secrets: Vec<Tracked<Grant>>,
}

/// A bound permission.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Grant {
    /// `Role/name` or `ClusterRole/name`.
    pub role: String,
    /// `RoleBinding/name`.
    pub binding: String,
    /// `User/x`, `Group/y`, `ServiceAccount/ns/z`.
    pub subjects: Vec<String>,
    /// `create pods/portforward`.
    pub permission: String,
    /// Every subject is `system:*`.
    pub system: bool,
    /// The role itself was not given; a built-in one (`edit`, `admin`, `cluster-admin`).
    pub built_in: bool,
    /// Further bindings of the same words of the role.
    pub other_bindings: usize,
}

/// Where it runs and what it talks to.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Platform {
    /// Places that name a region.
    pub locations: Vec<Tracked<Location>>,
    /// External endpoints that the configuration or the pods name.
    pub endpoints: Vec<Tracked<Endpoint>>,
    /// Qdrant Cloud endpoints and registry.
    pub managed_cloud: Vec<Tracked<ManagedCloud>>,
}

/// A place that names a region.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Location {
    /// `nodes`, `volume`, `bucket`, `registry`, `key`, `secret-store`, `endpoint`, `cache`.
    pub what: String,
    /// Object or setting, in words.
    pub object: String,
    /// Cloud: `aws`, `azure`, `gcp`, `oci`, …
    pub cloud: Option<String>,
    /// Region id.
    pub region: String,
    /// ISO code; absent = region unknown.
    pub country: Option<String>,
    /// `strong`, `medium`, `hint`.
    pub strength: String,
}

/// An external endpoint.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Endpoint {
    /// Host name.
    pub host: String,
    /// `telemetry`, `profiler`, `inference`, `otlp`, `cdn`, `observability`, `embedding`, `object-store`, `other`.
    pub kind: String,
    /// Country by region, when the name shows one.
    pub country: Option<String>,
    /// Region `cloud:id`, when the name shows one.
    pub region: Option<String>,
}

/// A trace of Qdrant Cloud.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ManagedCloud {
    /// Host.
    pub host: String,
    /// `endpoint`, `registry`, `agent`.
    pub kind: String,
}

/// Service mesh and certificates.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Mesh {
    /// `strict` (mutual TLS on every port of the peers, proven), `permissive`, `none`, `unknown` (signs of a mesh, objects not given).
    pub mutual_tls: String,
    /// Likewise for the ports of clients, REST and gRPC.
    pub clients: String,
    /// Likewise for the port between peers.
    pub peers: String,
    /// Why, in words.
    pub because: String,
    /// A container beside Qdrant that may end TLS; its configuration is not read.
    pub tls_sidecar: Option<String>,
    /// cert-manager Certificates, and volumes of its CSI driver.
    pub certificates: Vec<Tracked<Certificate>>,
}

/// A cert-manager Certificate.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Certificate {
    /// Name.
    pub name: String,
    /// Secret it writes.
    pub secret: String,
    /// The peers mount that Secret.
    pub mounted: bool,
    /// DNS names.
    pub dns_names: Vec<String>,
    /// Names of the peers that no DNS name covers.
    pub missing_peer_names: Vec<String>,
    /// Usages.
    pub usages: Vec<String>,
    /// Issuer name.
    pub issuer: String,
    /// A restart on change is arranged (Reloader annotation, checksum).
    pub restarts_on_change: bool,
}
