//! Whether a route limits how often a client may ask.

use std::collections::BTreeMap;

use crate::model::input::Object;
use crate::source::Node;

/// Names of middlewares that speak for themselves.
const TELLING: [&str; 3] = ["rate", "limit", "throttle"];

/// Whether the controller is told to limit requests; `None` where a middleware that is not in the input may do it.
pub(super) fn rate_limited(
    object: &Object,
    annotations: &BTreeMap<String, String>,
    objects: &[&Object],
) -> Option<bool> {
    let by_annotation = annotations.keys().any(|key| {
        ["limit-rps", "limit-rpm", "limit-connections", "rate-limit", "ratelimit", "limit-req"]
            .iter()
            .any(|word| key.contains(word))
    });
    let mut middlewares: Vec<String> = object
        .node
        .items(&["spec", "routes"])
        .iter()
        .flat_map(|route| route.items(&["middlewares"]))
        .filter(|_| object.kind() == "IngressRoute")
        .filter_map(|middleware| middleware.text(&["name"]).map(str::to_owned))
        .collect();
    // `namespace-name@kubernetescrd`, or a name of the static configuration
    let listed = annotations.get("traefik.ingress.kubernetes.io/router.middlewares");
    middlewares.extend(listed.into_iter().flat_map(|names| names.split(',').map(|name| name.trim().to_owned())));
    let found: Vec<Option<bool>> = middlewares.iter().map(|name| limits(name, objects)).collect();
    if by_annotation || found.contains(&Some(true)) {
        Some(true)
    } else if found.contains(&None) {
        None
    } else {
        Some(false)
    }
}

/// Whether a middleware limits requests, by what it is, else by its name.
fn limits(name: &str, objects: &[&Object]) -> Option<bool> {
    let bare = name.split('@').next().unwrap_or(name);
    let middleware = objects.iter().find(|object| {
        object.kind() == "Middleware"
            && (object.name() == bare
                || object.namespace().is_some_and(|namespace| bare == format!("{namespace}-{}", object.name())))
    });
    match middleware {
        Some(middleware) => {
            let sets = |field: &str| middleware.node.at(&["spec", field]).is_some();
            let chained = middleware.node.items(&["spec", "chain", "middlewares"]);
            let names = chained.iter().filter_map(|one: &Node| one.text(&["name"]));
            Some(
                sets("rateLimit")
                    || sets("inFlightReq")
                    // one level: a chain of chains is nobody's habit
                    || names.clone().any(|name| TELLING.iter().any(|word| name.contains(word)))
                    || names.clone().any(|name| {
                        objects.iter().any(|object| {
                            object.kind() == "Middleware"
                                && object.name() == name
                                && object.node.at(&["spec", "rateLimit"]).is_some()
                        })
                    }),
            )
        }
        None if TELLING.iter().any(|word| name.contains(word)) => Some(true),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_middleware_is_taken_for_what_it_is_and_one_that_is_not_given_for_unknown() {
        let middleware = |name: &str, spec: serde_json::Value| {
            Object::derived(
                &json!({"kind": "Middleware", "metadata": {"name": name, "namespace": "web"}, "spec": spec}),
            )
        };
        let slow = middleware("slow", json!({"rateLimit": {"average": 10}}));
        let auth = middleware("auth", json!({"basicAuth": {}}));
        let chain = middleware("chain", json!({"chain": {"middlewares": [{"name": "auth"}, {"name": "slow"}]}}));
        let objects = [&slow, &auth, &chain];
        assert_eq!(limits("slow", &objects), Some(true));
        assert_eq!(limits("web-slow@kubernetescrd", &objects), Some(true));
        assert_eq!(limits("auth", &objects), Some(false));
        assert_eq!(limits("chain", &objects), Some(true));
        assert_eq!(limits("sso", &objects), None);
        assert_eq!(limits("global-ratelimit@file", &objects), Some(true));
        let route = Object::derived(&json!({"kind": "Ingress", "metadata": {"name": "q"}}));
        assert_eq!(rate_limited(&route, &BTreeMap::new(), &objects), Some(false));
    }
}
