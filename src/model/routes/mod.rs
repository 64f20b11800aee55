//! Ingresses and routes that lead to the peers: hosts, TLS, backend, controller.

mod backends;
mod controller;
mod protocol;
mod rate;
mod tls;

use super::facts::network::{Route, Service};
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
    let backends = backends::backends(object, context, origins);
    if backends.is_empty() {
        return None;
    }
    let controller = controller::controller(object, context);
    let hosts = hosts(object);
    let class_node = node
        .at(&["spec", "ingressClassName"])
        .or_else(|| node.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]));
    let (tls, hosts_without_tls) = tls::tls(object, &hosts, context, origins);
    let fact = Route {
        kind: object.kind().to_owned(),
        name: object.name().to_owned(),
        hosts_without_tls,
        tls,
        backends,
        controller: Some(origins.track(controller.name.to_owned(), &controller.origin)),
        controller_by: controller.by,
        class: class_node.and_then(|class| Some(origins.track(class.as_str()?.to_owned(), &class.origin))),
        backend_protocol: protocol::backend_protocol(object, context, origins),
        rate_limited: rate::rate_limited(object, &annotations, context.objects),
        dead_annotations: dead_annotations(node, origins),
        annotations,
        hosts,
    };
    // the chart makes up the name; the switch of the Ingress is what the user wrote
    let name = node.at(&["metadata", "name"]).filter(|name| name.origin.is_written());
    Some(origins.track(fact, &name.unwrap_or(node).origin))
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
    use serde_json::{Value, json};

    fn fact(node: &Value, others: &[Value]) -> Value {
        let made = Object::derived;
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
