//! `reach` and `simulate` by the binary: what they say of the example, their JSON and their exit codes.

use assert_cmd::Command;
use serde_json::Value;

use crate::support::project;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output =
        Command::cargo_bin("qdrant-lint").unwrap().current_dir(project("testdata")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const EXAMPLE: [&str; 5] = ["example", "-n", "search", "--chart-version", "1.15.4"];

#[test]
fn reach_names_the_policy_that_opens_a_port_at_its_line() {
    let (code, out, _) = run(&[&["reach"], &EXAMPLE[..], &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "the port between peers is closed and the others ask for a key");
    let document: Value = serde_json::from_str(&out).unwrap();
    let ports = document["deployments"][0]["ports"].as_array().unwrap();
    let rest = ports.iter().find(|port| port["role"] == "rest").unwrap();
    assert_eq!(
        (rest["port"].as_u64(), rest["widest"].as_str(), rest["asks"].as_str()),
        (Some(6333), Some("cluster"), Some("api-key"))
    );
    let way = rest["ways"].as_array().unwrap().iter().find(|way| way["who"] == "every pod of every namespace").unwrap();
    assert_eq!(way["through"], "NetworkPolicy/qdrant-peers");
    assert_eq!(way["place"]["file"], "example/networkpolicy.yaml");
    let line = usize::try_from(way["place"]["line"].as_u64().unwrap()).unwrap();
    let text = std::fs::read_to_string(project("testdata/example/networkpolicy.yaml")).unwrap();
    assert!(text.lines().nth(line - 1).unwrap().contains("namespaceSelector: {}"), "line {line}");
    let p2p = ports.iter().find(|port| port["role"] == "p2p").unwrap();
    assert_eq!(p2p["widest"], "peers");
}

#[test]
fn simulate_tells_what_a_single_copy_costs_and_why_a_budget_does_not_hold() {
    let (code, out, _) = run(&[&["simulate"], &EXAMPLE[..], &["--format", "json"]].concat());
    assert_eq!(code, Some(1));
    let document: Value = serde_json::from_str(&out).unwrap();
    let deployment = &document["deployments"][0];
    assert_eq!((deployment["peers"].as_u64(), deployment["majority"].as_u64()), (Some(3), Some(2)));
    let drain = &deployment["scenarios"][0];
    assert_eq!(drain["event"], "drain");
    assert_eq!(drain["best"]["collections"][0]["shards_unreachable"], 1);
    assert_eq!((drain["worst"]["peers_down"].as_u64(), drain["worst"]["quorum"].as_bool()), (Some(3), Some(false)));
    assert!(drain["because"][0]["text"].as_str().unwrap().contains("refused by the API server"), "{drain:#}");
}

#[test]
fn nothing_to_look_at_is_told_and_ends_with_2() {
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(empty.path().join("notes.yaml"), "a: 1\n").unwrap();
    let folder = empty.path().to_str().unwrap();
    for command in ["reach", "simulate"] {
        let (code, _, err) = run(&[command, folder]);
        assert_eq!(code, Some(2), "{command}");
        assert!(err.starts_with("error: "), "{command}: {err}");
    }
}
