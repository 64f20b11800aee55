//! The OSCAL assessment results as their readers take them: the published schema, references that lead somewhere, every
//! statement once for each deployment, and what was accepted or attested told as such.

use std::collections::BTreeSet;
use std::fs;

use assert_cmd::Command;
use serde_json::Value;

use crate::support::project;

fn written(folder: &std::path::Path, arguments: &[&str]) -> Value {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    let output = command
        .current_dir(folder)
        .args(["check", ".", "--format", "oscal", "--effective-date", "2026-11-22"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn valid(document: &Value) {
    let text = fs::read_to_string(project("testdata/schemas/oscal-assessment-results.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).take(10).collect();
    assert_eq!(faults, Vec::<String>::new());
}

fn strings<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| strings(one, key, found)),
        Value::Object(map) => {
            found.extend(map.get(key).and_then(Value::as_str));
            map.values().for_each(|one| strings(one, key, found));
        }
        _ => {}
    }
}

/// Every `uuid` once, every reference to one of them.
fn references_lead_somewhere(document: &Value) {
    let all = |key: &str| {
        let mut found = Vec::new();
        strings(document, key, &mut found);
        found
    };
    let results = document["assessment-results"]["results"].as_array().unwrap();
    let mut uuids = all("uuid");
    // the program is a component of every result
    uuids.sort_unstable();
    let known: BTreeSet<&str> = uuids.iter().copied().collect();
    assert_eq!(uuids.len() - known.len(), results.len() - 1, "a uuid stands twice");
    for key in ["observation-uuid", "risk-uuid", "subject-uuid", "actor-uuid"] {
        for uuid in all(key) {
            assert!(known.contains(uuid), "{key} {uuid} leads nowhere");
        }
    }
    let plan = document["assessment-results"]["import-ap"]["href"].as_str().unwrap();
    assert!(known.contains(plan.trim_start_matches('#')));
}

fn statements(result: &Value) -> Vec<&str> {
    let findings = result["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["target"]["target-id"].as_str().unwrap()).collect()
}

#[test]
fn every_statement_is_judged_with_its_evidence() {
    let document = written(&project("testdata/example"), &["-n", "search", "--chart-version", "1.15.4"]);
    valid(&document);
    references_lead_somewhere(&document);
    let result = &document["assessment-results"]["results"][0];
    let table: Value = serde_json::from_str(&fs::read_to_string(project("data/checklist.json")).unwrap()).unwrap();
    let items: Vec<&str> = table["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(statements(result), items);
    let findings = result["findings"].as_array().unwrap();
    let states: BTreeSet<&str> =
        findings.iter().map(|finding| finding["target"]["status"]["state"].as_str().unwrap()).collect();
    assert_eq!(states.len(), 2, "some hold and some do not");
    let failed = findings.iter().find(|one| one["target"]["status"]["reason"] == "fail").unwrap();
    let uuid = &failed["related-observations"][0]["observation-uuid"];
    let observed = result["observations"].as_array().unwrap().iter().find(|one| one["uuid"] == *uuid).unwrap();
    let href = observed["relevant-evidence"][0]["href"].as_str().unwrap();
    assert!(href.contains(".yaml#L") || href.contains(".json#L"), "{href}");
    assert!(failed["related-risks"].as_array().is_some_and(|risks| !risks.is_empty()));
}

#[test]
fn what_is_waived_is_an_approved_deviation_and_what_is_attested_names_its_witness() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(project("testdata/example/values.prod.yaml"), folder.path().join("values.prod.yaml")).unwrap();
    let config = "waivers:\n  - rule: security/client-tls-disabled\n    reason: a mesh encrypts\n    owner: platform@example.org\n    \
                  ticket: SEC-7\n    until: 2027-01-31\n\
                  evidence:\n  - key: G6\n    statement: DR and production are in separate accounts\n    \
                  by: Amal Nasser\n    link: https://wiki.example.org/dr\n    until: 2027-03-31\n";
    fs::write(folder.path().join(".qdrant-lint.yaml"), config).unwrap();
    let document = written(folder.path(), &["-n", "search", "--chart-version", "1.15.4"]);
    valid(&document);
    references_lead_somewhere(&document);
    let result = &document["assessment-results"]["results"][0];
    let risk = result["risks"].as_array().unwrap().iter().find(|one| one["status"] == "deviation-approved").unwrap();
    assert_eq!(risk["deadline"], "2027-01-31T00:00:00Z");
    assert!(risk["props"].to_string().contains("platform@example.org") && risk["props"].to_string().contains("SEC-7"));
    let attested =
        result["observations"].as_array().unwrap().iter().find(|one| one["methods"][0] == "INTERVIEW").unwrap();
    assert_eq!(attested["expires"], "2027-03-31T00:00:00Z");
    assert_eq!(attested["relevant-evidence"][0]["href"], "https://wiki.example.org/dr");
    let six = result["findings"].as_array().unwrap().iter().find(|one| one["target"]["target-id"] == "G6").unwrap();
    assert_eq!(six["target"]["status"]["state"], "satisfied");
}

#[test]
fn a_run_repeated_is_the_same_document_and_an_empty_one_is_valid() {
    let folder = project("testdata/formats");
    assert_eq!(written(&folder, &[]), written(&folder, &[]));
    let empty = tempfile::tempdir().unwrap();
    fs::write(empty.path().join("notes.yaml"), "a: 1\n").unwrap();
    let document = written(empty.path(), &[]);
    valid(&document);
    assert_eq!(document["assessment-results"]["results"][0]["title"], "Nothing was judged");
    let hostile = tempfile::tempdir().unwrap();
    let name = "a b\u{202e}#?%\u{1}.yaml";
    let values = "image:\n  repository: qdrant/qdrant\nconfig:\n  cluster:\n    enabled: true\n  \"k\\u0001\\n \": x\n";
    fs::write(hostile.path().join(name), values).unwrap();
    valid(&written(hostile.path(), &[]));
}

#[test]
fn the_guide_and_the_corpus_are_valid_too() {
    for (variable, arguments) in [
        ("QDRANT_LINT_GUIDE", &["--chart-version", "1.12.4", "-n", "vectordb", "--profile", "gcc-sovereign"][..]),
        ("QDRANT_LINT_CORPUS", &[][..]),
    ] {
        let Some(folder) = std::env::var_os(variable) else {
            eprintln!("SKIPPED: {variable} names no folder");
            continue;
        };
        let document = written(std::path::Path::new(&folder), arguments);
        valid(&document);
        references_lead_somewhere(&document);
    }
}
