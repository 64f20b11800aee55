//! `qdrant-lint serve`, asked as the API server asks.

mod cluster;
mod context;
mod crowd;
mod hook;

use hook::Hook;
use serde_json::{Value, json};

/// Three peers that nothing is wrong with but what a test changes.
pub(crate) fn peers(image: &str, replicas: u64) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "vectors", "namespace": "search", "uid": "1"},
        "spec": {"replicas": replicas, "serviceName": "vectors-headless", "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": {"app": "vectors"}},
            "template": {"metadata": {"labels": {"app": "vectors"}}, "spec": {"containers": [
                {"name": "qdrant", "image": image, "resources": {"limits": {"memory": "8Gi"}, "requests": {"memory": "8Gi"}}}]}}}})
}

fn review(operation: &str, object: &Value, old: &Value) -> Value {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "0b1e", "operation": operation,
        "kind": {"group": "apps", "version": "v1", "kind": "StatefulSet"},
        "resource": {"group": "apps", "version": "v1", "resource": "statefulsets"},
        "name": "vectors", "namespace": "search", "userInfo": {"username": "jane"}, "object": object, "oldObject": old, "dryRun": false}})
}

pub(crate) const GOOD_TAG: &str = "qdrant/qdrant:v1.16.3";

#[test]
fn a_new_object_is_denied_warned_of_or_only_recorded_by_the_mode() {
    for (mode, allowed, warned) in [("enforce", false, true), ("warn", true, true), ("audit", true, false)] {
        let hook = Hook::alone(&["--mode", mode]);
        let response = hook.review(&review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null));
        assert_eq!(response["uid"], "0b1e");
        assert_eq!(response["allowed"], allowed, "{mode}: {response}");
        assert_eq!(response["warnings"].is_array(), warned, "{mode}: {response}");
        assert_eq!(response["auditAnnotations"]["mode"], mode);
        let findings = response["auditAnnotations"]["findings"].as_str().unwrap();
        assert!(findings.contains("versions/image-unpinned"), "{findings}");
        if mode == "enforce" {
            let message = response["status"]["message"].as_str().unwrap();
            assert!(message.contains("StatefulSet search/vectors"), "{message}");
            assert!(message.contains("qdrant-lint audit -n search"), "{message}");
            assert!(response["status"]["details"]["causes"].as_array().is_some_and(|causes| !causes.is_empty()));
        }
    }
    let off = Hook::alone(&["--mode", "off"]);
    let response = off.review(&review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null));
    assert_eq!(response, json!({"uid": "0b1e", "allowed": true}));
}

#[test]
fn an_update_is_denied_only_for_what_the_old_object_did_not_have() {
    let hook = Hook::alone(&["--mode", "enforce"]);
    let bad = peers("qdrant/qdrant:latest", 1);
    let mut touched = bad.clone();
    touched["metadata"]["labels"] = json!({"team": "search"});
    let same = hook.review(&review("UPDATE", &touched, &bad));
    assert_eq!(same["allowed"], true, "{same}");
    let warnings = same["warnings"].to_string();
    assert!(warnings.contains("versions/image-unpinned"), "what was there before is still told: {warnings}");
    let worse = hook.review(&review("UPDATE", &peers("qdrant/qdrant:latest", 3), &peers(GOOD_TAG, 3)));
    assert_eq!(worse["allowed"], false);
    let causes = worse["status"]["details"]["causes"].as_array().unwrap();
    assert!(causes.iter().all(|cause| cause["reason"] == "versions/image-unpinned"), "{causes:?}");
}

#[test]
fn nothing_is_denied_for_want_of_another_object() {
    let hook = Hook::alone(&["--mode", "enforce", "--fail-on", "info"]);
    let response = hook.review(&review("CREATE", &peers(GOOD_TAG, 3), &Value::Null));
    let text = response.to_string();
    for absent in ["budget-missing", "backup/missing", "no-default-deny", "metrics-not-scraped", "p2p-unrestricted"] {
        assert!(!text.contains(absent), "{absent}: {text}");
    }
}

#[test]
fn the_configuration_and_the_waived_rules_of_ci_hold_here_too() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("qdrant-lint.yaml");
    std::fs::write(&config, "fail_on: critical\nrules:\n  versions/image-unpinned: off\n").unwrap();
    let hook = Hook::alone(&["--mode", "enforce", "--config", config.to_str().unwrap()]);
    let response = hook.review(&review("UPDATE", &peers("qdrant/qdrant:latest", 1), &peers(GOOD_TAG, 3)));
    assert_eq!(response["allowed"], true, "{response}");
    assert!(!response.to_string().contains("image-unpinned"), "{response}");
    assert!(response.to_string().contains("too-few-peers"), "{response}");
}

#[test]
fn what_is_accepted_in_ci_is_accepted_here() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    file("qdrant-lint.yaml", "waivers: accepted.yaml\n");
    let waiver = |until: &str| {
        format!(
            "- rule: versions/image-unpinned\n  object: StatefulSet/vectors\n  reason: the mirror has no digests\n  \
             owner: jane\n  ticket: OPS-1\n  until: {until}\n"
        )
    };
    let config = folder.path().join("qdrant-lint.yaml");
    let asked = review("CREATE", &peers("qdrant/qdrant:latest", 3), &Value::Null);
    for (until, accepted) in [("2999-01-01", true), ("2020-01-01", false)] {
        file("accepted.yaml", &waiver(until));
        let hook = Hook::alone(&["--mode", "enforce", "--config", config.to_str().unwrap()]);
        let response = hook.review(&asked);
        assert_eq!(!response.to_string().contains("image-unpinned"), accepted, "{until}: {response}");
    }
    let hook = Hook::alone(&["--mode", "enforce"]);
    for (annotation, accepted) in [
        ("versions/image-unpinned=the mirror has no digests", true),
        ("versions/image-unpinned=", false),
        ("versions/other=for some reason", false),
    ] {
        let mut object = peers("qdrant/qdrant:latest", 3);
        object["metadata"]["annotations"] = json!({"qdrant-lint.dev/ignore": annotation});
        let response = hook.review(&review("CREATE", &object, &Value::Null));
        assert_eq!(!response.to_string().contains("image-unpinned"), accepted, "{annotation}: {response}");
    }
}

#[test]
fn what_is_not_about_qdrant_passes_in_silence() {
    let hook = Hook::alone(&["--mode", "enforce"]);
    let response = hook.review(&review("CREATE", &peers("postgres:latest", 1), &Value::Null));
    assert_eq!(response["allowed"], true);
    assert!(response.get("warnings").is_none(), "{response}");
}

#[test]
fn a_path_may_lower_the_mode_and_never_raise_it() {
    let hook = Hook::alone(&["--mode", "warn"]);
    let bad = review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null).to_string();
    assert!(hook.post("/validate/enforce", bad.clone()).1.contains("\"allowed\":true"));
    assert!(hook.post("/validate/off", bad.clone()).1.contains("\"allowed\":true"));
    assert_eq!(hook.post("/validate/nonsense", bad).0, 404);
}

#[test]
fn hostile_reviews_get_the_right_status_and_no_echo() {
    let mut hook = Hook::alone(&["--mode", "enforce"]);
    assert_eq!(hook.post("/validate", "api_key: hunter2hunter2").0, 400);
    assert!(!hook.post("/validate", "api_key: hunter2hunter2").1.contains("hunter2"));
    assert_eq!(hook.post("/validate", vec![b' '; 20 << 20]).0 / 100 % 4, 0, "too large: refused or cut off");
    assert_eq!(hook.post("/validate", "[".repeat(100_000)).0, 400);
    assert_eq!(hook.post("/validate", json!({"kind": "Pod", "apiVersion": "v1"}).to_string()).0, 400);
    assert_eq!(hook.ask("GET", &format!("https://{}/validate", hook.address), Vec::new()).0, 405);
    assert_eq!(hook.post("/", "{}").0, 404);
    // no type is what it should be
    for wrong in [
        json!(7),
        json!([]),
        json!({"replicas": "three", "template": [1]}),
        json!({"template": {"spec": {"containers": {}}}}),
    ] {
        let mut object = peers("qdrant/qdrant:latest", 1);
        object["spec"] = wrong;
        assert_eq!(hook.review(&review("CREATE", &object, &Value::Null))["uid"], "0b1e");
    }
    let mut object = peers("qdrant/qdrant:latest", 1);
    object["metadata"]["name"] = "a\nb\u{1b}[31m\u{202e}c".into();
    object["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "QDRANT__SERVICE__API_KEY", "value": "correct-horse-battery-staple"}]);
    let response = hook.review(&review("CREATE", &object, &Value::Null));
    assert_eq!(response["allowed"], false);
    let message = response["status"]["message"].as_str().unwrap();
    let warnings = response["warnings"].as_array().unwrap();
    assert!(
        !message.replace('\n', "").contains(|letter: char| letter.is_control() || letter == '\u{202e}'),
        "{message}"
    );
    assert!(warnings.iter().all(|warning| !warning.as_str().unwrap().contains(char::is_control)), "{warnings:?}");
    assert!(!response.to_string().contains("correct-horse"), "{response}");
    let (status, _) = hook.get("/healthz");
    assert_eq!(status, 200, "it is still there");
    assert!(hook.stop());
    assert!(
        !hook.log().contains("hunter2") && !hook.log().contains("correct-horse") && !hook.log().contains("panicked")
    );
}

#[test]
fn too_many_at_once_are_refused_and_nobody_is_cut_off() {
    let hook = std::sync::Arc::new(Hook::alone(&["--mode", "warn"]));
    let clients: Vec<_> = (0..200)
        .map(|number| {
            let hook = std::sync::Arc::clone(&hook);
            let mut object = peers("qdrant/qdrant:latest", 1);
            object["metadata"]["name"] = format!("vectors-{number}").into();
            object["metadata"]["annotations"] = json!({"notes": "x".repeat(100 << 10)});
            let asked = review("CREATE", &object, &Value::Null).to_string();
            std::thread::spawn(move || hook.post("/validate?timeout=30s", asked).0)
        })
        .collect();
    let statuses: Vec<u16> = clients.into_iter().map(|client| client.join().unwrap()).collect();
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(200) + count(429), 200, "{statuses:?}");
    assert!(count(200) > 0 && count(429) > 0, "{statuses:?}");
    let metrics = hook.get("/metrics").1;
    assert!(
        metrics.contains(&format!("admission_refusals_total{{reason=\"overloaded\"}} {}", count(429))),
        "{metrics}"
    );
    let after = hook.review(&review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null));
    assert_eq!(after["allowed"], true, "it goes on");
}

#[test]
fn all_warnings_of_a_review_fit_the_budget_of_the_api_server() {
    let hook = Hook::alone(&["--mode", "warn"]);
    let mut object = peers("qdrant/qdrant:latest", 1);
    object["spec"]["template"]["spec"]["hostNetwork"] = true.into();
    let response = hook.review(&review("CREATE", &object, &Value::Null));
    let warnings: Vec<&str> =
        response["warnings"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
    assert!(warnings.len() > 5);
    assert!(warnings.iter().map(|text| text.chars().count()).sum::<usize>() < 2600, "{warnings:?}");
    assert!(warnings.iter().all(|text| text.chars().count() <= 256));
    assert!(warnings.last().unwrap().contains("more; all of them"), "{warnings:?}");
}

#[test]
fn a_certificate_is_exchanged_without_a_failed_request() {
    let hook = Hook::alone(&["--mode", "warn"]);
    let bad = review("CREATE", &peers(GOOD_TAG, 3), &Value::Null);
    let first = hook.review(&bad);
    // broken first: the old one stays
    std::fs::write(hook.file("tls.crt"), "half writ").unwrap();
    let (_, chain, key) = hook::certificate();
    let mut asked = 0;
    let started = std::time::Instant::now();
    let mut written = false;
    while started.elapsed() < std::time::Duration::from_secs(26) {
        assert_eq!(hook.review(&bad), first);
        asked += 1;
        if !written && started.elapsed() > std::time::Duration::from_secs(12) {
            assert!(hook.log().contains("the certificate was not exchanged"), "{}", hook.log());
            std::fs::write(hook.file("tls.crt"), &chain).unwrap();
            std::fs::write(hook.file("tls.key"), &key).unwrap();
            written = true;
        }
        if hook.get("/metrics").1.contains("tls_certificate_reloads_total 2") {
            assert!(asked > 10);
            return;
        }
    }
    panic!("the new certificate was not taken: {}", hook.log());
}

#[test]
fn probes_and_metrics_tell_what_happened() {
    let mut hook = Hook::alone(&["--mode", "warn"]);
    assert_eq!(hook.get("/readyz"), (200, "ok\n".to_owned()));
    hook.review(&review("CREATE", &peers("qdrant/qdrant:latest", 1), &Value::Null));
    let (_, metrics) = hook.get("/metrics");
    for line in [
        "qdrant_lint_admission_requests_total{operation=\"CREATE\",resource=\"statefulsets\",verdict=\"warned\",mode=\"warn\",dry_run=\"false\"} 1",
        "qdrant_lint_findings_total{rule=\"versions/image-unpinned\",severity=\"high\"} 1",
        "qdrant_lint_tls_certificate_expiry_timestamp_seconds ",
        "qdrant_lint_policy_bundle_info{version=",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }
    assert!(hook.stop(), "{}", hook.log());
}

#[test]
fn a_service_that_opens_the_peer_port_to_the_world_is_denied_alone() {
    let hook = Hook::alone(&["--mode", "enforce"]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "qdrant", "namespace": "search"},
        "spec": {"type": "LoadBalancer", "selector": {"app": "qdrant"}, "ports": [{"name": "p2p", "port": 6335}]}});
    let mut asked = review("CREATE", &service, &Value::Null);
    asked["request"]["resource"] = json!({"group": "", "version": "v1", "resource": "services"});
    let response = hook.review(&asked);
    assert_eq!(response["allowed"], false, "{response}");
    assert!(response.to_string().contains("network/p2p-exposed"), "{response}");
}
