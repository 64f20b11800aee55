//! Ways from inside the cluster, as the network policies leave them.

use serde_json::Value;

use super::{Circle, Note, Port, State, Way, place};
use crate::reading::{Place, Reading};
use crate::source::Path;

/// What the policies of the peers' namespace add up to.
#[derive(Clone, Debug, Default)]
pub(super) struct Policies {
    /// Policies can be seen, present or absent.
    pub(super) seen: bool,
    /// Some policy selects the peers for ingress.
    pub(super) isolated: bool,
    /// Those that do, with their places.
    pub(super) isolating: Vec<(String, Option<Place>)>,
    /// Policies of another kind, whose effect is not computed.
    pub(super) foreign: Vec<String>,
    /// The pods share the node's network: policies do not apply.
    pub(super) host_network: bool,
    pub(super) questions: Vec<Note>,
}

impl Policies {
    /// What an answer is worth that native policies alone give.
    pub(super) fn state(&self, state: State) -> State {
        if self.foreign.is_empty() || self.host_network { state } else { State::Unknown }
    }

    /// Why an answer is not known.
    pub(super) fn doubt(&self) -> String {
        if self.foreign.is_empty() || self.host_network {
            String::new()
        } else {
            format!("{} decides too; its kind is not evaluated", self.foreign.join(", "))
        }
    }

    /// What stops callers that no rule lets in.
    pub(super) fn stopper(&self) -> String {
        let named: Vec<String> = self
            .isolating
            .iter()
            .map(|(name, place)| place.as_ref().map_or_else(|| name.clone(), |place| format!("{name} ({place})")))
            .collect();
        format!("{} isolates the peers and no rule lets them in", named.join(", "))
    }
}

pub(super) fn policies(reading: Reading<'_>) -> Policies {
    let mut policies = Policies {
        seen: reading.observed("network_policies"),
        isolated: reading.flag("/network/isolated_ingress") == Some(true),
        host_network: reading.flag("/workload/host_network") == Some(true),
        ..Policies::default()
    };
    for (index, policy) in reading.list("/network/policies").iter().enumerate() {
        let ingress = policy["types"].as_array().is_some_and(|types| types.iter().any(|kind| kind == "Ingress"));
        if policy["selects_peers"] == true && policy["rejected"] != true && ingress {
            let name = format!("NetworkPolicy/{}", policy["name"].as_str().unwrap_or("?"));
            policies.isolating.push((name, place(reading, &["network", "policies"], index)));
        }
    }
    for (index, foreign) in reading.list("/network/foreign_policies").iter().enumerate() {
        let name = foreign.as_str().unwrap_or("?").to_owned();
        let text = format!("{name} decides too; its kind is not evaluated, so what it opens or closes is unknown");
        policies.questions.push(Note { text, place: place(reading, &["network", "foreign_policies"], index) });
        policies.foreign.push(name);
    }
    if policies.host_network {
        let text = "the pods share the network of their node: network policies do not apply to them".to_owned();
        let place = reading.place(&Path::keys(["workload", "host_network"]));
        policies.questions.push(Note { text, place });
    } else if !policies.seen {
        let why = reading.unobserved("network_policies").unwrap_or("give the manifests of the namespace too");
        policies.questions.push(Note { text: format!("network policies were not given: {why}"), place: None });
    }
    policies
}

pub(super) fn ways(reading: Reading<'_>, port: &Port, policies: &Policies) -> Vec<Way> {
    if !reading.at("/workload").is_object() {
        return of_policies_alone(reading, port);
    }
    let mut ways = Vec::new();
    ways.extend(between_peers(reading, port, policies));
    if policies.host_network {
        ways.push(Way {
            who: "every pod of the cluster".to_owned(),
            circle: Circle::Cluster,
            through: "the network of the node".to_owned(),
            place: reading.place(&Path::keys(["workload", "host_network"])),
            state: State::Open,
            because: "network policies do not apply to pods on the host network".to_owned(),
        });
    } else if policies.isolated {
        ways.extend(sources(reading, port, policies));
    } else {
        ways.push(Way {
            who: "every pod of the cluster".to_owned(),
            circle: Circle::Cluster,
            through: "the pod network".to_owned(),
            place: None,
            state: if policies.seen { policies.state(State::Open) } else { State::Unknown },
            because: match (policies.seen, policies.doubt()) {
                (true, doubt) if doubt.is_empty() => "no network policy selects the peers".to_owned(),
                (true, doubt) => doubt,
                (false, _) => "unless a network policy that was not given says otherwise".to_owned(),
            },
        });
    }
    ways.extend(people(reading));
    ways
}

/// The peers themselves.
fn between_peers(reading: Reading<'_>, port: &Port, policies: &Policies) -> Option<Way> {
    let peers = reading.number("/deployment/peers").unwrap_or(1);
    if peers < 2 || port.role == "metrics" {
        return None;
    }
    let traffic = reading.at(&format!("/network/between_peers/{}", port.role));
    let (ingress, egress) = (traffic["ingress"].as_bool(), traffic["egress"].as_bool());
    let path = Path::keys(["network", "between_peers", &port.role]);
    let side = if ingress == Some(false) { "ingress" } else { "egress" };
    let (state, because) = match (ingress, egress) {
        _ if policies.host_network || (policies.seen && traffic.is_null()) => (State::Open, String::new()),
        (Some(true), Some(true)) => (policies.state(State::Open), policies.doubt()),
        (Some(false), _) => (policies.state(State::Stopped), "no rule lets peers in on this port".to_owned()),
        (_, Some(false)) => (policies.state(State::Stopped), "no rule lets peers out to this port".to_owned()),
        _ if policies.seen => (policies.state(State::Open), policies.doubt()),
        _ => (State::Unknown, "unless a network policy that was not given says otherwise".to_owned()),
    };
    let place = if policies.isolated || egress == Some(false) { reading.place(&path.key(side)) } else { None };
    Some(Way {
        who: "the peers".to_owned(),
        circle: Circle::Peers,
        through: "the pod network".to_owned(),
        place,
        state,
        because,
    })
}

fn sources(reading: Reading<'_>, port: &Port, policies: &Policies) -> Vec<Way> {
    let list = reading.list(&format!("/network/open_to/{}", port.role));
    if list.is_empty() {
        let first = policies.isolating.first();
        return vec![Way {
            who: "any other pod".to_owned(),
            circle: Circle::Cluster,
            through: first.map_or_else(String::new, |(name, _)| name.clone()),
            place: first.and_then(|(_, place)| place.clone()),
            state: policies.state(State::Stopped),
            because: match policies.doubt() {
                doubt if doubt.is_empty() => policies.stopper(),
                doubt => doubt,
            },
        }];
    }
    let keys = ["network", "open_to", port.role.as_str()];
    list.iter()
        .enumerate()
        .map(|(index, source)| Way {
            state: policies.state(State::Open),
            because: policies.doubt(),
            ..way_of(source, place(reading, &keys, index))
        })
        .collect()
}

fn way_of(source: &Value, place: Option<Place>) -> Way {
    Way {
        who: source["who"].as_str().unwrap_or("?").to_owned(),
        circle: circle(source),
        through: format!("NetworkPolicy/{}", source["policy"].as_str().unwrap_or("?")),
        place,
        state: State::Open,
        because: String::new(),
    }
}

/// How many a source of a policy admits.
pub(super) fn circle(source: &Value) -> Circle {
    let is = |key: &str| source[key] == true;
    match source["kind"].as_str() {
        Some("anyone") => Circle::Internet,
        Some("cidr") if is("public") => Circle::Internet,
        Some("cidr") => Circle::Network,
        Some(_) if is("only_peers") => Circle::Peers,
        Some("namespaces" | "pods-in-namespaces") if is("all_namespaces") && is("all_pods") => Circle::Cluster,
        Some("pods") if is("all_pods") => Circle::Namespace,
        _ => Circle::Named,
    }
}

/// Policies without a workload: what each opens by itself.
fn of_policies_alone(reading: Reading<'_>, port: &Port) -> Vec<Way> {
    let mut ways = Vec::new();
    for (index, policy) in reading.list("/network/policies").iter().enumerate() {
        for (place_of, source) in policy["opens"][&port.role].as_array().into_iter().flatten().enumerate() {
            let path = Path::keys(["network", "policies"]).index(index).key("opens").key(&port.role).index(place_of);
            ways.push(way_of(source, reading.place(&path)));
        }
    }
    ways
}

/// People who may forward a port through the API server, past every policy.
fn people(reading: Reading<'_>) -> Vec<Way> {
    reading
        .list("/access/port_forward")
        .iter()
        .enumerate()
        .filter(|(_, grant)| grant["system"] != true)
        .map(|(index, grant)| {
            let text = |key: &str| grant[key].as_str().unwrap_or("?");
            let subjects: Vec<&str> =
                grant["subjects"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            Way {
                who: subjects.join(", "),
                circle: Circle::Named,
                through: format!("{} ({}, {})", text("permission"), text("binding"), text("role")),
                place: place(reading, &["access", "port_forward"], index),
                state: State::Open,
                because: "through the API server, past every network policy".to_owned(),
            }
        })
        .collect()
}
