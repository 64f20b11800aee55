use serde_json::{Value, json};

use super::*;

fn facts(change: impl FnOnce(&mut Value)) -> Value {
    let mut facts = json!({
        "observed": ["workload", "config", "services", "routes", "network_policies", "access"],
        "deployment": {"name": "qdrant", "peers": 3},
        "workload": {"kind": "StatefulSet", "name": "qdrant"},
        "qdrant": {
            "config": {"service": {"http_port": 6333, "grpc_port": 6334, "enable_tls": false}, "cluster": {"enabled": true, "p2p": {"port": 6335, "enable_tls": true}}},
            "api_key": {"from": "secret"}
        },
        "exposure": [],
        "network": {
            "policies": [{"name": "qdrant", "selects_peers": true, "rejected": false, "types": ["Ingress"]}],
            "foreign_policies": [], "isolated_ingress": true,
            "between_peers": {"p2p": {"ingress": true, "egress": true}, "rest": {"ingress": true, "egress": true}, "grpc": {"ingress": false, "egress": true}},
            "open_to": {"rest": [{"who": "every pod of namespaces team=search", "kind": "namespaces", "all_pods": true, "policy": "qdrant"}]}
        }
    });
    change(&mut facts);
    facts
}

fn port(role: &str, change: impl FnOnce(&mut Value)) -> Port {
    let facts = facts(change);
    reach(Reading::bare(&facts)).ports.into_iter().find(|port| port.role == role).unwrap()
}

fn expose(facts: &mut Value, role: &str, how: &str) {
    facts["exposure"] = json!([{"role": role, "how": how, "object": if how == "Ingress" { "Ingress/qdrant" } else { "Service/qdrant" }}]);
}

#[test]
fn a_port_that_no_rule_opens_is_for_peers_alone() {
    let p2p = port("p2p", |_| {});
    assert_eq!(
        (p2p.widest, p2p.maybe_wider, p2p.asks, p2p.encrypted),
        (Circle::Peers, false, Asks::Nothing, Some(true))
    );
    let stopped = p2p.ways.iter().find(|way| way.state == State::Stopped).unwrap();
    assert!(stopped.because.contains("NetworkPolicy/qdrant isolates the peers"), "{}", stopped.because);
    assert!(!p2p.alarming());
}

#[test]
fn who_a_rule_names_gets_in_and_is_asked_for_the_key() {
    let rest = port("rest", |_| {});
    assert_eq!((rest.widest, rest.asks, rest.encrypted), (Circle::Named, Asks::ApiKey, Some(false)));
    assert_eq!(rest.ways[0].through, "NetworkPolicy/qdrant");
}

#[test]
fn without_a_policy_every_pod_gets_in_and_without_manifests_nobody_knows() {
    let none = |facts: &mut Value| {
        facts["network"]["isolated_ingress"] = json!(false);
        facts["network"]["policies"] = json!([]);
        facts["network"]["open_to"] = json!({});
    };
    let p2p = port("p2p", none);
    assert_eq!(p2p.widest, Circle::Cluster);
    assert!(p2p.alarming());
    let unseen = port("p2p", |facts| {
        facts["observed"] = json!(["workload", "config", "services"]);
        facts["network"] = Value::Null;
    });
    assert_eq!((unseen.widest, unseen.maybe_wider), (Circle::Nobody, true));
    assert!(unseen.ways.iter().all(|way| way.state == State::Unknown));
}

#[test]
fn a_load_balancer_reaches_only_what_the_policies_leave_open() {
    let stopped = port("p2p", |facts| expose(facts, "p2p", "LoadBalancer"));
    assert_eq!(stopped.widest, Circle::Peers);
    let pods_only = port("rest", |facts| expose(facts, "rest", "LoadBalancer"));
    assert!(pods_only.maybe_wider, "node traffic may pass");
    let open = port("rest", |facts| {
        expose(facts, "rest", "LoadBalancer");
        facts["network"]["open_to"]["rest"][0] =
            json!({"who": "every address", "kind": "cidr", "public": true, "policy": "qdrant"});
    });
    assert_eq!(open.widest, Circle::Internet);
}

#[test]
fn an_ingress_passes_when_the_policies_name_its_controller() {
    let unnamed = port("rest", |facts| expose(facts, "rest", "Ingress"));
    assert!(unnamed.maybe_wider);
    let named = port("rest", |facts| {
        expose(facts, "rest", "Ingress");
        facts["network"]["open_to"]["rest"][0]["who"] =
            json!("every pod of namespaces kubernetes.io/metadata.name=ingress-nginx");
    });
    assert_eq!(named.widest, Circle::Internet);
}

#[test]
fn a_policy_of_another_kind_leaves_nothing_certain() {
    let rest = port("rest", |facts| facts["network"]["foreign_policies"] = json!(["CiliumNetworkPolicy/qdrant"]));
    assert!(rest.ways.iter().all(|way| way.state == State::Unknown), "{:?}", rest.ways);
    assert!(rest.ways.iter().any(|way| way.because.contains("CiliumNetworkPolicy/qdrant decides too")));
}

#[test]
fn pods_on_the_host_network_know_no_policies() {
    let p2p = port("p2p", |facts| {
        facts["workload"]["host_network"] = json!(true);
        expose(facts, "p2p", "hostNetwork");
    });
    assert_eq!(p2p.widest, Circle::Network);
    assert!(p2p.alarming());
}

#[test]
fn people_who_may_forward_ports_are_a_way_past_the_policies() {
    let grant = json!([{"subjects": ["Group/dev"], "permission": "create pods/portforward", "binding": "RoleBinding/dev", "role": "Role/dev"}]);
    let p2p = port("p2p", |facts| facts["access"] = json!({ "port_forward": grant }));
    assert_eq!(p2p.widest, Circle::Named);
}

#[test]
fn without_cluster_mode_nothing_listens_between_peers() {
    let facts = facts(|facts| facts["qdrant"]["config"]["cluster"]["enabled"] = json!(false));
    assert!(reach(Reading::bare(&facts)).ports.iter().all(|port| port.role != "p2p"));
}
