//! Probes and lifecycle hooks.

use super::place::Place;

/// The rule that speaks of probes of the peers that ask nothing.
pub(super) const NO_HANDLER: &str = "availability/probe-cannot-succeed";

/// A probe; `once` where one success must be enough (liveness, startup).
pub(super) fn probe(probe: &Place<'_>, once: bool) {
    if !probe.is_set() {
        return;
    }
    handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"]);
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        probe.get(field).not_negative();
    }
    let successes = probe.get("successThreshold");
    if once && successes.number().is_some_and(|number| number > 1) {
        successes.invalid("must be 1");
    }
}

/// Exactly one way to ask.
pub(super) fn handler(place: &Place<'_>, kinds: &[&str]) {
    let set: Vec<&str> = kinds.iter().copied().filter(|kind| place.get(kind).is_set()).collect();
    if set.is_empty() {
        let mut refusal = place.missing("must specify a handler type");
        refusal.covered_by = Some(NO_HANDLER);
        place.refuse(refusal);
    }
    for extra in set.iter().skip(1) {
        place.get(extra).forbidden("may not specify more than 1 handler type");
    }
    for kind in set {
        let action = place.get(kind);
        match kind {
            "exec" => {
                action.get("command").require();
            }
            "httpGet" => {
                required_port(&action.get("port"));
                action.get("scheme").one_of(&["HTTP", "HTTPS", ""]);
            }
            "tcpSocket" | "grpc" => required_port(&action.get("port")),
            _ => {}
        }
    }
}

fn required_port(port: &Place<'_>) {
    if port.node.is_none_or(|node| node.as_i64() == Some(0)) {
        let mut refusal = port.missing("");
        "Invalid value: 0: must be between 1 and 65535, inclusive".clone_into(&mut refusal.message);
        port.refuse(refusal);
    } else {
        port.port();
    }
}
