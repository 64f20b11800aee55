//! Monitors, alerts and logs as facts.

mod alerts;
mod expressions;
mod logs;
pub(crate) mod monitors;
mod queries;
mod static_targets;

use super::build::Scope;
use super::facts::Aspect;
use super::facts::monitoring::Monitoring;
use super::facts::network::Service;
use super::input::Object;
use super::network::Peers;
use super::server::Effective;
use super::services;
use super::tracked::Tracked;
use crate::source::Node;

/// What monitors are judged by.
pub(crate) struct Watched<'a> {
    /// The deployment.
    pub(crate) scope: &'a Scope<'a>,
    /// The server.
    pub(crate) effective: &'a Effective,
    /// The peers.
    pub(crate) peers: Option<&'a Peers>,
    /// Services that select the peers.
    pub(crate) services: &'a [Tracked<Service>],
}

impl<'a> Watched<'a> {
    /// The Services of the peers as objects.
    fn service_objects(&self) -> impl Iterator<Item = &'a Object> {
        let peers = self.peers;
        self.scope
            .objects
            .iter()
            .filter(|object| object.kind() == "Service")
            .filter(move |object| peers.is_some() && services::concerns(object, peers))
    }

    fn namespace(&self) -> Option<&'a str> {
        self.scope.namespace.as_deref()
    }

    fn metrics_port(&self) -> Option<u16> {
        self.effective.port("service.metrics_port")
    }

    /// The port of the pods behind an entry of a Service.
    fn pod_port(&self, entry: &Node) -> Option<u16> {
        let written = entry.at(&["targetPort"]).or_else(|| entry.at(&["port"]))?;
        self.named(written)
    }

    /// The number of a port that may be a name of the pods.
    fn named(&self, port: &Node) -> Option<u16> {
        if let Some(number) = port.as_i64() {
            return u16::try_from(number).ok();
        }
        let name = port.as_str()?;
        name.parse().ok().or_else(|| {
            let ports = &self.peers?.named_ports;
            ports.iter().find(|port| port.name == name).map(|port| port.port)
        })
    }

    /// Whether a target leads to the peers; `Some(true)` through a Service that balances over them.
    fn leads_to_peers(&self, target: &str) -> Option<bool> {
        super::peer_address::lead(target, self.scope, self.services).map(|lead| lead.balances())
    }
}

/// What watches the peers.
pub(crate) fn monitoring(watched: &Watched<'_>) -> Monitoring {
    let scope = watched.scope;
    let found = monitors::monitors(watched);
    if !found.is_empty() {
        scope.observe(Aspect::Monitoring);
    }
    let expressions = expressions::expressions(scope);
    let mut about: Vec<&expressions::Expression> = Vec::new();
    for expression in expressions.iter().filter(|one| one.about && one.alert.is_some()) {
        if about.iter().all(|one| one.object != expression.object) {
            about.push(expression);
        }
    }
    Monitoring {
        monitors: found.into_iter().map(|found| scope.origins.track(found.fact, &found.origin)).collect(),
        switch: scope.release.as_ref().and_then(|release| {
            let switch = release.value(&["metrics", "serviceMonitor", "enabled"])?;
            Some(scope.origins.track(switch.as_bool()?, &switch.origin))
        }),
        unknown_metrics: queries::unknown_metrics(watched, &expressions),
        alerts_cover: alerts::covered(&expressions),
        rules: about
            .into_iter()
            .map(|one| scope.origins.track(one.object.clone(), &one.origin((0, one.text.len()))))
            .collect(),
        ingress_log: logs::ingress_log(watched),
        log_shippers: logs::shippers(watched),
    }
}
