//! Ingresses and routes that lead to the peers: hosts, TLS, backend, controller.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::network::{Backend, Route, Service};
use super::input::Object;
use super::network::labels::labels_of;
use super::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

/// Kinds that route from outside.
pub const KINDS: [&str; 8] =
    ["Ingress", "HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "IngressRoute", "IngressRouteTCP", "Route"];

/// What a route is judged by.
pub struct Context<'a> {
    /// Services that select the peers.
    pub services: &'a [Tracked<Service>],
    /// Every object of the input: IngressClasses, Gateways.
    pub objects: &'a [&'a Object],
    /// Where a field that is absent would be set: `tls`, `ingressClassName`, `annotations`.
    pub absent: &'a dyn Fn(&Object, &str) -> Origin,
}

/// A route as a fact; `None` when no backend is a Service of the peers (or, without Services, one about Qdrant).
pub fn route(object: &Object, context: &Context<'_>, origins: &Origins) -> Option<Tracked<Route>> {
    if !KINDS.contains(&object.kind()) {
        return None;
    }
    let node = &object.node;
    let annotations = labels_of(node.at(&["metadata", "annotations"]));
    let backends = backends(object, context, origins);
    if backends.is_empty() {
        return None;
    }
    let (controller, controller_by) = controller(object, &annotations, context);
    let hosts = hosts(object);
    let class_node = node
        .at(&["spec", "ingressClassName"])
        .or_else(|| node.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]));
    let (tls, hosts_without_tls) = tls(object, &hosts, context, origins);
    let fact = Route {
        kind: object.kind().to_owned(),
        name: object.name().to_owned(),
        hosts_without_tls,
        tls,
        backends,
        controller: controller.to_owned(),
        controller_by,
        class: class_node.and_then(|class| Some(origins.track(class.as_str()?.to_owned(), &class.origin))),
        backend_protocol: backend_protocol(object, &annotations, origins),
        rate_limited: rate_limited(object, &annotations),
        dead_annotations: dead_annotations(node, origins),
        annotations,
        hosts,
    };
    Some(origins.track(fact, &node.at(&["metadata", "name"]).unwrap_or(node).origin))
}

fn hosts(object: &Object) -> Vec<String> {
    let node = &object.node;
    match object.kind() {
        "Ingress" => {
            node.items(&["spec", "rules"]).iter().filter_map(|rule| rule.text(&["host"])).map(str::to_owned).collect()
        }
        "IngressRoute" | "IngressRouteTCP" => node
            .items(&["spec", "routes"])
            .iter()
            .filter_map(|route| route.text(&["match"]))
            .flat_map(hosts_of_a_match)
            .collect(),
        "Route" => node.text(&["spec", "host"]).map(str::to_owned).into_iter().collect(),
        _ => node.items(&["spec", "hostnames"]).iter().filter_map(Node::as_str).map(str::to_owned).collect(),
    }
}

/// ``Host(`a`) || HostSNI(`b`)`` → `a`, `b`.
fn hosts_of_a_match(text: &str) -> Vec<String> {
    let quoted: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    let names_hosts = text.contains("Host");
    quoted
        .into_iter()
        .filter(|word| names_hosts && word.contains('.') && !word.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

/// Service name, port (number or name) and URL path of every backend.
type RawBackend<'a> = (&'a Node, String, Option<&'a Node>, Option<String>);

fn raw_backends(object: &Object) -> Vec<RawBackend<'_>> {
    let node = &object.node;
    let mut found: Vec<RawBackend<'_>> = Vec::new();
    match object.kind() {
        "Ingress" => {
            let paths = node.items(&["spec", "rules"]).iter().flat_map(|rule| rule.items(&["http", "paths"]));
            for path in paths {
                let Some(service) = path.at(&["backend", "service"]) else {
                    // the API before v1
                    if let Some(name) = path.text(&["backend", "serviceName"]) {
                        found.push((
                            path,
                            name.to_owned(),
                            path.at(&["backend", "servicePort"]),
                            path.text(&["path"]).map(str::to_owned),
                        ));
                    }
                    continue;
                };
                let port = service.at(&["port", "number"]).or_else(|| service.at(&["port", "name"]));
                found.push((
                    service,
                    service.text(&["name"]).unwrap_or_default().to_owned(),
                    port,
                    path.text(&["path"]).map(str::to_owned),
                ));
            }
            if let Some(service) = node.at(&["spec", "defaultBackend", "service"]) {
                let port = service.at(&["port", "number"]).or_else(|| service.at(&["port", "name"]));
                found.push((service, service.text(&["name"]).unwrap_or_default().to_owned(), port, None));
            }
        }
        "IngressRoute" | "IngressRouteTCP" => {
            for service in node.items(&["spec", "routes"]).iter().flat_map(|route| route.items(&["services"])) {
                found.push((
                    service,
                    service.text(&["name"]).unwrap_or_default().to_owned(),
                    service.at(&["port"]),
                    None,
                ));
            }
        }
        "Route" => {
            let to = node.at(&["spec", "to"]).into_iter().chain(node.items(&["spec", "alternateBackends"]));
            for backend in to {
                let port = node.at(&["spec", "port", "targetPort"]);
                found.push((
                    backend,
                    backend.text(&["name"]).unwrap_or_default().to_owned(),
                    port,
                    node.text(&["spec", "path"]).map(str::to_owned),
                ));
            }
        }
        _ => {
            for rule in node.items(&["spec", "rules"]) {
                let path = rule
                    .items(&["matches"])
                    .first()
                    .and_then(|first| first.text(&["path", "value"]))
                    .map(str::to_owned);
                for backend in rule.items(&["backendRefs"]) {
                    found.push((
                        backend,
                        backend.text(&["name"]).unwrap_or_default().to_owned(),
                        backend.at(&["port"]),
                        path.clone(),
                    ));
                }
            }
        }
    }
    found
}

fn backends(object: &Object, context: &Context<'_>, origins: &Origins) -> Vec<Tracked<Backend>> {
    raw_backends(object)
        .into_iter()
        .filter_map(|(node, name, port, path)| {
            let service = context.services.iter().find(|service| service.value.name == name);
            if service.is_none() && (!context.services.is_empty() || !name.contains("qdrant")) {
                return None;
            }
            let entry = service.and_then(|service| {
                service.value.ports.iter().find(|entry| match port {
                    Some(port) => {
                        port.as_i64() == Some(i64::from(entry.value.port))
                            || port.as_str().is_some_and(|name| entry.value.name.as_deref() == Some(name))
                    }
                    None => false,
                })
            });
            let number = entry.map(|entry| entry.value.port).or_else(|| u16::try_from(port?.as_i64()?).ok());
            let role = match (entry, port) {
                (Some(entry), _) => entry.value.role.clone(),
                (None, None) if object.kind() == "Ingress" => "missing".to_owned(),
                (None, _) => super::services::role(number, None, port.and_then(Node::as_str)).to_owned(),
            };
            let fact = Backend { service: name, port: number, role, path };
            Some(origins.track(fact, &port.unwrap_or(node).origin))
        })
        .collect()
}

/// TLS at the edge, and the hosts without it.
fn tls(
    object: &Object,
    hosts: &[String],
    context: &Context<'_>,
    origins: &Origins,
) -> (Option<Tracked<bool>>, Vec<String>) {
    let node = &object.node;
    let absent = || (context.absent)(object, "tls");
    match object.kind() {
        "Ingress" => {
            let entries = node.items(&["spec", "tls"]);
            let covered: BTreeSet<&str> =
                entries.iter().flat_map(|entry| entry.items(&["hosts"])).filter_map(Node::as_str).collect();
            let whole = entries.iter().any(|entry| entry.items(&["hosts"]).is_empty());
            let without: Vec<String> = hosts.iter().filter(|host| !whole && !covers(&covered, host)).cloned().collect();
            // load balancers of clouds end TLS by annotation
            let annotations = labels_of(node.at(&["metadata", "annotations"]));
            let by_annotation = [
                "alb.ingress.kubernetes.io/certificate-arn",
                "networking.gke.io/managed-certificates",
                "ingress.gcp.kubernetes.io/pre-shared-cert",
            ]
            .iter()
            .any(|key| annotations.contains_key(*key));
            let on = by_annotation || (!entries.is_empty() && without.is_empty());
            let origin = node.at(&["spec", "tls"]).map_or_else(absent, |tls| tls.origin.clone());
            (Some(origins.track(on, &origin)), if by_annotation { Vec::new() } else { without })
        }
        "IngressRoute" | "IngressRouteTCP" => {
            let tls = node.get("spec").and_then(|spec| spec.get("tls")).filter(|tls| !tls.is_null());
            let web_only =
                node.items(&["spec", "entryPoints"]).iter().filter_map(Node::as_str).all(|point| point == "web");
            let on = tls.is_some() || (!web_only && !node.items(&["spec", "entryPoints"]).is_empty());
            let origin = tls.map_or_else(absent, |tls| tls.origin.clone());
            (Some(origins.track(on, &origin)), if on { Vec::new() } else { hosts.to_vec() })
        }
        "Route" => {
            let tls = node.at(&["spec", "tls"]);
            let origin = tls.map_or_else(absent, |tls| tls.origin.clone());
            (Some(origins.track(tls.is_some(), &origin)), if tls.is_some() { Vec::new() } else { hosts.to_vec() })
        }
        "TLSRoute" => (Some(origins.track(true, &node.origin)), Vec::new()),
        _ => by_listener(object, hosts, context, origins),
    }
}

/// A certificate for `*.example.ae` covers `qdrant.example.ae`.
fn covers(covered: &BTreeSet<&str>, host: &str) -> bool {
    covered.contains(host)
        || host.split_once('.').is_some_and(|(_, domain)| covered.contains(format!("*.{domain}").as_str()))
}

/// Gateway routes take TLS from the listener they are attached to; without the Gateway nothing is known.
fn by_listener(
    object: &Object,
    hosts: &[String],
    context: &Context<'_>,
    origins: &Origins,
) -> (Option<Tracked<bool>>, Vec<String>) {
    let mut seen: Option<(bool, Origin)> = None;
    for parent in object.node.items(&["spec", "parentRefs"]) {
        let name = parent.text(&["name"]);
        let gateway =
            context.objects.iter().find(|gateway| gateway.kind() == "Gateway" && Some(gateway.name()) == name);
        let Some(gateway) = gateway else { continue };
        let section = parent.text(&["sectionName"]);
        let listeners = gateway.node.items(&["spec", "listeners"]);
        let of_route = listeners.iter().filter(|listener| section.is_none() || listener.text(&["name"]) == section);
        for listener in of_route {
            let secure = matches!(listener.text(&["protocol"]), Some("HTTPS" | "TLS"));
            let all_before = seen.as_ref().is_none_or(|(secure, _)| *secure);
            if all_before || !secure {
                let origin = parent.origin.clone();
                seen = Some((secure && all_before, origin));
            }
        }
    }
    match seen {
        Some((on, origin)) => (Some(origins.track(on, &origin)), if on { Vec::new() } else { hosts.to_vec() }),
        None => (None, Vec::new()),
    }
}

/// Which controller serves a route, and how that is known.
fn controller(
    object: &Object,
    annotations: &BTreeMap<String, String>,
    context: &Context<'_>,
) -> (&'static str, String) {
    match object.kind() {
        "Route" => return ("openshift", "kind Route".to_owned()),
        "IngressRoute" | "IngressRouteTCP" => return ("traefik", "kind IngressRoute".to_owned()),
        "Ingress" => {}
        _ => return ("gateway-api", format!("kind {}", object.kind())),
    }
    let prefixes = [
        ("nginx.ingress.kubernetes.io/", "ingress-nginx"),
        ("nginx.org/", "f5-nginx"),
        ("traefik.ingress.kubernetes.io/", "traefik"),
        ("alb.ingress.kubernetes.io/", "alb"),
        ("haproxy.org/", "haproxy"),
        ("haproxy-ingress.github.io/", "haproxy"),
    ];
    for (prefix, controller) in prefixes {
        if let Some(key) = annotations.keys().find(|key| key.starts_with(prefix)) {
            return (controller, format!("annotation {key}"));
        }
    }
    let class = object
        .node
        .text(&["spec", "ingressClassName"])
        .or_else(|| annotations.get("kubernetes.io/ingress.class").map(String::as_str));
    let Some(class) = class else { return ("unknown", "no class".to_owned()) };
    let by_object = context.objects.iter().find(|object| object.kind() == "IngressClass" && object.name() == class);
    let controller = by_object.and_then(|object| object.node.text(&["spec", "controller"]));
    match (controller, class) {
        (Some("k8s.io/ingress-nginx"), _) => {
            ("ingress-nginx", "IngressClass controller k8s.io/ingress-nginx".to_owned())
        }
        (Some("nginx.org/ingress-controller"), _) => {
            ("f5-nginx", "IngressClass controller nginx.org/ingress-controller".to_owned())
        }
        (_, "traefik") => ("traefik", "class traefik".to_owned()),
        (_, "alb") => ("alb", "class alb".to_owned()),
        (_, "haproxy") => ("haproxy", "class haproxy".to_owned()),
        _ => ("unknown", format!("class {class}")),
    }
}

fn backend_protocol(
    object: &Object,
    annotations: &BTreeMap<String, String>,
    origins: &Origins,
) -> Option<Tracked<String>> {
    let node = &object.node;
    let keys = [
        "nginx.ingress.kubernetes.io/backend-protocol",
        "alb.ingress.kubernetes.io/backend-protocol",
        "alb.ingress.kubernetes.io/backend-protocol-version",
        "haproxy-ingress.github.io/backend-protocol",
    ];
    for key in keys {
        if let (Some(value), Some(place)) = (annotations.get(key), node.at(&["metadata", "annotations", key])) {
            return Some(origins.track(value.to_uppercase(), &place.origin));
        }
    }
    match object.kind() {
        "GRPCRoute" => Some(origins.track("GRPC".to_owned(), &node.at(&["kind"]).unwrap_or(node).origin)),
        "Route" if matches!(node.text(&["spec", "tls", "termination"]), Some("reencrypt" | "passthrough")) => {
            Some(origins.track("HTTPS".to_owned(), &node.at(&["spec", "tls", "termination"]).unwrap_or(node).origin))
        }
        "IngressRoute" => {
            let services = node.items(&["spec", "routes"]).iter().flat_map(|route| route.items(&["services"]));
            services.filter_map(|service| service.at(&["scheme"])).find_map(|scheme| {
                let word = match scheme.as_str()? {
                    "https" => "HTTPS",
                    "h2c" => "GRPC",
                    _ => "HTTP",
                };
                Some(origins.track(word.to_owned(), &scheme.origin))
            })
        }
        _ => None,
    }
}

fn rate_limited(object: &Object, annotations: &BTreeMap<String, String>) -> bool {
    let by_annotation = annotations.keys().any(|key| {
        ["limit-rps", "limit-rpm", "limit-connections", "rate-limit", "ratelimit", "limit-req"]
            .iter()
            .any(|word| key.contains(word))
    });
    let by_middleware = object.kind() == "IngressRoute"
        && object.node.items(&["spec", "routes"]).iter().flat_map(|route| route.items(&["middlewares"])).any(
            |middleware| middleware.text(&["name"]).is_some_and(|name| name.contains("rate") || name.contains("limit")),
        );
    let by_traefik = annotations
        .get("traefik.ingress.kubernetes.io/router.middlewares")
        .is_some_and(|names| names.contains("rate") || names.contains("limit"));
    by_annotation || by_middleware || by_traefik
}

/// Annotations that their controller no longer reads.
fn dead_annotations(node: &Node, origins: &Origins) -> Vec<Tracked<String>> {
    node.fields(&["metadata", "annotations"])
        .filter(|(key, _)| key.as_ref() == "nginx.ingress.kubernetes.io/grpc-backend")
        .map(|(key, value)| {
            origins.track(
                format!("{key}: read until ingress-nginx 0.20; `backend-protocol: GRPC` on an Ingress of its own"),
                &value.origin,
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tracked::split;
    use crate::source::SourceId;
    use serde_json::{Value, json};

    fn fact(node: &Value, others: &[Value]) -> Value {
        let made = |node: &Value| Object {
            node: Node::from_json(node, &Origin::Derived),
            source: SourceId(0),
            folder: String::new(),
            rendered_by_helm: false,
            live: false,
        };
        let others: Vec<Object> = others.iter().map(made).collect();
        let others: Vec<&Object> = others.iter().collect();
        let origins = Origins::default();
        let context = Context { services: &[], objects: &others, absent: &|_, _| Origin::Derived };
        let route = route(&made(node), &context, &origins);
        split(&route, origins).unwrap().0
    }

    #[test]
    fn a_wildcard_certificate_covers_one_level_of_hosts() {
        let ingress = |host: &str| {
            json!({"kind": "Ingress", "metadata": {"name": "q"}, "spec": {
                "tls": [{"hosts": ["*.example.ae"]}],
                "rules": [{"host": host, "http": {"paths": [{"path": "/", "backend": {"service": {"name": "qdrant", "port": {"number": 6333}}}}]}}]}})
        };
        assert_eq!(fact(&ingress("db.example.ae"), &[])["tls"], true);
        assert_eq!(fact(&ingress("a.db.example.ae"), &[])["hosts_without_tls"], json!(["a.db.example.ae"]));
    }

    #[test]
    fn a_gateway_route_knows_its_tls_only_with_the_gateway() {
        let route = json!({"kind": "HTTPRoute", "metadata": {"name": "q"}, "spec": {"parentRefs": [{"name": "edge", "sectionName": "web"}],
            "hostnames": ["q.example.ae"], "rules": [{"backendRefs": [{"name": "qdrant", "port": 6333}]}]}});
        assert_eq!(fact(&route, &[])["tls"], Value::Null);
        let gateway = json!({"kind": "Gateway", "metadata": {"name": "edge"}, "spec": {"listeners": [
            {"name": "web", "protocol": "HTTP"}, {"name": "secure", "protocol": "HTTPS"}]}});
        assert_eq!(fact(&route, &[gateway])["tls"], false);
    }

    #[test]
    fn a_null_port_is_missing_and_a_class_alone_names_no_controller() {
        let ingress = json!({"kind": "Ingress", "metadata": {"name": "q"}, "spec": {"ingressClassName": "nginx",
            "rules": [{"host": "q.example.ae", "http": {"paths": [{"path": "/", "backend": {"service": {"name": "qdrant", "port": {"number": null}}}}]}}]}});
        let fact = fact(&ingress, &[]);
        assert_eq!(fact["backends"][0]["role"], "missing");
        assert_eq!(fact["controller"], "unknown");
    }
}
