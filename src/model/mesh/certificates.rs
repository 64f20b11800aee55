//! cert-manager Certificates and what the peers make of them.

use std::collections::BTreeSet;

use crate::model::build::{Pods, Scope};
use crate::model::facts::cluster::Certificate;
use crate::model::restarts;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Peers whose names are compared; more would only repeat the first ones.
const PEERS: u64 = 64;
/// Attributes of a volume of cert-manager's CSI driver.
const CSI: &str = "csi.cert-manager.io";

/// Certificates of the input, and volumes that cert-manager's driver issues one for.
pub(super) fn certificates(scope: &Scope<'_>, pods: &Pods) -> Vec<Tracked<Certificate>> {
    let names = peer_names(pods);
    let mounted = mounted_secrets(pods);
    let of_objects = scope.of_kind("Certificate").filter(|object| object.group() == "cert-manager.io").map(|object| {
        let spec = |field: &str| object.node.at(&["spec", field]);
        let texts = |field: &str| -> Vec<String> {
            object.node.items(&["spec", field]).iter().filter_map(Node::scalar_text).collect()
        };
        let secret = spec("secretName").and_then(Node::as_str).unwrap_or_default().to_owned();
        let dns_names = texts("dnsNames");
        let fact = Certificate {
            name: object.name().to_owned(),
            mounted: mounted.contains(&secret),
            missing_peer_names: missing(&names, &dns_names, scope),
            usages: texts("usages"),
            issuer: object.node.text(&["spec", "issuerRef", "name"]).unwrap_or_default().to_owned(),
            restarts_on_change: restarts::on_change(pods, &secret),
            dns_names,
            secret,
        };
        let origin = spec("dnsNames").map_or(&object.node.origin, |node| &node.origin);
        scope.origins.track(fact, origin)
    });
    let of_volumes = pods
        .spec
        .items(&["volumes"])
        .iter()
        .filter(|volume| volume.text(&["csi", "driver"]) == Some(CSI))
        .map(|volume| {
            let attribute = |name: &str| {
                let text = volume.text(&["csi", "volumeAttributes", &format!("{CSI}/{name}")]).unwrap_or_default();
                text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect::<Vec<_>>()
            };
            let dns_names = attribute("dns-names");
            let fact = Certificate {
                name: volume.text(&["name"]).unwrap_or_default().to_owned(),
                secret: String::new(),
                mounted: true,
                missing_peer_names: missing(&names, &dns_names, scope),
                usages: attribute("key-usages"),
                issuer: attribute("issuer-name").into_iter().next().unwrap_or_default(),
                restarts_on_change: false,
                dns_names,
            };
            scope.origins.track(fact, &volume.origin)
        });
    of_objects.chain(of_volumes).collect()
}

/// The names by which peers call each other: pod and governing Service.
fn peer_names(pods: &Pods) -> Vec<(String, String)> {
    let (Some(service), Some(count)) = (pods.workload.node.text(&["spec", "serviceName"]), pods.peers) else {
        return Vec::new();
    };
    let name = pods.workload.name();
    (0..count.min(PEERS)).map(|ordinal| (format!("{name}-{ordinal}"), service.to_owned())).collect()
}

/// Peers that no DNS name covers. Qdrant's TLS library takes a wildcard only where two labels follow it, so
/// `*.qdrant-headless` covers nobody.
fn missing(peers: &[(String, String)], dns_names: &[String], scope: &Scope<'_>) -> Vec<String> {
    let namespace = scope.namespace.as_deref().unwrap_or("${POD_NAMESPACE}");
    peers
        .iter()
        .filter(|(pod, service)| {
            let short = format!("{pod}.{service}");
            !dns_names.iter().any(|name| {
                let name = name.replace("${POD_NAME}", pod).replace("${POD_NAMESPACE}", namespace);
                // hand-written manifests may call peers by the full name; the chart never does
                let long = scope.release.is_none() && name.starts_with(&format!("{short}."));
                let wildcard = scope.release.is_none() && name.starts_with(&format!("*.{service}."));
                name == short || long || wildcard
            })
        })
        .map(|(pod, service)| format!("{pod}.{service}"))
        .collect()
}

/// Secrets that a container mounts, by name.
fn mounted_secrets(pods: &Pods) -> BTreeSet<String> {
    let used: BTreeSet<&str> =
        pods.container.items(&["volumeMounts"]).iter().filter_map(|mount| mount.text(&["name"])).collect();
    pods.spec
        .items(&["volumes"])
        .iter()
        .filter(|volume| volume.text(&["name"]).is_some_and(|name| used.contains(name)))
        .flat_map(|volume| {
            let projected = volume.items(&["projected", "sources"]).iter();
            let projected = projected.filter_map(|source| source.text(&["secret", "name"]));
            volume.text(&["secret", "secretName"]).into_iter().chain(projected).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}
