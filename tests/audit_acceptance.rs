//! What does not count in CI does not count of what runs: waivers, the baseline, and what a person vouches for.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::{Value, json};

use crate::audit::{qdrant, report};
use crate::support::apiserver::ApiServer;

/// Exit code and report of an audit from within a folder.
fn audited(server: &ApiServer, folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    command.env_remove("KUBECONFIG").current_dir(folder).args(["audit", "--format", "json", "--kubeconfig"]);
    let output = command.arg(server.kubeconfig("admin")).args(arguments).output().unwrap();
    (output.status.code().unwrap(), report(&output))
}

fn status<'r>(report: &'r Value, rule: &str) -> &'r str {
    let found = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule}"))["status"].as_str().unwrap()
}

/// A deployment with an annotation that accepts one finding, and a folder whose configuration waives another.
fn excused(server: &ApiServer, namespace: &str) -> tempfile::TempDir {
    server.namespace(namespace);
    let mut objects = qdrant(namespace, "vectors");
    objects[0]["metadata"]["annotations"] =
        json!({"qdrant-lint.dev/ignore": "security/runs-as-root=the image of the vendor runs so"});
    server.create_all(&objects);
    let folder = tempfile::tempdir().unwrap();
    let config = "waivers:\n  - rule: security/api-key-weak\n    reason: replaced with the next release\n    \
        owner: platform@example.com\n    until: 2027-01-15\n";
    fs::write(folder.path().join(".qdrant-lint.yaml"), config).unwrap();
    folder
}

#[test]
fn what_is_accepted_in_ci_or_on_the_object_is_accepted_of_what_runs() {
    let Some(server) = ApiServer::shared() else { return };
    let folder = excused(&server, "accepted");
    let statuses = |day: &str| {
        let (_, report) = audited(&server, folder.path(), &["-n", "accepted", "--effective-date", day]);
        ["security/api-key-weak", "security/runs-as-root", "security/api-key-in-plain-text"]
            .map(|rule| status(&report, rule).to_owned())
    };
    assert_eq!(statuses("2026-12-01"), ["waived", "ignored", "open"]);
    assert_eq!(statuses("2027-01-16"), ["open", "ignored", "open"], "a waiver that is over accepts nothing");
}

#[test]
fn only_what_the_baseline_does_not_hold_counts_of_what_runs() {
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("baselined");
    server.create_all(&qdrant("baselined", "vectors"));
    let folder = tempfile::tempdir().unwrap();
    let scope = ["-n", "baselined"];
    let with = |flags: &[&str]| audited(&server, folder.path(), &[scope.as_slice(), flags].concat());
    assert_eq!(with(&[]).0, 1);
    let (code, written) = with(&["--write-baseline", "known.json"]);
    assert_eq!((code, status(&written, "security/api-key-weak")), (0, "baseline"));
    assert_eq!(with(&["--baseline", "known.json"]).0, 0);

    let path = "/apis/apps/v1/namespaces/baselined/statefulsets/vectors";
    let mut workload = server.send("GET", path, None);
    workload["spec"]["template"]["spec"]["containers"][0]["image"] = json!("qdrant/qdrant:latest");
    server.send("PUT", path, Some(&workload));
    let (code, after) = with(&["--baseline", "known.json"]);
    assert_eq!(code, 1);
    assert_eq!(status(&after, "versions/image-unpinned"), "open");
    assert_eq!(status(&after, "security/api-key-weak"), "baseline");
    assert_eq!(with(&["--baseline", "nowhere.json"]).0, 2);
}

#[test]
fn without_ignores_waivers_and_annotations_of_what_runs_are_as_if_they_were_not_there() {
    let Some(server) = ApiServer::shared() else { return };
    let folder = excused(&server, "unexcused");
    let scope = ["-n", "unexcused", "--effective-date", "2026-12-01"];
    let both =
        |report: &Value| ["security/api-key-weak", "security/runs-as-root"].map(|rule| status(report, rule).to_owned());
    assert_eq!(both(&audited(&server, folder.path(), &scope).1), ["waived", "ignored"]);
    let bare = [scope.as_slice(), &["--no-ignores"]].concat();
    assert_eq!(both(&audited(&server, folder.path(), &bare).1), ["open", "open"]);
}

#[test]
fn what_a_person_vouches_for_counts_of_what_runs_and_is_asked_for_when_evidence_is_strict() {
    const RULE: &str = "observability/metrics-unauthorized";
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("vouched");
    let mut objects = qdrant("vouched", "vectors");
    objects[0]["spec"]["template"]["metadata"]["annotations"] =
        json!({"prometheus.io/scrape": "true", "prometheus.io/port": "6333"});
    server.create_all(&objects);
    let folder = tempfile::tempdir().unwrap();
    let scope = ["-n", "vouched", "--rule", RULE, "--effective-date", "2026-12-01"];
    let strict = [scope.as_slice(), &["--strict-evidence"]].concat();
    let (code, before) = audited(&server, folder.path(), &scope);
    assert_eq!((code, before["rules"][0]["kind"].as_str()), (0, Some("needs-evidence")), "{before}");
    assert_eq!(audited(&server, folder.path(), &strict).0, 1);

    let evidence = "evidence:\n  - key: scrape-authorization\n    statement: the collector sends the read-only key\n    \
        by: Amal Nasser, platform\n    until: 2026-12-31\n";
    fs::write(folder.path().join(".qdrant-lint.yaml"), evidence).unwrap();
    let (code, after) = audited(&server, folder.path(), &strict);
    assert_eq!(code, 0, "{after}");
    assert_eq!(after["rules"][0]["attested"], "scrape-authorization");
    assert_eq!(after["summary"]["attested"], 1);
}
