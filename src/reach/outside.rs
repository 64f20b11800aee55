//! Ways from outside the cluster: load balancers, node ports, routes, host ports, and whether policies let them on.

use serde_json::Value;

use super::inside::{Policies, circle};
use super::{Circle, Port, State, Way, place};
use crate::reading::Reading;

/// Words in a selector by which ingress controllers and gateways are known.
const CONTROLLERS: [&str; 10] =
    ["ingress", "nginx", "traefik", "haproxy", "kong", "contour", "gateway", "istio", "envoy", "router"];

pub(super) fn ways(reading: Reading<'_>, port: &Port, policies: &Policies) -> Vec<Way> {
    reading
        .list("/exposure")
        .iter()
        .enumerate()
        .filter(|(_, exposure)| exposure["role"].as_str() == Some(port.role.as_str()))
        .map(|(index, exposure)| {
            let how = exposure["how"].as_str().unwrap_or("?");
            let object = exposure["object"].as_str().unwrap_or("?");
            let (who, circle) = who(exposure, how);
            let (state, because) = passes(reading, port, policies, how);
            let through = if object.starts_with(how) { object.to_owned() } else { format!("{object} ({how})") };
            Way { who, circle, through, place: place(reading, &["exposure"], index), state, because }
        })
        .collect()
}

fn who(exposure: &Value, how: &str) -> (String, Circle) {
    let (who, circle) = match how {
        "LoadBalancer" if exposure["internal"] == true => ("the private network of the load balancer", Circle::Network),
        "LoadBalancer" if exposure["source_ranges"] == true => {
            ("addresses in the load balancer's source ranges", Circle::Network)
        }
        "LoadBalancer" => ("anyone who can reach the load balancer", Circle::Internet),
        "NodePort" => ("anyone who can reach a node", Circle::Network),
        "hostPort" | "hostNetwork" => ("anyone who can reach the node of a peer", Circle::Network),
        "ExternalIP" => ("anyone who can reach the external address", Circle::Network),
        _ => ("anyone who can reach the ingress", Circle::Internet),
    };
    (who.to_owned(), circle)
}

/// Whether the policies of the peers let on what came in this way.
fn passes(reading: Reading<'_>, port: &Port, policies: &Policies, how: &str) -> (State, String) {
    let open = || (State::Open, String::new());
    if policies.host_network || matches!(how, "hostPort" | "hostNetwork") {
        return (State::Open, "network policies do not hold this way back".to_owned());
    }
    let doubt = policies.doubt();
    if !doubt.is_empty() {
        return (State::Unknown, doubt);
    }
    if !policies.isolated {
        // a policy that was not given may stop it, but what was given opens it
        return open();
    }
    let sources = reading.list(&format!("/network/open_to/{}", port.role));
    if sources.iter().any(|source| matches!(circle(source), Circle::Internet | Circle::Network)) {
        return open();
    }
    if sources.is_empty() {
        return (State::Stopped, policies.stopper());
    }
    if matches!(how, "LoadBalancer" | "NodePort" | "ExternalIP") {
        let let_in = "the policies let in pods, no addresses; a network plugin that takes this traffic for the node's own lets it pass all the same";
        return (State::Unknown, let_in.to_owned());
    }
    let admits = sources.iter().any(|source| {
        circle(source) >= Circle::Cluster
            || source["who"].as_str().is_some_and(|who| CONTROLLERS.iter().any(|word| who.contains(word)))
    });
    if admits {
        return open();
    }
    let who: Vec<&str> = sources.iter().filter_map(|source| source["who"].as_str()).take(3).collect();
    (
        State::Unknown,
        format!("the policies let in {}; whether the controller is among them cannot be seen", who.join(", ")),
    )
}
