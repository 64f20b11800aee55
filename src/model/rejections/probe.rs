//! Probes and lifecycle hooks.

use super::place::Place;

/// The rule that speaks of probes of the peers that ask nothing.
pub(super) const NO_HANDLER: &str = "availability/probe-cannot-succeed";

/// What a probe is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Restarts the container.
    Liveness,
    /// Takes the pod out of its Services.
    Readiness,
    /// Lets the others wait.
    Startup,
}

/// A probe.
pub(super) fn probe(probe: &Place<'_>, purpose: Purpose) {
    if !probe.is_set() {
        return;
    }
    handler(probe, &["exec", "httpGet", "tcpSocket", "grpc"], None);
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        probe.get(field).not_negative();
    }
    let grace = probe.get("terminationGracePeriodSeconds");
    if purpose == Purpose::Readiness && grace.is_set() {
        grace.invalid("must not be set for readinessProbes");
    } else {
        grace.positive();
    }
    let successes = probe.get("successThreshold");
    // zero is the default
    if purpose != Purpose::Readiness && successes.number().is_some_and(|number| number > 1) {
        successes.invalid("must be 1");
    }
}

/// Exactly one way to ask. `grace` is how long a pod has to end.
pub(super) fn handler(place: &Place<'_>, kinds: &[&str], grace: Option<i64>) {
    let mut set = kinds.iter().copied().filter(|kind| place.get(kind).is_set());
    let Some(first) = set.next() else {
        let mut refusal = place.missing("must specify a handler type");
        refusal.covered_by = Some(NO_HANDLER);
        place.refuse(refusal);
        return;
    };
    for extra in set {
        place.get(extra).forbidden("may not specify more than 1 handler type");
    }
    let action = place.get(first);
    match first {
        "exec" => {
            action.get("command").require();
        }
        "httpGet" => {
            required_port(&action.get("port"));
            action.get("scheme").one_of(&["HTTP", "HTTPS"]);
            for header in action.get("httpHeaders").items() {
                header.get("name").called(format!("{}.httpHeaders", action.path())).check_word(not_a_header);
            }
        }
        "tcpSocket" | "grpc" => required_port(&action.get("port")),
        "sleep" => {
            let seconds = action.get("seconds");
            let number = if seconds.is_set() { seconds.number() } else { Some(0) };
            if let (Some(number), Some(grace)) = (number, grace)
                && !(0..=grace).contains(&number)
            {
                action.refuse(action.wrong(&format!(
                    "{number}: must be non-negative and less than terminationGracePeriodSeconds ({grace})"
                )));
            }
        }
        _ => {}
    }
}

fn not_a_header(text: &str) -> Option<String> {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (text.is_empty() || !text.bytes().all(known))
        .then(|| "a valid HTTP header must consist of alphanumeric characters or '-'".to_owned())
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
