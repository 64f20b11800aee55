//! The peers' workload and its pods.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::{Settable, Tracked, Tree};

/// StatefulSet, Deployment, DaemonSet or Pod that runs Qdrant.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Workload {
    /// Kind.
    pub kind: String,
    /// `apps/v1`, …
    pub api_version: String,
    /// Name; absent with `generateName`.
    pub name: String,
    /// Peers: `replicas` (Kubernetes' default is 1), or the least an autoscaler leaves. Absent for a DaemonSet or when
    /// hidden.
    pub replicas: Option<Tracked<u64>>,
    /// `Parallel` or `OrderedReady` (Kubernetes' default); StatefulSet only.
    pub pod_management_policy: Option<Tracked<String>>,
    /// Seconds; Kubernetes' default is 30.
    pub termination_grace_seconds: Option<Tracked<u64>>,
    /// A preStop hook exists.
    pub pre_stop: Option<Tracked<bool>>,
    /// `RollingUpdate`, `Recreate`, `OnDelete`.
    pub update_strategy: Option<Tracked<String>>,
    /// Pods a rolling update may take at once, when set.
    pub update_max_unavailable: Option<Tracked<serde_json::Value>>,
    /// Pods a rolling update may take at once: the number, a percentage rounded up, never less than 1.
    pub update_takes: Option<Tracked<u64>>,
    /// Governing Service of a StatefulSet.
    pub service_name: Settable<String>,
    /// The governing Service: `resolved`, `missing`, `not-headless`, `selects-other`, `hides-not-ready`, `unseen` (its
    /// name is hidden).
    pub governing_service: Option<String>,
    /// Image of the Qdrant container; hidden when a template fills in part of it.
    pub image: Option<Tracked<Image>>,
    /// Images of all containers of the pod, without those that a template fills in.
    pub images: Vec<Tracked<Image>>,
    /// Name of the Qdrant container.
    pub container: String,
    /// Requests and limits of the Qdrant container.
    pub resources: Option<Tracked<Resources>>,
    /// Environment of the Qdrant container.
    pub env: Vec<Tracked<EnvVar>>,
    /// Command of the Qdrant container.
    pub command: Option<Tracked<Vec<String>>>,
    /// Arguments of the Qdrant container.
    pub args: Option<Tracked<Vec<String>>>,
    /// Mounts of the Qdrant container.
    pub mounts: Vec<Tracked<Mount>>,
    /// Readiness probe.
    pub readiness_probe: Settable<Probe>,
    /// Liveness probe.
    pub liveness_probe: Settable<Probe>,
    /// Startup probe.
    pub startup_probe: Settable<Probe>,
    /// Probes (`readinessProbe`, …) that the values switch on and the chart leaves out, because no port of
    /// `service.ports` has `checksEnabled`.
    pub dropped_probes: Vec<Tracked<String>>,
    /// Labels of the pods.
    pub pod_labels: BTreeMap<String, String>,
    /// Annotations of the pods.
    pub pod_annotations: BTreeMap<String, String>,
    /// Node selector.
    pub node_selector: Option<Tree>,
    /// `hostNetwork`.
    pub host_network: Option<Tracked<bool>>,
    /// `hostPort`s of any container.
    pub host_ports: Vec<Tracked<u16>>,
    /// Ports the Qdrant container declares.
    pub container_ports: Vec<Tracked<ContainerPort>>,
    /// ServiceAccount of the pods; Kubernetes' default is `default`.
    pub service_account: Option<Tracked<String>>,
    /// Whether the account's token is mounted: pod's field, else the ServiceAccount's, else true.
    pub token_mounted: Option<Tracked<bool>>,
    /// How every container may run.
    pub containers: Vec<Tracked<Container>>,
}

/// An image reference.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Image {
    /// As written.
    pub reference: String,
    /// `docker.io` when none is written.
    pub registry: String,
    /// Without registry: `qdrant/qdrant`.
    pub repository: String,
    /// Tag; absent = `latest`. In values the chart puts its app version where none is written.
    pub tag: Option<String>,
    /// `sha256:…`
    pub digest: Option<String>,
    /// Container that uses it.
    pub container: String,
    /// From Helm values: the chart puts the tag in (a digest cannot be written there).
    pub from_chart: bool,
    /// The user wrote no tag; the chart's app version is used.
    pub chart_default_tag: bool,
    /// `image.useUnprivilegedImage` put `-unprivileged` behind the tag.
    pub chart_unprivileged: bool,
}

/// Requests and limits of one container.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Resources {
    /// Bytes. A limit without a request is a request (as Kubernetes does).
    pub memory_request_bytes: Settable<u64>,
    /// Bytes.
    pub memory_limit_bytes: Settable<u64>,
    /// Thousandths of a core.
    pub cpu_request_millis: Settable<u64>,
    /// Thousandths of a core.
    pub cpu_limit_millis: Settable<u64>,
    /// The memory request was written (not taken over from the limit).
    pub memory_request_written: bool,
}

/// An environment variable; values of keys are redacted.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct EnvVar {
    /// Name.
    pub name: String,
    /// Literal value.
    pub value: Option<String>,
    /// `secret`, `config-map`, `field`, `resource`; absent for literals.
    pub from: Option<String>,
    /// `name/key` of the reference.
    pub reference: Option<String>,
    /// `optional: true`.
    pub optional: bool,
}

/// A volume mount of the Qdrant container.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Mount {
    /// Path in the container.
    pub path: String,
    /// Volume name.
    pub volume: String,
    /// `subPath`.
    pub sub_path: Option<String>,
    /// Kind of the volume: `secret`, `config-map`, `empty-dir`, `claim`, `claim-template`, `csi`, …
    pub kind: String,
}

/// A probe.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Probe {
    /// `http`, `grpc`, `tcp`, `exec`, `none` (no handler: refused by the API server).
    pub handler: String,
    /// HTTP path.
    pub path: Option<String>,
    /// Port number, names resolved.
    pub port: Option<u16>,
    /// `HTTP` or `HTTPS`.
    pub scheme: Option<String>,
    /// An `api-key` or `Authorization` header is sent.
    pub sends_key: bool,
    /// Seconds; Kubernetes' default 10.
    pub period_seconds: u64,
    /// Seconds; Kubernetes' default 1.
    pub timeout_seconds: u64,
    /// Kubernetes' default 3.
    pub failure_threshold: u64,
    /// Seconds; Kubernetes' default 0.
    pub initial_delay_seconds: u64,
}

/// A declared container port.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ContainerPort {
    /// Name.
    pub name: Option<String>,
    /// Number.
    pub port: u16,
    /// Protocol.
    pub protocol: String,
}

/// How a container may run; pod settings are merged in.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Container {
    /// Name.
    pub name: String,
    /// `container`, `init`, `sidecar` (an init container that restarts), `ephemeral`.
    pub kind: String,
    /// It is the Qdrant server.
    pub is_qdrant: bool,
    /// It is the chart's chown init container.
    pub is_chart_init: bool,
    /// `runAsNonRoot`, effective.
    pub run_as_non_root: Option<bool>,
    /// `runAsUser`, effective.
    pub run_as_user: Option<i64>,
    /// Neither the container nor the pod writes `runAsUser`: the image's own user runs it (OpenShift chooses one).
    pub user_unset: bool,
    /// The image runs as a user other than root by itself (`-unprivileged`).
    pub image_unprivileged: bool,
    /// `readOnlyRootFilesystem`.
    pub read_only_root: bool,
    /// `privileged`.
    pub privileged: bool,
    /// `allowPrivilegeEscalation` (Kubernetes' default true).
    pub allow_privilege_escalation: bool,
    /// A memory limit is set.
    pub memory_limited: bool,
}
