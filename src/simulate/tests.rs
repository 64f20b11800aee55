use serde_json::{Value, json};

use super::*;

fn facts(change: impl FnOnce(&mut Value)) -> Value {
    let mut facts = json!({
        "observed": ["workload", "config", "storage", "budgets", "collections"],
        "deployment": {"name": "qdrant", "peers": 3},
        "workload": {"replicas": 3, "update_strategy": "RollingUpdate"},
        "qdrant": {"config": {"cluster": {"enabled": true}}},
        "storage": {"data": {"kind": "claim-template", "node_local": false, "seen": true, "class": {"known": true}}},
        "budgets": [{"name": "qdrant", "selects": "peers", "allowed_disruptions": 1, "rejected": false}],
        "spread": {"host": {"level": "required", "by": "podAntiAffinity"}, "zone": {"level": "none", "by": "nothing"}},
        "collections": [
            {"name": "documents", "operation": "create", "shard_number": 6, "replication_factor": 2, "write_consistency_factor": 1}
        ]
    });
    change(&mut facts);
    facts
}

fn play(change: impl FnOnce(&mut Value)) -> Simulation {
    simulate(Reading::bare(&facts(change)), Ground::default()).unwrap()
}

fn of(simulation: &Simulation, event: Event) -> &Scenario {
    simulation.scenarios.iter().find(|scenario| scenario.event == event).unwrap()
}

#[test]
fn two_copies_on_three_nodes_survive_a_drain_a_lost_node_and_an_upgrade() {
    let simulation = play(|_| {});
    for event in [Event::Drain, Event::NodeLoss, Event::RollingUpgrade] {
        let scenario = of(&simulation, event);
        assert_eq!(scenario.best, scenario.worst, "{event:?} leaves nothing open");
        assert!(scenario.worst.harmless(), "{event:?}");
        assert_eq!(scenario.worst.peers_down, 1);
    }
    // nothing spreads over zones: at worst all three lie in one
    let zone = of(&simulation, Event::ZoneLoss);
    assert!(zone.best.harmless());
    assert_eq!((zone.worst.peers_down, zone.worst.quorum, zone.worst.state()), (3, Some(false), State::Unavailable));
}

#[test]
fn one_copy_fails_with_any_peer() {
    let simulation = play(|facts| facts["collections"][0]["replication_factor"] = json!(1));
    let fate = of(&simulation, Event::Drain).best.collections[0];
    assert_eq!((fate.state, fate.shards_unreachable), (State::Unavailable, 2));
}

#[test]
fn writes_that_need_every_copy_stop_with_one_peer() {
    let simulation = play(|facts| facts["collections"][0]["write_consistency_factor"] = json!(2));
    let fate = of(&simulation, Event::NodeLoss).best.collections[0];
    assert_eq!((fate.state, fate.shards_refusing_writes, fate.shards_unreachable), (State::ReadOnly, 4, 0));
    // more acknowledgements than copies are asked for: as many as there are
    let simulation = play(|facts| facts["collections"][0]["write_consistency_factor"] = json!(9));
    assert_eq!(simulation.collections[0].acknowledgements, 2);
}

#[test]
fn without_a_majority_no_copy_can_be_taken_out_of_service_so_writes_fail() {
    let simulation = play(|facts| {
        facts["workload"]["replicas"] = json!(2);
        facts["collections"][0]["shard_number"] = json!(1);
    });
    let outcome = &of(&simulation, Event::NodeLoss).best;
    assert_eq!((outcome.quorum, outcome.state()), (Some(false), State::ReadOnly));
    assert_eq!(simulation.majority, 2);
}

#[test]
fn a_refused_budget_holds_nothing_back_and_one_of_zero_blocks_forever() {
    let refused = play(|facts| {
        facts["budgets"][0]["rejected"] = json!(true);
        facts["spread"]["host"]["level"] = json!("preferred");
    });
    let drain = of(&refused, Event::Drain);
    assert_eq!((drain.best.peers_down, drain.worst.peers_down), (1, 3));
    assert!(drain.because[0].text.contains("refused by the API server"));
    let zero = play(|facts| facts["budgets"][0]["allowed_disruptions"] = json!(0));
    assert!(of(&zero, Event::Drain).blocked.is_some());
    assert!(!zero.survives());
    let twice = play(|facts| {
        let budget = facts["budgets"][0].clone();
        facts["budgets"].as_array_mut().unwrap().push(budget);
    });
    assert!(of(&twice, Event::Drain).blocked.is_some());
}

#[test]
fn a_budget_lets_one_go_at_once_even_where_all_share_a_node() {
    let simulation = play(|facts| facts["spread"]["host"]["level"] = json!("none"));
    assert_eq!(of(&simulation, Event::Drain).worst.peers_down, 1);
    assert_eq!(of(&simulation, Event::NodeLoss).worst.peers_down, 3);
}

#[test]
fn data_that_goes_with_the_pod_is_lost_by_an_upgrade_whatever_the_copies() {
    let simulation = play(|facts| facts["storage"]["data"]["kind"] = json!("empty-dir"));
    let upgrade = of(&simulation, Event::RollingUpgrade);
    assert_eq!((upgrade.best.state(), upgrade.best.collections[0].shards_lost), (State::DataLoss, 6));
    // one node takes one of two copies: nothing is lost
    assert_eq!(of(&simulation, Event::NodeLoss).worst.collections[0].shards_lost, 0);
}

#[test]
fn a_disk_of_the_node_may_come_back_or_not() {
    let simulation = play(|facts| {
        facts["storage"]["data"]["node_local"] = json!(true);
        facts["collections"][0]["replication_factor"] = json!(1);
    });
    let node = of(&simulation, Event::NodeLoss);
    assert_eq!((node.best.state(), node.worst.state()), (State::Unavailable, State::DataLoss));
}

#[test]
fn zones_that_the_user_counts_narrow_what_is_not_known() {
    let facts = facts(|facts| {
        facts["workload"]["replicas"] = json!(6);
        facts["spread"]["zone"] = json!({"level": "hard-spread-open", "by": "topologySpreadConstraints"});
    });
    let open = simulate(Reading::bare(&facts), Ground::default()).unwrap();
    assert_eq!(of(&open, Event::ZoneLoss).worst.peers_down, 6);
    let three = simulate(Reading::bare(&facts), Ground { zones: Some(3), nodes: None }).unwrap();
    assert_eq!(of(&three, Event::ZoneLoss).worst.peers_down, 2);
    assert_eq!(of(&three, Event::ZoneLoss).best.peers_down, 2);
}

#[test]
fn without_cluster_mode_there_is_one_copy_and_no_quorum() {
    let simulation = play(|facts| facts["qdrant"]["config"]["cluster"]["enabled"] = json!(false));
    assert_eq!((simulation.majority, simulation.collections[0].copies), (0, 1));
    let outcome = &of(&simulation, Event::NodeLoss).best;
    assert_eq!((outcome.quorum, outcome.state()), (None, State::Unavailable));
}

#[test]
fn a_deployment_without_a_number_of_peers_is_not_judged() {
    let facts = json!({"observed": ["collections"], "collections": []});
    assert!(simulate(Reading::bare(&facts), Ground::default()).unwrap_err().contains("how many peers"));
    let none = facts_with_replicas(0);
    assert!(simulate(Reading::bare(&none), Ground::default()).unwrap_err().contains("scaled to 0"));
}

fn facts_with_replicas(replicas: u64) -> Value {
    facts(|facts| facts["workload"]["replicas"] = json!(replicas))
}
