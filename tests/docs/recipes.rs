//! Recipes: what is not run is read by the program's own parser, by the files that define what it names, and a manifest by an
//! API server.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::documents;
use super::page::{Page, Treatment, pages};
use crate::support::apiserver::ApiServer;
use crate::support::project;

/// Arguments after each `qdrant-lint COMMAND` of a line, up to what ends a command in a shell or a quotation.
fn calls(line: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for (at, name) in line.match_indices("qdrant-lint ") {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|letter| !letter.is_whitespace() && letter != '\'') {
            continue;
        }
        let mut words = vec![String::new()];
        let mut quote = None;
        let outer = before.filter(|letter| *letter == '\'');
        for letter in line[at + name.len()..].chars() {
            match (quote, letter) {
                (None, '\'') if outer.is_some() => break,
                (None, '|' | '>' | ';' | '&' | '<' | '#') => break,
                (None, '"' | '\'') => quote = Some(letter),
                (Some(open), letter) if open == letter => quote = None,
                (None, ' ') => words.push(String::new()),
                (_, letter) => words.last_mut().expect("never empty").push(letter),
            }
        }
        words.retain(|word| !word.is_empty());
        if words.first().is_some_and(|word| word.chars().all(|letter| letter.is_ascii_lowercase())) {
            found.push(words);
        }
    }
    found
}

/// Whether the program knows the command and its flags; values of its enumerations are read too.
fn is_known(arguments: &[String]) -> Result<(), String> {
    let ran = Command::new(env!("CARGO_BIN_EXE_qdrant-lint")).args(arguments).arg("--help").output().unwrap();
    if ran.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&ran.stderr).into_owned()) }
}

/// Arguments of containers that run the image, wherever they stand in a manifest.
fn of_containers(value: &Value, found: &mut Vec<Vec<String>>) {
    if value["image"].as_str().is_some_and(|image| image.starts_with("ghcr.io/qdrant-lint/qdrant-lint:")) {
        let arguments = value["args"].as_array().into_iter().flatten();
        let arguments: Vec<String> =
            arguments.map(|one| one.as_str().expect("arguments are texts").to_owned()).collect();
        if !arguments.is_empty() {
            found.push(arguments);
        }
    }
    match value {
        Value::Object(fields) => fields.values().for_each(|field| of_containers(field, found)),
        Value::Array(items) => items.iter().for_each(|item| of_containers(item, found)),
        _ => {}
    }
}

#[test]
fn commands_that_are_not_run_are_known() {
    let mut read = 0;
    for page in pages() {
        for block in page.blocks() {
            if matches!(block.treatment, Treatment::Run { .. }) {
                continue;
            }
            let lines = &page.lines[block.lines.clone()];
            let mut all: Vec<Vec<String>> = lines.iter().flat_map(|line| calls(line)).collect();
            if block.language == "yaml" {
                for document in documents(&lines.join("\n")) {
                    of_containers(&document, &mut all);
                }
            }
            for arguments in all {
                read += 1;
                let known = is_known(&arguments);
                assert!(known.is_ok(), "{}: {arguments:?}: {}", page.path, known.unwrap_err());
            }
        }
    }
    assert!(read > 10, "{read}");
}

/// Every mapping of the YAML blocks of all pages, with the page.
fn mappings() -> Vec<(String, Value)> {
    fn walk(page: &str, value: &Value, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(fields) => {
                found.push((page.to_owned(), value.clone()));
                fields.values().for_each(|field| walk(page, field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(page, item, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for page in pages() {
        for block in page.blocks().into_iter().filter(|block| block.language == "yaml") {
            for document in documents(&page.lines[block.lines].join("\n")) {
                walk(&page.path, &document, &mut found);
            }
        }
    }
    found
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

#[test]
fn recipes_name_inputs_hooks_and_outputs_that_exist() {
    let file = |name: &str| documents(&fs::read_to_string(project(name)).unwrap());
    let action = &file("action.yml")[0];
    let component = keys(&file("templates/qdrant-lint.yml")[0]["spec"]["inputs"]);
    let hooks = &file(".pre-commit-hooks.yaml")[0];
    let (mut steps, mut includes, mut used) = (0, 0, 0);
    for (page, mapping) in mappings() {
        if mapping["uses"].as_str().is_some_and(|uses| uses.starts_with("qdrant-lint/qdrant-lint@")) {
            steps += 1;
            let unknown: Vec<String> = keys(&mapping["with"]).difference(&keys(&action["inputs"])).cloned().collect();
            assert!(unknown.is_empty(), "{page}: the action has no input {unknown:?}");
        }
        if mapping["component"].as_str().is_some_and(|component| component.contains("/qdrant-lint@")) {
            includes += 1;
            assert!(keys(&mapping["inputs"]).is_subset(&component), "{page}: {mapping}");
        }
        if mapping["repo"] == "https://github.com/qdrant-lint/qdrant-lint" {
            for hook in mapping["hooks"].as_array().unwrap() {
                used += 1;
                let known = hooks.as_array().unwrap().iter().find(|known| known["id"] == hook["id"]);
                let entry =
                    known.unwrap_or_else(|| panic!("{page}: no hook is called {}", hook["id"]))["entry"].clone();
                let own = hook["args"].as_array().into_iter().flatten().map(|one| one.as_str().unwrap().to_owned());
                let arguments = entry.as_str().unwrap().split(' ').skip(1).map(str::to_owned).chain(own);
                let known = is_known(&arguments.collect::<Vec<_>>());
                assert!(known.is_ok(), "{page}: {}", known.unwrap_err());
            }
        }
    }
    assert!(steps >= 4 && includes >= 1 && used >= 3, "{steps} {includes} {used}");
    for page in pages() {
        for after in page.text().split("steps.qdrant.outputs.").skip(1) {
            let name: String =
                after.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '-').collect();
            assert!(!action["outputs"][&name].is_null(), "{}: the action has no output {name}", page.path);
        }
    }
}

#[test]
fn workflows_of_the_pages_are_what_actionlint_takes() {
    let path = std::env::var_os("PATH").unwrap();
    let Some(actionlint) =
        std::env::split_paths(&path).map(|folder| folder.join("actionlint")).find(|file| file.is_file())
    else {
        eprintln!("SKIPPED: actionlint is not on the path");
        return;
    };
    let mut read = 0;
    for page in pages() {
        for block in page.blocks().into_iter().filter(|block| block.language == "yaml") {
            let text = page.lines[block.lines].join("\n") + "\n";
            if !text.contains("\njobs:\n") {
                continue;
            }
            // the README shows only what matters of a workflow
            let text = if text.contains("\non:\n") { text } else { format!("on: push\n{text}") };
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("workflow.yml");
            fs::write(&file, text).unwrap();
            let ran = Command::new(&actionlint).arg(&file).output().unwrap();
            assert!(ran.status.success(), "{}: {}", page.path, String::from_utf8_lossy(&ran.stdout));
            read += 1;
        }
    }
    assert!(read >= 2, "{read}");
}

#[test]
fn the_job_of_the_recipe_runs_in_a_restricted_namespace() {
    let page = Page::read("docs/ci/argocd.md");
    let folder = tempfile::tempdir().unwrap();
    page.write_files(folder.path());
    let job = &documents(&fs::read_to_string(folder.path().join("qdrant-lint.yaml")).unwrap())[0];
    let Some(server) = ApiServer::shared() else { return };
    server.create(&json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "recipes", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}));
    server.send("POST", "/apis/batch/v1/namespaces/recipes/jobs?fieldValidation=Strict", Some(job));
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "qdrant-lint"}});
    pod["spec"] = job["spec"]["template"]["spec"].clone();
    let kept = server.send("POST", "/api/v1/namespaces/recipes/pods?fieldValidation=Strict", Some(&pod));
    assert_eq!(kept["spec"]["containers"][0]["args"], pod["spec"]["containers"][0]["args"]);
}

#[test]
fn the_input_of_the_job_is_judged_once() {
    // a ConfigMap is mounted as links into a folder that is exchanged as a whole
    let mount = tempfile::tempdir().unwrap();
    let real = mount.path().join("..2026_11_28_10_00_00.1");
    fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink("..2026_11_28_10_00_00.1", mount.path().join("..data")).unwrap();
    for file in ["values.prod.yaml", "networkpolicy.yaml"] {
        fs::copy(project("testdata/example").join(file), real.join(file)).unwrap();
        std::os::unix::fs::symlink(format!("..data/{file}"), mount.path().join(file)).unwrap();
    }
    let ran = Command::new(env!("CARGO_BIN_EXE_qdrant-lint"))
        .arg("check")
        .arg(mount.path())
        .args(["--chart-version", "1.17.1", "--release", "qdrant", "--namespace", "search", "--fail-on", "high"])
        .args(["--format", "json"])
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(report["deployments"].as_array().map(Vec::len), Some(1), "{}", report["deployments"]);
    assert_eq!(report["deployments"][0]["files"].as_array().map(Vec::len), Some(2), "{}", report["deployments"]);
}
