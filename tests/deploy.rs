//! The chart and the manifests made of it.

use std::path::PathBuf;
use std::process::Command;

use qdrant_lint::admission::cluster;
use qdrant_lint::load::live::rbac;
use qdrant_lint::source::{Limits, Source, Sources, parse};
use serde_json::{Value, json};

use crate::support::apiserver::{ApiServer, path_of};
use crate::support::project;

/// The scheduled audit.
const SCHEDULED: &str = "deploy/manifests/audit.yaml";
/// What lets it write reports.
const REPORTING: &str = "deploy/manifests/audit-reports.yaml";

/// helm on the path; said aloud when there is none.
fn helm() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path).map(|folder| folder.join("helm")).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("SKIPPED: helm is not on the path, so the chart is not rendered");
    }
    found
}

fn template(arguments: &[&str]) -> Option<std::process::Output> {
    let chart = project("deploy/chart");
    Some(Command::new(helm()?).arg("template").arg("t").arg(chart).args(arguments).output().unwrap())
}

#[test]
fn the_role_of_the_chart_reads_what_is_watched_and_no_secret() {
    let file = project("deploy/chart/watched.yaml");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, cluster::role()).unwrap();
    }
    let role = std::fs::read_to_string(file).unwrap();
    assert_eq!(role, cluster::role(), "UPDATE=1 cargo test --test suite deploy");
    let reads_secrets = role.split([' ', ',', '[', ']']).any(|word| word == "secrets" || word == "*");
    assert!(!reads_secrets, "{role}");
}

#[test]
fn the_plain_manifests_are_those_of_the_chart() {
    if helm().is_none() {
        return;
    }
    let made = tempfile::NamedTempFile::new().unwrap();
    let script = Command::new(project("scripts/manifests.sh")).arg(made.path()).output().unwrap();
    assert!(script.status.success(), "{}", String::from_utf8_lossy(&script.stderr));
    let kept = std::fs::read_to_string(project("deploy/manifests/qdrant-lint.yaml")).unwrap();
    assert_eq!(kept, std::fs::read_to_string(made.path()).unwrap(), "scripts/manifests.sh");
}

#[test]
fn the_schema_refuses_values_that_would_hurt() {
    for (arguments, word) in [
        (["--set", "failurePolicy=Fail,replicas=1"], "replicas"),
        (["--set", "mode=enforced"], "mode"),
        (["--set", "tls.existingSecret=mine"], "caBundle"),
        (["--set", "replicaCount=3"], "replicaCount"),
    ] {
        let Some(output) = template(&arguments) else { return };
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && text.contains(word), "{arguments:?}: {text}");
    }
}

#[test]
fn a_certificate_of_ones_own_needs_no_cert_manager() {
    let Some(output) = template(&["--set", "tls.existingSecret=mine,tls.caBundle=Q0E="]) else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("kind: Certificate") && !text.contains("inject-ca-from"), "{text}");
    assert_eq!(text.matches("caBundle: Q0E=").count(), 3);
    assert!(text.contains("secretName: mine"));
}

#[test]
fn a_certificate_of_its_own_needs_one_secret_and_no_cert_manager() {
    let arguments = ["--set", "tls.selfManaged=true", "--set", "files.waivers\\.yaml=- rule: a/b"];
    let Some(output) = template(&arguments) else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        !text.contains("kind: Certificate") && !text.contains("inject-ca-from") && !text.contains("mountPath: /tls")
    );
    assert!(text.contains("--tls-secret=t-tls") && text.contains("resourceNames: [t-tls]"), "{text}");
    assert!(text.contains("waivers.yaml: |\n    - rule: a/b"), "{text}");
}

#[test]
fn without_an_audit_nothing_may_be_written() {
    let Some(output) = template(&["--set", "audit.interval=0"]) else { return };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("create") && !text.contains("kind: Role\n"), "{text}");
}

#[test]
fn the_linter_finds_nothing_in_its_own_deployment() {
    let output = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"))
        .args(["check", "deploy/manifests", "--format", "json"])
        .current_dir(project(""))
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{}", report["findings"]);
}

/// Objects of the scheduled audit.
fn scheduled() -> Vec<Value> {
    let text = std::fs::read_to_string(project(SCHEDULED)).unwrap();
    let mut sources = Sources::default();
    let id = sources.add(Source::new("audit.yaml", text));
    let parsed = parse(&sources, id, &Limits::default());
    assert_eq!(parsed.errors, []);
    parsed.documents.iter().map(|document| document.root.to_json()).filter(Value::is_object).collect()
}

/// A document of a text of several, which begins like this.
fn starting<'a>(documents: &[&'a str], start: &str) -> Option<&'a str> {
    // the line breaks keep `name: a` apart from `name: a-b`
    documents.iter().copied().find(|document| document.contains(start))
}

#[test]
fn the_roles_of_the_scheduled_audit_are_those_that_are_printed() {
    let printed = rbac::print(rbac::Rights::default());
    let printed: Vec<&str> = printed.split("---\n").collect();
    let kept = std::fs::read_to_string(project(SCHEDULED)).unwrap();
    let documents: Vec<&str> = kept.split("---\n").collect();
    let mut made = kept.clone();
    for name in ["qdrant-lint-audit", "qdrant-lint-audit-cluster"] {
        let start = format!("kind: ClusterRole\nmetadata:\n  name: {name}\n");
        let (own, right) = (starting(&documents, &start).unwrap(), starting(&printed, &start).unwrap());
        assert!(right.contains("verbs: ["), "{right}");
        made = made.replace(own, right);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(project(SCHEDULED), &made).unwrap();
    } else {
        assert_eq!(kept, made, "UPDATE=1 cargo test --test suite deploy");
    }
}

#[test]
fn the_role_that_writes_reports_is_the_one_that_is_printed_and_its_account_that_of_the_audit() {
    let printed = rbac::print(rbac::Rights { reports: true, ..rbac::Rights::default() });
    let kept = std::fs::read_to_string(project(REPORTING)).unwrap();
    let start = "kind: ClusterRole\nmetadata:\n  name: qdrant-lint-audit-reports\n";
    let of = |text: &str| {
        let documents: Vec<&str> = text.split("---\n").collect();
        starting(&documents, start).map(str::to_owned)
    };
    assert!(of(&kept).is_some());
    assert_eq!(of(&kept), of(&printed));
    let account = "- kind: ServiceAccount\n  name: qdrant-lint-audit\n  namespace: qdrant-lint-audit\n";
    assert!(kept.ends_with(account), "{kept}");
    let audit = std::fs::read_to_string(project(SCHEDULED)).unwrap();
    assert!(audit.contains(account) && audit.contains("# - --write-reports\n"));
}

#[test]
fn the_scheduled_audit_runs_with_its_own_rights_on_a_real_api_server() {
    // other tests grant roles of these names on the one that is shared
    let Some(server) = ApiServer::start() else { return };
    let objects = scheduled();
    for object in &objects {
        let name = object["metadata"]["name"].as_str().unwrap();
        let path = format!("{}/{name}?fieldManager=test&fieldValidation=Strict", path_of(object));
        let (status, warnings, answer) = server.exchange("APPLY", &path, object);
        assert!([200, 201].contains(&status), "{}: {answer}", object["kind"]);
        // Pod Security warns of templates that the namespace would refuse
        assert!(warnings.is_empty(), "{}: {warnings:?}", object["kind"]);
    }
    let job = objects.iter().find(|object| object["kind"] == "CronJob").unwrap();
    let spec = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": {"name": "one", "namespace": "qdrant-lint-audit"}});
    let (status, _, answer) = server.exchange("POST", "/api/v1/namespaces/qdrant-lint-audit/pods?dryRun=All", &pod);
    assert_eq!(status, 201, "{answer}");

    // the arguments of the container, with the rights of its account
    let labels = json!({"app": "vectors"});
    server.namespace("nightly");
    server.create(&json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "vectors", "namespace": "nightly"},
        "spec": {"replicas": 1, "serviceName": "vectors", "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:latest"}]}}}}));
    let folder = tempfile::tempdir().unwrap();
    let configuration = objects.iter().find(|object| object["kind"] == "ConfigMap").unwrap();
    let file = folder.path().join("qdrant-lint.yaml");
    std::fs::write(&file, configuration["data"]["qdrant-lint.yaml"].as_str().unwrap()).unwrap();
    let arguments: Vec<String> = spec["containers"][0]["args"]
        .as_array()
        .unwrap()
        .iter()
        .map(|argument| argument.as_str().unwrap().replace("/config/qdrant-lint.yaml", file.to_str().unwrap()))
        .collect();
    let output = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"))
        .args(&arguments)
        .env("KUBECONFIG", server.account("qdrant-lint-audit", "qdrant-lint-audit"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("nightly/vectors") && text.contains("versions/image-unpinned"), "{text}");
    assert!(!text.contains("may not"), "{text}");
}
