//! Where an address leads: to a Service that balances over the peers, to one peer, to each of them.

use super::build::Scope;
use super::facts::network::Service;
use super::tracked::Tracked;

/// Where a host name or URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lead {
    /// A Service: some peer answers.
    Service,
    /// The headless Service without the name of a pod: the first address of the answer.
    Headless,
    /// One pod by name.
    OnePeer(String),
    /// A pod by a name that a variable makes up.
    EachPeer,
    /// The pod itself.
    Localhost,
}

impl Lead {
    /// Whether any one of the peers may answer.
    pub(crate) fn balances(&self) -> bool {
        matches!(self, Self::Service | Self::Headless)
    }
}

/// The host of a URL or `host:port`, without user and port. Variables stay as written.
pub(crate) fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(inner) = host.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default();
    }
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(['}', ')']) => name,
        _ => host,
    }
}

/// Where a target leads, when it leads to the peers of the deployment.
pub(crate) fn lead(target: &str, scope: &Scope<'_>, services: &[Tracked<Service>]) -> Option<Lead> {
    let host = host_of(target);
    let names: Vec<Name<'_>> =
        services.iter().map(|service| Name { name: &service.value.name, headless: service.value.headless }).collect();
    let workload = scope.pods.as_ref().map(|pods| pods.workload.name());
    lead_of_host(host, &names, workload)
}

struct Name<'a> {
    name: &'a str,
    headless: bool,
}

fn lead_of_host(host: &str, services: &[Name<'_>], workload: Option<&str>) -> Option<Lead> {
    let host = host.to_ascii_lowercase();
    if matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1" | "0.0.0.0") {
        return Some(Lead::Localhost);
    }
    let mut labels = labels(&host).into_iter();
    let first = labels.next().unwrap_or_default();
    let second = labels.next();
    let named = |label: &str| services.iter().find(|service| service.name.eq_ignore_ascii_case(label));
    if let Some(service) = named(first) {
        return Some(if service.headless { Lead::Headless } else { Lead::Service });
    }
    let is_variable = |label: &str| label.contains(['$', '`', '{']);
    let of_pod = |pod: &str| {
        if is_variable(pod) { Lead::EachPeer } else { Lead::OnePeer(pod.to_owned()) }
    };
    if let Some(second) = second
        && (named(second).is_some() || (second.contains("qdrant") && second.contains("headless")))
    {
        return Some(of_pod(first));
    }
    let is_pod = workload.is_some_and(|name| {
        first.strip_prefix(&name.to_ascii_lowercase()).and_then(|rest| rest.strip_prefix('-')).is_some_and(|ordinal| {
            !ordinal.is_empty() && (is_variable(ordinal) || ordinal.bytes().all(|byte| byte.is_ascii_digit()))
        })
    });
    if is_pod {
        return Some(of_pod(first));
    }
    // the release may go by another name than the input says
    if is_variable(first) || !host.contains("qdrant") {
        return None;
    }
    Some(if first.contains("headless") { Lead::Headless } else { Lead::Service })
}

/// Labels of a host name; dots inside `$(…)` and `${…}` part nothing.
fn labels(host: &str) -> Vec<&str> {
    let mut labels = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, character) in host.char_indices() {
        match character {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                labels.push(&host[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    labels.push(&host[start..]);
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: [Name<'_>; 2] =
        [Name { name: "vectors", headless: false }, Name { name: "vectors-headless", headless: true }];

    #[test]
    fn a_service_balances_and_a_pod_name_is_one_peer() {
        for (target, lead) in [
            ("http://vectors.db.svc.cluster.local:6333/collections", Some(Lead::Service)),
            ("vectors:6333", Some(Lead::Service)),
            ("https://vectors-headless:6333", Some(Lead::Headless)),
            ("http://vectors-0.vectors-headless:6333", Some(Lead::OnePeer("vectors-0".to_owned()))),
            ("http://vectors-${i}.vectors-headless.db:6333", Some(Lead::EachPeer)),
            ("http://$(hostname).vectors-headless:6333", Some(Lead::EachPeer)),
            ("http://user:pw@vectors-$i:6333", Some(Lead::EachPeer)),
            ("http://localhost:6333", Some(Lead::Localhost)),
            ("http://$HOST:6333", None),
            ("http://grafana:3000", None),
            ("http://other-qdrant:6333", Some(Lead::Service)),
        ] {
            assert_eq!(lead_of_host(host_of(target), &SERVICES, Some("vectors")), lead, "{target}");
        }
    }
}
