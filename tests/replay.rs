//! Recordings of clusters, judged offline: objects are the place, absence is a fact where a list succeeded.

use std::path::PathBuf;

use qdrant_lint::finding::OriginKind;
use qdrant_lint::policy::SkipKind;
use qdrant_lint::report::{Report, VerdictKind};
use serde_json::{Value, json};

use crate::support::{Flags, judge};

/// Lists that succeeded in the namespace of the peers.
const LISTED: [(&str, &str); 13] = [
    ("", "services"),
    ("policy", "poddisruptionbudgets"),
    ("networking.k8s.io", "networkpolicies"),
    ("cilium.io", "ciliumnetworkpolicies"),
    ("cilium.io", "ciliumclusterwidenetworkpolicies"),
    ("crd.projectcalico.org", "networkpolicies"),
    ("crd.projectcalico.org", "globalnetworkpolicies"),
    ("crd.antrea.io", "networkpolicies"),
    ("policy.networking.k8s.io", "adminnetworkpolicies"),
    ("policy.networking.k8s.io", "baselineadminnetworkpolicies"),
    ("policy.networking.k8s.io", "clusternetworkpolicies"),
    ("apps", "statefulsets"),
    ("", "serviceaccounts"),
];

fn peers(namespace: &str, name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": namespace, "managedFields": [{"manager": "helm"}]},
        "spec": {"replicas": 3, "serviceName": format!("{name}-headless"), "selector": {"matchLabels": {"app": name}}, "template": {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.15.4", "env": [
                {"name": "QDRANT__SERVICE__API_KEY", "value": "hunter2-hunter2-hunter2-hunter2-x"},
            ]}]},
        }},
        "status": {"readyReplicas": 3},
    })
}

fn recording(objects: &[Value], forbidden: &str) -> Value {
    let lists: Vec<Value> = LISTED
        .iter()
        .map(|(group, resource)| {
            let status = match *resource {
                resource if resource == forbidden => "forbidden",
                resource
                    if group.contains('.') && *group != "networking.k8s.io" && resource != "poddisruptionbudgets" =>
                {
                    "not-served"
                }
                _ => "ok",
            };
            json!({"group": group, "version": "v1", "resource": resource, "namespace": "vectordb", "status": status})
        })
        .collect();
    json!({
        "schema": "qdrant-lint/recording/v1", "tool": "0.1.0", "recorded_at": "2026-11-25T05:00:00Z",
        "clusters": [{"context": "prod", "kubernetes": "v1.34.4", "lists": lists, "objects": objects}],
    })
}

fn judged(recording: &Value) -> (Report, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("recording.json");
    std::fs::write(&file, recording.to_string()).unwrap();
    let judged = judge(&[file], &Flags::default());
    (judged.report, judged.errors)
}

fn verdict(report: &Report, rule: &str) -> (VerdictKind, String) {
    let verdict = report.verdicts.iter().find(|verdict| verdict.rule == rule).unwrap();
    (verdict.verdict, verdict.reason.clone().unwrap_or_default().to_string())
}

#[test]
fn findings_name_the_object_and_the_field() {
    let (report, errors) = judged(&recording(&[peers("vectordb", "qdrant")], ""));
    assert_eq!(errors, [] as [&str; 0]);
    let deployment = &report.deployments[0];
    assert_eq!((deployment.id.as_str(), deployment.source.as_str()), ("vectordb/qdrant", "live"));
    assert_eq!(deployment.files, [] as [&str; 0]);
    let found = report.findings.iter().find(|finding| finding.rule == "versions/image-not-by-digest").unwrap();
    assert_eq!((found.origin, found.location.file.as_deref(), found.location.line), (OriginKind::Live, None, 0));
    assert_eq!(found.location.path.to_string(), "spec.template.spec.containers[0].image");
    let object = found.object.as_ref().unwrap();
    assert_eq!(
        (object.kind.as_str(), object.namespace.as_deref(), object.name.as_str()),
        ("StatefulSet", Some("vectordb"), "qdrant")
    );
}

#[test]
fn a_list_that_succeeded_makes_absence_a_fact_and_one_that_did_not_says_what_to_grant() {
    let objects = [peers("vectordb", "qdrant")];
    let (report, _) = judged(&recording(&objects, ""));
    assert_eq!(verdict(&report, "availability/budget-missing").0, VerdictKind::Fail);
    assert_eq!(verdict(&report, "network/no-default-deny").0, VerdictKind::Fail);
    let (kind, reason) = verdict(&report, "security/namespace-not-restricted");
    assert_eq!(kind, VerdictKind::Skipped(SkipKind::NotObserved), "{reason}");

    let (report, _) = judged(&recording(&objects, "poddisruptionbudgets"));
    let (kind, reason) = verdict(&report, "availability/budget-missing");
    assert_eq!(kind, VerdictKind::Skipped(SkipKind::NotObserved));
    assert_eq!(
        reason,
        "may not list poddisruptionbudgets.policy in namespace vectordb; `qdrant-lint audit --print-rbac` prints the role that lets it"
    );
    assert_eq!(verdict(&report, "network/no-default-deny").0, VerdictKind::Fail);
}

#[test]
fn each_namespace_is_judged_by_its_own_objects_and_those_of_the_cluster() {
    let budget = |namespace: &str| {
        json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "q", "namespace": namespace},
               "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "qdrant"}}}})
    };
    let mut recording = recording(&[peers("vectordb", "qdrant"), peers("other", "qdrant"), budget("other")], "");
    let lists = recording["clusters"][0]["lists"].as_array_mut().unwrap();
    for list in lists {
        list["namespace"] = Value::Null;
    }
    let (report, errors) = judged(&recording);
    assert_eq!(errors, [] as [&str; 0]);
    let ids: Vec<&str> = report.deployments.iter().map(|deployment| deployment.id.as_str()).collect();
    assert_eq!(ids, ["other/qdrant", "vectordb/qdrant"]);
    let missing: Vec<&str> = report
        .findings
        .iter()
        .filter(|finding| finding.rule == "availability/budget-missing")
        .map(|finding| finding.deployment.as_str())
        .collect();
    assert_eq!(missing, ["vectordb/qdrant"]);
}

#[test]
fn pods_of_the_peers_are_not_taken_for_others() {
    let mut pod = peers("vectordb", "qdrant")["spec"]["template"].clone();
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    pod["metadata"]["name"] = "qdrant-0".into();
    pod["metadata"]["namespace"] = "vectordb".into();
    pod["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "qdrant", "uid": "1"}]);
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "qdrant", "namespace": "vectordb"},
                         "spec": {"selector": {"app": "qdrant"}, "ports": [{"port": 6333}]}});
    let (with, _) = judged(&recording(&[peers("vectordb", "qdrant"), service.clone(), pod], ""));
    let (without, _) = judged(&recording(&[peers("vectordb", "qdrant"), service], ""));
    assert_eq!(with.deployments.len(), 1);
    let found = |report: &Report| report.findings.iter().map(|finding| finding.message.clone()).collect::<Vec<_>>();
    assert_eq!(found(&with), found(&without));
}

#[test]
fn a_recording_that_cannot_be_used_is_an_error_and_nothing_is_judged() {
    let good = recording(&[peers("vectordb", "qdrant")], "");
    for (name, change) in [
        ("another version", json!({"schema": "qdrant-lint/recording/v9"})),
        ("wrong types", json!({"clusters": [{"context": 1}]})),
        ("no clusters", json!({"clusters": Value::Null})),
        (
            "an unknown status",
            json!({"clusters": [{"context": "x", "lists": [{"group": "", "version": "", "resource": "", "namespace": null, "status": "maybe"}]}]}),
        ),
    ] {
        let mut bad = good.clone();
        for (key, value) in change.as_object().unwrap() {
            bad[key] = value.clone();
        }
        let (report, errors) = judged(&bad);
        assert_eq!(errors.len(), 1, "{name}");
        assert!(report.deployments.is_empty(), "{name}");
    }
}

#[test]
fn objects_of_any_shape_do_no_harm() {
    let deep = (0..900).fold(json!(1), |inner, _| json!([inner]));
    let objects = [
        peers("vectordb", "qdrant"),
        json!(null),
        json!(7),
        json!([]),
        json!({"kind": 3, "apiVersion": [], "metadata": "x"}),
        json!({"kind": "Service", "apiVersion": "v1", "metadata": {"name": {"a": 1}, "namespace": "vectordb"}, "spec": {"ports": "x", "selector": [1]}}),
        json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "\u{0}\u{1b}[31m\n", "namespace": "vectordb"}, "data": {"x": deep}}),
        json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s", "namespace": "vectordb"}, "data": {"k": "aHVudGVyMg=="}}),
    ];
    let (report, _) = judged(&recording(&objects, ""));
    assert_eq!(report.deployments.len(), 1);
}

#[test]
fn a_volume_is_that_of_the_namespace_of_its_claim() {
    let volume = json!({"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": "pvc-1"}, "spec": {
        "claimRef": {"kind": "PersistentVolumeClaim", "namespace": "other", "name": "storage-qdrant-0"},
        "storageClassName": "class-of-the-other", "persistentVolumeReclaimPolicy": "Retain"}});
    let with_storage = |namespace: &str| {
        let mut peers = peers(namespace, "qdrant");
        let spec = &mut peers["spec"];
        spec["volumeClaimTemplates"] =
            json!([{"metadata": {"name": "storage"}, "spec": {"accessModes": ["ReadWriteOnce"]}}]);
        spec["template"]["spec"]["containers"][0]["volumeMounts"] =
            json!([{"name": "storage", "mountPath": "/qdrant/storage"}]);
        peers
    };
    let recording = recording(&[with_storage("vectordb"), with_storage("other"), volume], "");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.json");
    std::fs::write(&file, recording.to_string()).unwrap();
    let judged = judge(&[file], &Flags::default());
    let knows = |namespace: &str| {
        let built = judged.built.iter().find(|built| built.deployment.namespace.as_deref() == Some(namespace)).unwrap();
        built.facts.to_string().contains("class-of-the-other")
    };
    assert!(knows("other"));
    assert!(!knows("vectordb"));
}

#[test]
fn what_files_declare_is_compared_with_what_the_recording_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("recording.json"), recording(&[peers("vectordb", "qdrant")], "").to_string()).unwrap();
    let mut declared = peers("vectordb", "qdrant");
    declared.as_object_mut().unwrap().remove("status");
    declared["spec"]["template"]["spec"]["containers"][0]["image"] = json!("qdrant/qdrant:v1.12.4");
    std::fs::write(path("peers.json"), declared.to_string()).unwrap();
    let check = |arguments: &[PathBuf]| -> Value {
        let output = assert_cmd::Command::cargo_bin("qdrant-lint")
            .unwrap()
            .arg("check")
            .args(arguments)
            .args(["--format", "json"])
            .output()
            .unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = |report: &Value, rule: &str| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
        findings.map(|finding| finding["deployment"].as_str().unwrap().to_owned()).collect()
    };
    let alone = check(&[path("recording.json")]);
    assert_eq!(alone["deployments"][0]["id"], "vectordb/qdrant");
    assert_eq!(found(&alone, "operations/drift"), [] as [&str; 0]);

    let beside = check(&[path("recording.json"), path("peers.json")]);
    let ids: Vec<&Value> = beside["deployments"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["prod:vectordb/qdrant", "vectordb/qdrant"]);
    for rule in ["operations/drift", "versions/downgrade"] {
        assert_eq!(found(&beside, rule), ["prod:vectordb/qdrant"], "{rule}");
    }
}
