//! `fix` on the guide's own files, as far as a machine can go: what it leaves is rendered by Helm and accepted by a real API
//! server under Pod Security `restricted`, and what is left to people is told with key and value.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use assert_cmd::Command;
use qdrant_lint::source::{Limits, Source, Sources, parse};
use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;

/// Objects of operators, whose API the server does not have.
const FOREIGN: [&str; 1] = ["monitoring.coreos.com"];

#[test]
fn what_fix_makes_of_the_guide_is_rendered_and_accepted_under_restricted() {
    let (Ok(guide), Ok(charts)) = (std::env::var("QDRANT_LINT_GUIDE"), std::env::var("QDRANT_LINT_CHARTS")) else {
        eprintln!("SKIPPED: QDRANT_LINT_GUIDE and QDRANT_LINT_CHARTS name the guide and the charts");
        return;
    };
    if Process::new("helm").arg("version").output().is_err() {
        eprintln!("SKIPPED: helm is not in PATH");
        return;
    }
    let Some(server) = ApiServer::shared() else { return };
    for version in ["1.19.0", "1.12.4"] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["values.prod.yaml", "namespace.yaml"] {
            fs::copy(Path::new(&guide).join(name), at(name)).unwrap();
        }
        let before = fs::read_to_string(at("values.prod.yaml")).unwrap();
        let found = findings(folder.path(), version);
        fix(folder.path(), version, &[]);
        let told = fix(folder.path(), version, &["--unsafe"]);
        let after = fs::read_to_string(at("values.prod.yaml")).unwrap();
        let left = findings(folder.path(), version);
        assert!(left.len() < found.len(), "{} of {} findings are left", left.len(), found.len());
        for comment in before.lines().filter_map(|line| line.split_once('#')).map(|(_, comment)| comment) {
            assert!(after.contains(comment), "the comment `#{comment}` is lost");
        }
        assert_eq!(fix(folder.path(), version, &["--unsafe"]).matches("  [").count(), 0);
        assert_eq!(fs::read_to_string(at("values.prod.yaml")).unwrap(), after, "a second run changes something");
        decisions(version, &left, &told);

        let namespace = format!("guide-{}", version.replace('.', "-"));
        server.create(&json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
        }));
        let objects = rendered(&charts, version, &at("values.prod.yaml"), &namespace);
        assert!(objects.iter().any(|object| object["kind"] == "StatefulSet"), "no StatefulSet is rendered");
        for object in &objects {
            let name = format!("{}/{}", object["kind"], object["metadata"]["name"]);
            server.dry_run(object).unwrap_or_else(|error| panic!("chart {version}: {name} is refused: {error}"));
            if let Some(pod) = pod_of(object) {
                server
                    .dry_run(&pod)
                    .unwrap_or_else(|error| panic!("chart {version}: a pod of {name} is refused: {error}"));
            }
        }
        // the server does refuse what the guide says
        let original = rendered_original(&charts, version, &before, &namespace);
        let refused = original.iter().filter_map(pod_of).any(|pod| server.dry_run(&pod).is_err());
        assert!(refused, "chart {version}: the pods of the guide were accepted before");
        eprintln!(
            "chart {version}: {} findings before, {} after, {} objects accepted",
            found.len(),
            left.len(),
            objects.len()
        );
    }
}

#[test]
fn what_is_left_of_the_whole_guide_says_what_to_write() {
    let Ok(guide) = std::env::var("QDRANT_LINT_GUIDE") else {
        eprintln!("SKIPPED: QDRANT_LINT_GUIDE names no folder with the guide's files");
        return;
    };
    for version in ["1.19.0", "1.12.4"] {
        let folder = tempfile::tempdir().unwrap();
        for file in fs::read_dir(&guide).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "yaml" || extension == "json") {
                fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
            }
        }
        fix(folder.path(), version, &[]);
        let told = fix(folder.path(), version, &["--unsafe"]);
        let left = findings(folder.path(), version);
        assert!(left.len() > 20, "chart {version}: {} findings are left", left.len());
        are_decisions(version, &left, &told);
    }
}

/// Each finding that is left needs a decision: it has no fix, or one that was not made for a reason that is told beside it;
/// and its advice says what to write.
fn are_decisions(version: &str, left: &[Value], told: &str) {
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in told.lines().skip_while(|line| !line.ends_with("needs a decision:")).skip(1) {
        match blocks.last_mut() {
            Some(block) if line.starts_with("      ") => block.push(line.trim()),
            _ if line.starts_with("  ") => blocks.push(vec![line.trim()]),
            _ => break,
        }
    }
    assert_eq!(blocks.len(), left.len(), "chart {version}: what is told is not what is left");
    for finding in left {
        let (rule, help) = (finding["rule"].as_str().unwrap(), finding["help"].as_str().unwrap());
        assert!(says_what_to_write(help), "chart {version}: {rule} names nothing to write: {help}");
        let location = &finding["location"];
        let place = match location["file"].as_str() {
            Some(file) => format!("{file}:{} ", location["line"]),
            None => String::new(),
        };
        let message = finding["message"].as_str().unwrap();
        let block = blocks.iter().find(|block| {
            block[0].starts_with(&place) && block[0].ends_with(&format!("[{rule}]")) && block[1] == message
        });
        let block = block.unwrap_or_else(|| panic!("chart {version}: {rule} is not told: {told}"));
        assert!(block.iter().any(|line| line.starts_with("write: ")), "{block:?}");
        let reason = block.iter().find_map(|line| line.strip_prefix("not fixed: "));
        let is_open = matches!(finding["fix"]["applicability"].as_str(), Some("safe" | "unsafe"));
        assert_eq!(is_open, reason.is_some_and(|reason| !reason.is_empty()), "chart {version}: {block:?}");
    }
}

/// Whether an advice names a key with its value, a flag, a command, an address or a kind of object, or the key that goes.
/// To name a key alone leaves to the reader what to write there.
fn says_what_to_write(help: &str) -> bool {
    let written = help.split('`').skip(1).step_by(2).any(|code| {
        let code = code.trim();
        code.contains(": ")
            || code.contains('=')
            || code.contains("://")
            || code.starts_with("--")
            || code.contains(' ')
    });
    written || help.contains("remove `")
}

#[test]
fn an_advice_is_concrete_or_it_is_none() {
    for concrete in ["set `a.b: 3`", "remove `a.b`", "check it with `sha256sum -c`", "pass `--chart-version`"] {
        assert!(says_what_to_write(concrete), "{concrete}");
    }
    for vague in ["", "write `a.b`", "mount a volume", "see the documentation: it says how"] {
        assert!(!says_what_to_write(vague), "{vague}");
    }
}

/// What is left, so that whoever changes it reads it.
fn decisions(version: &str, left: &[Value], told: &str) {
    are_decisions(version, left, told);
    let lines: Vec<String> = left
        .iter()
        .map(|finding| format!("{} {}: {}", finding["severity"], finding["rule"], finding["help"]).replace('"', ""))
        .collect();
    insta::assert_snapshot!(format!("guide_decisions_{version}"), lines.join("\n"));
}

fn fix(folder: &Path, version: &str, more: &[&str]) -> String {
    let output = Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(folder)
        .args(["fix", "--chart-version", version, "."])
        .args(more)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn findings(folder: &Path, version: &str) -> Vec<Value> {
    let output = Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(folder)
        .args(["check", "--chart-version", version, "--format", "json", "."])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

fn rendered(charts: &str, version: &str, values: &Path, namespace: &str) -> Vec<Value> {
    objects(&helm(charts, version, values, namespace).unwrap(), namespace)
}

/// Objects of the guide as it is, with only that mended which keeps Helm from rendering them at all.
fn rendered_original(charts: &str, version: &str, values: &str, namespace: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values.yaml");
    fs::write(&file, values).unwrap();
    objects(&helm(charts, version, &file, namespace).unwrap_or_default(), namespace)
}

fn helm(charts: &str, version: &str, values: &Path, namespace: &str) -> Result<String, String> {
    let chart = Path::new(charts).join(version);
    let chart: PathBuf = if chart.join("qdrant").is_dir() { chart.join("qdrant") } else { chart };
    let output = Process::new("helm")
        .args(["template", "qdrant"])
        .arg(chart)
        .args(["-n", namespace, "-f"])
        .arg(values)
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn objects(text: &str, namespace: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("rendered.yaml", text));
    let documents = parse(&sources, id, &Limits::default()).documents;
    let mut objects: Vec<Value> = documents.iter().map(|document| document.root.to_json()).collect();
    // a test of the release is a pod that runs once, and not in production
    objects.retain(|object| object.is_object() && object["metadata"]["annotations"]["helm.sh/hook"].is_null());
    objects.retain(|object| {
        !FOREIGN.iter().any(|group| object["apiVersion"].as_str().is_some_and(|api| api.starts_with(group)))
    });
    for object in &mut objects {
        object["metadata"]["namespace"] = namespace.into();
    }
    objects
}

/// The pod that a controller would create; claims are those that it would make.
fn pod_of(object: &Value) -> Option<Value> {
    let template = object.pointer("/spec/template")?;
    let mut spec = template["spec"].clone();
    let claims = object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut volumes = spec["volumes"].as_array().cloned().unwrap_or_default();
    volumes.extend(claims.iter().map(|claim| {
        let name = &claim["metadata"]["name"];
        json!({"name": name, "persistentVolumeClaim": {"claimName": format!("{}-0", name.as_str().unwrap_or_default())}})
    }));
    spec["volumes"] = volumes.into();
    let name = format!("{}-0", object["metadata"]["name"].as_str()?);
    Some(json!({
        "apiVersion": "v1", "kind": "Pod", "spec": spec,
        "metadata": {"name": name, "namespace": object["metadata"]["namespace"], "labels": template["metadata"]["labels"]},
    }))
}
