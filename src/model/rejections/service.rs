//! Services.

use std::collections::BTreeSet;

use ipnet::IpNet;

use super::place::Place;
use super::{meta, names};

/// A Service.
pub(super) fn service(object: &Place<'_>) {
    let spec = object.get("spec");
    let (kind, ports) = (spec.get("type"), spec.get("ports"));
    kind.one_of(&["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    if kind.is_hidden() {
        return;
    }
    let kind_text = kind.text().filter(|text| !text.is_empty()).unwrap_or("ClusterIP");
    let headless = addresses(&spec, kind_text);
    if kind_text == "ExternalName" {
        let name = spec.get("externalName");
        if name.require() {
            name.check(|text| names::not_a_subdomain(text.strip_suffix('.').unwrap_or(text)));
        }
    } else if !headless && !ports.is_filled() && !has_malformed_address(&spec) {
        ports.required("");
    }
    meta::labels(&spec.get("selector"));
    self::ports(&ports, kind_text);
    balancer(&spec, kind_text);
    traffic(&spec, kind_text);
    affinity(&spec);
}

/// The server reads the address before the rest, and says no more when it is none.
fn has_malformed_address(spec: &Place<'_>) -> bool {
    let own = spec.get("clusterIP");
    let text = own.text().filter(|text| !text.is_empty() && *text != "None");
    text.is_some_and(|text| names::not_an_address(text).is_some()) && !spec.get("clusterIPs").is_filled()
}

/// Its own addresses. Tells whether it has none.
fn addresses(spec: &Place<'_>, kind: &str) -> bool {
    let (address, list) = (spec.get("clusterIP"), spec.get("clusterIPs"));
    let own = address.text().filter(|text| !text.is_empty());
    let headless = own == Some("None") && list.items().len() < 2;
    for address in spec.get("externalIPs").items() {
        address.check_word(names::not_an_address);
    }
    let first = address.called(format!("{}[0]", list.path()));
    if kind == "ExternalName" {
        // one address becomes the first of the list
        let list = if list.is_filled() { list } else { address.called(list.path()) };
        let (families, policy) = (spec.get("ipFamilies"), spec.get("ipFamilyPolicy"));
        let told = [
            list.is_set() && list.word() != Some(""),
            // an empty list is no list, an empty policy is one
            families.is_filled(),
            policy.is_set(),
        ];
        for (place, _) in [list, families, policy].iter().zip(told).filter(|(_, told)| *told) {
            place.forbidden("may not be set for ExternalName services");
        }
        return false;
    }
    if headless && matches!(kind, "LoadBalancer" | "NodePort") {
        first.invalid(&format!("may not be set to 'None' for {kind} services"));
    }
    match own {
        // alone it becomes the first of the list
        Some(text) if !list.is_filled() && text != "None" => first.check(names::not_an_address),
        Some(text) if list.items().first().and_then(Place::text).is_some_and(|first| first != text) => {
            list.refuse(list.wrong("first value must match `clusterIP`"));
        }
        None if list.is_filled() && !address.is_hidden() => {
            list.refuse(list.wrong("must be empty when `clusterIP` is not specified"));
        }
        Some(_) | None => {}
    }
    for one in list.items().iter().filter(|one| one.text() != Some("None")) {
        one.check_word(names::not_an_address);
    }
    for (family, seen) in spec.get("ipFamilies").items().iter().zip(0..) {
        family.exactly_one_of(&["IPv4", "IPv6"]);
        if spec.get("ipFamilies").items()[..seen].iter().any(|other| other.text() == family.text()) {
            family.duplicate();
        }
    }
    spec.get("ipFamilyPolicy").set_to_one_of(&["PreferDualStack", "RequireDualStack", "SingleStack"]);
    headless
}

fn ports(ports: &Place<'_>, kind: &str) {
    let items = ports.items();
    let (mut seen_names, mut seen_ports, mut seen_nodes) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for port in &items {
        one_port(port, items.len() > 1, kind);
        if let Some(name) = port.get("name").text().filter(|text| !text.is_empty())
            && !seen_names.insert(name)
        {
            port.get("name").duplicate();
        }
        let protocol = port.get("protocol").text().filter(|text| !text.is_empty()).unwrap_or("TCP");
        if let Some(number) = port.get("port").number()
            && !seen_ports.insert((protocol, number))
        {
            port.refuse_as(format!("Duplicate value: {{\"port\":{number},\"protocol\":\"{protocol}\"}}"));
        }
        let node = port.get("nodePort");
        if let Some(number) = node.number().filter(|number| *number != 0)
            && matches!(kind, "NodePort" | "LoadBalancer")
            && !seen_nodes.insert((protocol, number))
        {
            node.duplicate();
        }
    }
}

fn one_port(port: &Place<'_>, needs_name: bool, kind: &str) {
    let name = port.get("name");
    if needs_name && name.word() == Some("") {
        name.required("");
    }
    name.check_filled(names::not_a_label);
    let (number, target) = (port.get("port"), port.get("targetPort"));
    // an absent or zero target is the port itself, and is refused with it
    let follows = !target.is_set() || target.number() == Some(0) || target.word() == Some("");
    if !number.is_set() {
        number.refuse_as("Invalid value: 0: must be between 1 and 65535, inclusive".to_owned());
    }
    number.port_number();
    port.get("protocol").one_of(&["SCTP", "TCP", "UDP"]);
    if !follows {
        target.port();
    }
    let node = port.get("nodePort");
    if matches!(kind, "ClusterIP" | "ExternalName") && node.number().is_some_and(|number| number != 0) {
        node.forbidden(&format!("may not be used when `type` is '{kind}'"));
    }
    if matches!(kind, "NodePort" | "LoadBalancer") && node.number() != Some(0) {
        // which of them there are, the cluster says
        node.port_number();
    }
    port.get("appProtocol").check(names::not_a_qualified_name);
}

/// What only a load balancer reads.
fn balancer(spec: &Place<'_>, kind: &str) {
    let is_balancer = kind == "LoadBalancer";
    // the server begins it with a capital
    let ranges = spec.get_as("loadBalancerSourceRanges", "LoadBalancerSourceRanges");
    if ranges.is_filled() && !is_balancer {
        ranges.forbidden("may only be used when `type` is 'LoadBalancer'");
    }
    for range in ranges.items() {
        if range.word().is_some_and(|text| text.trim().parse::<IpNet>().is_err()) {
            range.refuse(range.wrong("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
        }
    }
    let class = spec.get("loadBalancerClass");
    let nodes = spec.get("allocateLoadBalancerNodePorts");
    if is_balancer {
        class.check(names::not_a_qualified_name);
    } else {
        if class.is_set() {
            class.forbidden("may only be used when `type` is 'LoadBalancer'");
        }
        if nodes.is_set() {
            nodes.forbidden("may only be used when `type` is 'LoadBalancer'");
        }
    }
}

/// Where its traffic goes.
fn traffic(spec: &Place<'_>, kind: &str) {
    let policy = spec.get("externalTrafficPolicy");
    let external = matches!(kind, "LoadBalancer" | "NodePort") || spec.get("externalIPs").is_filled();
    if policy.is_filled() {
        if external {
            policy.one_of(&["Cluster", "Local"]);
        } else {
            policy.invalid("may only be set for externally-accessible services");
        }
    }
    spec.get("internalTrafficPolicy").set_to_one_of(&["Cluster", "Local"]);
    spec.get("trafficDistribution").set_to_one_of(&["PreferClose", "PreferSameZone", "PreferSameNode"]);
    let check = spec.get("healthCheckNodePort");
    let needs = kind == "LoadBalancer" && matches!(policy.text(), Some("Local"));
    if check.number().is_some_and(|number| number != 0) {
        if needs {
            check.port_number();
        } else if !policy.is_hidden() {
            check.invalid("may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }
    }
}

fn affinity(spec: &Place<'_>) {
    let affinity = spec.get("sessionAffinity");
    affinity.one_of(&["ClientIP", "None"]);
    // without affinity the server forgets the rest
    let seconds = spec.at(&["sessionAffinityConfig", "clientIP", "timeoutSeconds"]);
    if affinity.text() == Some("ClientIP") && seconds.number().is_some_and(|seconds| !(1..=86400).contains(&seconds)) {
        seconds.invalid("must be greater than 0 and less than 86400");
    }
}
