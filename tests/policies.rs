//! Rules of the user: the example of the documentation, what `test` says of them, and what a hostile one cannot do.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use assert_cmd::Command;
use tempfile::TempDir;

use crate::support::project;

/// Writes the files of the documentation: a line that is only a path, then a fenced block.
fn documented(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(project("docs/writing-rules.md")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut written = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(path) = line.strip_prefix('`').and_then(|line| line.strip_suffix('`')) else { continue };
        if path.contains('/') && lines.get(index + 2).is_some_and(|fence| fence.starts_with("```")) {
            let block: Vec<&str> = lines[index + 3..].iter().take_while(|line| **line != "```").copied().collect();
            write(folder, path, &(block.join("\n") + "\n"));
            written.push(path.to_owned());
        }
    }
    written
}

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("qdrant-lint").unwrap();
    let output = command.current_dir(folder).args(arguments).timeout(Duration::from_mins(1)).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_documented_example_passes_its_own_tests_and_prints_what_is_documented() {
    let folder = TempDir::new().unwrap();
    assert_eq!(documented(folder.path()).len(), 4);
    let ran = run(folder.path(), &["test", "policies", "--min-coverage", "100"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let page = fs::read_to_string(project("docs/writing-rules.md")).unwrap();
    assert!(page.contains(&format!("$ qdrant-lint test policies\n{}```", ran.out)), "{}", ran.out);
}

#[test]
fn the_documented_rule_judges_with_the_built_in_ones() {
    let folder = TempDir::new().unwrap();
    documented(folder.path());
    write(folder.path(), "values.yaml", "replicaCount: 3\nimage:\n  tag: v1.17.1\n");
    let ran = run(
        folder.path(),
        &["check", "values.yaml", "--chart-version", "1.17.1", "--policy", "policies", "--format", "concise"],
    );
    assert!(ran.out.contains("values.yaml:1:1"), "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("acme/too-few-peers"), "{}", ran.out);
}

#[test]
fn a_case_that_is_wrong_is_told_with_its_line_and_what_is_missing_or_noisy() {
    let folder = TempDir::new().unwrap();
    documented(folder.path());
    let cases = "policies/testdata/acme/too_few_peers";
    write(
        folder.path(),
        &format!("{cases}/bad-five.yaml"),
        "replicaCount: 5 # expect: acme/too-few-peers\nimage: {tag: v1.17.1}\n",
    );
    write(folder.path(), &format!("{cases}/good-three.yaml"), "replicaCount: 3\nimage: {tag: v1.17.1}\n");
    write(folder.path(), &format!("{cases}/skip-three.yaml"), "replicaCount: 3\nimage: {tag: v1.17.1}\n");
    write(folder.path(), "policies/testdata/acme/other/good-a.yaml", "replicaCount: 3\nimage: {tag: v1.17.1}\n");
    write(folder.path(), "policies/acme/extra_test.rego", "package extra\n\ntest_nothing if input.nothing\n");
    let ran = run(folder.path(), &["test", "policies"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    for said in [
        &format!("missing at {cases}/bad-five.yaml:1"),
        &format!("noisy at {cases}/good-three.yaml:1: 3 peers; our platform asks for 5"),
        &format!("noisy at {cases}/skip-three.yaml:1: "),
        "no rule of this folder is called `acme/other`",
        "policies/acme/extra_test.rego:3: is not true",
        "4 passed, 5 failed",
    ] {
        assert!(ran.out.contains(said), "{said} is not in:\n{}", ran.out);
    }
}

#[test]
fn lines_that_nothing_reaches_are_listed_and_may_fail_the_run() {
    let folder = TempDir::new().unwrap();
    documented(folder.path());
    let rule = folder.path().join("policies/acme/too_few_peers.rego");
    let more = "\nfindings contains {\"at\": [\"workload\"], \"message\": message} if {\n\tinput.deployment.peers > 100\n\tmessage := \"many peers\"\n}\n";
    fs::write(&rule, fs::read_to_string(&rule).unwrap() + more).unwrap();
    let ran = run(folder.path(), &["test", "policies"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("missed  policies/acme/too_few_peers.rego:"), "{}", ran.out);
    assert_eq!(run(folder.path(), &["test", "policies", "--min-coverage", "99"]).code, 1);
}

#[test]
fn nothing_to_test_and_no_such_folder_are_no_success() {
    let folder = TempDir::new().unwrap();
    documented(folder.path());
    fs::remove_dir_all(folder.path().join("policies/testdata")).unwrap();
    fs::remove_file(folder.path().join("policies/acme/too_few_peers_test.rego")).unwrap();
    let ran = run(folder.path(), &["test", "policies"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("nothing to test in `policies`"), "{}", ran.err);
    assert_eq!(run(folder.path(), &["test", "nowhere"]).code, 2);
}

const METADATA: &str = "# METADATA\n# title: a rule of a test\n# description: a rule that a test writes to see what the program makes of it\n# custom:\n#   severity: {production: high, gcc-sovereign: high, development: high}\n#   consequence: outage\n#   inputs: [values]\n#   remediation: none is needed\n#   since: 1.0.0\n";

/// Runs `check` with one rule of the given body.
fn with_rule(body: &str) -> (Ran, Duration) {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "values.yaml", "replicaCount: 3\nimage:\n  tag: v1.17.1\n");
    write(folder.path(), "p/acme/bad.rego", &format!("{METADATA}package qdrant.acme.bad\n\n{body}\n"));
    let started = Instant::now();
    let arguments = [
        "check",
        "values.yaml",
        "--chart-version",
        "1.17.1",
        "--policy",
        "p",
        "--format",
        "json",
        "--rule",
        "acme/*",
        "--rule",
        "availability/*",
    ];
    (run(folder.path(), &arguments), started.elapsed())
}

#[test]
fn an_error_in_a_policy_points_at_its_file_and_line() {
    for (body, said) in [
        ("findings contains {\"at\": [], \"message\": \"m\"} if {\n\tinput.x ==\n}", "p/acme/bad.rego:14"),
        ("findings contains {\"at\": [], \"message\": \"m\"} if unknown.function(input)", "p/acme/bad.rego:12"),
        ("findings contains {\"at\": [], \"message\": m} if m := nowhere", "p/acme/bad.rego:12"),
    ] {
        let (ran, _) = with_rule(body);
        assert_eq!(ran.code, 2, "{body}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains(said), "{body}: {}{}", ran.out, ran.err);
    }
    let folder = TempDir::new().unwrap();
    write(folder.path(), "p/acme/bad.rego", "package qdrant.acme.bad\n");
    let ran = run(folder.path(), &["rules", "--policy", "p"]);
    assert!(ran.err.contains("p/acme/bad.rego:1: the file must begin"), "{}", ran.err);
}

#[test]
fn a_hostile_policy_is_bounded_and_the_other_rules_are_still_judged() {
    let at = "\"at\": [\"workload\"]";
    let steps = |count: usize, line: &dyn Fn(usize, usize) -> String| -> String {
        (1..count).map(|step| line(step, step - 1)).collect::<Vec<_>>().concat()
    };
    let doubled = steps(60, &|step, last| format!("\ta{step} := concat(\"\", [a{last}, a{last}])\n"));
    let squared = steps(60, &|step, last| format!("\tn{step} := n{last} * n{last}\n"));
    let nested = steps(9000, &|step, last| format!("\ta{step} := [a{last}]\n"));
    for (name, body) in [
        (
            "time",
            format!(
                "r := numbers.range(1, 3000)\n\nfindings contains {{{at}, \"message\": m}} if {{\n\tsome a in r\n\tsome b in r\n\tsome c in r\n\ta * b * c == 0\n\tm := \"m\"\n}}"
            ),
        ),
        (
            "range",
            format!(
                "findings contains {{{at}, \"message\": m}} if {{\n\tr := numbers.range(1, 1000000000000)\n\tm := sprintf(\"%d\", [count(r)])\n}}"
            ),
        ),
        (
            "comprehension",
            format!(
                "r := numbers.range(1, 100000)\n\nfindings contains {{{at}, \"message\": m}} if {{\n\ts := [[a, b] | some a in r; some b in r]\n\tm := sprintf(\"%d\", [count(s)])\n}}"
            ),
        ),
        (
            "text",
            format!(
                "findings contains {{{at}, \"message\": \"m\"}} if {{\n\ta0 := \"aaaaaaaaaaaaaaaa\"\n{doubled}\tcount(a59) > 1\n}}"
            ),
        ),
        (
            "number",
            format!(
                "findings contains {{{at}, \"message\": \"m\"}} if {{\n\tn0 := 99999999999999999999\n{squared}\tn59 > 1\n}}"
            ),
        ),
        ("shift", format!("findings contains {{{at}, \"message\": \"m\"}} if bits.lsh(1, 1000000000000) > 0")),
        ("depth", format!("findings contains a8999 if {{\n\ta0 := 1\n{nested}}}")),
        ("recursion", "findings contains x if some x in again\n\nagain := findings".to_owned()),
        ("function", format!("f(x) := f(x + 1)\n\nfindings contains {{{at}, \"message\": \"m\"}} if f(1) > 0")),
        (
            "flood",
            format!(
                "findings contains {{{at}, \"message\": m}} if {{\n\tsome n in numbers.range(1, 2000000)\n\tm := sprintf(\"%d\", [n])\n}}"
            ),
        ),
        (
            "network",
            format!(
                "findings contains {{{at}, \"message\": \"m\"}} if http.send({{\"method\": \"get\", \"url\": \"http://127.0.0.1\"}})"
            ),
        ),
        ("name", format!("findings contains {{{at}, \"message\": \"m\"}} if net.lookup_ip_addr(\"localhost\")")),
        ("environment", format!("findings contains {{{at}, \"message\": \"m\"}} if opa.runtime().env")),
    ] {
        let (ran, took) = with_rule(&body);
        // a shift beyond all bounds has no value, which harms nobody; everything else is an error of the rule
        let code = if name == "shift" { 1 } else { 2 };
        assert_eq!(ran.code, code, "{name}: {}{}", ran.out.chars().take(2000).collect::<String>(), ran.err);
        assert!(took < Duration::from_secs(20), "{name}: took {took:?}");
        assert!(ran.out.len() < 1 << 20, "{name}: {} bytes", ran.out.len());
        // a module that cannot be used at all stops the run; else the other rules have their verdicts
        let report: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let others = report["rules"].as_array().is_some_and(|rules| rules.iter().any(|rule| rule["verdict"] == "fail"));
        let refused = report["errors"].as_array().is_some_and(|errors| !errors.is_empty());
        assert!(others || refused, "{name}");
    }
}
