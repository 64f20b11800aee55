//! `audit --write-reports` against a real API server, without the kind of report and with it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::audit::{audit, documents, qdrant, report};
use crate::support::apiserver::ApiServer;

pub(crate) const REPORTS: &str = "/apis/openreports.io/v1alpha1/namespaces/reported/reports";

pub(crate) fn install(server: &ApiServer) {
    server.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Some(&json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "reports.openreports.io"},
        "spec": {"group": "openreports.io", "scope": "Namespaced",
            "names": {"kind": "Report", "plural": "reports", "singular": "report", "listKind": "ReportList"},
            "versions": [{"name": "v1alpha1", "served": true, "storage": true,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})));
    let started = Instant::now();
    while server.exchange("GET", REPORTS, &Value::Null).0 != 200 {
        assert!(started.elapsed() < Duration::from_mins(1), "the kind is served");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn message(report: &Value) -> &str {
    report["errors"][0]["message"].as_str().unwrap_or_default()
}

#[test]
fn reports_are_written_where_their_kind_is_and_go_with_their_workload() {
    // other tests install kinds on the one that is shared
    let Some(server) = ApiServer::start() else { return };
    server.namespace("reported");
    server.create_all(&qdrant("reported", "vectors"));
    let arguments = ["-n", "reported", "--format", "json", "--write-reports"];

    let output = audit(&server.kubeconfig("admin"), &arguments);
    let without = report(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(message(&without).contains("the cluster serves neither openreports.io/v1alpha1"), "{without}");
    assert!(without["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "it is judged all the same");

    install(&server);
    let output = audit(&server.kubeconfig("admin"), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    let written = server.send("GET", REPORTS, None)["items"].clone();
    let [one] = written.as_array().unwrap().as_slice() else { panic!("{written}") };
    let workload = server.send("GET", "/apis/apps/v1/namespaces/reported/statefulsets/vectors", None);
    let owner = &one["metadata"]["ownerReferences"][0];
    assert_eq!((&owner["uid"], owner["kind"].as_str()), (&workload["metadata"]["uid"], Some("StatefulSet")));
    assert_eq!(one["scope"]["name"], "vectors");
    let failed = report(&output)["findings"].as_array().unwrap().iter().filter(|one| one["severity"] != "low").count();
    assert!(failed > 0 && one["summary"]["fail"].as_u64().is_some_and(|count| count > 0), "{one}");
    assert!(one["results"].to_string().contains("security/api-key-weak") && !one.to_string().contains("hunter2"));

    // a workload that is gone leaves no report behind, one that somebody else applied stays
    let mut foreign =
        json!({"apiVersion": "openreports.io/v1alpha1", "kind": "Report", "metadata": {"name": "foreign"}});
    server.send("POST", REPORTS, Some(&foreign));
    foreign["metadata"] = json!({"name": "old", "labels": {"qdrant-lint.dev/written-by": "audit"}});
    server.send("POST", REPORTS, Some(&foreign));
    let narrowed = [arguments.as_slice(), &["-l", "app=vectors"]].concat();
    let names = || -> Vec<String> {
        let list = server.send("GET", REPORTS, None);
        let items = list["items"].as_array().unwrap().iter();
        items.map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect()
    };
    audit(&server.kubeconfig("admin"), &narrowed);
    assert!(names().contains(&"old".to_owned()), "only some of the workloads were looked at: {:?}", names());
    audit(&server.kubeconfig("admin"), &arguments);
    assert_eq!(names().len(), 2, "{:?}", names());
    assert!(names().contains(&"foreign".to_owned()), "{:?}", names());

    // the printed role is enough, and needed
    let grant = |arguments: &[&str]| {
        for role in documents(&audit(&server.kubeconfig("admin"), arguments).stdout) {
            if !role["metadata"]["name"].as_str().unwrap().ends_with("-port-forward") {
                server.exchange("POST", &crate::support::apiserver::path_of(&role), &role);
            }
        }
    };
    grant(&["-n", "reported", "--print-rbac"]);
    let output = audit(&server.kubeconfig("auditor"), &arguments);
    assert_eq!(output.status.code(), Some(2));
    assert!(message(&report(&output)).contains("the reports could not be written"), "{}", report(&output));
    grant(&["-n", "reported", "--write-reports", "--print-rbac"]);
    let output = audit(&server.kubeconfig("auditor"), &arguments);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
}
