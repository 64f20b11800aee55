//! The Services that a route leads to, and by which of their ports.

use super::Context;
use crate::model::facts::network::Backend;
use crate::model::input::Object;
use crate::model::services;
use crate::model::tracked::{Origins, Tracked};
use crate::source::Node;

/// Service name, port (number or name) and URL path of every backend.
type RawBackend<'a> = (&'a Node, &'a str, Option<&'a Node>, Option<String>);

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
                            name,
                            path.at(&["backend", "servicePort"]),
                            path.text(&["path"]).map(str::to_owned),
                        ));
                    }
                    continue;
                };
                let port = service.at(&["port", "number"]).or_else(|| service.at(&["port", "name"]));
                found.push((
                    service,
                    service.text(&["name"]).unwrap_or_default(),
                    port,
                    path.text(&["path"]).map(str::to_owned),
                ));
            }
            if let Some(service) = node.at(&["spec", "defaultBackend", "service"]) {
                let port = service.at(&["port", "number"]).or_else(|| service.at(&["port", "name"]));
                found.push((service, service.text(&["name"]).unwrap_or_default(), port, None));
            }
        }
        "IngressRoute" | "IngressRouteTCP" => {
            for service in node.items(&["spec", "routes"]).iter().flat_map(|route| route.items(&["services"])) {
                found.push((service, service.text(&["name"]).unwrap_or_default(), service.at(&["port"]), None));
            }
        }
        "Route" => {
            let to = node.at(&["spec", "to"]).into_iter().chain(node.items(&["spec", "alternateBackends"]));
            for backend in to {
                let port = node.at(&["spec", "port", "targetPort"]);
                found.push((
                    backend,
                    backend.text(&["name"]).unwrap_or_default(),
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
                        backend.text(&["name"]).unwrap_or_default(),
                        backend.at(&["port"]),
                        path.clone(),
                    ));
                }
            }
        }
    }
    found
}

/// Names of the Services that a route leads to.
pub(super) fn names(object: &Object) -> Vec<&str> {
    raw_backends(object).into_iter().map(|(_, name, ..)| name).collect()
}

/// Whether a Service that is not in the input is the peers', by its name; a client of theirs has a port of its own.
fn sounds_like_qdrant(name: &str, port: Option<&Node>) -> bool {
    const PORTS: [i64; 5] = [80, 443, 6333, 6334, 6335];
    name.contains("qdrant")
        && (name.ends_with("qdrant") || port.and_then(Node::as_i64).is_none_or(|port| PORTS.contains(&port)))
}

/// Backends that are the peers'.
pub(super) fn backends(object: &Object, context: &Context<'_>, origins: &Origins) -> Vec<Tracked<Backend>> {
    raw_backends(object)
        .into_iter()
        .filter_map(|(node, name, port, path)| {
            let service = context.services.iter().find(|service| service.value.name == name);
            if service.is_none() && (!context.services.is_empty() || !sounds_like_qdrant(name, port)) {
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
                (None, _) => services::role(number, None, port.and_then(Node::as_str)).to_owned(),
            };
            let fact = Backend { service: name.to_owned(), port: number, role, path };
            Some(origins.track(fact, &port.unwrap_or(node).origin))
        })
        .collect()
}
