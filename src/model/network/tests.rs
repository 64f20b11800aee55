//! Policies as people write them.

mod union;

use serde_json::{Value, json};

use super::clients::{Consumer, Job, Unseen};
use super::*;
use crate::model::facts::network::Network as Facts;

fn object(value: &Value) -> Object {
    Object::derived(value)
}

fn policy(name: &str, spec: &Value) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": name}, "spec": spec})
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn peers() -> Peers {
    let named = |name: &str, port| NamedPort { name: name.to_owned(), port, protocol: Protocol::Tcp };
    Peers {
        name: "qdrant".to_owned(),
        labels: labels(&[("app", "qdrant"), ("app.kubernetes.io/instance", "qdrant")]),
        namespace: Some("vectordb".to_owned()),
        ports: [("rest", 6333), ("grpc", 6334), ("p2p", 6335)].map(|(role, port)| (role.to_owned(), port)).into(),
        named_ports: vec![named("http", 6333), named("grpc", 6334), named("p2p", 6335)],
    }
}

fn judge(specs: &[Value], clients: &Clients) -> Facts {
    let objects: Vec<Object> =
        specs.iter().enumerate().map(|(index, spec)| object(&policy(&format!("policy-{index}"), spec))).collect();
    let references: Vec<&Object> = objects.iter().collect();
    network(&references, Some(&peers()), &Around::default(), clients, &Origins::default())
}

fn who(facts: &Facts, role: &str) -> Vec<String> {
    facts.open_to.get(role).into_iter().flatten().map(|source| source.value.who.clone()).collect()
}

fn between(facts: &Facts, role: &str, direction: &str) -> bool {
    let traffic = &facts.between_peers[role];
    let way = if direction == "ingress" { &traffic.ingress } else { &traffic.egress };
    way.as_ref().unwrap().value
}

fn isolated(ingress: &Value, egress: &Value) -> Value {
    json!({
        "podSelector": {"matchLabels": {"app": "qdrant"}}, "policyTypes": ["Ingress", "Egress"],
        "ingress": ingress, "egress": egress,
    })
}

#[test]
fn without_a_policy_everything_is_open() {
    let facts = judge(&[], &Clients::default());
    assert!(!facts.isolated_ingress && !facts.isolated_egress);
    assert!(between(&facts, "p2p", "ingress") && between(&facts, "p2p", "egress"));
    assert_eq!(facts.dns_udp.map(|fact| fact.value), Some(true));
    assert_eq!(facts.internet_egress.map(|fact| fact.value), Some("any".to_owned()));
}

#[test]
fn a_policy_may_open_6335_between_peers_and_forget_6333() {
    let peers = json!([{"podSelector": {"matchLabels": {"app": "qdrant"}}}]);
    let facts = judge(
        &[isolated(
            &json!([
                {"from": peers, "ports": [{"port": 6335}]},
                {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "rag"}}}],
                 "ports": [{"port": 6333}, {"port": 6334}]},
            ]),
            &json!([{"to": peers, "ports": [{"port": 6335}]}, {"ports": [{"port": 53, "protocol": "UDP"}]}]),
        )],
        &Clients::default(),
    );
    assert!(between(&facts, "p2p", "ingress") && between(&facts, "p2p", "egress"));
    assert!(!between(&facts, "rest", "ingress") && !between(&facts, "rest", "egress"));
    assert_eq!(facts.dns_udp.as_ref().map(|fact| fact.value), Some(true));
    assert_eq!(facts.dns_tcp.as_ref().map(|fact| fact.value), Some(false));
    assert!(who(&facts, "p2p").is_empty() && admits_only_peers(&facts, "p2p"));
    assert_eq!(who(&facts, "rest"), ["every pod of namespaces kubernetes.io/metadata.name=rag"]);
    assert_eq!(facts.internet_egress.map(|fact| fact.value), Some("none".to_owned()));
}

#[test]
fn a_rule_without_ports_opens_6335_too() {
    let facts = judge(
        &[isolated(&json!([{"from": [{"podSelector": {"matchLabels": {"role": "rag"}}}]}]), &json!([]))],
        &Clients::default(),
    );
    assert_eq!(who(&facts, "p2p"), ["pods role=rag of the namespace"]);
    assert!(facts.open_to["p2p"][0].value.all_ports);
}

#[test]
fn named_ports_and_ranges_reach_the_same_port() {
    for ports in [json!([{"port": "p2p"}]), json!([{"port": 6000, "endPort": 7000}]), json!([{"protocol": "TCP"}])] {
        let facts = judge(
            &[isolated(&json!([{"from": [{"podSelector": {}}], "ports": ports}]), &json!([]))],
            &Clients::default(),
        );
        assert_eq!(who(&facts, "p2p"), ["every pod of the namespace"], "{ports}");
    }
    let udp =
        judge(&[isolated(&json!([{"ports": [{"port": 6335, "protocol": "UDP"}]}]), &json!([]))], &Clients::default());
    assert!(who(&udp, "p2p").is_empty());
}

#[test]
fn a_pod_selector_beside_a_namespace_selector_narrows_it() {
    let both = json!([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "rag"}}}]}]);
    let facts = judge(&[isolated(&both, &json!([]))], &Clients::default());
    assert_eq!(who(&facts, "rest"), ["pods app=rag of every namespace"]);
    assert!(!between(&facts, "rest", "ingress"));
    let either = json!([{"from": [{"namespaceSelector": {}}, {"podSelector": {"matchLabels": {"app": "rag"}}}]}]);
    let facts = judge(&[isolated(&either, &json!([]))], &Clients::default());
    assert!(between(&facts, "rest", "ingress"));
}

#[test]
fn the_qdrant_label_in_every_namespace_is_not_only_peers() {
    let ingress = json!([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "qdrant"}}}], "ports": [{"port": 6335}]}]);
    let facts = judge(&[isolated(&ingress, &json!([]))], &Clients::default());
    assert_eq!(who(&facts, "p2p"), ["pods app=qdrant of every namespace"]);
}

#[test]
fn a_backup_pod_with_the_peers_labels_is_no_peer() {
    let ingress = json!([{"from": [{"podSelector": {"matchLabels": {"app": "qdrant"}}}], "ports": [{"port": 6335}]}]);
    let objects = [object(&policy("qdrant", &isolated(&ingress, &json!([]))))];
    let around = Around {
        pods: vec![OtherPod {
            what: "CronJob/backup".to_owned(),
            labels: labels(&[("app", "qdrant")]),
            namespace: None,
        }],
        ..Around::default()
    };
    let facts = network(&[&objects[0]], Some(&peers()), &around, &Clients::default(), &Origins::default());
    assert_eq!(who(&facts, "p2p"), ["pods app=qdrant of the namespace"]);
}

#[test]
fn policy_types_default_as_the_api_server_does() {
    let only_ingress = json!({"podSelector": {}});
    let facts = judge(&[only_ingress], &Clients::default());
    assert!(facts.isolated_ingress && facts.default_deny_ingress && !facts.isolated_egress);
    let both = json!({"podSelector": {}, "egress": [{"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]}]});
    let facts = judge(&[both], &Clients::default());
    assert!(facts.isolated_egress && facts.default_deny_egress);
    assert_eq!(facts.dns_tcp.map(|fact| fact.value), Some(true));
    let empty_list = json!({"podSelector": {}, "egress": []});
    assert!(!judge(&[empty_list], &Clients::default()).isolated_egress);
}

#[test]
fn dns_is_found_in_every_common_form() {
    let ports = json!([{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]);
    for to in [
        json!([{"namespaceSelector": {}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]),
        json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]),
        json!([{"namespaceSelector": {"matchLabels": {"name": "kube-system"}}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]),
        json!([{"namespaceSelector": {}}]),
        json!([{"ipBlock": {"cidr": "169.254.20.10/32"}}]),
        json!([]),
    ] {
        let facts = judge(&[isolated(&json!([]), &json!([{"to": to, "ports": ports}]))], &Clients::default());
        assert_eq!(facts.dns_udp.map(|fact| fact.value), Some(true), "{to}");
        assert_eq!(facts.dns_tcp.map(|fact| fact.value), Some(true), "{to}");
    }
    for to in [
        json!([{"podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}]),
        json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "rag"}}}]),
        json!([{"ipBlock": {"cidr": "52.0.0.0/8"}}]),
    ] {
        let facts = judge(&[isolated(&json!([]), &json!([{"to": to, "ports": ports}]))], &Clients::default());
        assert_eq!(facts.dns_udp.map(|fact| fact.value), Some(false), "{to}");
    }
}

#[test]
fn openshift_dns_listens_on_5353() {
    let to = json!([{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "openshift-dns"}}}]);
    let with = |port: u16| {
        let rule = json!([{"to": to, "ports": [{"port": port, "protocol": "UDP"}]}]);
        judge(&[isolated(&json!([]), &rule)], &Clients::default()).dns_udp.map(|fact| fact.value)
    };
    assert_eq!(with(53), Some(false));
    assert_eq!(with(5353), Some(true));
}

#[test]
fn the_internet_is_reached_by_everything_but_private_ranges() {
    let egress =
        |to: Value| judge(&[isolated(&json!([]), &json!([{"to": to, "ports": [{"port": 443}]}]))], &Clients::default());
    let any = egress(json!([{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]));
    assert_eq!(any.internet_egress.map(|fact| fact.value), Some("any".to_owned()));
    let some = egress(json!([{"ipBlock": {"cidr": "52.95.0.0/16"}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}]));
    assert_eq!(some.internet_egress.map(|fact| fact.value), Some("some".to_owned()));
    assert_eq!(some.egress_cidrs, ["52.95.0.0/16"]);
    let none = egress(json!([{"namespaceSelector": {}}]));
    assert_eq!(none.internet_egress.map(|fact| fact.value), Some("none".to_owned()));
}

#[test]
fn a_policy_that_means_qdrant_may_select_nothing() {
    let nothing = json!({"podSelector": {"matchLabels": {"app": "qdrant-ap"}}});
    let client = json!({"podSelector": {"matchLabels": {"app": "rag"}}, "policyTypes": ["Egress"], "egress": [{"ports": [{"port": 6333}]}]});
    let backup = json!({"podSelector": {"matchLabels": {"app": "qdrant-backup"}}});
    let facts = judge(&[nothing, client, backup], &Clients::default());
    let found: Vec<bool> = facts.policies.iter().map(|policy| policy.value.selects_nothing).collect();
    assert_eq!(found, [true, false, false]);
}

#[test]
fn a_policy_alone_shows_what_it_opens() {
    let spec = json!({
        "podSelector": {"matchLabels": {"app": "qdrant"}},
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "qdrant"}}}]}, {"from": [{"namespaceSelector": {}}], "ports": [{"port": 6335}]}],
    });
    let object = object(&policy("qdrant", &spec));
    let facts = network(&[&object], None, &Around::default(), &Clients::default(), &Origins::default());
    let opens = &facts.policies[0].value.opens;
    assert_eq!(opens.keys().collect::<Vec<_>>(), ["p2p"]);
    assert_eq!(opens["p2p"][0].value.who, "every pod of every namespace");
    assert!(facts.open_to.is_empty());
}

#[test]
fn declared_clients_are_looked_for() {
    let rag = json!([{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "rag"}}}], "ports": [{"port": 6333}]}]);
    let clients = Clients {
        unseen: vec![Unseen {
            who: "Prometheus of ServiceMonitor qdrant".to_owned(),
            kind: Consumer::Monitor,
            port: 6333,
            origin: Origin::Derived,
        }],
        jobs: vec![Job {
            who: "CronJob/snapshot".to_owned(),
            labels: labels(&[("job", "snapshot")]),
            namespace: None,
            uploads: true,
            origin: Origin::Derived,
        }],
        object_store: Some(("s3.me-central-1.amazonaws.com".to_owned(), Origin::Derived)),
    };
    let facts = judge(&[isolated(&rag, &json!([]))], &clients);
    let kinds: Vec<&str> = facts.blocked_clients.iter().map(|client| client.value.kind.as_str()).collect();
    assert_eq!(kinds, ["monitor", "backup", "s3"]);
    let open = json!([{"from": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}, {"podSelector": {"matchLabels": {"job": "snapshot"}}}], "ports": [{"port": 6333}]}]);
    let facts = judge(
        &[isolated(&open, &json!([{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 443}]}]))],
        &clients,
    );
    assert!(facts.blocked_clients.is_empty(), "{:?}", facts.blocked_clients);
}

#[test]
fn a_blocked_job_is_told_everything_it_lacks() {
    let deny = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
    let job = Job {
        who: "CronJob/snapshot".to_owned(),
        labels: labels(&[("job", "snapshot")]),
        namespace: None,
        uploads: true,
        origin: Origin::Derived,
    };
    let facts = judge(&[deny], &Clients { jobs: vec![job], ..Clients::default() });
    let blocked: Vec<_> = facts.blocked_clients.iter().map(|client| &client.value).collect();
    assert_eq!((blocked.len(), blocked[0].direction.as_str()), (1, "into the peers"));
    assert_eq!(blocked[0].add.split("; ").count(), 3, "{}", blocked[0].add);
}

#[test]
fn other_plugins_policies_are_named_and_not_judged() {
    let cilium =
        object(&json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "q"}}));
    let calico =
        object(&json!({"apiVersion": "projectcalico.org/v3", "kind": "NetworkPolicy", "metadata": {"name": "q"}}));
    let facts =
        network(&[&cilium, &calico], Some(&peers()), &Around::default(), &Clients::default(), &Origins::default());
    assert_eq!(facts.foreign_policies.len(), 2);
    assert!(facts.policies.is_empty() && !facts.isolated_ingress);
}

#[test]
fn policies_of_other_namespaces_do_not_count() {
    let mut value = policy("deny", &json!({"podSelector": {}}));
    value["metadata"]["namespace"] = json!("elsewhere");
    let elsewhere = object(&value);
    let facts = network(&[&elsewhere], Some(&peers()), &Around::default(), &Clients::default(), &Origins::default());
    assert!(!facts.isolated_ingress && facts.policies.is_empty());
}
