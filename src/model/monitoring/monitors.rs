//! Who scrapes the peers: monitors of the Prometheus operator and its kin, annotations, scrape configurations.

use super::Watched;
use super::static_targets;
use crate::model::build::scope::absent_field;
use crate::model::facts::monitoring::Monitor;
use crate::model::input::Object;
use crate::model::network::labels::{Selector, labels_of};
use crate::source::{Node, Origin};

/// Kinds that select Services by their labels; every endpoint behind them is scraped.
const OF_SERVICES: [&str; 2] = ["ServiceMonitor", "VMServiceScrape"];
/// Kinds that select pods.
const OF_PODS: [&str; 4] = ["PodMonitor", "VMPodScrape", "PodMonitoring", "ClusterPodMonitoring"];
/// Annotations by which collectors find pods and Services.
const ANNOTATIONS: [&str; 3] = ["prometheus.io/scrape", "k8s.grafana.com/scrape", "victoriametrics.com/scrape"];

/// A monitor and what the facts do not keep of it.
pub(crate) struct Found {
    /// The fact.
    pub(crate) fact: Monitor,
    /// Where it is declared.
    pub(crate) origin: Origin,
    /// Port of the pods that it asks.
    pub(crate) target: Option<u16>,
    /// Its collector runs elsewhere in the cluster and must get through the policies.
    pub(crate) comes_from_outside: bool,
}

/// Every monitor that selects the peers or is meant for them.
pub(crate) fn monitors(watched: &Watched<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for object in &watched.scope.objects {
        let kind = object.kind();
        if OF_SERVICES.contains(&kind) {
            found.extend(of_services(watched, object));
        } else if OF_PODS.contains(&kind) {
            found.extend(of_pods(watched, object));
        } else {
            found.extend(static_targets::of(watched, object));
        }
    }
    found.extend(annotated(watched));
    found
}

fn of_services(watched: &Watched<'_>, object: &Object) -> Vec<Found> {
    let selector = Selector::of(object.node.at(&["spec", "selector"]));
    let services: Vec<&Object> = watched.service_objects().collect();
    let selected: Vec<&Object> = services
        .iter()
        .copied()
        .filter(|service| {
            selector.matches(&labels_of(service.node.at(&["metadata", "labels"])))
                && reaches(watched, object, service.namespace())
        })
        .collect();
    let endpoints = object.node.items(&["spec", "endpoints"]);
    let whole = if services.is_empty() {
        "unseen"
    } else if selected.is_empty() {
        "no"
    } else {
        "yes"
    };
    endpoints
        .iter()
        .filter(|_| whole == "yes" || is_meant(watched, object, &selector))
        .map(|endpoint| {
            let port = port_of(endpoint);
            let entry =
                selected.iter().flat_map(|service| service.node.items(&["spec", "ports"])).find(|entry| {
                    match (endpoint.at(&["port"]), endpoint.at(&["targetPort"])) {
                        (Some(name), _) => entry.text(&["name"]) == name.as_str(),
                        (None, Some(target)) => {
                            target.scalar_text().is_some()
                                && (entry.at(&["targetPort"]).and_then(Node::scalar_text) == target.scalar_text()
                                    || watched.pod_port(entry) == watched.named(target))
                        }
                        (None, None) => false,
                    }
                });
            let selects = if whole == "yes" && entry.is_none() && port.is_some() { "no-port" } else { whole };
            let target = entry.and_then(|entry| watched.pod_port(entry));
            endpoint_found(watched, object, endpoint, selects, port, target)
        })
        .collect()
}

fn of_pods(watched: &Watched<'_>, object: &Object) -> Vec<Found> {
    let selector = Selector::of(object.node.at(&["spec", "selector"]));
    let pods = watched.scope.pods.as_ref();
    let selects = match pods {
        None => "unseen",
        Some(pods) if selector.matches(&pods.labels) && reaches(watched, object, watched.namespace()) => "yes",
        Some(_) => "no",
    };
    let endpoints = object.node.items(&["spec", "podMetricsEndpoints"]).iter();
    endpoints
        .chain(object.node.items(&["spec", "endpoints"]))
        .filter(|_| selects == "yes" || is_meant(watched, object, &selector))
        .map(|endpoint| {
            let written = ["port", "portNumber", "targetPort"].iter().find_map(|field| endpoint.at(&[field]));
            let target = written.and_then(|port| watched.named(port));
            let selects = if selects == "yes" && written.is_some() && target.is_none() { "no-port" } else { selects };
            endpoint_found(watched, object, endpoint, selects, written.and_then(Node::scalar_text), target)
        })
        .collect()
}

fn port_of(endpoint: &Node) -> Option<String> {
    endpoint.at(&["port"]).or_else(|| endpoint.at(&["targetPort"])).and_then(Node::scalar_text)
}

fn endpoint_found(
    watched: &Watched<'_>,
    object: &Object,
    endpoint: &Node,
    selects: &str,
    port: Option<String>,
    target: Option<u16>,
) -> Found {
    let from_chart = watched.scope.is_made_by_chart(object);
    let absent = |field: &str| {
        if from_chart {
            watched.scope.absent(&["metrics", "serviceMonitor", field], &object.node, &[])
        } else {
            absent_field("the Prometheus operator", endpoint, &[field])
        }
    };
    let origins = &watched.scope.origins;
    let scheme = match endpoint.at(&["scheme"]).filter(|_| !from_chart) {
        Some(scheme) => origins.track(scheme.scalar_text().unwrap_or_default().to_ascii_lowercase(), &scheme.origin),
        // the chart writes http whatever the values say
        None => origins.track("http".to_owned(), &absent("scheme")),
    };
    let authorized = credential(endpoint).map_or_else(
        || origins.track(false, &absent("authorization")),
        |credential| origins.track(true, &credential.origin),
    );
    let fact = Monitor {
        kind: object.kind().to_owned(),
        name: object.name().to_owned(),
        selects: selects.to_owned(),
        scheme: Some(scheme),
        authorized: Some(authorized),
        through_service: false,
        metrics_port: target.is_some() && target == watched.metrics_port(),
        port,
        from_chart,
    };
    let origin = if from_chart { &object.node } else { object.node.at(&["metadata", "name"]).unwrap_or(&object.node) };
    Found { fact, origin: origin.origin.clone(), target, comes_from_outside: true }
}

/// What an endpoint shows to the server. Basic authentication is none: Qdrant reads a key or a bearer token.
pub(super) fn credential(endpoint: &Node) -> Option<&Node> {
    ["authorization", "bearerTokenSecret", "bearerTokenFile", "oauth2", "bearer_token", "bearer_token_file"]
        .iter()
        .find_map(|field| endpoint.at(&[field]))
        .or_else(|| {
            let headers = endpoint.at(&["http_headers"]).or_else(|| endpoint.at(&["httpHeaders"]))?;
            headers.as_mapping()?.iter().find(|(name, _)| is_key_header(name)).map(|(_, value)| value)
        })
}

/// Header names by which Qdrant takes a key.
pub(crate) fn is_key_header(name: &str) -> bool {
    name.eq_ignore_ascii_case("api-key") || name.eq_ignore_ascii_case("authorization")
}

/// Whether a monitor looks into the namespace of the peers.
fn reaches(watched: &Watched<'_>, object: &Object, of_target: Option<&str>) -> bool {
    if object.kind().starts_with("Cluster") {
        return true;
    }
    let selector = object.node.at(&["spec", "namespaceSelector"]);
    if selector.and_then(|selector| selector.at(&["any"])).and_then(Node::as_bool) == Some(true) {
        return true;
    }
    let Some(target) = of_target.or(watched.namespace()) else { return true };
    let names = selector.map(|selector| selector.items(&["matchNames"])).unwrap_or_default();
    if !names.is_empty() {
        return names.iter().any(|name| name.as_str() == Some(target));
    }
    let own = object.namespace().or_else(|| watched.namespace().filter(|_| watched.scope.is_made_by_chart(object)));
    own.is_none_or(|own| own == target)
}

/// Whether a monitor that selects nothing is about Qdrant all the same.
fn is_meant(_: &Watched<'_>, object: &Object, selector: &Selector) -> bool {
    object.name().contains("qdrant") || selector.words().any(|word| word.contains("qdrant"))
}

fn annotated(watched: &Watched<'_>) -> Vec<Found> {
    let on_pods = watched.scope.pods.as_ref().map(|pods| (pods.workload.name().to_owned(), pods.template.clone()));
    let on_services = watched.service_objects().map(|service| (service.name().to_owned(), service.node.clone()));
    on_pods
        .into_iter()
        .chain(on_services)
        .filter_map(|(name, node)| {
            let annotations = node.at(&["metadata", "annotations"])?;
            let (kind, switch) = ANNOTATIONS
                .iter()
                .find_map(|key| {
                    let value = annotations.get(key)?;
                    (value.scalar_text().as_deref() == Some("true")).then_some(("annotation", value))
                })
                .or_else(|| {
                    let datadog = annotations.as_mapping()?.iter().find(|(key, value)| {
                        key.starts_with("ad.datadoghq.com/")
                            && value
                                .as_str()
                                .is_some_and(|text| text.contains("openmetrics") || text.contains("/metrics"))
                    })?;
                    Some(("annotation", datadog.1))
                })?;
            let origins = &watched.scope.origins;
            let text = |key: &str| annotations.get(key).and_then(Node::scalar_text);
            let port = text("prometheus.io/port");
            let target = port.as_deref().and_then(|port| port.parse().ok());
            let scheme = annotations.get("prometheus.io/scheme");
            let fact = Monitor {
                kind: kind.to_owned(),
                name,
                selects: "yes".to_owned(),
                scheme: scheme.and_then(|node| Some(origins.track(node.scalar_text()?, &node.origin))),
                // the collector's own configuration decides; an annotation cannot carry a key
                authorized: None,
                through_service: false,
                metrics_port: target.is_some() && target == watched.metrics_port(),
                port,
                from_chart: false,
            };
            Some(Found { fact, origin: switch.origin.clone(), target, comes_from_outside: true })
        })
        .collect()
}
