//! `audit` against a real API server.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;
use crate::support::assert_replays;

pub(crate) fn qdrant(namespace: &str, name: &str) -> Vec<Value> {
    let labels = json!({"app": name});
    vec![
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": 3, "serviceName": format!("{name}-headless"), "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.15.4",
                    "env": [{"name": "QDRANT__SERVICE__API_KEY", "value": "hunter2"}, {"name": "QDRANT__CLUSTER__ENABLED", "value": "true"}],
                    "ports": [{"containerPort": 6333, "name": "http"}]}],
                    "volumes": [{"name": "config", "configMap": {"name": format!("{name}-config")}}]}}}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("{name}-config"), "namespace": namespace},
            "data": {"production.yaml": "service:\n  read_only_api_key: hunter2-too\n"}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "unrelated", "namespace": namespace},
            "data": {"x": "nobody asked for it"}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"type": "LoadBalancer", "selector": labels, "ports": [{"name": "http", "port": 6333}]}}),
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("{name}-0"), "namespace": namespace, "labels": labels,
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name, "uid": "00000000-0000-0000-0000-000000000000"}]},
            "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.15.4"}]}}),
    ]
}

pub(crate) fn audit(kubeconfig: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("qdrant-lint")
        .unwrap()
        .env_remove("KUBECONFIG")
        .arg("audit")
        .arg("--kubeconfig")
        .arg(kubeconfig)
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn rules_of(report: &Value, verdict: &str) -> Vec<String> {
    let rules = report["rules"].as_array().unwrap().iter().filter(|rule| rule["verdict"] == verdict);
    rules.map(|rule| rule["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_drawing_shows_each_peer_in_its_zone_and_on_its_node() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("placed");
    let node = |name: &str, zone: &str| {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": name,
            "labels": {"topology.kubernetes.io/zone": zone}}})
    };
    let mut objects = vec![node("drawn-a", "me-central-1a"), node("drawn-b", "me-central-1b")];
    objects.extend(qdrant("placed", "vectors"));
    if let Some(pod) = objects.last_mut() {
        pod["spec"]["nodeName"] = json!("drawn-b");
    }
    server.create_all(&objects);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.html");
    let format = format!("html={}", file.display());
    audit(&server.kubeconfig("admin"), &["-n", "placed", "--format", &format]);
    let page = std::fs::read_to_string(file).unwrap();
    for part in ["zone me-central-1b", "vectors-0 · node drawn-b, zone me-central-1b", "vectors-0 on drawn-b"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("me-central-1a"));
}

#[test]
fn what_runs_is_found_and_its_recording_is_judged_alike() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("recorded");
    server.create_all(&qdrant("recorded", "vectors"));
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording.json");
    let arguments = ["-n", "recorded", "--format", "json", "--record", recording.to_str().unwrap()];
    let output = audit(&server.kubeconfig("admin"), &arguments);
    let live = report(&output);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(live["deployments"][0]["id"], "recorded/vectors");
    let found = live["findings"].as_array().unwrap();
    assert!(found.iter().all(|finding| finding["location"]["file"].is_null()));
    let key = found.iter().find(|finding| finding["rule"] == "security/api-key-weak").unwrap();
    assert_eq!((key["origin"].as_str(), key["object"]["kind"].as_str()), (Some("live"), Some("StatefulSet")));

    let text = std::fs::read_to_string(&recording).unwrap();
    for secret in ["hunter2", "managedFields", "nobody asked for it"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_replays(&recording, &live);
}

#[test]
fn an_auditor_with_the_printed_role_sees_what_the_administrator_sees() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("granted");
    server.create_all(&qdrant("granted", "vectors"));
    let output = audit(&server.kubeconfig("auditor"), &["-n", "granted", "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let message = report(&output)["errors"][0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("forbidden"), "{message}");

    let roles = audit(&server.kubeconfig("auditor"), &["-n", "granted", "--print-rbac"]);
    let (namespaced, cluster): (Vec<Value>, Vec<Value>) =
        documents(&roles.stdout).into_iter().partition(|object| object["metadata"]["namespace"].is_string());
    server.create_all(&namespaced);
    let partial = report(&audit(&server.kubeconfig("auditor"), &["-n", "granted", "--format", "json"]));
    let skipped =
        partial["rules"].as_array().unwrap().iter().find(|rule| rule["id"] == "security/namespace-not-restricted");
    let reason = skipped.unwrap()["reason"].as_str().unwrap();
    assert!(reason.starts_with("may not get namespaces granted"), "{reason}");

    server.create_all(&cluster);
    let whole = report(&audit(&server.kubeconfig("auditor"), &["-n", "granted", "--format", "json"]));
    let all = report(&audit(&server.kubeconfig("admin"), &["-n", "granted", "--format", "json"]));
    assert!(rules_of(&whole, "skipped").len() < rules_of(&partial, "skipped").len());
    assert_eq!(whole["findings"], all["findings"]);
}

pub(crate) fn documents(yaml: &[u8]) -> Vec<Value> {
    use qdrant_lint::source::{Limits, Source, Sources, parse};
    let mut sources = Sources::default();
    let id = sources.add(Source::new("rbac", String::from_utf8(yaml.to_vec()).unwrap()));
    let parsed = parse(&sources, id, &Limits::default());
    assert_eq!(parsed.errors, []);
    parsed.documents.iter().map(|document| document.root.to_json()).collect()
}

#[test]
fn a_token_that_expired_is_said_plainly() {
    let Some(server) = ApiServer::shared() else { return };
    let output = audit(&server.expired(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("does not accept the credentials (401)"), "{text}");
}

#[test]
fn an_api_server_that_is_gone_is_an_error_and_nothing_hangs() {
    let Some(mut server) = ApiServer::start() else { return };
    let kubeconfig = server.kubeconfig("admin");
    server.kill();
    let started = std::time::Instant::now();
    let output = audit(&kubeconfig, &["--request-timeout", "5s"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("no answer from the API server"), "{text}");
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn a_cluster_without_qdrant_is_nothing_to_judge() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("empty");
    let output = audit(&server.kubeconfig("admin"), &["-n", "empty"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("no Qdrant runs in namespace empty"), "{text}");
}

#[test]
fn hundreds_of_objects_come_in_pages() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("crowded");
    server.create_all(&qdrant("crowded", "vectors"));
    for index in 0..520 {
        server.create(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": format!("sa-{index}"), "namespace": "crowded"}}));
    }
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording.json");
    let output = audit(&server.kubeconfig("admin"), &["-n", "crowded", "--record", recording.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let text: Value = serde_json::from_str(&std::fs::read_to_string(&recording).unwrap()).unwrap();
    let accounts =
        text["clusters"][0]["objects"].as_array().unwrap().iter().filter(|one| one["kind"] == "ServiceAccount");
    assert_eq!(accounts.count(), 520);
}
