//! The built-in policies give the same result under `opa` as under the engine in the binary.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::rules::{cases, files_of};
use crate::support::{Flags, judge, project, rules};

#[test]
fn opa_and_the_built_in_engine_agree_on_every_rule_and_case() {
    let Some(opa) = opa() else {
        eprintln!("SKIPPED: `opa` is not on PATH; `go install github.com/open-policy-agent/opa@latest` brings it");
        return;
    };
    let (registry, engine) = rules();
    let mut documents = Vec::new();
    for (_, case) in cases() {
        let files = files_of(&case);
        let flags = files.first().map(|file| Flags::read(&std::fs::read_to_string(file).unwrap())).unwrap_or_default();
        let judged = judge(&files, &flags);
        let facts = judged.built.into_iter().map(|built| built.facts).chain(judged.governance);
        documents.extend(facts.map(|facts| (case.display().to_string(), facts)));
    }
    let inputs: Vec<Value> = documents.iter().map(|(_, facts)| facts.clone()).collect();
    let answers = evaluate(&opa, &inputs);
    let mut evaluator = engine.evaluator();
    let mut differences = Vec::new();
    for (index, (case, facts)) in documents.iter().enumerate() {
        evaluator.set_facts(facts);
        for rule in registry.rules() {
            for set in ["findings", "skipped"] {
                let own: BTreeSet<String> =
                    evaluator.run(rule, set, facts).unwrap().iter().map(ToString::to_string).collect();
                let path = rule
                    .package
                    .trim_start_matches("qdrant.")
                    .split('.')
                    .fold(&answers[index], |value, key| &value[key]);
                let theirs: BTreeSet<String> =
                    path[set].as_array().into_iter().flatten().map(|value| sorted(value).to_string()).collect();
                let own: BTreeSet<String> =
                    own.iter().map(|text| sorted(&serde_json::from_str(text).unwrap()).to_string()).collect();
                if own != theirs {
                    differences.push(format!("{case}: {} {set}\n  own {own:?}\n  opa {theirs:?}", rule.id));
                }
            }
        }
    }
    assert!(!documents.is_empty());
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// One process for all documents: `data.batch.results` evaluates every package under each input.
fn evaluate(opa: &str, inputs: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let batch = "package batch\n\nresults := [result | some document in input.documents; result := data.qdrant with input as document]\n";
    std::fs::write(folder.path().join("batch.rego"), batch).unwrap();
    let mut child = Command::new(opa)
        .args(["eval", "--stdin-input", "--format", "json", "--ignore", "*.json", "-d"])
        .arg(project("policies"))
        .arg("-d")
        .arg(folder.path().join("batch.rego"))
        .arg("data.batch.results")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = json!({"documents": inputs}).to_string();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "opa failed: {}", String::from_utf8_lossy(&output.stdout));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["result"][0]["expressions"][0]["value"].as_array().unwrap().clone()
}

/// Keys in order, so that texts can be compared.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort();
            Value::Object(keys.into_iter().map(|key| (key.clone(), sorted(&map[key]))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

pub(crate) fn opa() -> Option<String> {
    let name = std::env::var("QDRANT_LINT_OPA").unwrap_or_else(|_| "opa".to_owned());
    Command::new(&name)
        .arg("version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?
        .success()
        .then_some(name)
}
