//! Declared consumers that the policies keep out: monitors, backup jobs, ingress controllers, the object store.

use super::View;
use super::labels::Labels;
use super::policy::{Endpoint, Policy, Protocol, Who};
use crate::model::facts::network::BlockedClient;
use crate::model::tracked::{Origins, Tracked};
use crate::source::Origin;

/// Who is declared to need the peers, or to be needed by them.
#[derive(Debug, Clone, Default)]
pub struct Clients {
    /// Monitors and route controllers, whose pods are not in the input.
    pub unseen: Vec<Unseen>,
    /// Pods of the input that call the peers: backup jobs.
    pub jobs: Vec<Job>,
    /// An object store that the peers write to: host name and where it is configured.
    pub object_store: Option<(String, Origin)>,
}

/// A consumer whose pods are not in the input.
#[derive(Debug, Clone)]
pub struct Unseen {
    /// `Prometheus of ServiceMonitor qdrant`.
    pub who: String,
    /// Monitor or ingress controller.
    pub kind: Consumer,
    /// Port of the peers that it needs.
    pub port: u16,
    /// Where it is declared.
    pub origin: Origin,
}

/// What a consumer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consumer {
    /// Scrapes metrics.
    Monitor,
    /// Ends requests from outside.
    Ingress,
}

/// A job of the input that calls the peers.
#[derive(Debug, Clone)]
pub struct Job {
    /// `CronJob/qdrant-snapshot`.
    pub who: String,
    /// Labels of its pods.
    pub labels: Labels,
    /// Its namespace; `None` = that of the peers.
    pub namespace: Option<String>,
    /// It uploads to an object store outside the cluster.
    pub uploads: bool,
    /// Where it is declared.
    pub origin: Origin,
}

impl Consumer {
    fn name(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Ingress => "ingress",
        }
    }

    /// Parts of names and labels by which its pods or namespace are usually known.
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Monitor => &[
                "monitor",
                "prometheus",
                "observab",
                "metrics",
                "grafana",
                "victoria",
                "vmagent",
                "alloy",
                "telemetry",
                "otel",
                "collector",
                "datadog",
                "agent",
                "mimir",
                "thanos",
                "newrelic",
                "scrape",
            ],
            Self::Ingress => &[
                "ingress",
                "nginx",
                "traefik",
                "gateway",
                "istio",
                "envoy",
                "contour",
                "kong",
                "haproxy",
                "cilium",
                "kube-system",
                "proxy",
                "router",
                "edge",
                "apisix",
                "openshift",
                "lb",
            ],
        }
    }

    fn add(self) -> &'static str {
        match self {
            Self::Monitor => "an ingress rule from the namespace of Prometheus",
            Self::Ingress => "an ingress rule from the namespace of the ingress controller",
        }
    }
}

/// Consumers that cannot get through.
pub(super) fn blocked(view: &View<'_>, clients: &Clients, origins: &Origins) -> Vec<Tracked<BlockedClient>> {
    let mut blocked = Vec::new();
    for client in &clients.unseen {
        if view.ingress().next().is_some() && !may_be_admitted(view, client) {
            let fact = BlockedClient {
                who: client.who.clone(),
                kind: client.kind.name().to_owned(),
                port: client.port,
                direction: "into the peers".to_owned(),
                add: format!("{} to port {}", client.kind.add(), client.port),
            };
            blocked.push(origins.track(fact, &client.origin));
        }
    }
    for job in &clients.jobs {
        blocked.extend(job_blocked(view, job).map(|fact| origins.track(fact, &job.origin)));
    }
    if let Some((host, origin)) = &clients.object_store
        && !is_inside(host)
        && view.egress().next().is_some()
        && !view.egress().any(|policy| reaches_outside(policy, 443))
    {
        let fact = BlockedClient {
            who: host.clone(),
            kind: "s3".to_owned(),
            port: 443,
            direction: "out of the peers".to_owned(),
            add: "an egress rule to the addresses of the object store on TCP 443".to_owned(),
        };
        blocked.push(origins.track(fact, origin));
    }
    blocked
}

/// Whether some rule admits pods that may be the consumer's. Its pods are not in the input, so a selector counts when it
/// is open or speaks of such a consumer.
fn may_be_admitted(view: &View<'_>, client: &Unseen) -> bool {
    let speaks = |word: &str| client.kind.words().iter().any(|known| word.to_lowercase().contains(known));
    view.ingress()
        .flat_map(|policy| &policy.ingress)
        .filter(|rule| rule.covers(Protocol::Tcp, client.port, &view.peers.named_ports))
        .any(|rule| {
            rule.ends.is_empty()
                || rule.ends.iter().any(|end| match &end.who {
                    Who::Nobody => false,
                    Who::Block(_) => true,
                    Who::Pods { namespaces, pods } => {
                        let open = namespaces.as_ref().is_some_and(super::labels::Selector::is_empty);
                        let named = namespaces.iter().flat_map(super::labels::Selector::words).chain(pods.words());
                        (open && pods.is_empty())
                            || (namespaces.is_none() && pods.is_empty())
                            || named.into_iter().any(speaks)
                    }
                })
        })
}

/// What keeps a job from its work: the first obstacle, and everything that is to be added.
fn job_blocked(view: &View<'_>, job: &Job) -> Option<BlockedClient> {
    let port = view.peers.ports.get("rest").copied()?;
    let namespace = job.namespace.as_deref().or(view.peers.namespace.as_deref()).unwrap_or_default();
    let namespace_labels = view.around.namespace_labels(namespace);
    let endpoint = view.endpoint(&job.labels, job.namespace.as_deref(), &namespace_labels);
    let mut obstacles: Vec<(u16, &str, String)> = Vec::new();
    if !view.may_enter(&endpoint, port) {
        obstacles.push((
            port,
            "into the peers",
            format!("an ingress rule from the pods of {} to port {port}", job.who),
        ));
    }
    // policies of other namespaces are not in the input
    if matches!(endpoint, Endpoint::Pod { same_namespace: true, .. }) {
        if !view.may_leave(&job.labels, &view.peer(), Protocol::Tcp, port, &view.peers.named_ports) {
            let add = format!("an egress rule for the pods of {} to the peers on port {port}", job.who);
            obstacles.push((port, "out of the job", add));
        }
        let mut isolating =
            view.policies.iter().filter(|policy| policy.isolates_egress && policy.pods.matches(&job.labels)).peekable();
        if job.uploads && isolating.peek().is_some() && !isolating.any(|policy| reaches_outside(policy, 443)) {
            let add = format!("an egress rule for the pods of {} to the object store on TCP 443", job.who);
            obstacles.push((443, "out of the job", add));
        }
    }
    let (port, direction, _) = obstacles.first()?;
    Some(BlockedClient {
        who: job.who.clone(),
        kind: "backup".to_owned(),
        port: *port,
        direction: (*direction).to_owned(),
        add: obstacles.iter().map(|(.., add)| add.as_str()).collect::<Vec<_>>().join("; "),
    })
}

/// Whether a host name is that of a Service of the cluster.
fn is_inside(host: &str) -> bool {
    !host.contains('.') || host.split('.').skip(1).any(|label| label == "svc")
}

/// Whether a policy lets TCP to the port out to addresses (object stores have no pods, but for those in the cluster).
fn reaches_outside(policy: &Policy, port: u16) -> bool {
    policy.egress.iter().any(|rule| {
        rule.covers(Protocol::Tcp, port, &[])
            && (rule.ends.is_empty() || rule.ends.iter().any(|end| matches!(end.who, Who::Block(_))))
    })
}
