//! Probes of the Qdrant container, with what Kubernetes fills in.

use crate::model::build::{Pods, Scope};
use crate::model::facts::workload::Probe;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// A probe by its field; absent, it knows what would switch it on.
pub(super) fn of_pods(pods: &Pods, field: &str, scope: &Scope<'_>) -> Tracked<Option<Probe>> {
    let probe = pods.container.at(&[field]);
    let origin =
        probe.map_or_else(|| scope.absent(&[field, "enabled"], &pods.container, &[field]), |node| node.origin.clone());
    scope.origins.track(probe.map(|node| of_node(node, &pods.container)), &origin)
}

/// Probes that the values switch on, yet no port asks for: the chart makes them only of ports with `checksEnabled`.
pub(super) fn dropped(pods: &Pods, scope: &Scope<'_>) -> Vec<Tracked<String>> {
    let Some(release) = &scope.release else { return Vec::new() };
    let Some(ports) = release.value(&["service", "ports"]).filter(|ports| ports.as_sequence().is_some()) else {
        return Vec::new();
    };
    ["readinessProbe", "livenessProbe", "startupProbe"]
        .into_iter()
        .filter(|probe| release.value(&[probe, "enabled"]).and_then(Node::as_bool) == Some(true))
        .filter(|probe| pods.container.at(&[probe]).is_none())
        .map(|probe| scope.origins.track(probe.to_owned(), &ports.origin))
        .collect()
}

fn of_node(probe: &Node, container: &Node) -> Probe {
    let handlers = [("httpGet", "http"), ("grpc", "grpc"), ("tcpSocket", "tcp"), ("exec", "exec")];
    let found = handlers.iter().find_map(|(field, word)| Some((*word, probe.at(&[*field])?)));
    let number = |field: &str, default: u64| {
        let written = probe.at(&[field]).and_then(Node::as_i64).and_then(|number| u64::try_from(number).ok());
        // the API server replaces zero by the default, except for the delay whose default is zero
        written.filter(|number| *number > 0).unwrap_or(default)
    };
    let is_http = found.is_some_and(|(word, _)| word == "http");
    let handler = found.map(|(_, node)| node);
    Probe {
        handler: found.map_or("none", |(word, _)| word).to_owned(),
        path: is_http
            .then(|| handler.and_then(|node| node.text(&["path"])).filter(|path| !path.is_empty()).unwrap_or("/"))
            .map(str::to_owned),
        port: handler.and_then(|node| port(node.at(&["port"])?, container)),
        scheme: is_http.then(|| {
            let scheme = handler.and_then(|node| node.text(&["scheme"])).unwrap_or("HTTP");
            scheme.to_ascii_uppercase()
        }),
        sends_key: handler.is_some_and(sends_key),
        period_seconds: number("periodSeconds", 10),
        timeout_seconds: number("timeoutSeconds", 1),
        failure_threshold: number("failureThreshold", 3),
        initial_delay_seconds: number("initialDelaySeconds", 0),
    }
}

/// A number, or the name of a port of the container.
fn port(node: &Node, container: &Node) -> Option<u16> {
    if let Some(number) = node.as_i64() {
        return u16::try_from(number).ok();
    }
    let name = node.as_str()?;
    let named = container.items(&["ports"]).iter().find(|port| port.text(&["name"]) == Some(name))?;
    u16::try_from(named.at(&["containerPort"])?.as_i64()?).ok()
}

fn sends_key(handler: &Node) -> bool {
    let names = handler.items(&["httpHeaders"]).iter().filter_map(|header| header.text(&["name"]));
    names.into_iter().any(|name| name.eq_ignore_ascii_case("api-key") || name.eq_ignore_ascii_case("authorization"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use serde_json::json;

    fn probe(node: &serde_json::Value) -> Probe {
        let container = json!({"ports": [{"name": "http", "containerPort": 6333}]});
        of_node(&Node::from_json(node, &Origin::Derived), &Node::from_json(&container, &Origin::Derived))
    }

    #[test]
    fn named_ports_are_resolved_and_kubernetes_fills_in_the_rest() {
        let probe = probe(&json!({"httpGet": {"port": "http", "httpHeaders": [{"name": "Api-Key", "value": "x"}]}}));
        assert_eq!((probe.handler.as_str(), probe.port, probe.path.as_deref()), ("http", Some(6333), Some("/")));
        assert_eq!((probe.scheme.as_deref(), probe.sends_key), (Some("HTTP"), true));
        assert_eq!((probe.period_seconds, probe.timeout_seconds, probe.failure_threshold), (10, 1, 3));
    }

    #[test]
    fn a_probe_without_a_handler_is_told() {
        let probe = probe(&json!({"periodSeconds": 5}));
        assert_eq!((probe.handler.as_str(), probe.port, probe.period_seconds), ("none", None, 5));
    }
}
