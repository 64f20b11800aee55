//! Linkerd: it encrypts between its own pods by itself, and lets everyone else in unless a policy asks for TLS.

use super::{Judged, Level, Meshed, lists_port};

/// Default policies that admit nothing without mutual TLS.
const AUTHENTICATED: [&str; 3] = ["all-authenticated", "cluster-authenticated", "deny"];
const POLICY: &str = "config.linkerd.io/default-inbound-policy";

/// What Linkerd makes of a port; none when the pods are not its own.
pub(super) fn judge(meshed: &Meshed<'_>, port: u16) -> Option<Judged> {
    let annotation =
        |key: &str| meshed.annotations.get(key).or_else(|| meshed.namespace_annotations.get(key)).map(String::as_str);
    let injected = matches!(annotation("linkerd.io/inject"), Some("enabled" | "ingress"));
    if !injected && !meshed.has_container("linkerd-proxy") {
        return None;
    }
    if annotation("config.linkerd.io/skip-inbound-ports").is_some_and(|list| lists_port(list, port)) {
        return Some(Judged::new(
            Level::Permissive,
            format!("`config.linkerd.io/skip-inbound-ports` lets port {port} pass by the Linkerd proxy"),
        ));
    }
    Some(match annotation(POLICY) {
        Some(policy) if AUTHENTICATED.contains(&policy) => {
            Judged::new(Level::Strict, format!("Linkerd's inbound policy is `{policy}`"))
        }
        Some(policy) => {
            Judged::new(Level::Permissive, format!("Linkerd's inbound policy is `{policy}`: plain text gets through"))
        }
        None => Judged::new(
            Level::Unknown,
            format!(
                "the pods are in a Linkerd mesh, whose inbound policy was not given; annotate them with `{POLICY}`"
            ),
        ),
    })
}
