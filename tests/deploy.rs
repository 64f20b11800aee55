//! The chart and the manifests made of it.

use std::path::PathBuf;
use std::process::Command;

use qdrant_lint::admission::cluster;

use crate::support::project;

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
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(0), "{}", report["findings"]);
}
