//! The webhook behind a real API server, registered as the chart registers it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use qdrant_lint::source::{Limits, Source, Sources, parse};
use serde_json::{Value, json};

use super::hook::Hook;
use super::{GOOD_TAG, peers};
use crate::support::apiserver::ApiServer;
use crate::support::project;

const CONFIGURATIONS: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

/// Objects of the plain manifests.
fn manifests() -> Vec<Value> {
    let text = std::fs::read_to_string(project("deploy/manifests/qdrant-lint.yaml")).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(Source::new("qdrant-lint.yaml", text));
    let parsed = parse(&sources, id, &Limits::default());
    assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
    parsed.documents.iter().map(|document| document.root.to_json()).filter(Value::is_object).collect()
}

/// The shipped configuration, narrowed to namespaces and pointed at a port of this machine.
fn configuration(name: &str, namespaces: &[&str], address: &str, authority: Option<&str>, policy: &str) -> Value {
    let mut found = manifests().into_iter().find(|object| object["kind"] == "ValidatingWebhookConfiguration").unwrap();
    found["metadata"] = json!({"name": name});
    for hook in found["webhooks"].as_array_mut().unwrap() {
        let path = hook["clientConfig"]["service"]["path"].as_str().unwrap().to_owned();
        hook["clientConfig"] = json!({"url": format!("https://{address}{path}")});
        if let Some(authority) = authority {
            let bundle = k8s_openapi::ByteString(authority.as_bytes().to_vec());
            hook["clientConfig"]["caBundle"] = serde_json::to_value(bundle).unwrap();
        }
        hook["failurePolicy"] = policy.into();
        hook["namespaceSelector"]["matchExpressions"]
            .as_array_mut()
            .unwrap()
            .push(json!({"key": "kubernetes.io/metadata.name", "operator": "In", "values": namespaces}));
    }
    found
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A webhook that has read the cluster, registered for namespaces.
fn registered(server: &ApiServer, name: &str, namespaces: &[&str], policy: &str, arguments: &[&str]) -> Hook {
    let kubeconfig = server.kubeconfig("admin");
    let arguments = [&["--mode", "enforce", "--audit-interval", "0"], arguments].concat();
    let hook = Hook::start(&arguments, &[("KUBECONFIG", kubeconfig.to_str().unwrap())]);
    until("ready", || hook.get("/readyz").0 == 200);
    let configuration = configuration(name, namespaces, &hook.address, Some(&hook.authority), policy);
    server.send("POST", CONFIGURATIONS, Some(&configuration));
    hook
}

fn labelled(server: &ApiServer, name: &str, mode: Option<&str>) {
    let labels = mode.map_or(json!({}), |mode| json!({"qdrant-lint.dev/admission": mode}));
    server.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}));
}

fn workloads(namespace: &str) -> String {
    format!("/apis/apps/v1/namespaces/{namespace}/statefulsets")
}

fn in_namespace(mut object: Value, namespace: &str) -> Value {
    object["metadata"] = json!({"name": object["metadata"]["name"], "namespace": namespace});
    object
}

#[test]
fn the_api_server_enforces_warns_records_or_does_not_ask() {
    let Some(server) = ApiServer::shared() else { return };
    let names = ["m-enforce", "m-warn", "m-audit", "m-off", "m-rogue"];
    for (name, mode) in names.iter().zip([Some("enforce"), Some("warn"), Some("audit"), Some("off"), None]) {
        labelled(&server, name, mode);
    }
    let hook = registered(&server, "modes", &names, "Ignore", &[]);
    let create = |namespace: &str, object: Value| {
        server.exchange("POST", &format!("{}?dryRun=All", workloads(namespace)), &in_namespace(object, namespace))
    };
    let bad = || peers("qdrant/qdrant:latest", 1);
    // the API server learns of a new configuration a moment later
    until("the webhook is asked", || create("m-enforce", bad()).0 == 403);
    let (_, _, refused) = create("m-enforce", bad());
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("denied the request") && message.contains("versions/image-unpinned"), "{message}");
    assert!(message.contains("qdrant-lint audit -n m-enforce"), "{message}");
    let (status, warnings, _) = create("m-warn", bad());
    assert_eq!(status, 201);
    assert!(warnings.iter().any(|warning| warning.contains("versions/image-unpinned")), "{warnings:?}");
    for silent in ["m-audit", "m-off"] {
        let (status, warnings, _) = create(silent, bad());
        assert_eq!((status, warnings.is_empty()), (201, true), "{silent}: {warnings:?}");
    }
    // nobody opted in, and Qdrant is known by its image
    let (status, warnings, _) = create("m-rogue", bad());
    assert_eq!(status, 201);
    assert!(warnings.iter().any(|warning| warning.contains("versions/image-unpinned")), "{warnings:?}");
    let (status, warnings, _) = create("m-rogue", peers("postgres:latest", 1));
    assert_eq!((status, warnings.is_empty()), (201, true), "{warnings:?}");
    let metrics = hook.get("/metrics").1;
    assert!(metrics.contains("verdict=\"denied\",mode=\"enforce\",dry_run=\"true\""), "{metrics}");
    server.send("DELETE", &format!("{CONFIGURATIONS}/modes"), None);
}

#[test]
fn scaling_and_reaching_in_are_denied_and_deleting_is_told() {
    let Some(server) = ApiServer::shared() else { return };
    let namespace = "doors";
    labelled(&server, namespace, None);
    let labels = json!({"app": "vectors"});
    server.create(&in_namespace(peers(GOOD_TAG, 3), namespace));
    server.create(&json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "vectors-0", "namespace": namespace, "labels": labels,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "vectors", "uid": "0"}]},
        "spec": {"containers": [{"name": "qdrant", "image": GOOD_TAG}]}}));
    server.create(&json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
        "metadata": {"name": "vectors", "namespace": namespace},
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": labels}}}));
    let hook = registered(&server, "doors", &[namespace], "Ignore", &["--break-glass-group", "firefighters"]);
    let label = json!({"metadata": {"labels": {"qdrant-lint.dev/admission": "enforce"}}});
    server.exchange("PATCH", &format!("/api/v1/namespaces/{namespace}"), &label);

    let scale = format!("{}/vectors/scale", workloads(namespace));
    let to = |replicas: u64| {
        let asked = json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "vectors", "namespace": namespace},
            "spec": {"replicas": replicas}});
        server.exchange("PUT", &format!("{scale}?dryRun=All"), &asked)
    };
    until("scaling to one peer is denied", || to(1).0 == 403);
    let message = to(1).2["message"].as_str().unwrap().to_owned();
    assert!(message.contains("peers"), "{message}");
    assert_eq!(to(5).0, 200, "more peers are no worse");

    let (status, _, refused) = server.exchange(
        "POST",
        &format!("/api/v1/namespaces/{namespace}/pods/vectors-0/exec?command=ls&stdout=true"),
        &Value::Null,
    );
    assert_eq!(status, 403, "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("exec on Pod doors/vectors-0"), "{refused}");

    let budget = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/vectors");
    let (status, warnings, _) = server.exchange("DELETE", &budget, &Value::Null);
    assert_eq!(status, 200);
    assert!(warnings.iter().any(|warning| warning.contains("budget")), "{warnings:?}");
    // everything goes, as `helm uninstall` asks for it
    let (status, ..) = server.exchange("DELETE", &format!("{}/vectors", workloads(namespace)), &Value::Null);
    assert_eq!(status, 200);
    drop(hook);
    server.send("DELETE", &format!("{CONFIGURATIONS}/doors"), None);
}

#[test]
fn a_lost_webhook_lets_pass_or_refuses_as_its_policy_says() {
    let Some(server) = ApiServer::shared() else { return };
    for (policy, namespace, after) in [("Ignore", "lost-ignore", 201), ("Fail", "lost-fail", 500)] {
        labelled(&server, namespace, Some("enforce"));
        let mut hook = registered(&server, namespace, &[namespace], policy, &[]);
        let create = || {
            let object = in_namespace(peers("qdrant/qdrant:latest", 1), namespace);
            server.exchange("POST", &format!("{}?dryRun=All", workloads(namespace)), &object)
        };
        until("denied while it lives", || create().0 == 403);
        hook.kill();
        let (status, _, answer) = create();
        assert_eq!(status, after, "{policy}: {answer}");
        server.send("DELETE", &format!("{CONFIGURATIONS}/{namespace}"), None);
    }
}

#[test]
fn its_own_certificate_is_made_trusted_and_renewed_under_load() {
    let Some(server) = ApiServer::shared() else { return };
    let namespace = "own-certificate";
    labelled(&server, namespace, Some("enforce"));
    // the address must be known before the certificate can be trusted by it
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    server.send("POST", CONFIGURATIONS, Some(&configuration("own", &[namespace], &address, None, "Fail")));
    let kubeconfig = server.kubeconfig("admin");
    let hook = Hook::start(
        &[
            "--mode",
            "enforce",
            "--audit-interval",
            "0",
            "--listen",
            &address,
            "--tls-secret",
            "own-tls",
            "--tls-name",
            "127.0.0.1",
            "--webhook-configuration",
            "own",
            "--tls-lifetime",
            "30",
        ],
        &[("KUBECONFIG", kubeconfig.to_str().unwrap())],
    );
    until("ready", || hook.get("/readyz").0 == 200);
    let create = || {
        let object = in_namespace(peers("qdrant/qdrant:latest", 1), namespace);
        server.exchange("POST", &format!("{}?dryRun=All", workloads(namespace)), &object)
    };
    until("the API server trusts it", || create().0 == 403);
    let secret = || server.send("GET", "/api/v1/namespaces/default/secrets/own-tls", None);
    let authorities = |secret: &Value| {
        let bundle: k8s_openapi::ByteString = serde_json::from_value(secret["data"]["ca.crt"].clone()).unwrap();
        String::from_utf8(bundle.0).unwrap().matches("BEGIN CERTIFICATE").count()
    };
    let first = secret();
    assert_eq!(authorities(&first), 1);
    let (started, mut asked, mut both, mut leaves) = (Instant::now(), 0, false, vec![first["data"]["tls.crt"].clone()]);
    // the leaf lives 30 s, its authority 60 s: both are renewed, and the old authority has ended
    while started.elapsed() < Duration::from_secs(75) {
        let (status, _, answer) = create();
        assert_eq!(status, 403, "after {:?}: {answer}\n{}", started.elapsed(), hook.log());
        asked += 1;
        if asked % 10 == 0 {
            let now = secret();
            both |= authorities(&now) == 2;
            if leaves.last() != Some(&now["data"]["tls.crt"]) {
                leaves.push(now["data"]["tls.crt"].clone());
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(both, "the old authority and the new one were trusted together");
    assert!(leaves.len() >= 3, "{} leaves in {asked} reviews", leaves.len());
    assert!(hook.get("/metrics").1.contains("tls_certificate_expiry_timestamp_seconds"));
    assert!(!hook.log().contains("PRIVATE KEY"));
    server.send("DELETE", &format!("{CONFIGURATIONS}/own"), None);
}

#[test]
fn it_stops_under_load_without_a_failed_review() {
    let hook = Arc::new(Hook::alone(&["--mode", "warn", "--shutdown-delay", "2"]));
    let review = super::review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null).to_string();
    let (leaving, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (hook, review) = (Arc::clone(&hook), review.clone());
            let (leaving, answered) = (Arc::clone(&leaving), Arc::clone(&answered));
            std::thread::spawn(move || {
                // who sees that it is not ready any more asks another replica
                while !leaving.load(Ordering::Relaxed) {
                    let (status, body) = hook.post("/validate", review.clone());
                    assert_eq!(status, 200, "{body}");
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    until("under load", || answered.load(Ordering::Relaxed) > 20);
    hook.tell_to_stop();
    until("not ready", || hook.get("/readyz").0 == 503);
    leaving.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().expect("no review failed");
    }
    until("stopped", || hook.log().contains("\"stopped\""));
}

#[test]
fn what_is_there_already_is_audited_by_one_replica() {
    let Some(server) = ApiServer::shared() else { return };
    server.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Some(&json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "reports.openreports.io",
            "annotations": {"api-approved.kubernetes.io": "unapproved, for a test"}},
        "spec": {"group": "openreports.io", "scope": "Namespaced",
            "names": {"kind": "Report", "plural": "reports", "singular": "report", "listKind": "ReportList"},
            "versions": [{"name": "v1alpha1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})));
    let namespace = "audited";
    labelled(&server, namespace, None);
    let workload = server.create(&in_namespace(peers("qdrant/qdrant:latest", 1), namespace));
    let kubeconfig = server.kubeconfig("admin");
    let environment = [("KUBECONFIG", kubeconfig.to_str().unwrap())];
    let mut replicas = vec![Hook::start(&[], &environment), Hook::start(&[], &environment)];
    let leads = |hook: &Hook| hook.get("/metrics").1.lines().any(|line| line == "qdrant_lint_leader 1");
    let audited = |hook: &Hook| {
        let metrics = hook.get("/metrics").1;
        metrics.lines().any(|line| {
            line.starts_with("qdrant_lint_audit_findings{namespace=\"audited\",severity=\"high\"}")
                && !line.ends_with(" 0")
        })
    };
    until("audited", || replicas.iter().any(audited));
    let first = usize::from(!audited(&replicas[0]));
    assert!(leads(&replicas[first]), "{}", replicas[first].log());
    let idle = &replicas[1 - first];
    assert!(!leads(idle) && !audited(idle), "one of them is enough: {}\n{}", idle.get("/metrics").1, idle.log());
    let reports = || server.send("GET", "/apis/openreports.io/v1alpha1/namespaces/audited/reports", None);
    until("a report", || reports()["items"].as_array().is_some_and(|items| items.len() == 1));
    let report = reports()["items"][0].clone();
    assert_eq!(
        report["metadata"]["ownerReferences"][0]["uid"], workload["metadata"]["uid"],
        "it goes with its workload"
    );
    assert!(report["summary"]["fail"].as_u64().unwrap() > 0, "{report}");
    assert!(report["results"].to_string().contains("versions/image-unpinned"), "{report}");
    let events = || server.send("GET", "/apis/events.k8s.io/v1/namespaces/audited/events", None);
    let told = events()["items"].as_array().unwrap().clone();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["regarding"]["name"], "vectors");
    assert!(told[0]["note"].as_str().unwrap().contains("versions/image-unpinned"), "{told:?}");

    // the leader is lost; the other one goes on, and hears of what changes
    replicas[first].kill();
    let other = &replicas[1 - first];
    until("the other one leads", || leads(other));
    server.exchange("PATCH", &format!("{}/vectors", workloads(namespace)), &json!({"spec": {"replicas": 3}}));
    until("told again", || events()["items"].as_array().unwrap().len() >= 2);
    let mut other = replicas.remove(1 - first);
    assert!(other.stop(), "{}", other.log());
    let lease = server.send("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/qdrant-lint-audit", None);
    assert_eq!(lease["spec"]["holderIdentity"].as_str().unwrap_or_default(), "", "the lease is given back");
}

#[test]
fn the_api_server_takes_the_manifests() {
    let Some(server) = ApiServer::shared() else { return };
    server.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "qdrant-lint",
        "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}));
    let mut taken = Vec::new();
    for object in manifests() {
        let kind = object["kind"].as_str().unwrap().to_owned();
        // kinds of cert-manager and the Prometheus operator are not installed here
        let foreign = ["cert-manager.io", "monitoring.coreos.com"];
        if foreign.iter().any(|group| object["apiVersion"].as_str().unwrap().starts_with(group)) {
            continue;
        }
        let name = object["metadata"]["name"].as_str().unwrap();
        let path = format!(
            "{}/{name}?fieldManager=test&dryRun=All&fieldValidation=Strict",
            crate::support::apiserver::path_of(&object)
        );
        let (status, warnings, answer) = server.exchange("APPLY", &path, &object);
        assert!([200, 201].contains(&status), "{kind}: {answer}");
        assert!(warnings.is_empty(), "{kind}: {warnings:?}");
        taken.push(kind);
    }
    let pod =
        manifests().into_iter().find(|object| object["kind"] == "Deployment").unwrap()["spec"]["template"].clone();
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": "qdrant-lint"}, "spec": pod["spec"]});
    let (status, _, answer) = server.exchange("POST", "/api/v1/namespaces/qdrant-lint/pods?dryRun=All", &pod);
    let restricted = !answer.to_string().contains("violates PodSecurity");
    assert!(restricted && status == 201, "{answer}");
    for kind in ["Deployment", "ValidatingWebhookConfiguration", "ClusterRole", "NetworkPolicy", "PodDisruptionBudget"]
    {
        assert!(taken.iter().any(|one| one == kind), "{kind} in {taken:?}");
    }
}
