//! Which controller serves a route.

use super::Context;
use crate::model::input::Object;
use crate::source::{Node, Origin};

/// Prefixes of annotations that only one controller reads.
const PREFIXES: [(&str, &str); 6] = [
    ("nginx.ingress.kubernetes.io/", "ingress-nginx"),
    ("nginx.org/", "f5-nginx"),
    ("traefik.ingress.kubernetes.io/", "traefik"),
    ("alb.ingress.kubernetes.io/", "alb"),
    ("haproxy.org/", "haproxy"),
    ("haproxy-ingress.github.io/", "haproxy"),
];
/// What `spec.controller` of an IngressClass says.
const CONTROLLERS: [(&str, &str); 6] = [
    ("k8s.io/ingress-nginx", "ingress-nginx"),
    ("nginx.org/ingress-controller", "f5-nginx"),
    ("traefik.io/ingress-controller", "traefik"),
    ("ingress.k8s.aws/alb", "alb"),
    ("haproxy.org/ingress-controller/haproxy", "haproxy"),
    ("openshift.io/ingress-to-route", "openshift"),
];

/// A controller, how it is known, and the place that tells.
pub(super) struct Controller {
    pub(super) name: &'static str,
    pub(super) by: String,
    pub(super) origin: Origin,
}

/// The controller of a route: by its kind, by annotations, by the IngressClass. The class name `nginx` alone is shared by
/// two controllers and tells nothing.
pub(super) fn controller(object: &Object, context: &Context<'_>) -> Controller {
    let node = &object.node;
    let made = |name, by: String, origin: &Origin| Controller { name, by, origin: origin.clone() };
    let kind = || format!("kind {}", object.kind());
    match object.kind() {
        "Route" => return made("openshift", kind(), &node.origin),
        "IngressRoute" | "IngressRouteTCP" => return made("traefik", kind(), &node.origin),
        "Ingress" => {}
        _ => return made("gateway-api", kind(), &node.origin),
    }
    let annotations = || node.fields(&["metadata", "annotations"]);
    for (prefix, name) in PREFIXES {
        if let Some((key, value)) = annotations().find(|(key, _)| key.starts_with(prefix)) {
            return made(name, format!("annotation {key}"), &value.origin);
        }
    }
    let class = node
        .at(&["spec", "ingressClassName"])
        .or_else(|| node.at(&["metadata", "annotations", "kubernetes.io/ingress.class"]));
    let Some((class, name)) = class.and_then(|class| Some((class, class.as_str()?))) else {
        return made("unknown", "no class".to_owned(), &node.origin);
    };
    by_class(name, class, context)
}

fn by_class(name: &str, class: &Node, context: &Context<'_>) -> Controller {
    let origin = class.origin.clone();
    let by_object = context.objects.iter().find(|object| object.kind() == "IngressClass" && object.name() == name);
    let says = by_object.and_then(|object| object.node.text(&["spec", "controller"]));
    if let Some(says) = says {
        let known = CONTROLLERS.iter().find(|(controller, _)| *controller == says);
        let known = known.map_or("unknown", |(_, known)| *known);
        return Controller { name: known, by: format!("IngressClass {name}, controller {says}"), origin };
    }
    let known = ["traefik", "alb", "haproxy"].into_iter().find(|known| *known == name);
    Controller { name: known.unwrap_or("unknown"), by: format!("class {name}"), origin }
}
