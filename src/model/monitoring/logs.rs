//! Access logs of ingress controllers, and what ships logs out of the cluster.

use super::Watched;
use crate::model::facts::Aspect;
use crate::model::facts::monitoring::IngressLog;
use crate::model::input::Object;
use crate::model::tracked::Tracked;
use crate::source::{Data, Node, Origin, TextPlace};

/// How a log format prints the header that holds the key.
const LEAKS: [&str; 8] = [
    "$http_api_key",
    "$http_authorization",
    "%REQ(API-KEY",
    "%REQ(AUTHORIZATION",
    "%REQ(api-key",
    "%REQ(authorization",
    "%[capture.req.hdr",
    "{authorization}",
];
/// Keys of ingress-nginx that are about the access log.
const KEYS: [&str; 5] =
    ["disable-access-log", "log-format-upstream", "access-log-path", "http-access-log-path", "skip-access-log-urls"];
/// Annotation of a route that turns its log off.
const ANNOTATION: &str = "nginx.ingress.kubernetes.io/enable-access-log";
/// Images that carry logs away.
const SHIPPERS: [&str; 12] = [
    "fluent-bit",
    "fluentbit",
    "fluentd",
    "vector",
    "promtail",
    "filebeat",
    "grafana/alloy",
    "opentelemetry-collector",
    "datadog/agent",
    "splunk",
    "logstash",
    "azuremonitor",
];
/// Kinds that declare where logs go.
const FORWARDERS: [&str; 8] = [
    "ClusterLogForwarder",
    "ClusterFlow",
    "Flow",
    "ClusterOutput",
    "Output",
    "ClusterFluentBitConfig",
    "PodLogs",
    "LogPipeline",
];

/// Log settings of the ingress controllers, when any can be seen.
pub(super) fn ingress_log(watched: &Watched<'_>) -> Option<IngressLog> {
    let origins = &watched.scope.origins;
    let mut log = IngressLog::default();
    let mut seen = false;
    for object in &watched.scope.objects {
        let Some(settings) = settings(object) else { continue };
        seen |= object.kind() != "Ingress";
        if log.leaks_key.is_none() {
            log.leaks_key = leak(watched, settings).map(|(text, origin)| origins.track(text, &origin));
        }
        if let Some((off, origin)) = switch(object, settings) {
            seen = true;
            if off && log.disabled.is_none() {
                log.disabled = Some(origins.track(true, &origin));
            }
        }
    }
    seen |= log.leaks_key.is_some();
    if seen {
        watched.scope.observe(Aspect::IngressController);
    }
    seen.then_some(log)
}

/// The part of an object that sets a log of a controller.
fn settings(object: &Object) -> Option<&Node> {
    let node = &object.node;
    match object.kind() {
        "ConfigMap" => {
            let data = node.at(&["data"])?;
            let is_nginx = KEYS.iter().any(|key| data.get(key).is_some())
                || object.name().contains("ingress-nginx")
                || object.name().contains("nginx-configuration");
            let is_edge = ["traefik", "envoy", "istio", "haproxy", "contour", "nginx"]
                .iter()
                .any(|word| object.name().contains(word));
            // a whole configuration says itself whether it serves Qdrant
            let text = data.to_json().to_string();
            let serves_others = text.contains("proxy_pass")
                && !["qdrant", "6333", "6334"].iter().any(|word| text.to_ascii_lowercase().contains(word));
            ((is_nginx || is_edge) && !serves_others).then_some(data)
        }
        "EnvoyProxy" | "Telemetry" | "HelmChartConfig" | "NginxProxy" | "KongClusterPlugin" => node.at(&["spec"]),
        "Ingress" => node.at(&["metadata", "annotations"]),
        _ => None,
    }
}

/// Whether a setting turns the log off, and where.
fn switch(object: &Object, settings: &Node) -> Option<(bool, Origin)> {
    if let Some(node) = settings.get(ANNOTATION).filter(|_| object.kind() == "Ingress") {
        return Some((node.scalar_text().as_deref() == Some("false"), node.origin.clone()));
    }
    let node = settings.get("disable-access-log")?;
    Some((node.scalar_text().as_deref() == Some("true"), node.origin.clone()))
}

/// The first text that prints the key.
fn leak(watched: &Watched<'_>, settings: &Node) -> Option<(String, Origin)> {
    let mut waiting = vec![settings];
    while let Some(node) = waiting.pop() {
        match &node.data {
            Data::Mapping(fields) => waiting.extend(fields.values()),
            Data::Sequence(items) => waiting.extend(items.iter()),
            Data::String(text) => {
                let found = LEAKS.iter().find_map(|leak| Some((*leak, text.find(leak)?)));
                if let Some((leak, at)) = found {
                    let place = TextPlace::of(watched.scope.sources, node);
                    let origin = place.origin(at as u32, (at + leak.len()) as u32);
                    return Some((leak.trim_start_matches("%REQ(").to_owned(), origin));
                }
            }
            _ => {}
        }
    }
    None
}

/// What ships logs to a collector.
pub(super) fn shippers(watched: &Watched<'_>) -> Vec<Tracked<String>> {
    let scope = watched.scope;
    scope
        .objects
        .iter()
        .filter(|object| {
            FORWARDERS.contains(&object.kind())
                || (matches!(object.kind(), "DaemonSet" | "Deployment")
                    && object
                        .node
                        .items(&["spec", "template", "spec", "containers"])
                        .iter()
                        .filter_map(|container| container.text(&["image"]))
                        .any(|image| SHIPPERS.iter().any(|word| image.contains(word))))
        })
        .map(|object| {
            let origin = &object.node.at(&["metadata", "name"]).unwrap_or(&object.node).origin;
            scope.origins.track(format!("{}/{}", object.kind(), object.name()), origin)
        })
        .collect()
}
