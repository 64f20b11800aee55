//! `audit` of two clusters in one run, with workloads of the same name: what is written and told is of the right one.

use serde_json::{Value, json};

use crate::audit::{audit, qdrant, report};
use crate::audit_reports::{REPORTS, install};
use crate::audit_watch::Watching;
use crate::support::apiserver::ApiServer;

const WORKLOAD: &str = "/apis/apps/v1/namespaces/reported/statefulsets/vectors";

/// One kubeconfig with a context for each cluster.
fn kubeconfig(clusters: &[(&str, &ApiServer)]) -> tempfile::NamedTempFile {
    let read = |server: &ApiServer| -> Value {
        serde_json::from_str(&std::fs::read_to_string(server.kubeconfig("admin")).unwrap()).unwrap()
    };
    let named = |list: &str, field: &str| -> Vec<Value> {
        let entry = |(name, server): &(&str, &ApiServer)| json!({"name": name, field: read(server)[list][0][field]});
        clusters.iter().map(entry).collect()
    };
    let context = |(name, _): &(&str, &ApiServer)| json!({"name": name, "context": {"cluster": name, "user": name}});
    let whole = json!({"apiVersion": "v1", "kind": "Config", "current-context": clusters[0].0,
        "contexts": clusters.iter().map(context).collect::<Vec<_>>(),
        "clusters": named("clusters", "cluster"), "users": named("users", "user")});
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), whole.to_string()).unwrap();
    file
}

/// The reports of a cluster: name of the workload, uid of its owner.
fn written(server: &ApiServer) -> Vec<(Value, Value)> {
    let list = server.send("GET", REPORTS, None);
    let of = |item: &Value| (item["scope"]["name"].clone(), item["metadata"]["ownerReferences"][0]["uid"].clone());
    list["items"].as_array().unwrap().iter().map(of).collect()
}

#[test]
fn reports_and_changes_are_those_of_the_cluster_that_they_come_from() {
    let (Some(east), Some(west)) = (ApiServer::start(), ApiServer::start()) else { return };
    for server in [&east, &west] {
        server.namespace("reported");
        server.create_all(&qdrant("reported", "vectors"));
    }
    let kubeconfig = kubeconfig(&[("east", &east), ("west", &west)]);
    let both = ["--context", "east", "--context", "west", "-n", "reported", "--write-reports"];
    let judged = [both.as_slice(), &["--format", "json"]].concat();
    let own = |server: &ApiServer| {
        let uid = server.send("GET", WORKLOAD, None)["metadata"]["uid"].clone();
        vec![(json!("vectors"), uid)]
    };

    // where one cluster has no kind for them, the other gets its own all the same
    install(&east);
    let output = audit(kubeconfig.path(), &judged);
    assert_eq!(output.status.code(), Some(2));
    let report_of_both = report(&output);
    let ids: Vec<&Value> = report_of_both["deployments"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["east:reported/vectors", "west:reported/vectors"]);
    let [error] = report_of_both["errors"].as_array().unwrap().as_slice() else { panic!("{report_of_both}") };
    assert!(error["message"].as_str().unwrap().starts_with("west: no reports were written"), "{error}");
    assert_eq!(written(&east), own(&east));

    install(&west);
    let output = audit(kubeconfig.path(), &judged);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    for server in [&east, &west] {
        assert_eq!(written(server), own(server));
    }

    // a change in one of them is told of that one, and its report is written anew
    let watching_both = [both.as_slice(), &["--interval", "0"]].concat();
    let mut watching = Watching::start(kubeconfig.path(), &watching_both);
    watching.until(0, "+ east:reported/vectors: ", "security/api-key-weak");
    watching.until(0, "+ west:reported/vectors: ", "security/api-key-weak");
    let first = watching.printed().len();
    let mut workload = west.send("GET", WORKLOAD, None);
    workload["spec"]["template"]["spec"]["containers"][0]["image"] = json!("qdrant/qdrant:latest");
    west.send("PUT", WORKLOAD, Some(&workload));
    let told = watching.until(first, "+ west:reported/vectors: ", "versions/image-unpinned");
    // the look that told it wrote before it told
    let unpinned = |server: &ApiServer| {
        let fails = |one: &Value| one["policy"] == "versions/image-unpinned" && one["result"] == "fail";
        let reports = server.send("GET", REPORTS, None)["items"].as_array().unwrap().clone();
        reports.iter().flat_map(|report| report["results"].as_array().unwrap()).any(fails)
    };
    assert!(unpinned(&west) && !unpinned(&east));
    let later = watching.printed()[first..told].to_vec();
    assert!(!later.iter().any(|line| line.contains("east:")), "nothing changed there: {later:#?}");
    assert_eq!(watching.stop(), Some(1));
}
