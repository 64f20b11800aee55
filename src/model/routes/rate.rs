//! Whether a route limits how often a client may ask.

use std::collections::BTreeMap;

use crate::model::input::Object;

/// Whether the controller is told to limit requests.
pub(super) fn rate_limited(object: &Object, annotations: &BTreeMap<String, String>) -> bool {
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
