//! Network policies.

use ipnet::IpNet;

use super::meta;
use super::place::Place;

/// A NetworkPolicy.
pub(super) fn network_policy(object: &Place<'_>) {
    let spec = object.get("spec");
    meta::selector(&spec.get("podSelector"));
    for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
        for rule in spec.get(direction).items() {
            for port in rule.get("ports").items() {
                policy_port(&port);
            }
            for peer in rule.get(peers).items() {
                policy_peer(&peer);
            }
        }
    }
    let kinds = spec.get("policyTypes");
    if kinds.items().len() > 2 {
        kinds.refuse(kinds.wrong("may not specify more than two policyTypes"));
        return;
    }
    for kind in kinds.items() {
        kind.exactly_one_of(&["Ingress", "Egress"]);
    }
}

fn policy_port(port: &Place<'_>) {
    port.get("protocol").set_to_one_of(&["TCP", "UDP", "SCTP"]);
    let (first, last) = (port.get("port"), port.get("endPort"));
    first.port();
    if !last.is_set() {
        return;
    }
    match (first.number(), last.number()) {
        (Some(from), Some(to)) if to < from => last.invalid("must be greater than or equal to `port`"),
        (Some(_), _) => last.port_number(),
        (None, _) if first.is_hidden() => {}
        (None, _) if first.is_set() => last.invalid("may not be specified when `port` is non-numeric"),
        (None, _) => last.invalid("may not be specified when `port` is not specified"),
    }
}

fn policy_peer(peer: &Place<'_>) {
    let selectors = ["podSelector", "namespaceSelector"].map(|field| peer.get(field));
    for selector in &selectors {
        meta::selector(selector);
    }
    let block = peer.get("ipBlock");
    let selects = selectors.iter().any(Place::is_set);
    if !selects && !block.is_set() {
        peer.required("must specify a peer");
    } else if selects && block.is_set() {
        peer.forbidden("may not specify both ipBlock and another peer");
    }
    if !block.is_set() {
        return;
    }
    let range = block.get("cidr");
    if !range.require() {
        return;
    }
    let Some(text) = range.text() else { return };
    let Ok(whole) = text.parse::<IpNet>() else {
        range.invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        return;
    };
    for except in block.get("except").items() {
        match except.word().map(str::parse::<IpNet>) {
            Some(Err(_)) => {
                except.refuse(except.wrong("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
            }
            Some(Ok(part)) if !whole.contains(&part.network()) || whole.prefix_len() >= part.prefix_len() => {
                except.invalid("must be a strict subset of `cidr`");
            }
            _ => {}
        }
    }
}
