//! `audit --via dns`: the peers by the names that their governing Service gives them. The resolver of this machine answers,
//! in a mount namespace where its file of hosts knows the pods.

use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;
use crate::support::qdrant::{Stub, guarded};

const KEY: &str = "a-read-only-key-of-forty-letters-or-more";
/// Puts a file in the place of the hosts, for what it starts alone.
const WITH_HOSTS: &str = "mount --bind \"$1\" /etc/hosts && shift && exec \"$@\"";

/// A command that runs where the hosts are those of a file; none, said aloud, where no such place can be made.
fn with_hosts(hosts: &std::path::Path) -> Option<Command> {
    let place = || {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", WITH_HOSTS, "-"]).arg(hosts);
        command
    };
    if place().arg("true").status().is_ok_and(|status| status.success()) {
        return Some(place());
    }
    eprintln!("SKIPPED: no mount namespace can be made here");
    None
}

#[test]
fn every_pod_is_asked_by_its_name_over_tls_and_one_without_a_name_is_said() {
    let mut hosts = tempfile::NamedTempFile::new().unwrap();
    writeln!(hosts, "127.0.0.1 localhost").unwrap();
    let Some(mut command) = with_hosts(hosts.path()) else { return };
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("by-name");
    let labels = json!({"app": "q"});
    server.create(
        &json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "q", "namespace": "by-name"},
        "spec": {"replicas": 3, "serviceName": "q-headless", "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:latest"}]}}}}),
    );
    let mut authorities = tempfile::NamedTempFile::new().unwrap();
    let peers: Vec<Stub> = (0..3_u64)
        .map(|ordinal| {
            let name = format!("q-{ordinal}.q-headless.by-name.svc");
            let (stub, authority) = Stub::start_tls(&name, move |heard| guarded(heard, KEY, ordinal + 1));
            authorities.write_all(authority.as_bytes()).unwrap();
            if ordinal < 2 {
                writeln!(hosts, "127.0.0.1 {name}").unwrap();
            }
            server.create(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("q-{ordinal}"),
                    "namespace": "by-name", "labels": labels, "ownerReferences": [{"apiVersion": "apps/v1",
                    "kind": "StatefulSet", "name": "q", "uid": "00000000-0000-0000-0000-000000000000"}]},
                "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:latest",
                    "ports": [{"name": "http", "containerPort": stub.address.port()}]}]},
                "status": {"phase": "Running"}}));
            stub
        })
        .collect();
    let output = command
        .arg(env!("CARGO_BIN_EXE_qdrant-lint"))
        .args(["audit", "--format", "json", "-n", "by-name", "--via", "dns", "--request-timeout", "10s"])
        .arg("--kubeconfig")
        .arg(server.kubeconfig("admin"))
        .arg("--qdrant-ca-file")
        .arg(authorities.path())
        .env_remove("KUBECONFIG")
        .env("QDRANT_API_KEY", KEY)
        .output()
        .unwrap();
    let live: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", live["errors"]);
    let [error] = live["errors"].as_array().unwrap().as_slice() else { panic!("{}", live["errors"]) };
    let message = error["message"].as_str().unwrap();
    let port = peers[2].address.port();
    let begin = format!("Qdrant at http://q-2.q-headless.by-name.svc:{port} (q-2) could not be asked: ");
    assert!(message.starts_with(&begin), "{message}");
    assert_eq!(live["deployments"][0]["id"], "by-name/q");
    assert_eq!(live["deployments"][0]["qdrant"]["version"], "1.19.2");
    for peer in &peers[..2] {
        let with_key = peer.heard().iter().filter(|heard| heard.headers.contains_key("api-key")).count();
        assert!(with_key > 0, "the certificate holds the name, so the key is sent: {:?}", peer.paths());
    }
    assert_eq!(peers[2].heard(), []);
    assert!(!String::from_utf8_lossy(&output.stdout).contains(KEY));
}
