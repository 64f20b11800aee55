//! The HTML report in a real headless Chromium: console, network, WCAG by axe, keyboard, filters, the drawing. Needs
//! `QDRANT_LINT_BROWSER`, a folder with playwright-core and axe-core in `node_modules`, and Chromium and node on the path.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::project;

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

fn page(folder: &Path, arguments: &[&str]) -> PathBuf {
    let file = folder.join("report.html");
    let output = assert_cmd::Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(folder)
        .args(["check", ".", "--effective-date", "2026-11-22", "--format", "html=report.html"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(file.is_file(), "{}", String::from_utf8_lossy(&output.stderr));
    file
}

/// The README's example beside a baseline, so that the trend shows.
fn single() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for file in ["articles.collection.json", "networkpolicy.yaml", "values.prod.yaml"] {
        fs::copy(project("testdata/example").join(file), folder.path().join(file)).unwrap();
    }
    let known = r#"{"schema": "qdrant-lint/baseline/v1", "findings": [{"fingerprint": "0"}, {"fingerprint": "1"}]}"#;
    fs::write(folder.path().join("known.json"), known).unwrap();
    folder
}

/// Deployments of every size, open and closed, with long and hostile names.
fn fleet() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let long = "w".repeat(240);
    for (number, peers) in [1, 3, 12, 50, 200, 0].into_iter().enumerate() {
        let name = if number % 2 == 0 { format!("q{number}") } else { format!("q{number}-MW-{long}") };
        let values = format!(
            "replicaCount: {peers}\nfullnameOverride: {name}\nimage: {{repository: docker.io/qdrant/qdrant}}\n\
             service: {{type: LoadBalancer}}\npersistence: {{size: 1500Gi, storageClassName: '</script><b>{long}'}}\n\
             ingress: {{enabled: true, hosts: [{{host: '{}.example.ae', paths: [{{path: /, pathType: Prefix, servicePort: 6333}}]}}]}}\n",
            "m".repeat(60)
        );
        let own = folder.path().join(format!("team-{number}"));
        fs::create_dir(&own).unwrap();
        fs::write(own.join("values.yaml"), values).unwrap();
    }
    folder
}

#[test]
fn the_report_is_usable_by_everyone_in_a_real_browser() {
    let Some(packages) = std::env::var_os("QDRANT_LINT_BROWSER") else {
        eprintln!("SKIPPED: QDRANT_LINT_BROWSER names no folder with playwright-core and axe-core");
        return;
    };
    let (Some(node), Some(chromium)) =
        (on_path(&["node"]), on_path(&["chromium", "chromium-browser", "google-chrome"]))
    else {
        eprintln!("SKIPPED: node and Chromium are not both on the path");
        return;
    };
    let (single, fleet, empty) = (single(), fleet(), tempfile::tempdir().unwrap());
    fs::write(empty.path().join("notes.yaml"), "a: 1\n").unwrap();
    let pages = [
        page(single.path(), &["-n", "search", "--chart-version", "1.15.4", "--baseline", "known.json"]),
        page(fleet.path(), &["--as", "values"]),
        page(empty.path(), &[]),
    ];
    let output = Command::new(node)
        .arg(project("tests/browser/report.mjs"))
        .arg(packages)
        .arg(chromium)
        .args(&pages)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.trim_end().ends_with(" checks, 0 failed"), "{told}");
}
