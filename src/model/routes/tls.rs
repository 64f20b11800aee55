//! Whether a route has TLS at the edge.

use std::collections::BTreeSet;

use super::Context;
use crate::model::input::Object;
use crate::model::network::labels::labels_of;
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

/// Annotations by which a controller ends TLS (or passes it through) without `spec.tls`.
const BY_ANNOTATION: [(&str, Option<&str>); 6] = [
    ("alb.ingress.kubernetes.io/certificate-arn", None),
    ("networking.gke.io/managed-certificates", None),
    ("ingress.gcp.kubernetes.io/pre-shared-cert", None),
    ("traefik.ingress.kubernetes.io/router.tls", Some("true")),
    ("nginx.ingress.kubernetes.io/ssl-passthrough", Some("true")),
    ("haproxy.org/ssl-passthrough", Some("true")),
];

/// TLS at the edge, and the hosts without it.
pub(super) fn tls(
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
            let annotations = labels_of(node.at(&["metadata", "annotations"]));
            let by_annotation = BY_ANNOTATION.iter().any(|(key, wanted)| {
                annotations.get(*key).is_some_and(|value| wanted.is_none_or(|wanted| wanted == value))
            });
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
