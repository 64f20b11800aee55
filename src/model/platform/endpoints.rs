//! Endpoints outside the cluster that the peers are told to talk to.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::region::Region;
use super::table;
use crate::model::build::Scope;
use crate::model::facts::cluster::Endpoint;
use crate::model::peer_address::host_of;
use crate::model::server::Effective;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

/// Keys of the server's configuration that hold an address.
const SETTINGS: [(&str, &str); 3] = [
    ("debugger.pyroscope.url", "profiler"),
    ("inference.address", "inference"),
    ("storage.snapshots_config.s3_config.endpoint_url", "object-store"),
];
/// Annotations that put a name behind an edge of someone else.
const PROXIED: &str = "external-dns.alpha.kubernetes.io/cloudflare-proxied";
const TARGET: &str = "external-dns.alpha.kubernetes.io/target";

/// Namespaces that collectors usually live in.
const NAMESPACES: [&str; 7] =
    ["monitoring", "observability", "logging", "tracing", "opentelemetry", "otel", "kube-system"];

struct Finder<'a> {
    scope: &'a Scope<'a>,
    seen: BTreeSet<(String, String)>,
    found: Vec<Tracked<Endpoint>>,
}

/// Hosts by configuration, by variables of the pods, by annotations of what publishes them.
pub(super) fn endpoints(scope: &Scope<'_>, effective: &Effective) -> Vec<Tracked<Endpoint>> {
    let mut finder = Finder { scope, seen: BTreeSet::new(), found: Vec::new() };
    for (key, kind) in SETTINGS {
        if let Some(setting) = effective.get(key)
            && let Some(address) = setting.node.as_str()
        {
            finder.add(address, kind, &setting.node.origin);
        }
    }
    if let Some(pods) = &scope.pods {
        let spec = pods.spec.clone();
        for variable in spec.items(&["containers"]).iter().flat_map(|container| container.items(&["env"])) {
            finder.variable(variable);
        }
    }
    for object in
        scope.objects.iter().filter(|object| matches!(object.kind(), "Ingress" | "Service" | "HTTPRoute" | "Gateway"))
    {
        finder.annotations(&object.node);
    }
    finder.found
}

impl Finder<'_> {
    fn add(&mut self, address: &str, kind: &str, origin: &Origin) {
        let host = host_of(address.trim()).to_ascii_lowercase();
        if !is_outside(&host) || self.is_service(&host) || !self.seen.insert((host.clone(), kind.to_owned())) {
            return;
        }
        let region = Region::of_host(&host);
        let fact = Endpoint {
            kind: kind.to_owned(),
            country: region.as_ref().and_then(|region| region.country).map(str::to_owned),
            region: region.and_then(|region| region.key()),
            host,
        };
        self.found.push(self.scope.origins.track(fact, origin));
    }

    /// `collector.monitoring`: a Service by its short name, in a namespace that the input speaks of or that monitoring
    /// usually has.
    fn is_service(&self, host: &str) -> bool {
        let Some((_, namespace)) = host.split_once('.').filter(|(_, rest)| !rest.contains('.')) else { return false };
        self.scope.namespace.as_deref() == Some(namespace)
            || NAMESPACES.contains(&namespace)
            || self.scope.objects.iter().any(|object| object.namespace() == Some(namespace))
    }

    fn variable(&mut self, variable: &Node) {
        let (Some(name), Some(value)) = (variable.text(&["name"]), variable.at(&["value"])) else { return };
        let Some(text) = value.as_str() else { return };
        // settings of the server were read above, with every layer considered
        if name.starts_with("QDRANT__") {
            return;
        }
        let by_name = if name.starts_with("OTEL_EXPORTER_OTLP") && name.ends_with("ENDPOINT") {
            Some("otlp")
        } else if name.contains("PYROSCOPE") {
            Some("profiler")
        } else {
            None
        };
        let is_address = text.contains("://") || by_name.is_some();
        if is_address {
            let host = host_of(text.trim());
            let kind = by_name.or_else(|| table::service_of_host(host)).unwrap_or("other");
            self.add(text, kind, &value.origin);
        }
    }

    fn annotations(&mut self, node: &Node) {
        let annotation = |key: &str| node.at(&["metadata", "annotations", key]);
        if let Some(proxied) = annotation(PROXIED).filter(|on| on.scalar_text().as_deref() == Some("true")) {
            self.add("cdn.cloudflare.net", "cdn", &proxied.origin);
        }
        if let Some(target) = annotation(TARGET)
            && let Some(host) = target.as_str()
            && table::service_of_host(host) == Some("cdn")
        {
            self.add(host, "cdn", &target.origin);
        }
    }
}

/// Whether a host lies outside the cluster: a full name that is no Service, or a public address.
fn is_outside(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return match address {
            IpAddr::V4(address) => !(address.is_private() || address.is_loopback() || address.is_link_local()),
            IpAddr::V6(address) => !(address.is_loopback() || address.is_unique_local()),
        };
    }
    let labels: Vec<&str> = host.split('.').collect();
    labels.len() > 1
        && !host.contains(['$', '{', '(', '*', ' '])
        && !labels.contains(&"svc")
        && !matches!(labels.last(), Some(&("local" | "internal" | "localhost" | "localdomain" | "lan")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_and_private_addresses_are_inside() {
        for host in [
            "qdrant",
            "otel.monitoring.svc",
            "otel.monitoring.svc.cluster.local",
            "10.0.0.7",
            "localhost",
            "$HOST.example.ae",
        ] {
            assert!(!is_outside(host), "{host}");
        }
        for host in ["otlp.eu.example.com", "8.8.8.8", "api.openai.com"] {
            assert!(is_outside(host), "{host}");
        }
    }
}
