//! Every format on one run with findings of every severity: snapshots, published schemas, escapes, determinism.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use serde_json::Value;

use crate::support::project;

/// Rules that the fixture is about; others come and go without changing the snapshots.
const RULES: [&str; 2] = ["collections/*", "configuration/duplicate-key"];

/// Every format.
const FORMATS: [&str; 12] = [
    "html",
    "pretty",
    "concise",
    "json",
    "sarif",
    "junit",
    "github",
    "gitlab",
    "markdown",
    "policyreport",
    "checklist",
    "oscal",
];

fn check(folder: &Path, paths: &[&str], arguments: &[&str]) -> String {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    command.current_dir(folder).arg("check").args(paths).args(["--chart-version", "1.16.0", "-n", "search"]);
    for rule in RULES {
        command.args(["--rule", rule]);
    }
    let output = command
        .args(["--effective-date", "2026-11-22"])
        .args(arguments)
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The fixture outside any repository, so that files are named from the working folder in every format.
fn fixture() -> PathBuf {
    static COPY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
        let copy = tempfile::tempdir().unwrap();
        fs::create_dir(copy.path().join("collections")).unwrap();
        for file in FILES {
            fs::copy(project("testdata/formats").join(file), copy.path().join(file)).unwrap();
        }
        copy
    });
    COPY.path().to_path_buf()
}

const FILES: [&str; 4] = ["values.yaml", "broken.yaml", "collections/documents.json", "collections/naïve, v2.yaml"];

fn written(format: &str) -> String {
    check(&fixture(), &["."], &["--format", format])
}

fn snapshot(name: &str, text: &str) {
    let version = format!("\"{}\"", env!("CARGO_PKG_VERSION"));
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, text.replace(&version, "\"VERSION\""));
    });
}

#[test]
fn the_screen() {
    snapshot("pretty", &written("pretty"));
}

#[test]
fn the_screen_in_full() {
    snapshot("pretty-verbose", &check(&fixture(), &["."], &["-v"]));
}

#[test]
fn a_line_each() {
    snapshot("concise", &written("concise"));
}

#[test]
fn annotations() {
    snapshot("github", &written("github"));
}

#[test]
fn a_summary() {
    snapshot("markdown", &written("markdown"));
}

#[test]
fn tests_of_rules() {
    snapshot("junit", &written("junit"));
}

#[test]
fn json_follows_its_published_schema() {
    let text = written("json");
    snapshot("json", &text);
    valid(&text, "docs/report.schema.json");
}

#[test]
fn sarif_follows_the_standard_and_what_code_scanning_asks_for() {
    let text = written("sarif");
    snapshot("sarif", &text);
    valid(&text, "testdata/schemas/sarif-2.1.0-subset.schema.json");
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let hash = result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap();
        assert!(hash.split_once(':').is_some_and(|(hash, count)| !hash.is_empty() && count.parse::<u32>().is_ok()));
    }
}

#[test]
fn formats_without_findings_are_valid_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.yaml"), "a: 1\n").unwrap();
    for (format, schema) in
        [("json", "docs/report.schema.json"), ("sarif", "testdata/schemas/sarif-2.1.0-subset.schema.json")]
    {
        valid(&check(folder.path(), &["."], &["--format", format]), schema);
    }
}

fn valid(text: &str, schema: &str) {
    let schema: Value = serde_json::from_str(&fs::read_to_string(project(schema)).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn names_of_strangers_command_neither_the_terminal_nor_the_workflow() {
    for format in FORMATS {
        let text = written(format);
        assert!(!text.contains('\u{1b}'), "{format}");
        assert!(!text.lines().any(|line| line.starts_with("::error::x")), "{format}:\n{text}");
    }
    let github = written("github");
    assert!(github.contains("file=collections/naïve%2C v2.yaml,"), "{github}");
    assert!(github.lines().all(|line| line.starts_with("::")), "{github}");
}

#[test]
fn the_same_bytes_whatever_the_order_of_the_files() {
    let folder = fixture();
    let files = FILES;
    let mut shuffled = files;
    shuffled.reverse();
    for format in FORMATS {
        let one = check(&folder, &files, &["--format", format]);
        assert_eq!(one, check(&folder, &files, &["--format", format]), "{format}: twice");
        assert_eq!(one, check(&folder, &shuffled, &["--format", format]), "{format}: shuffled");
    }
}
