//! The protocol that a controller is told to speak to the peers.

use super::Context;
use crate::model::input::Object;
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

/// Annotations of an Ingress that name it.
const ANNOTATIONS: [&str; 5] = [
    "nginx.ingress.kubernetes.io/backend-protocol",
    "alb.ingress.kubernetes.io/backend-protocol-version",
    "alb.ingress.kubernetes.io/backend-protocol",
    "haproxy-ingress.github.io/backend-protocol",
    "haproxy.org/server-proto",
];
/// Annotations of an Ingress that hand the TLS of the server through.
const PASSTHROUGH: [&str; 3] = [
    "nginx.ingress.kubernetes.io/ssl-passthrough",
    "haproxy-ingress.github.io/ssl-passthrough",
    "haproxy.org/ssl-passthrough",
];
/// Annotation of a Service by which Traefik chooses the scheme.
const TRAEFIK_SCHEME: &str = "traefik.ingress.kubernetes.io/service.serversscheme";

/// `HTTP`, `HTTPS`, `GRPC` or `GRPCS`; `None` when nothing names one, which means HTTP.
pub(super) fn backend_protocol(object: &Object, context: &Context<'_>, origins: &Origins) -> Option<Tracked<String>> {
    let (word, origin) = match object.kind() {
        "Ingress" => by_annotation(&object.node).or_else(|| by_service(object, context)),
        "Route" => openshift(&object.node),
        "TLSRoute" => Some(("HTTPS".to_owned(), kind_of(&object.node))),
        "IngressRoute" => traefik(&object.node).or_else(|| by_service(object, context)),
        "IngressRouteTCP" => {
            let passthrough = object.node.at(&["spec", "tls", "passthrough"]).filter(|on| on.as_bool() == Some(true));
            passthrough.map(|on| ("HTTPS".to_owned(), on.origin.clone()))
        }
        "HTTPRoute" | "GRPCRoute" => gateway(object, context),
        _ => None,
    }?;
    Some(origins.track(word, &origin))
}

fn kind_of(node: &Node) -> Origin {
    node.at(&["kind"]).unwrap_or(node).origin.clone()
}

fn by_annotation(node: &Node) -> Option<(String, Origin)> {
    let annotation = |key: &str| node.at(&["metadata", "annotations", key]);
    let told = ANNOTATIONS.iter().find_map(|key| {
        let value = annotation(key)?;
        let word = value.as_str()?.to_uppercase();
        let word = match word.as_str() {
            "H2" | "H2C" | "HTTP2" => "GRPC".to_owned(),
            "HTTP1" => "HTTP".to_owned(),
            _ => word,
        };
        Some((word, value.origin.clone()))
    });
    told.or_else(|| {
        let on = PASSTHROUGH
            .iter()
            .find_map(|key| annotation(key))
            .filter(|on| on.scalar_text().as_deref() == Some("true"))?;
        Some(("HTTPS".to_owned(), on.origin.clone()))
    })
}

/// Traefik reads an annotation of the Service, other controllers its `appProtocol`.
fn by_service(object: &Object, context: &Context<'_>) -> Option<(String, Origin)> {
    let names: Vec<&str> = super::backends::names(object);
    context.services.iter().filter(|service| names.contains(&service.value.name.as_str())).find_map(|service| {
        let scheme = service.value.annotations.get(TRAEFIK_SCHEME)?;
        let found =
            context.objects.iter().find(|other| other.kind() == "Service" && other.name() == service.value.name);
        let place = found.and_then(|found| found.node.at(&["metadata", "annotations", TRAEFIK_SCHEME]))?;
        Some((word_of_scheme(scheme).to_owned(), place.origin.clone()))
    })
}

fn word_of_scheme(scheme: &str) -> &'static str {
    match scheme {
        "https" => "HTTPS",
        "h2c" => "GRPC",
        _ => "HTTP",
    }
}

fn openshift(node: &Node) -> Option<(String, Origin)> {
    let termination = node.at(&["spec", "tls", "termination"])?;
    matches!(termination.as_str(), Some("reencrypt" | "passthrough"))
        .then(|| ("HTTPS".to_owned(), termination.origin.clone()))
}

fn traefik(node: &Node) -> Option<(String, Origin)> {
    let services = node.items(&["spec", "routes"]).iter().flat_map(|route| route.items(&["services"]));
    services
        .filter_map(|service| service.at(&["scheme"]))
        .find_map(|scheme| Some((word_of_scheme(scheme.as_str()?).to_owned(), scheme.origin.clone())))
}

/// A BackendTLSPolicy makes the gateway speak TLS to a Service; a GRPCRoute speaks gRPC in any case.
fn gateway(object: &Object, context: &Context<'_>) -> Option<(String, Origin)> {
    let names = super::backends::names(object);
    let secured = context.objects.iter().filter(|policy| policy.kind() == "BackendTLSPolicy").find(|policy| {
        let targets = policy.node.items(&["spec", "targetRefs"]).iter().chain(policy.node.at(&["spec", "targetRef"]));
        targets.filter_map(|target| target.text(&["name"])).any(|name| names.contains(&name))
    });
    let grpc = object.kind() == "GRPCRoute";
    let word = match (secured.is_some(), grpc) {
        (true, true) => "GRPCS",
        (true, false) => "HTTPS",
        (false, true) => "GRPC",
        (false, false) => return None,
    };
    let node = secured.map_or(&object.node, |policy| &policy.node);
    Some((word.to_owned(), kind_of(node)))
}
