//! `init` as a newcomer meets it: what it writes is valid, says what is here and nothing else, and changes no verdict.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use qdrant_lint::config::Config;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::project;

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("qdrant-lint").unwrap().current_dir(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn judged(folder: &Path) -> Value {
    let (_, report, errors) = run(folder, &["check", "--format", "json", "--effective-date", "2026-11-22"]);
    let report: Value = serde_json::from_str(&report).unwrap_or_else(|error| panic!("{error}: {errors}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let findings: Vec<Value> =
        findings.map(|one| Value::from(format!("{} {} {}", one["rule"], one["deployment"], one["message"]))).collect();
    serde_json::json!({"findings": findings, "deployments": report["deployments"], "summary": report["summary"]})
}

fn written(folder: &Path) -> String {
    fs::read_to_string(folder.join(".qdrant-lint.yaml")).unwrap()
}

fn with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

fn copy_of(from: &Path) -> TempDir {
    fn below(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let to = to.join(entry.file_name());
            if entry.path().is_dir() {
                below(&entry.path(), &to);
            } else {
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    below(from, folder.path());
    folder
}

/// The example, what the environment names, and deployments that no folder of others has.
fn folders() -> Vec<TempDir> {
    let mut folders = vec![
        copy_of(&project("testdata/example")),
        with(&[]),
        with(&[("notes.yaml", "a: 1\n")]),
        with(&[(
            "values.yaml",
            "image: {repository: registry.example.ae/qdrant/qdrant, tag: v1.17.1}\nreplicaCount: 3\nsnapshotPersistence: {enabled: true}\npersistence: {storageClassName: \"odd: class #1\"}\n",
        )]),
    ];
    folders.extend(std::env::var_os("QDRANT_LINT_GUIDE").map(|guide| copy_of(Path::new(&guide))));
    if let Some(corpus) = std::env::var_os("QDRANT_LINT_CORPUS").map(PathBuf::from) {
        let mut projects: Vec<PathBuf> = fs::read_dir(corpus).unwrap().map(|entry| entry.unwrap().path()).collect();
        projects.retain(|path| path.is_dir());
        projects.sort();
        folders.extend(projects.iter().step_by(6).map(|path| copy_of(path)));
    } else {
        eprintln!("SKIPPED: QDRANT_LINT_CORPUS names no folder with deployments of others");
    }
    folders
}

/// What the comments propose, as if somebody had taken it all.
fn proposed(text: &str) -> String {
    const KEYS: [&str; 7] =
        ["deployments", "registries", "storage_classes", "residency", "rules", "ignore_paths", "waivers"];
    let kept = text.lines().map(|line| line.strip_prefix("# ").unwrap_or(line)).filter(|line| {
        line.starts_with([' ', '-'])
            || line.split_once(':').is_some_and(|(key, rest)| {
                (KEYS.contains(&key) && (rest.is_empty() || rest.starts_with(" [")))
                    || (["profile", "fail_on"].contains(&key) && rest.split(' ').count() == 2)
            })
    });
    kept.collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn what_is_written_is_valid_and_changes_no_verdict() {
    let schema: Value = serde_json::from_str(&fs::read_to_string(project("docs/config.schema.json")).unwrap()).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for folder in folders() {
        let before = judged(folder.path());
        let (code, told, errors) = run(folder.path(), &["init"]);
        assert_eq!(code, Some(0), "{told}{errors}");
        let text = written(folder.path());
        for (what, text) in [("as written", text.clone()), ("with all it proposes", proposed(&text))] {
            Config::parse("c", &text).unwrap_or_else(|error| panic!("{what}: {error:?}\n{text}"));
            let mut sources = qdrant_lint::source::Sources::default();
            let id = sources.add(qdrant_lint::source::Source::new("c", text.as_str()));
            let parsed = qdrant_lint::source::parse(&sources, id, &qdrant_lint::source::Limits::default());
            let value = parsed.documents[0].root.to_json();
            assert!(schema.is_valid(&value), "{what}: {:?}\n{text}", schema.iter_errors(&value).collect::<Vec<_>>());
        }
        assert_eq!(judged(folder.path()), before, "{text}");
    }
}

#[test]
fn the_deployments_that_it_proposes_are_those_that_it_saw() {
    let folder = copy_of(&project("testdata/example"));
    let before = judged(folder.path());
    assert_eq!(run(folder.path(), &["init"]).0, Some(0));
    let text = proposed(&written(folder.path()));
    let taken: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.starts_with("deployments:"))
        .take_while(|line| line.starts_with([' ', 'd']))
        .collect();
    assert!(taken.len() > 4, "{text}");
    fs::write(folder.path().join(".qdrant-lint.yaml"), taken.join("\n")).unwrap();
    let after = judged(folder.path());
    let ids = |report: &Value| {
        report["deployments"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&after), ids(&before), "{}", taken.join("\n"));
    assert!(after["findings"].as_array().unwrap().len() >= before["findings"].as_array().unwrap().len());
}

#[test]
fn it_says_what_is_here_and_what_only_an_example_is() {
    let folder = with(&[(
        "values.yaml",
        "image: {repository: registry.example.ae/qdrant/qdrant, tag: v1.17.1}\nsnapshotPersistence: {enabled: true}\npersistence: {storageClassName: fabric-7}\n",
    )]);
    let (_, told, _) = run(folder.path(), &["init"]);
    assert!(told.contains("1 deployment found"), "{told}");
    let text = written(folder.path());
    for part in
        ["allowed: [\"registry.example.ae\"]", "only you know", "\"fabric-7\": ssd", "values: [\"values.yaml\"]"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let empty = with(&[]);
    let (code, told, _) = run(empty.path(), &["init"]);
    assert!(code == Some(0) && told.contains("no deployment of Qdrant was found"), "{told}");
    let text = written(empty.path());
    let lines: Vec<&str> = text.lines().collect();
    for proposal in ["# registries:", "# storage_classes:", "# residency:", "# rules:", "# waivers:", "# ignore_paths:"]
    {
        let at =
            lines.iter().position(|line| line.starts_with(proposal)).unwrap_or_else(|| panic!("{proposal}: {text}"));
        assert!(lines[at - 1].ends_with("for example:"), "{proposal}: {}", lines[at - 1]);
    }
    assert!(!text.contains("\n# deployments:"), "{text}");
}

#[test]
fn no_key_is_copied_and_no_name_ends_a_comment() {
    let folder = with(&[(
        "values.yaml",
        "snapshotPersistence: {enabled: true}\napiKey: top-secret-key\nfullnameOverride: \"q\\nfail_on: never\"\nenv: [{name: QDRANT__SERVICE__READ_ONLY_API_KEY, value: other-secret}]\n",
    )]);
    assert_eq!(run(folder.path(), &["init"]).0, Some(0));
    let text = written(folder.path());
    assert!(!text.contains("top-secret-key") && !text.contains("other-secret"), "{text}");
    let settings: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(settings, ["profile: production", "fail_on: medium"]);
}

#[test]
fn what_is_there_stays_unless_told_otherwise() {
    let folder = with(&[("values.yaml", "replicaCount: 3\nsnapshotPersistence: {enabled: true}\n")]);
    let file = folder.path().join(".qdrant-lint.yaml");
    fs::write(&file, "profile: development\n").unwrap();
    let (code, _, errors) = run(folder.path(), &["init"]);
    assert!(code == Some(2) && errors.contains("is there already") && errors.contains("--force"), "{errors}");
    assert_eq!(written(folder.path()), "profile: development\n");
    assert_eq!(run(folder.path(), &["init", "--force"]).0, Some(0));
    assert!(written(folder.path()).contains("profile: production"));
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = outside.path().join("precious");
    std::os::unix::fs::symlink(&target, folder.path().join(".qdrant-lint.yaml")).unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, Some(2));
    assert!(!target.exists());
}
