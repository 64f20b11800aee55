//! The union of policies against an evaluator that follows the API documentation word by word.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use super::{between, labels, object, peers, policy};

const PORTS: [u16; 3] = [6333, 6334, 6335];

fn any_selector() -> impl Strategy<Value = Value> {
    let value = prop::sample::select(vec!["a", "b"]);
    let key = prop::sample::select(vec!["app", "tier"]);
    let expression = (key.clone(), prop::sample::select(vec!["In", "NotIn", "Exists", "DoesNotExist"]), value.clone())
        .prop_map(|(key, operator, value)| match operator {
            "In" | "NotIn" => json!({"key": key, "operator": operator, "values": [value]}),
            _ => json!({"key": key, "operator": operator}),
        });
    prop_oneof![
        Just(json!({})),
        (key, value).prop_map(|(key, value)| json!({"matchLabels": {key: value}})),
        expression.prop_map(|expression| json!({"matchExpressions": [expression]})),
    ]
}

fn any_end() -> impl Strategy<Value = Value> {
    let namespace = prop_oneof![
        Just(json!({})),
        Just(json!({"matchLabels": {"kubernetes.io/metadata.name": "vectordb"}})),
        Just(json!({"matchLabels": {"kubernetes.io/metadata.name": "other"}})),
    ];
    prop_oneof![
        any_selector().prop_map(|pods| json!({"podSelector": pods})),
        namespace.clone().prop_map(|namespaces| json!({"namespaceSelector": namespaces})),
        (namespace, any_selector())
            .prop_map(|(namespaces, pods)| json!({"namespaceSelector": namespaces, "podSelector": pods})),
    ]
}

fn any_port() -> impl Strategy<Value = Value> {
    prop_oneof![
        prop::sample::select(PORTS.to_vec()).prop_map(|port| json!({"port": port})),
        Just(json!({"port": 6333, "endPort": 6334})),
        Just(json!({"port": "p2p"})),
        Just(json!({"port": 6333, "protocol": "UDP"})),
        Just(json!({"protocol": "TCP"})),
    ]
}

fn any_rule(side: &'static str) -> impl Strategy<Value = Value> {
    (
        prop::option::of(prop::collection::vec(any_end(), 0..3)),
        prop::option::of(prop::collection::vec(any_port(), 0..3)),
    )
        .prop_map(move |(ends, ports)| {
            let mut rule = serde_json::Map::new();
            if let Some(ends) = ends {
                rule.insert(side.to_owned(), ends.into());
            }
            if let Some(ports) = ports {
                rule.insert("ports".to_owned(), ports.into());
            }
            rule.into()
        })
}

fn any_spec() -> impl Strategy<Value = Value> {
    let types = prop::sample::select(vec![
        None,
        Some(json!([])),
        Some(json!(["Ingress"])),
        Some(json!(["Egress"])),
        Some(json!(["Ingress", "Egress"])),
    ]);
    (
        any_selector(),
        types,
        prop::option::of(prop::collection::vec(any_rule("from"), 0..3)),
        prop::option::of(prop::collection::vec(any_rule("to"), 0..3)),
    )
        .prop_map(|(selector, types, ingress, egress)| {
            let mut spec = serde_json::Map::new();
            spec.insert("podSelector".to_owned(), selector);
            for (key, value) in
                [("policyTypes", types), ("ingress", ingress.map(Value::from)), ("egress", egress.map(Value::from))]
            {
                if let Some(value) = value {
                    spec.insert(key.to_owned(), value);
                }
            }
            spec.into()
        })
}

/// A pod of the small universe: app and tier may be `a`, `b` or missing; two namespaces.
fn universe() -> Vec<(Labels, &'static str)> {
    let mut pods = Vec::new();
    for app in [None, Some("a"), Some("b")] {
        for tier in [None, Some("a"), Some("b")] {
            for namespace in ["vectordb", "other"] {
                let pairs = [("app", app), ("tier", tier)];
                let labels = pairs.iter().filter_map(|(key, value)| Some(((*key).to_owned(), (*value)?.to_owned())));
                pods.push((labels.collect(), namespace));
            }
        }
    }
    pods
}

fn plain_matches(selector: &Value, labels: &Labels) -> bool {
    let exact = selector["matchLabels"].as_object().into_iter().flatten();
    let mut holds = exact.map(|(key, value)| labels.get(key).map(String::as_str) == value.as_str()).collect::<Vec<_>>();
    for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
        let value = labels.get(expression["key"].as_str().unwrap_or_default());
        let listed = value
            .is_some_and(|value| expression["values"].as_array().is_some_and(|values| values.contains(&json!(value))));
        holds.push(match expression["operator"].as_str() {
            Some("In") => listed,
            Some("NotIn") => !listed,
            Some("Exists") => value.is_some(),
            _ => value.is_none(),
        });
    }
    holds.into_iter().all(|one| one)
}

fn plain_rule(rule: &Value, side: &str, other: &(Labels, &str), port: u16) -> bool {
    let ends = rule[side].as_array().filter(|ends| !ends.is_empty());
    let by_end = ends.is_none_or(|ends| {
        ends.iter().any(|end| {
            let in_namespace = match end.get("namespaceSelector") {
                None => other.1 == "vectordb",
                Some(selector) => plain_matches(selector, &labels(&[(NAMESPACE_NAME, other.1)])),
            };
            in_namespace && end.get("podSelector").is_none_or(|selector| plain_matches(selector, &other.0))
        })
    });
    let ports = rule["ports"].as_array().filter(|ports| !ports.is_empty());
    let by_port = ports.is_none_or(|ports| {
        ports.iter().any(|entry| {
            let tcp = entry["protocol"].as_str().unwrap_or("TCP") == "TCP";
            let number = entry["port"].as_u64();
            tcp && match &entry["port"] {
                Value::Null => true,
                Value::String(name) => name == "p2p" && port == 6335,
                _ => number
                    .is_some_and(|low| (low..=entry["endPort"].as_u64().unwrap_or(low)).contains(&u64::from(port))),
            }
        })
    });
    by_end && by_port
}

fn plain_allows(specs: &[Value], direction: &str, subject: &Labels, other: &(Labels, &str), port: u16) -> bool {
    let (kind, side) = if direction == "ingress" { ("Ingress", "from") } else { ("Egress", "to") };
    let isolating: Vec<&Value> = specs
        .iter()
        .filter(|spec| plain_matches(&spec["podSelector"], subject))
        .filter(|spec| {
            let rules = |key: &str| spec[key].as_array().is_some_and(|rules| !rules.is_empty());
            match spec["policyTypes"].as_array().filter(|types| !types.is_empty()) {
                Some(types) => types.contains(&json!(kind)),
                None => kind == "Ingress" || rules("egress"),
            }
        })
        .collect();
    isolating.is_empty()
        || isolating.iter().any(|spec| {
            spec[direction].as_array().into_iter().flatten().any(|rule| plain_rule(rule, side, other, port))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_union_is_that_of_the_api_documentation(specs in prop::collection::vec(any_spec(), 0..4)) {
        let peers = Peers { labels: labels(&[("app", "a"), ("tier", "b")]), ..peers() };
        let objects: Vec<Object> = specs.iter().map(|spec| object(&policy("p", spec))).collect();
        let policies: Vec<Policy> = objects.iter().map(Policy::of).collect();
        let around = Around {
            pods: universe()
                .into_iter()
                .filter(|(labels, _)| *labels != peers.labels)
                .map(|(labels, namespace)| OtherPod { what: String::new(), labels, namespace: Some(namespace.to_owned()) })
                .collect(),
            ..Around::default()
        };
        let view = View { policies: &policies, peers: &peers, around: &around, own_namespace: around.namespace_labels("vectordb") };
        let references: Vec<&Object> = objects.iter().collect();
        let facts = network(&references, Some(&peers), &around, &Clients::default(), &Origins::default());
        for pod in universe() {
            let namespace_labels = around.namespace_labels(pod.1);
            let endpoint = view.endpoint(&pod.0, Some(pod.1), &namespace_labels);
            for port in PORTS {
                let enters = plain_allows(&specs, "ingress", &peers.labels, &pod, port);
                prop_assert_eq!(view.may_enter(&endpoint, port), enters);
                // The named port of the other end is resolved with the peers' names in both evaluators.
                let leaves = plain_allows(&specs, "egress", &peers.labels, &pod, port);
                prop_assert_eq!(view.may_leave(&peers.labels, &endpoint, Protocol::Tcp, port, &peers.named_ports), leaves);
                if enters && facts.isolated_ingress && (pod.0 != peers.labels || pod.1 != "vectordb") {
                    let role = peers.ports.iter().find(|(_, number)| **number == port).map(|(role, _)| role.clone());
                    prop_assert!(facts.open_to.contains_key(&role.unwrap_or_default()));
                }
            }
        }
        let own = (peers.labels.clone(), "vectordb");
        for (role, port) in &peers.ports {
            prop_assert_eq!(between(&facts, role, "ingress"), plain_allows(&specs, "ingress", &peers.labels, &own, *port));
            prop_assert_eq!(between(&facts, role, "egress"), plain_allows(&specs, "egress", &peers.labels, &own, *port));
        }
    }
}
