//! Accepted findings as a user meets them: comments, annotations, waivers, the baseline; what stays visible and what counts.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use proptest::prelude::*;
use serde_json::Value;

const VALUES: &str =
    "snapshotPersistence:\n  enabled: true\nreplicaCount: 1\npersistence:\n  size: 1Gi\npersistence:\n  size: 50Gi\n";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = Command::cargo_bin("qdrant-lint")
        .unwrap()
        .current_dir(folder)
        .arg("check")
        .args(arguments)
        .args(["--effective-date", "2026-11-22"])
        .env("COLUMNS", "110")
        .env_remove("CLICOLOR_FORCE")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), text)
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let all: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
    let (_, text) = run(folder, &all);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Status of every finding of a rule.
fn statuses(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    findings.map(|finding| finding["status"].as_str().unwrap().to_owned()).collect()
}

const RULE: [&str; 4] = ["--rule", "availability/too-few-peers", "--rule", "waivers/*"];

#[test]
fn an_ignored_finding_stays_visible_and_does_not_count() {
    let ignored = VALUES.replace(
        "replicaCount: 1",
        "# qdrant-lint: ignore[availability/too-few-*] one machine until summer\nreplicaCount: 1",
    );
    let folder = folder(&[("values.yaml", &ignored)]);
    let report = json(folder.path(), &RULE);
    assert_eq!(statuses(&report, "availability/too-few-peers"), ["ignored"], "{report}");
    let finding = &report["findings"][0];
    assert_eq!(finding["exemption"]["by"], "comment");
    assert_eq!(finding["exemption"]["reason"], "one machine until summer");
    assert_eq!(finding["exemption"]["location"]["line"], 3);
    assert_eq!(report["summary"]["high"], 0);
    assert!(
        report["rules"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["id"] == "availability/too-few-peers" && rule["verdict"] == "fail")
    );
    for format in ["pretty", "concise", "github", "checklist"] {
        let (code, text) = run(folder.path(), &[&RULE[..], &["--format", format]].concat());
        assert_eq!(code, 0, "{format}: {text}");
        assert!(text.contains("1 ignored") || text.contains("ignored: one machine until summer"), "{format}: {text}");
    }
    let (code, text) = run(folder.path(), &[&RULE[..], &["--no-ignores", "--format", "concise"]].concat());
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains("ignored"), "{text}");
}

#[test]
fn sarif_leaves_accepted_findings_out_unless_asked() {
    let ignored =
        VALUES.replace("replicaCount: 1", "replicaCount: 1 # qdrant-lint: ignore[availability/too-few-peers] a test");
    let folder = folder(&[("values.yaml", &ignored)]);
    let sarif = |more: &[&str]| -> Value {
        let (_, text) = run(folder.path(), &[&RULE[..], &["--format", "sarif"], more].concat());
        serde_json::from_str(&text).unwrap()
    };
    assert_eq!(sarif(&[])["runs"][0]["results"].as_array().unwrap().len(), 0);
    let with = sarif(&["--sarif-suppressions"]);
    let result = &with["runs"][0]["results"][0];
    assert_eq!(result["suppressions"][0]["kind"], "inSource", "{with}");
    assert_eq!(result["suppressions"][0]["justification"], "a test");
    assert_eq!(with["runs"][0]["tool"]["driver"]["rules"][0]["id"], "availability/too-few-peers");
}

#[test]
fn a_comment_inside_a_carrier_speaks_of_the_values_it_carries() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: qdrant}\nspec:\n  destination: {namespace: search}\n  source:\n    repoURL: https://qdrant.github.io/qdrant-helm\n    chart: qdrant\n    targetRevision: 1.16.0\n    helm:\n      values: |\n        # qdrant-lint: ignore[availability/too-few-peers] one machine until summer\n        replicaCount: 1\n";
    let folder = folder(&[("application.yaml", application)]);
    assert_eq!(statuses(&json(folder.path(), &RULE), "availability/too-few-peers"), ["ignored"]);
}

#[test]
fn an_annotation_speaks_of_its_object() {
    let workload = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: qdrant\n  namespace: search\n  annotations:\n    qdrant-lint.dev/ignore: \"availability/too-few-peers=one machine until summer\"\nspec:\n  replicas: 1\n  template:\n    metadata: {labels: {app: qdrant}}\n    spec:\n      containers:\n        - {name: qdrant, image: \"qdrant/qdrant:v1.16.0\"}\n";
    let folder = folder(&[("workload.yaml", workload)]);
    let report = json(folder.path(), &RULE);
    assert_eq!(statuses(&report, "availability/too-few-peers"), ["ignored"], "{report}");
    assert_eq!(report["findings"][0]["exemption"]["by"], "annotation");
}

const WAIVER: &str = "- rule: availability/too-few-peers\n  path: deploy/*.yaml\n  reason: one machine until summer\n  owner: platform@example.test\n  ticket: OPS-17\n  until: 2026-12-31\n";

#[test]
fn a_waiver_in_a_file_of_its_own_is_relative_to_the_configuration() {
    let folder = folder(&[
        ("deploy/values.yaml", VALUES),
        (".qdrant-lint.yaml", "waivers: ci/waivers.yaml\n"),
        ("ci/waivers.yaml", WAIVER),
    ]);
    for (cwd, path) in [("", "deploy"), ("deploy", "values.yaml")] {
        let report = json(&folder.path().join(cwd), &[&RULE[..], &[path]].concat());
        assert_eq!(statuses(&report, "availability/too-few-peers"), ["waived"], "{report}");
        let exemption = &report["findings"][0]["exemption"];
        assert_eq!((&exemption["owner"], &exemption["until"]), (&"platform@example.test".into(), &"2026-12-31".into()));
        assert!(exemption["location"]["file"].as_str().unwrap().ends_with("ci/waivers.yaml"), "{exemption}");
    }
}

#[test]
fn an_expired_waiver_opens_its_finding_again_and_is_one_itself() {
    let folder = folder(&[
        ("deploy/values.yaml", VALUES),
        (".qdrant-lint.yaml", &format!("waivers:\n{}", WAIVER.replace("2026-12-31", "2026-10-31"))),
    ]);
    let report = json(folder.path(), &RULE);
    assert_eq!(statuses(&report, "availability/too-few-peers"), ["open"]);
    assert_eq!(statuses(&report, "waivers/expired"), ["open"]);
    let (_, screen) = run(folder.path(), &RULE);
    assert!(screen.contains("exemptions and evidence") && screen.contains(".qdrant-lint.yaml:7"), "{screen}");
    let (_, lines) = run(folder.path(), &[&RULE[..], &["--format", "concise"]].concat());
    assert!(lines.contains("22 days ago: the finding that it covered counts again"), "{lines}");
}

#[test]
fn a_run_over_some_files_calls_no_waiver_unused() {
    let folder = folder(&[("other/values.yaml", VALUES), (".qdrant-lint.yaml", &format!("waivers:\n{WAIVER}"))]);
    assert_eq!(statuses(&json(folder.path(), &RULE), "waivers/unused"), Vec::<String>::new());
}

#[test]
fn only_findings_that_the_baseline_does_not_hold_count() {
    let folder = folder(&[("values.yaml", VALUES)]);
    let path = folder.path();
    let (code, text) = run(path, &["--write-baseline", "known.json"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("`--baseline known.json` leaves them out"), "{text}");
    let (code, text) = run(path, &["--baseline", "known.json", "--format", "concise"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("no findings;"), "{text}");
    fs::write(path.join("values.yaml"), format!("{VALUES}apiKey: k0aLa\n")).unwrap();
    let (code, text) = run(path, &["--baseline", "known.json", "--format", "concise"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("api-key-in-plain-text") && !text.contains("duplicate-key"), "{text}");
    let (code, text) = run(path, &["--baseline", "values.yaml"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("is no baseline"), "{text}");
}

#[test]
fn check_without_paths_judges_the_deployments_that_the_configuration_names() {
    let config = "deployments:\n  dev: {values: [deploy/base.yaml], namespace: search, chart_version: 1.16.0}\n  prod: {values: [deploy/base.yaml, deploy/prod.yaml], namespace: search, chart_version: 1.16.0}\nwaivers:\n  - {rule: availability/too-few-peers, deployment: dev, reason: one machine, until: 2026-12-31}\n";
    let folder = folder(&[
        (".qdrant-lint.yaml", config),
        ("deploy/base.yaml", VALUES),
        ("deploy/prod.yaml", "replicaCount: 2\n"),
        ("unrelated/values.yaml", VALUES),
    ]);
    for cwd in ["", "deploy"] {
        let report = json(&folder.path().join(cwd), &RULE);
        let ids: Vec<_> =
            report["deployments"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["dev", "prod"], "{report}");
        let found: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["rule"] == RULE[1])
            .map(|one| (one["deployment"].as_str().unwrap(), one["status"].as_str().unwrap()))
            .collect();
        assert_eq!(found.len(), 2, "{report}");
        assert!(found.contains(&("dev", "waived")) && found.contains(&("prod", "open")), "{found:?}");
    }
    let named = json(folder.path(), &[&RULE[..], &["unrelated"]].concat());
    assert_eq!(named["deployments"].as_array().unwrap().len(), 1);
}

const EVIDENCE: &str = "evidence:\n  - key: KEY\n    statement: the rotation of the store was looked at\n    by: Amal Nasser, platform\n    until: 2026-12-31\n";

fn verdict<'a>(report: &'a Value, rule: &str) -> &'a Value {
    report["rules"].as_array().unwrap().iter().find(|verdict| verdict["id"] == rule).unwrap()
}

#[test]
fn what_no_file_can_prove_is_attested_and_counted_apart() {
    let folder = folder(&[("values.yaml", VALUES)]);
    let arguments = ["--profile", "gcc-sovereign", "--rule", "sovereignty/outside-region", "--fail-on", "never"];
    let residency = "residency: {countries: [AE]}\n";
    fs::write(folder.path().join(".qdrant-lint.yaml"), residency).unwrap();
    let before = json(folder.path(), &arguments);
    assert_eq!(verdict(&before, "sovereignty/outside-region")["kind"], "needs-evidence", "{before}");
    let strict = [&arguments[..], &["--strict-evidence"]].concat();
    let (code, text) = run(folder.path(), &strict);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("exit 1: 1 verdict without the evidence"), "{text}");
    let attested = format!("{residency}{}", EVIDENCE.replace("KEY", "residency"));
    fs::write(folder.path().join(".qdrant-lint.yaml"), &attested).unwrap();
    let after = json(folder.path(), &arguments);
    let told = verdict(&after, "sovereignty/outside-region");
    assert_eq!((&told["verdict"], &told["attested"]), (&"pass".into(), &"residency".into()), "{after}");
    assert_eq!(after["summary"]["attested"], 1);
    assert_eq!(run(folder.path(), &strict).0, 0);
    let (_, rows) = run(folder.path(), &["--profile", "gcc-sovereign", "--format", "checklist", "--fail-on", "never"]);
    let row = rows.lines().find(|line| line.starts_with("| G63")).unwrap();
    assert!(
        row.contains("pass (attested)") && row.contains("attested by Amal Nasser, platform until 2026-12-31"),
        "{row}"
    );
    let expired = attested.replace("2026-12-31", "2026-11-01");
    fs::write(folder.path().join(".qdrant-lint.yaml"), expired).unwrap();
    assert_eq!(run(folder.path(), &strict).0, 1);
}

#[test]
fn a_statement_that_no_rule_judges_may_be_attested_by_its_row() {
    let folder = folder(&[("values.yaml", VALUES), (".qdrant-lint.yaml", &EVIDENCE.replace("KEY", "G6"))]);
    let (_, rows) = run(folder.path(), &["--format", "checklist", "--fail-on", "never"]);
    assert!(rows.lines().any(|line| line.starts_with("| G6 ") && line.contains("pass (attested)")), "{rows}");
    assert!(rows.lines().any(|line| line.starts_with("| G33") && line.contains("needs evidence")), "{rows}");
}

#[test]
fn evidence_that_nothing_asks_for_is_an_error_with_a_suggestion() {
    let folder = folder(&[("values.yaml", VALUES), (".qdrant-lint.yaml", &EVIDENCE.replace("KEY", "restore-dril"))]);
    let (code, text) = run(folder.path(), &[]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains(".qdrant-lint.yaml:2") && text.contains("did you mean `restore-drill`?"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Blank lines and comments anywhere between lines change no fingerprint.
    #[test]
    fn moved_lines_keep_their_fingerprints(blanks in proptest::collection::vec(0_usize..3, 8)) {
        let moved = VALUES.lines().zip(blanks.iter().cycle()).fold(String::new(), |text, (line, blanks)| {
            text + &"# a comment\n\n".repeat(*blanks) + line + "\n"
        });
        let folder = folder(&[("values.yaml", VALUES)]);
        run(folder.path(), &["--write-baseline", "known.json"]);
        fs::write(folder.path().join("values.yaml"), &moved).unwrap();
        let report = json(folder.path(), &["--baseline", "known.json"]);
        let open: Vec<_> = report["findings"].as_array().unwrap().iter().filter(|finding| finding["status"] == "open").collect();
        prop_assert!(open.is_empty(), "{open:#?}\n{moved}");
    }
}
