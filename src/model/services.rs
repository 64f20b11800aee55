//! Services that concern the peers: what they select, what they publish, to whom.

use std::collections::BTreeMap;

use super::facts::network::{Service, ServicePort};
use super::input::Object;
use super::network::labels::{Labels, labels_of};
use super::network::{Around, Peers};
use super::tracked::{Origins, Tracked};
use crate::source::Node;

/// Types that the API server knows.
pub const TYPES: [&str; 4] = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"];

/// Annotations by which clouds make a load balancer internal; with the values that do, empty = any but `false`.
const INTERNAL: [(&str, &[&str]); 12] = [
    ("service.beta.kubernetes.io/aws-load-balancer-internal", &[]),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", &["internal"]),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", &["true"]),
    ("networking.gke.io/load-balancer-type", &["Internal", "internal"]),
    ("cloud.google.com/load-balancer-type", &["Internal", "internal"]),
    ("service.beta.kubernetes.io/oci-load-balancer-internal", &["true"]),
    ("oci-network-load-balancer.oraclecloud.com/internal", &["true"]),
    ("service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type", &["intranet"]),
    ("service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type", &["private"]),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", &["true"]),
    ("kubernetes.io/elb.class", &["internal"]),
    ("load-balancer.hetzner.cloud/disable-public-network", &["true"]),
];
/// Annotations that hold source ranges.
const RANGES: [&str; 2] =
    ["service.beta.kubernetes.io/load-balancer-source-ranges", "service.beta.kubernetes.io/azure-allowed-ip-ranges"];

/// Whether a Service selects the peers, or is about Qdrant by name and ports when no workload was seen.
pub fn concerns(object: &Object, peers: Option<&Peers>) -> bool {
    let selector = labels_of(object.node.at(&["spec", "selector"]));
    match peers {
        Some(peers) => !selector.is_empty() && selects(&selector, &peers.labels) && same_namespace(object, peers),
        None => true,
    }
}

/// A Service as a fact.
pub fn service(object: &Object, peers: Option<&Peers>, around: &Around, origins: &Origins) -> Tracked<Service> {
    let node = &object.node;
    let annotations = labels_of(node.at(&["metadata", "annotations"]));
    let selector = labels_of(node.at(&["spec", "selector"]));
    let other_pods: Vec<String> = around
        .pods
        .iter()
        .filter(|pod| {
            pod.namespace.is_none() || object.namespace().is_none() || pod.namespace.as_deref() == object.namespace()
        })
        .filter(|pod| !selector.is_empty() && selects(&selector, &pod.labels))
        .map(|pod| pod.what.clone())
        .collect();
    let of_peers = peers.is_some_and(|peers| !selector.is_empty() && selects(&selector, &peers.labels));
    let selects = match (selector.is_empty(), of_peers, other_pods.is_empty()) {
        (true, ..) => "no-selector",
        (_, true, true) => "peers",
        (_, true, false) => "others-too",
        (_, false, false) => "others",
        (_, false, true) => "nothing-seen",
    };
    let fact = Service {
        name: object.name().to_owned(),
        r#type: node.text(&["spec", "type"]).unwrap_or("ClusterIP").to_owned(),
        headless: node.text(&["spec", "clusterIP"]) == Some("None"),
        ports: node.items(&["spec", "ports"]).iter().map(|port| service_port(port, peers, origins)).collect(),
        selects: Some(origins.track(selects.to_owned(), &node.at(&["spec", "selector"]).unwrap_or(node).origin)),
        other_pods,
        external_ips: node.items(&["spec", "externalIPs"]).iter().filter_map(Node::scalar_text).collect(),
        source_ranges: source_ranges(node, &annotations),
        // a load balancer of Tailscale is reachable inside the private network only
        internal: is_internal(&annotations) || node.text(&["spec", "loadBalancerClass"]) == Some("tailscale"),
        publishes_not_ready: node.at(&["spec", "publishNotReadyAddresses"]).and_then(Node::as_bool).unwrap_or(false),
        from_chart: labels_of(node.at(&["metadata", "labels"])).contains_key("helm.sh/chart"),
        annotations,
    };
    let origin = node.at(&["spec", "type"]).or_else(|| node.at(&["metadata", "name"])).unwrap_or(node).origin.clone();
    origins.track(fact, &origin)
}

fn service_port(port: &Node, peers: Option<&Peers>, origins: &Origins) -> Tracked<ServicePort> {
    let number = |node: Option<&Node>| node.and_then(Node::as_i64).and_then(|number| u16::try_from(number).ok());
    let own = number(port.at(&["port"])).unwrap_or_default();
    let target_node = port.at(&["targetPort"]);
    let by_name = |name: &str| {
        if let Ok(number) = name.parse() {
            return Some(number);
        }
        let named = peers.and_then(|peers| peers.named_ports.iter().find(|port| port.name == name));
        named.map(|port| port.port).or_else(|| well_known(name))
    };
    let target = match target_node {
        Some(node) => number(Some(node)).or_else(|| by_name(node.as_str()?)),
        None => Some(own),
    };
    let role = role(target, peers, port.text(&["name"]));
    let fact = ServicePort {
        name: port.text(&["name"]).map(str::to_owned),
        port: own,
        target,
        node_port: number(port.at(&["nodePort"])),
        role: role.to_owned(),
        app_protocol: port.text(&["appProtocol"]).map(str::to_owned),
    };
    origins.track(fact, &port.at(&["port"]).unwrap_or(port).origin)
}

/// Role of a port of the pods: by the effective configuration, else Qdrant's own numbers.
pub fn role(target: Option<u16>, peers: Option<&Peers>, name: Option<&str>) -> &'static str {
    let Some(target) = target else { return name.and_then(well_known).map_or("other", default_role) };
    let configured = peers.map(|peers| &peers.ports).filter(|ports| !ports.is_empty());
    let Some(ports) = configured else { return default_role(target) };
    ["p2p", "rest", "grpc", "metrics"].into_iter().find(|role| ports.get(*role) == Some(&target)).unwrap_or("other")
}

fn default_role(port: u16) -> &'static str {
    match port {
        6333 => "rest",
        6334 => "grpc",
        6335 => "p2p",
        _ => "other",
    }
}

/// Names that charts and people give to the ports.
fn well_known(name: &str) -> Option<u16> {
    match name {
        "http" | "rest" | "api" | "rest-api" | "http-api" => Some(6333),
        "grpc" => Some(6334),
        "p2p" | "cluster" | "raft" => Some(6335),
        _ => None,
    }
}

fn source_ranges(node: &Node, annotations: &Labels) -> Vec<String> {
    let written = node.items(&["spec", "loadBalancerSourceRanges"]).iter().filter_map(Node::scalar_text);
    let annotated = RANGES.iter().filter_map(|key| annotations.get(*key)).flat_map(|text| text.split(','));
    written.chain(annotated.map(|range| range.trim().to_owned())).filter(|range| !admits_everyone(range)).collect()
}

fn admits_everyone(range: &str) -> bool {
    range.is_empty() || range.ends_with("/0")
}

fn is_internal(annotations: &BTreeMap<String, String>) -> bool {
    INTERNAL.iter().any(|(key, values)| {
        annotations
            .get(*key)
            .is_some_and(|value| if values.is_empty() { value != "false" } else { values.contains(&value.as_str()) })
    })
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn same_namespace(object: &Object, peers: &Peers) -> bool {
    match (object.namespace(), peers.namespace.as_deref()) {
        (Some(of_object), Some(of_peers)) => of_object == of_peers,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tracked::split;
    use serde_json::{Value, json};

    fn fact(node: &Value, peers: Option<&Peers>) -> Value {
        let object = Object::derived(node);
        let origins = Origins::default();
        let service = service(&object, peers, &Around::default(), &origins);
        split(&service, origins).unwrap().0
    }

    #[test]
    fn a_range_that_admits_everyone_narrows_nothing() {
        let service = json!({"kind": "Service", "spec": {"type": "LoadBalancer", "loadBalancerSourceRanges": ["0.0.0.0/0", "10.0.0.0/8"],
            "selector": {"app": "q"}, "ports": [{"name": "p2p", "port": 6335, "targetPort": "p2p"}]}});
        let fact = fact(&service, None);
        assert_eq!(fact["source_ranges"], json!(["10.0.0.0/8"]));
        assert_eq!(fact["ports"][0]["role"], "p2p");
        assert_eq!(fact["ports"][0]["target"], 6335);
    }

    #[test]
    fn the_role_follows_the_configuration_of_the_peers() {
        let peers = Peers {
            labels: [("app".to_owned(), "q".to_owned())].into_iter().collect(),
            ports: [("p2p".to_owned(), 7000), ("rest".to_owned(), 6333)].into_iter().collect(),
            ..Peers::default()
        };
        let service =
            json!({"kind": "Service", "spec": {"selector": {"app": "q"}, "ports": [{"port": 7000}, {"port": 6335}]}});
        let fact = fact(&service, Some(&peers));
        assert_eq!(fact["selects"], "peers");
        assert_eq!((&fact["ports"][0]["role"], &fact["ports"][1]["role"]), (&json!("p2p"), &json!("other")));
    }
}
