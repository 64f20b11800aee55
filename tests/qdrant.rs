//! `audit --qdrant-url`: the Qdrant API, read-only, of servers that answer well, badly, slowly or not at all.

use std::io::Write as _;
use std::process::Output;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;
use crate::support::assert_replays;
use crate::support::kubelet::Kubelet;
use crate::support::qdrant::{Reply, Stub, guarded, healthy};

const KEY: &str = "a-read-only-key-of-forty-letters-or-more";

fn audit(urls: &[String], arguments: &[&str], key: Option<&str>) -> Output {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    command.env_remove("KUBECONFIG").env_remove("QDRANT_API_KEY").arg("audit").args(["--format", "json"]);
    for url in urls {
        command.args(["--qdrant-url", url]);
    }
    if let Some(key) = key {
        command.env("QDRANT_API_KEY", key);
    }
    command.args(arguments).output().unwrap()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn verdict(report: &Value, rule: &str) -> (String, String) {
    let rules = report["rules"].as_array().unwrap();
    let one = rules.iter().find(|one| one["id"] == rule).unwrap_or_else(|| panic!("{rule}"));
    (one["verdict"].as_str().unwrap().to_owned(), one["reason"].as_str().unwrap_or_default().to_owned())
}

fn errors(report: &Value) -> Vec<String> {
    let errors = report["errors"].as_array().unwrap().iter();
    errors.map(|error| error["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn three_peers_are_asked_without_a_cluster_and_judged_as_one_deployment() {
    let peers: Vec<Stub> = (1..=3).map(|peer| Stub::start(move |heard| guarded(heard, KEY, peer))).collect();
    let urls: Vec<String> = peers.iter().map(Stub::url).collect();
    let folder = tempfile::tempdir().unwrap();
    let recording = folder.path().join("recording.json");
    let output = audit(&urls, &["--record", recording.to_str().unwrap()], Some(KEY));
    let live = report(&output);
    assert_eq!(errors(&live), [] as [&str; 0]);
    assert_eq!(live["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(live["deployments"][0]["qdrant"]["version"], "1.19.2");
    for rule in ["collections/replica-unhealthy", "operations/consensus-diverged", "security/api-key-missing"] {
        assert_eq!(verdict(&live, rule).0, "pass", "{rule}");
    }
    assert_eq!(verdict(&live, "availability/budget-missing").0, "skipped");
    // every peer was asked for itself, the collection once by whoever could say
    for peer in &peers {
        let paths = peer.paths();
        assert!(paths.contains(&"/cluster".to_owned()) && paths.contains(&"/collections/docs/snapshots".to_owned()));
        let with_key = peer.heard().iter().filter(|heard| heard.headers.contains_key("api-key")).count();
        assert_eq!(paths.len() - with_key, 3, "/, and two probes: {paths:?}");
    }
    let described = peers.iter().flat_map(Stub::paths).filter(|path| path == "/collections/docs").count();
    assert_eq!(described, 1);

    let text = std::fs::read_to_string(&recording).unwrap();
    assert!(!text.contains(KEY));
    assert_replays(&recording, &live);
}

#[test]
fn a_server_without_a_key_is_found_open_and_the_finding_names_the_question() {
    let stub = Stub::start(|heard| healthy(&heard.path, 1));
    let output = audit(&[stub.url()], &[], None);
    assert_eq!(output.status.code(), Some(1));
    let live = report(&output);
    let findings = live["findings"].as_array().unwrap();
    let open = findings.iter().find(|finding| finding["rule"] == "security/api-key-missing").unwrap();
    assert_eq!((open["severity"].as_str(), open["origin"].as_str()), (Some("critical"), Some("api")));
    assert_eq!(open["location"]["path"], json!(["GET /collections"]));
    assert_eq!(open["object"], json!({"apiVersion": "qdrant", "kind": "Peer", "name": stub.url()}));
}

#[test]
fn a_dead_replica_and_a_member_that_is_not_heard_are_found() {
    let stub = Stub::start(|heard| match healthy(&heard.path, 1) {
        Reply::Answer(status, headers, body) => {
            let text = String::from_utf8(body).unwrap();
            let text = match heard.path.as_str() {
                "/cluster" => text.replace(
                    "\"message_send_failures\":{}",
                    "\"message_send_failures\":{\"http://q-2:6335/\":{\"count\":29,\"latest_error\":\"connection refused\"}}",
                ),
                "/collections/docs/cluster" => {
                    text.replacen("\"peer_id\":3,\"state\":\"Active\"", "\"peer_id\":3,\"state\":\"Dead\"", 1)
                }
                _ => text,
            };
            Reply::Answer(status, headers, text.into_bytes())
        }
        other => other,
    });
    let live = report(&audit(&[stub.url()], &[], None));
    let of = |rule: &str| {
        let findings = live["findings"].as_array().unwrap().clone();
        findings.into_iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule}"))
    };
    let dead = of("collections/replica-unhealthy");
    assert_eq!(dead["object"]["kind"], "Collection");
    assert_eq!(dead["severity"], "critical");
    assert!(dead["message"].as_str().unwrap().contains("on peer 3 is Dead, one copy serves"), "{dead}");
    let failing = of("operations/consensus-diverged");
    assert_eq!(failing["severity"], "high");
    assert!(failing["message"].as_str().unwrap().contains("http://q-2:6335/, also at a second look"), "{failing}");
    assert_eq!(stub.paths().iter().filter(|path| *path == "/cluster").count(), 2);
}

#[test]
fn a_refused_key_is_an_error_and_the_rules_say_why_they_did_not_judge() {
    let stub = Stub::start(|heard| guarded(heard, KEY, 1));
    for (key, words) in [(None, "Must provide an API key"), (Some("another-key"), "Invalid API key")] {
        let output = audit(&[stub.url()], &[], key);
        assert_eq!(output.status.code(), Some(2));
        let live = report(&output);
        assert!(errors(&live)[0].contains(words), "{:?}", errors(&live));
        let (verdict, reason) = verdict(&live, "collections/replica-unhealthy");
        assert_eq!(verdict, "skipped");
        assert!(reason.contains("refused (401)"), "{reason}");
        assert!(!String::from_utf8_lossy(&output.stdout).contains("another-key"));
    }
}

#[test]
fn hostile_answers_are_named_and_nothing_passes_on_them() {
    let elsewhere = Stub::start(|heard| healthy(&heard.path, 1));
    let target = format!("{}/collections/docs", elsewhere.url());
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let cases: Vec<(&str, Reply, &str)> = vec![
        ("redirect", Reply::text(302, "").with("location", &target), "which is not followed"),
        ("endless", Reply::Endless, "longer than 8 MiB"),
        ("no utf-8", Reply::Answer(200, Vec::new(), vec![b'{', 0xff, 0xfe]), "no UTF-8"),
        ("no json", Reply::text(200, "<html>"), "no JSON"),
        ("deep", Reply::text(200, &deep), "no JSON: recursion limit"),
        ("another form", Reply::json(&json!({"result": {"config": 7}})), "another form"),
        ("a list", Reply::json(&json!([1, 2])), "another form"),
        ("broken", Reply::Broken, "broke off"),
        ("slow", Reply::Slow(Duration::from_secs(30)), "no answer within"),
        (
            "an error",
            Reply::text(500, "{\"status\":{\"error\":\"Service internal error\"}}"),
            "status 500: Service internal error",
        ),
    ];
    for (name, reply, words) in cases {
        let stub = Stub::start(
            move |heard| {
                if heard.path == "/collections/docs" { reply.clone() } else { guarded(heard, KEY, 1) }
            },
        );
        let started = Instant::now();
        let output = audit(&[stub.url()], &["--request-timeout", "3s"], Some(KEY));
        assert!(started.elapsed() < Duration::from_secs(25), "{name}");
        let live = report(&output);
        let (verdict, reason) = verdict(&live, "collections/replica-unhealthy");
        assert_eq!(verdict, "skipped", "{name}");
        assert!(reason.contains("GET /collections/docs") && reason.contains(words), "{name}: {reason}");
    }
    // the key went nowhere else
    assert_eq!(elsewhere.heard(), []);
}

#[test]
fn a_later_answer_is_waited_for_as_long_as_the_server_wants() {
    let refused = std::sync::atomic::AtomicUsize::new(0);
    let stub = Stub::start(move |heard| {
        let is_first =
            refused.fetch_add(usize::from(heard.path == "/cluster"), std::sync::atomic::Ordering::SeqCst) == 0;
        if heard.path == "/cluster" && is_first {
            return Reply::text(429, "later").with("retry-after", "1");
        }
        guarded(heard, KEY, 1)
    });
    let started = Instant::now();
    let live = report(&audit(&[stub.url()], &[], Some(KEY)));
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(verdict(&live, "operations/consensus-diverged").0, "pass");
}

#[test]
fn a_qdrant_that_dies_in_the_middle_is_an_error_and_what_was_seen_is_judged() {
    let stub = Stub::start(|heard| match heard.path.as_str() {
        "/collections/docs" => Reply::Killed,
        path => healthy(path, 1),
    });
    let output = audit(&[stub.url()], &[], None);
    assert_eq!(output.status.code(), Some(2));
    let live = report(&output);
    assert!(errors(&live)[0].contains("was lost after"), "{:?}", errors(&live));
    assert_eq!(verdict(&live, "security/api-key-missing").0, "fail");
    assert_eq!(verdict(&live, "collections/replica-unhealthy").0, "skipped");
}

#[test]
fn nobody_at_the_address_is_an_error() {
    let output = audit(&["http://127.0.0.1:1".to_owned()], &[], None);
    assert_eq!(output.status.code(), Some(2));
    let live = report(&output);
    assert!(errors(&live)[0].contains("http://127.0.0.1:1 could not be asked"), "{:?}", errors(&live));
}

#[test]
fn over_tls_the_certificate_is_verified_and_plain_text_is_tried_without_the_key() {
    let (stub, authority) = Stub::start_tls("qdrant.test", |heard| guarded(heard, KEY, 1));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(authority.as_bytes()).unwrap();
    let url = format!("https://{}", stub.address);
    let output = audit(std::slice::from_ref(&url), &[], Some(KEY));
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&report(&output))[0].contains("certificate"), "{:?}", errors(&report(&output)));
    assert_eq!(stub.heard(), []);
    let trusted = ["--qdrant-ca-file", file.path().to_str().unwrap(), "--qdrant-server-name", "qdrant.test"];
    let live = report(&audit(&[url], &trusted, Some(KEY)));
    assert_eq!(errors(&live), [] as [&str; 0]);
    assert_eq!(verdict(&live, "collections/replica-unhealthy").0, "pass");
}

#[test]
fn a_key_is_read_from_a_file_and_sent_nowhere_in_plain_text_beyond_this_machine() {
    let stub = Stub::start(|heard| guarded(heard, KEY, 1));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{KEY}").unwrap();
    let live = report(&audit(&[stub.url()], &["--api-key-file", file.path().to_str().unwrap()], None));
    assert_eq!(errors(&live), [] as [&str; 0]);
    // not the loopback address, though it leads here
    let beyond = format!("http://0.0.0.0:{}", stub.address.port());
    let before = stub.heard().len();
    let output = audit(std::slice::from_ref(&beyond), &[], Some(KEY));
    assert_eq!(output.status.code(), Some(2));
    assert!(errors(&report(&output))[0].contains("not sent in plain text"), "{:?}", errors(&report(&output)));
    assert!(stub.heard()[before..].iter().all(|heard| !heard.headers.contains_key("api-key")));
    let live = report(&audit(&[beyond], &["--key-in-plain-text"], Some(KEY)));
    assert_eq!(errors(&live), [] as [&str; 0]);
    for wrong in ["https://user:secret@host", "host:6333"] {
        let output = audit(&[wrong.to_owned()], &[], None);
        assert_eq!(output.status.code(), Some(2));
        assert!(!String::from_utf8_lossy(&output.stdout).contains("secret@"));
    }
}

#[test]
fn every_pod_is_asked_through_the_api_server_and_one_that_does_not_run_is_said() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("forwarded");
    let kubelet = Kubelet::start(|pod, heard| {
        if heard.path.starts_with("/containerLogs/") {
            let fault = if pod == "q-1" {
                "ERROR qdrant: Filesystem check failed for storage path ./storage. Details: NFS\n"
            } else {
                ""
            };
            return Reply::text(200, &format!("Version: 1.19.2, build: 0\nINFO storage: secret-of-the-log\n{fault}"));
        }
        guarded(heard, KEY, pod.rsplit('-').next().unwrap().parse::<u64>().unwrap() + 1)
    });
    let labels = json!({"app": "q"});
    server.create_all(&[
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "forwarding"}, "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet.address.port()}}}}),
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "q", "namespace": "forwarded"},
            "spec": {"replicas": 3, "serviceName": "q-headless", "selector": {"matchLabels": labels}, "template": {
                "metadata": {"labels": labels}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:latest"}]}}}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "forwarded"}, "stringData": {"read": KEY}}),
    ]);
    for (ordinal, phase) in ["Running", "Running", "Pending"].iter().enumerate() {
        server.create(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("q-{ordinal}"), "namespace": "forwarded", "labels": labels,
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "q", "uid": "00000000-0000-0000-0000-000000000000"}]},
            "spec": {"nodeName": "forwarding", "containers": [{"name": "qdrant", "image": "qdrant/qdrant:latest", "ports": [{"name": "http", "containerPort": 6333}]}]},
            "status": {"phase": phase}}));
    }
    let kubeconfig = server.kubeconfig("admin");
    let arguments = [
        "--kubeconfig",
        kubeconfig.to_str().unwrap(),
        "-n",
        "forwarded",
        "--via",
        "port-forward",
        "--api-key-secret",
        "forwarded/keys/read",
    ];
    let output = audit(&[], &arguments, None);
    let live = report(&output);
    assert_eq!(errors(&live), ["Qdrant at http://127.0.0.1:6333 (q-2) could not be asked: the pod is Pending"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(live["deployments"][0]["id"], "forwarded/q");
    assert_eq!(live["deployments"][0]["qdrant"]["version"], "1.19.2");
    for rule in ["collections/replica-unhealthy", "security/api-key-missing"] {
        assert_eq!(verdict(&live, rule).0, "pass", "{rule}: {live}");
    }
    let findings = live["findings"].as_array().unwrap();
    let unfit = findings.iter().find(|finding| finding["rule"] == "operations/filesystem-unsupported").unwrap();
    assert_eq!((unfit["object"]["name"].as_str(), unfit["severity"].as_str()), (Some("q-1"), Some("critical")));
    assert!(!String::from_utf8_lossy(&output.stdout).contains("secret-of-the-log"));
    let forwarded = kubelet.forwarded();
    assert!(forwarded.contains(&"/portForward/forwarded/q-0?port=6333".to_owned()), "{forwarded:?}");
    assert!(
        forwarded.iter().any(|path| path.contains("/q-1?")) && !forwarded.iter().any(|path| path.contains("/q-2?"))
    );
    assert!(!String::from_utf8_lossy(&output.stdout).contains(KEY));
}

#[test]
fn an_address_leads_to_the_only_workload_and_among_several_to_none() {
    let Some(server) = ApiServer::shared() else { return };
    let set = |namespace: &str, name: &str| {
        json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": name, "namespace": namespace},
            "spec": {"replicas": 3, "serviceName": name, "selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.15.4"}]}}}})
    };
    server.namespace("addressed");
    server.create(&set("addressed", "one"));
    let stub = Stub::start(|heard| guarded(heard, KEY, 1));
    let kubeconfig = server.kubeconfig("admin");
    let arguments = ["--kubeconfig", kubeconfig.to_str().unwrap(), "-n", "addressed"];
    let live = report(&audit(&[stub.url()], &arguments, Some(KEY)));
    assert_eq!(errors(&live), [] as [&str; 0]);
    assert_eq!(live["deployments"].as_array().unwrap().len(), 1);
    assert_eq!(live["deployments"][0]["id"], "addressed/one");
    // what the server says goes before the tag of the image
    assert_eq!(live["deployments"][0]["qdrant"]["version"], "1.19.2");
    assert_eq!(verdict(&live, "collections/replica-unhealthy").0, "pass");
    server.create(&set("addressed", "two"));
    let asked = stub.heard().len();
    let output = audit(&[stub.url()], &arguments, Some(KEY));
    assert_eq!(output.status.code(), Some(2));
    let live = report(&output);
    assert!(errors(&live)[0].contains("--qdrant-url leads to one Qdrant and 2 were found"), "{:?}", errors(&live));
    assert_eq!(live["deployments"].as_array().unwrap().len(), 2);
    assert_eq!(stub.heard().len(), asked);
}
