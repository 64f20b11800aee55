//! The binary as a user meets it: exit codes, streams, error messages.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// The binary in a folder of its own, free of the user's settings.
fn run(folder: &Path, arguments: &[&str]) -> Ran {
    run_with(folder, arguments, None)
}

fn run_with(folder: &Path, arguments: &[&str], stdin: Option<&[u8]>) -> Ran {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    command
        .current_dir(folder)
        .args(arguments)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env("COLUMNS", "100");
    if let Some(bytes) = stdin {
        command.write_stdin(bytes.to_vec());
    }
    let output = command.output().unwrap();
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }

    fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// Qdrant values by positive evidence, with a finding of every profile.
const VALUES: &[u8] =
    b"replicaCount: 3\nsnapshotPersistence:\n  enabled: true\npersistence:\n  size: 1Gi\npersistence:\n  size: 50Gi\n";

#[test]
fn findings_exit_with_one_and_the_threshold_decides() {
    let folder = folder(&[("values.yaml", VALUES)]);
    let found = run(folder.path(), &["check", "values.yaml"]);
    assert_eq!(found.code, Some(1), "{}", found.all());
    assert!(found.stdout.contains("configuration/duplicate-key"), "{}", found.stdout);
    let never = run(folder.path(), &["check", "values.yaml", "--fail-on", "never"]);
    assert_eq!(never.code, Some(0), "{}", never.all());
    let only = run(folder.path(), &["check", "values.yaml", "--rule", "no/such-rule-*"]);
    assert_eq!(only.code, Some(0), "{}", only.all());
}

#[test]
fn the_exit_code_does_not_depend_on_the_format() {
    let folder = folder(&[("values.yaml", VALUES)]);
    for format in ["pretty", "concise", "json", "sarif", "github"] {
        assert_eq!(run(folder.path(), &["check", "values.yaml", "--format", format]).code, Some(1), "{format}");
    }
}

#[test]
fn nothing_to_judge_is_an_error_and_json_is_written_all_the_same() {
    let folder = folder(&[("notes.yaml", b"a: 1\n")]);
    let ran = run(folder.path(), &["check", "--format", "json"]);
    assert_eq!(ran.code, Some(2));
    let report = ran.json();
    assert_eq!(report["schema"], "qdrant-lint/report/v1");
    assert!(report["errors"][0]["message"].as_str().unwrap().contains("nothing to judge"), "{report}");
    assert!(report["errors"][0]["help"].as_str().unwrap().contains("--as values"), "{report}");
    assert_eq!(report["inputs"][0]["file"], "notes.yaml");
}

#[test]
fn a_broken_file_does_not_hide_the_verdict_on_the_others() {
    let folder = folder(&[
        ("values.yaml", VALUES),
        ("policy.yaml", b"apiVersion: v1\nkind: Service\nmetadata:\n\tname: qdrant\n"),
    ]);
    let ran = run(folder.path(), &["check", ".", "--format", "json"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let report = ran.json();
    assert_eq!(report["errors"][0]["file"], "policy.yaml");
    assert_eq!((&report["errors"][0]["line"], &report["errors"][0]["column"]), (&4.into(), &1.into()), "{report}");
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["rule"].as_str()).collect();
    assert!(rules.contains(&"configuration/duplicate-key"), "{rules:?}");
}

#[test]
fn standard_input_is_an_input() {
    let folder = folder(&[]);
    let ran = run_with(folder.path(), &["check", "-", "--format", "json"], Some(VALUES));
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert_eq!(ran.json()["findings"][0]["location"]["file"], "<stdin>");
}

#[test]
fn usage_errors_exit_with_two() {
    let folder = folder(&[("values.yaml", VALUES), (".qdrant-lint.yaml", b"profil: production\n")]);
    for (arguments, message) in [
        (&["check", "values.yaml", "--format", "yaml"][..], "no format is called `yaml`"),
        (&["check", "values.yaml"][..], "did you mean `profile`"),
        (&["check", "values.yaml", "--config", "missing.yaml"][..], "missing.yaml"),
        (&["explain", "availability/budget-missin"][..], "no rule is called"),
        (&["check", "--no-such-flag"][..], "--no-such-flag"),
    ] {
        let ran = run(folder.path(), arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?} {}", ran.all());
        assert!(ran.stderr.contains(message), "{arguments:?} {}", ran.stderr);
    }
}

#[test]
fn the_configuration_sets_severities_and_turns_rules_off() {
    let config = b"rules:\n  \"*\": off\n  configuration/duplicate-key: low\n";
    let folder = folder(&[("values.yaml", VALUES), (".qdrant-lint.yaml", config)]);
    let ran = run(folder.path(), &["check", "values.yaml", "--format", "json"]);
    let report = ran.json();
    assert_eq!(ran.code, Some(0), "{report}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["findings"][0]["severity"], "low");
}

#[test]
fn rules_of_the_user_are_judged_under_the_same_contract() {
    let rule = br#"# METADATA
# title: the platform wants five peers
# description: |
#   Two nodes are drained at a time here, so that a cluster must survive the loss of two peers.
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [deployment.peers]
#   inputs: [values]
#   remediation: "write `replicaCount: 5`"
#   since: 0.1.0
package qdrant.acme.too_few

findings contains {"at": ["deployment", "peers"], "message": sprintf("%d peers", [peers])} if {
	peers := input.deployment.peers
	peers < 5
}
"#;
    let folder = folder(&[
        ("values.yaml", VALUES),
        ("own/acme/too_few.rego", rule),
        ("bad/acme/x.rego", b"package qdrant.acme.x\n"),
    ]);
    let ran = run(folder.path(), &["check", "values.yaml", "--policy", "own", "--rule", "acme/*", "--format", "json"]);
    assert_eq!(ran.json()["findings"][0]["rule"], "acme/too-few", "{}", ran.all());
    let broken = run(folder.path(), &["check", "values.yaml", "--policy", "bad"]);
    assert_eq!(broken.code, Some(2));
    assert!(broken.stderr.contains("acme/x.rego"), "{}", broken.stderr);
}

#[test]
fn facts_are_printed_with_their_origins() {
    let folder = folder(&[("values.yaml", VALUES)]);
    let facts = run(folder.path(), &["facts", "values.yaml", "--chart-version", "1.15.4"]).json();
    assert_eq!(facts["schema"], "qdrant-lint/facts/v1");
    assert_eq!(facts["deployment"]["peers"], 3);
    let with = run(folder.path(), &["facts", "values.yaml", "--provenance"]).json();
    let written = with["provenance"].as_array().unwrap().iter().any(|entry| entry["origin"]["kind"] == "written");
    assert!(written);
}

#[test]
fn every_command_helps_itself() {
    let folder = folder(&[]);
    for command in ["check", "facts", "rules", "explain", "completions"] {
        let ran = run(folder.path(), &[command, "--help"]);
        assert_eq!(ran.code, Some(0));
        assert!(ran.stdout.contains("Usage: qdrant-lint"), "{}", ran.stdout);
    }
    assert!(run(folder.path(), &["completions", "bash"]).stdout.contains("complete -F"));
    assert!(run(folder.path(), &["rules"]).stdout.contains("configuration/duplicate-key"));
    let explained = run(folder.path(), &["explain", "configuration/duplicate-key"]).stdout;
    assert!(explained.contains("bad") && explained.contains("<-- here"), "{explained}");
}

#[test]
fn colours_follow_the_flag() {
    let folder = folder(&[("values.yaml", VALUES)]);
    assert!(!run(folder.path(), &["check", "values.yaml"]).stdout.contains('\u{1b}'));
    assert!(run(folder.path(), &["check", "values.yaml", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn no_format_prints_a_key() {
    let values = "snapshotPersistence:\n  enabled: true\napiKey: k0aLa-b3ar\nreadOnlyApiKey: 'k0aLa-fr1end'\n";
    let folder = folder(&[("values.yaml", values.as_bytes())]);
    for format in ["pretty", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown", "policyreport"] {
        let found = run(folder.path(), &["check", "values.yaml", "--format", format]);
        assert!(found.stdout.contains("api-key-in-plain-text"), "{format}: {}", found.all());
        assert!(!found.all().contains("k0aLa"), "{format}: {}", found.all());
    }
}

#[test]
fn deployments_of_one_name_are_called_after_the_files_of_their_workloads() {
    let workload = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: vectors, namespace: search}}\nspec:\n  template:\n    metadata: {{labels: {{app: vectors}}}}\n    spec:\n      containers:\n        - {{name: qdrant, image: \"qdrant/qdrant:{image}\"}}\n"
        )
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: vectors, namespace: search}\nspec:\n  selector: {app: vectors}\n  ports: [{port: 6333}]\n";
    let folder = folder(&[
        ("a-service.yaml", service.as_bytes()),
        ("b-first.yaml", workload("v1.15.4").as_bytes()),
        ("c-second.yaml", workload("v1.16.0").as_bytes()),
    ]);
    let report = run(folder.path(), &["check", ".", "--format", "json"]).json();
    let ids: Vec<_> = report["deployments"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["search/vectors@b-first.yaml", "search/vectors@c-second.yaml"]);
}
