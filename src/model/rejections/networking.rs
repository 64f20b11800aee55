//! Services, Ingresses, network policies.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::place::Place;
use super::{meta, names};

const PROTOCOLS: [&str; 3] = ["SCTP", "TCP", "UDP"];

/// A Service.
pub(super) fn service(object: &Place<'_>) {
    let spec = object.get("spec");
    let (kind, address, ports) = (spec.get("type"), spec.get("clusterIP"), spec.get("ports"));
    kind.one_of(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    let headless = address.text() == Some("None");
    let kind_text = kind.text().unwrap_or("ClusterIP");
    match kind_text {
        "ExternalName" => {
            spec.get("externalName").require();
        }
        "LoadBalancer" | "NodePort" if headless => {
            address.invalid(&format!("may not be set to 'None' for {kind_text} services"));
        }
        _ if !headless && !ports.is_filled() => ports.required(""),
        _ => {}
    }
    meta::labels(&spec.get("selector"));
    let items = ports.items();
    let (mut seen_names, mut seen_ports) = (BTreeSet::new(), BTreeSet::new());
    for port in &items {
        service_port(port, items.len() > 1, kind_text);
        if let Some(name) = port.get("name").text()
            && !seen_names.insert(name)
        {
            port.get("name").duplicate();
        }
        let protocol = port.get("protocol").text().unwrap_or("TCP");
        if let Some(number) = port.get("port").number()
            && !seen_ports.insert((protocol, number))
        {
            let mut refusal = port.wrong("");
            refusal.message = format!("Duplicate value: {{\"port\":{number},\"protocol\":\"{protocol}\"}}");
            port.refuse(refusal);
        }
    }
    let ranges = spec.get("loadBalancerSourceRanges");
    if ranges.is_filled() && kind_text != "LoadBalancer" {
        ranges.forbidden("may only be used when `type` is 'LoadBalancer'");
    }
    for range in ranges.items() {
        if range.text().is_some_and(|text| text.trim().parse::<IpNet>().is_err()) {
            range.invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }
    }
    let policy = spec.get("externalTrafficPolicy");
    if policy.is_filled() {
        let external = matches!(kind_text, "LoadBalancer" | "NodePort") || spec.get("externalIPs").is_filled();
        if external {
            policy.one_of(&["Cluster", "Local"]);
        } else {
            policy.invalid("may only be set for externally-accessible services");
        }
    }
    spec.get("sessionAffinity").one_of(&["ClientIP", "None"]);
}

fn service_port(port: &Place<'_>, needs_name: bool, kind: &str) {
    let name = port.get("name");
    if needs_name && !name.is_filled() {
        name.required("");
    }
    name.check(names::not_a_label);
    let number = port.get("port");
    if !number.is_set() {
        let mut refusal = number.missing("");
        "Invalid value: 0: must be between 1 and 65535, inclusive".clone_into(&mut refusal.message);
        number.refuse(refusal);
    }
    number.port_number();
    port.get("protocol").one_of(&PROTOCOLS);
    // an absent or zero target is the port itself
    let target = port.get("targetPort");
    if target.number() != Some(0) {
        target.port();
    }
    let node_port = port.get("nodePort");
    if kind == "ClusterIP" && node_port.number().is_some_and(|number| number != 0) {
        node_port.forbidden("may not be used when `type` is 'ClusterIP'");
    }
    port.get("appProtocol").check(names::not_a_qualified_name);
}

/// An Ingress.
pub(super) fn ingress(object: &Place<'_>) {
    let spec = object.get("spec");
    let (rules, default) = (spec.get("rules"), spec.get("defaultBackend"));
    if !rules.is_filled() && !default.is_set() {
        spec.refuse(spec.wrong("either `defaultBackend` or `rules` must be specified"));
    }
    if default.is_set() {
        backend(&default);
    }
    for rule in rules.items() {
        rule.get("host").check(names::not_a_host);
        let http = rule.get("http");
        if http.is_set() {
            let paths = http.get("paths");
            if !paths.is_filled() {
                paths.required("");
            }
            for path in paths.items() {
                ingress_path(&path);
            }
        }
    }
    for tls in spec.get("tls").items() {
        for host in tls.get("hosts").items() {
            host.check(|text| if text.contains('*') { names::not_a_host(text) } else { names::not_a_subdomain(text) });
        }
        tls.get("secretName").check(|text| if text.is_empty() { None } else { names::not_a_subdomain(text) });
    }
    let class = spec.get("ingressClassName");
    class.check(names::not_a_subdomain);
    let annotation = object.at(&["metadata", "annotations"]).entry("kubernetes.io/ingress.class");
    if let (Some(old), Some(new)) = (annotation.text(), class.text())
        && old != new
    {
        let mut refusal = annotation.wrong(&format!("{old:?}: must match `ingressClassName` when both are specified"));
        "annotations.kubernetes.io/ingress.class".clone_into(&mut refusal.field);
        refusal.collides_with = Some((class.path.clone(), class.origin().clone()));
        annotation.refuse(refusal);
    }
}

fn ingress_path(path: &Place<'_>) {
    let kind = path.get("pathType");
    if !kind.is_set() {
        kind.required("pathType must be specified");
        return;
    }
    kind.one_of(&["Exact", "ImplementationSpecific", "Prefix"]);
    let url = path.get("path");
    let exact = matches!(kind.text(), Some("Exact" | "Prefix"));
    match url.text() {
        Some(text) if !text.starts_with('/') && (exact || !text.is_empty()) => url.invalid("must be an absolute path"),
        None if exact && !url.is_set() => {
            let mut refusal = url.missing("");
            "Invalid value: \"\": must be an absolute path".clone_into(&mut refusal.message);
            url.refuse(refusal);
        }
        Some(text) if exact => {
            for sequence in ["//", "/./", "/../", "%2f", "%2F"].iter().filter(|sequence| text.contains(**sequence)) {
                url.invalid(&format!("must not contain '{sequence}'"));
            }
            for end in ["/..", "/."].iter().filter(|end| text.ends_with(**end)) {
                url.invalid(&format!("cannot end with '{end}'"));
            }
        }
        _ => {}
    }
    backend(&path.get("backend"));
}

fn backend(backend: &Place<'_>) {
    let (service, resource) = (backend.get("service"), backend.get("resource"));
    if service.is_set() && resource.is_set() {
        backend.invalid("cannot set both resource and service backends");
        return;
    }
    if resource.is_set() {
        return;
    }
    if !service.is_set() {
        backend.invalid("resource or service backend is required");
        return;
    }
    let name = service.get("name");
    if !name.is_filled() {
        name.required("");
    }
    name.check(names::not_a_service_name);
    let (number, named) = (service.at(&["port", "number"]), service.at(&["port", "name"]));
    match (named.is_filled(), number.node.is_some_and(|node| node.as_i64() != Some(0))) {
        (true, true) => backend.invalid("cannot set both port name & port number"),
        (true, false) => named.check(names::not_a_port_name),
        (false, true) => number.port_number(),
        (false, false) => {
            // the place of the number, where the chart's values would hold it
            let mut refusal = number.missing("port name or number is required");
            refusal.field.clone_from(&backend.path);
            refusal.covered_by = Some("configuration/ingress-port-missing");
            backend.refuse(refusal);
        }
    }
}

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
        kinds.invalid("may not specify more than two policyTypes");
    }
    for kind in kinds.items() {
        kind.one_of(&["Ingress", "Egress"]);
    }
}

fn policy_port(port: &Place<'_>) {
    port.get("protocol").one_of(&["TCP", "UDP", "SCTP"]);
    let (first, last) = (port.get("port"), port.get("endPort"));
    first.port();
    if !last.is_set() {
        return;
    }
    last.port_number();
    match (first.number(), last.number()) {
        (Some(from), Some(to)) if to < from => last.invalid("must be greater than or equal to `port`"),
        (None, _) if first.is_set() => last.invalid("may not be specified when `port` is non-numeric"),
        (None, _) => last.invalid("may not be specified when `port` is not specified"),
        _ => {}
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
    if !range.is_filled() {
        range.required("");
        return;
    }
    let Some(text) = range.text() else { return };
    let Ok(whole) = text.parse::<IpNet>() else {
        range.invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        return;
    };
    for except in block.get("except").items() {
        match except.text().map(str::parse::<IpNet>) {
            Some(Err(_)) => except.invalid("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"),
            Some(Ok(part)) if !whole.contains(&part.addr()) || whole.prefix_len() >= part.prefix_len() => {
                except.invalid("must be a strict subset of `cidr`");
            }
            _ => {}
        }
    }
}
