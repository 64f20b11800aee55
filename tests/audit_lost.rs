//! An API server that dies while `audit` reads it: what was judged until then is reported, and what is missing is said.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::audit::{qdrant, report};
use crate::support::apiserver::ApiServer;

/// So many namespaces are not read while one is judged.
const NAMESPACES: usize = 40;

#[test]
fn an_api_server_that_dies_in_the_middle_is_an_error_and_what_was_judged_is_reported() {
    let Some(mut server) = ApiServer::start() else { return };
    for number in 0..NAMESPACES {
        let namespace = format!("lost-{number:02}");
        server.namespace(&namespace);
        server.create_all(&qdrant(&namespace, "vectors"));
    }
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording.json");
    let running = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"))
        .args(["audit", "-A", "--format", "json", "--request-timeout", "5s", "--kubeconfig"])
        .arg(server.kubeconfig("admin"))
        .arg("--record")
        .arg(&recording)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // the recording grows namespace by namespace
    let started = Instant::now();
    while !holds_a_workload(&folder.path().join("recording.json.part0")) {
        assert!(started.elapsed() < Duration::from_mins(2), "the first namespace came");
        std::thread::sleep(Duration::from_millis(5));
    }
    server.kill();
    let killed = Instant::now();
    let output = running.wait_with_output().unwrap();
    assert!(killed.elapsed() < Duration::from_mins(1), "nothing waits for what is gone");
    assert_eq!(output.status.code(), Some(2));
    let report = report(&output);
    let judged = report["deployments"].as_array().unwrap().len();
    assert!((1..NAMESPACES).contains(&judged), "{judged} were judged");
    assert!(report["findings"].as_array().unwrap().len() >= judged);
    let [error] = report["errors"].as_array().unwrap().as_slice() else { panic!("{}", report["errors"]) };
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("test: the audit is not complete: no answer from the API server"), "{message}");
    assert!(error["help"].as_str().unwrap().starts_with("what was read before is judged and reported"), "{error}");
    // what was seen is recorded to its end, and no more deployments than were judged are in it
    let text = std::fs::read_to_string(&recording).unwrap();
    let recorded: serde_json::Value = serde_json::from_str(&text).unwrap();
    let objects = recorded["clusters"][0]["objects"].as_array().unwrap();
    assert_eq!(objects.iter().filter(|object| object["kind"] == "StatefulSet").count(), judged);
}

fn holds_a_workload(part: &Path) -> bool {
    std::fs::read_to_string(part).is_ok_and(|text| text.contains("\"kind\":\"StatefulSet\""))
}
