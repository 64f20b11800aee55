//! Ways from outside the cluster to a port of the peers.

use super::facts::network::{Exposure, Route, Service};
use super::facts::workload::Workload;
use super::network::Peers;
use super::services::role;
use super::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

const ROLES: [&str; 4] = ["p2p", "rest", "grpc", "metrics"];

/// What exposes the peers. `blocked` says whether policies leave a role to peers alone; `None` = no policy was seen.
pub fn exposure(
    services: &[Tracked<Service>],
    routes: &[Tracked<Route>],
    pod: Option<(&Workload, &Node)>,
    peers: Option<&Peers>,
    blocked: &dyn Fn(&str) -> Option<bool>,
    origins: &Origins,
) -> Vec<Tracked<Exposure>> {
    let mut found = Vec::new();
    let host_network = pod.is_some_and(|(workload, _)| workload.host_network.as_ref().is_some_and(|on| on.value));
    let blocks = |role: &str| if host_network { Some(false) } else { blocked(role) };
    for service in services {
        by_service(service, &blocks, &mut found);
    }
    for route in routes {
        for backend in route.value.backends.iter().filter(|backend| ROLES.contains(&backend.value.role.as_str())) {
            let fact = Exposure {
                port: backend.value.port.unwrap_or_default(),
                role: backend.value.role.clone(),
                how: route.value.kind.clone(),
                object: format!("{}/{}", route.value.kind, route.value.name),
                policy_blocks: blocks(&backend.value.role),
                ..Exposure::default()
            };
            found.push(Tracked { value: fact, origin: backend.origin });
        }
    }
    if let Some((workload, spec)) = pod {
        by_pod(workload, spec, peers, host_network, origins, &mut found);
    }
    found
}

fn by_service(service: &Tracked<Service>, blocks: &dyn Fn(&str) -> Option<bool>, found: &mut Vec<Tracked<Exposure>>) {
    let fact = &service.value;
    let mut ways: Vec<&str> = Vec::new();
    if fact.r#type == "LoadBalancer" || fact.r#type == "NodePort" {
        ways.push(&fact.r#type);
    }
    if !fact.external_ips.is_empty() {
        ways.push("ExternalIP");
    }
    for how in ways {
        for port in fact.ports.iter().filter(|port| ROLES.contains(&port.value.role.as_str())) {
            let exposure = Exposure {
                port: port.value.target.unwrap_or(port.value.port),
                role: port.value.role.clone(),
                how: how.to_owned(),
                object: format!("Service/{}", fact.name),
                source_ranges: how == "LoadBalancer" && !fact.source_ranges.is_empty(),
                internal: how == "LoadBalancer" && fact.internal,
                policy_blocks: blocks(&port.value.role),
            };
            // the type is what publishes the port
            found.push(Tracked { value: exposure, origin: service.origin });
        }
    }
}

fn by_pod(
    workload: &Workload,
    spec: &Node,
    peers: Option<&Peers>,
    host_network: bool,
    origins: &Origins,
    found: &mut Vec<Tracked<Exposure>>,
) {
    let object = format!("{}/{}", workload.kind, workload.name);
    let mut push = |port: u16, role: &str, how: &str, origin: &Origin| {
        let fact = Exposure {
            port,
            role: role.to_owned(),
            how: how.to_owned(),
            object: object.clone(),
            policy_blocks: Some(false),
            ..Exposure::default()
        };
        found.push(origins.track(fact, origin));
    };
    if host_network {
        if let Some(node) = spec.at(&["hostNetwork"]) {
            for (role, port) in peers.map(|peers| peers.ports.clone()).unwrap_or_default() {
                if ROLES.contains(&role.as_str()) {
                    push(port, &role, "hostNetwork", &node.origin);
                }
            }
        }
        return;
    }
    for port in spec.items(&["containers"]).iter().flat_map(|container| container.items(&["ports"])) {
        let Some(host) = port.at(&["hostPort"]).filter(|host| host.as_i64() != Some(0)) else { continue };
        let number = port.at(&["containerPort"]).and_then(Node::as_i64).and_then(|number| u16::try_from(number).ok());
        let role = role(number, peers, port.text(&["name"]));
        if ROLES.contains(&role) {
            push(number.unwrap_or_default(), role, "hostPort", &host.origin);
        }
    }
}
