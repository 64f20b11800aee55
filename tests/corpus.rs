//! Real deployments of others against verdicts derived by hand. `QDRANT_LINT_CORPUS` names the folder with the files;
//! without it the test skips.

use std::collections::BTreeSet;
use std::path::PathBuf;

use qdrant_lint::report::{Report, VerdictKind};

use crate::support::{Flags, judge, project};

fn report() -> Option<Report> {
    let Some(folder) = std::env::var_os("QDRANT_LINT_CORPUS").map(PathBuf::from) else {
        eprintln!("SKIPPED: QDRANT_LINT_CORPUS names no folder with deployments of others");
        return None;
    };
    Some(judge(&[folder], &Flags::default()).report)
}

#[test]
fn real_deployments_get_the_verdicts_that_were_derived_by_hand() {
    let Some(report) = report() else { return };
    let table = std::fs::read_to_string(project("testdata/corpus/expected.tsv")).unwrap();
    let mut noisy = Vec::new();
    let mut missing = Vec::new();
    let mut right = 0;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let [prefix, rule, expected] = row.split('\t').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let deployment = report
            .deployments
            .iter()
            .find(|deployment| deployment.files.iter().any(|file| file.contains(&format!("/{prefix}"))))
            .unwrap_or_else(|| panic!("no deployment of {prefix}"));
        let fails = report.verdicts.iter().any(|verdict| {
            verdict.deployment == deployment.id && verdict.rule == rule && verdict.verdict == VerdictKind::Fail
        });
        match (expected, fails) {
            ("fail", false) => missing.push(format!("missing {prefix} {rule}")),
            ("no", true) => noisy.push(format!("noisy {prefix} {rule}")),
            _ => right += 1,
        }
    }
    eprintln!("{right} right, {} missing, {} noisy", missing.len(), noisy.len());
    assert!(missing.is_empty() && noisy.is_empty(), "{}\n{}", missing.join("\n"), noisy.join("\n"));
}

#[test]
fn every_file_is_taken_for_what_it_is_and_no_look_alike_is_judged() {
    let Some(folder) = std::env::var_os("QDRANT_LINT_CORPUS") else {
        eprintln!("SKIPPED: QDRANT_LINT_CORPUS names no folder with deployments of others");
        return;
    };
    let table = std::fs::read_to_string(project("testdata/corpus/files.tsv")).unwrap();
    let expected: BTreeSet<&str> = table.lines().filter(|row| !row.starts_with('#')).collect();
    let mut command = assert_cmd::Command::cargo_bin("qdrant-lint").unwrap();
    let output = command.current_dir(folder).args(["check", ".", "--format", "json"]).output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let seen: BTreeSet<String> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|input| {
            let judged = if input["judged"] == true { "judged" } else { "named" };
            format!("{}\t{}\t{judged}", input["file"].as_str().unwrap(), input["kind"].as_str().unwrap())
        })
        .collect();
    let seen: BTreeSet<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(seen.difference(&expected).collect::<Vec<_>>(), Vec::<&&str>::new(), "taken for something else");
    assert_eq!(expected.difference(&seen).collect::<Vec<_>>(), Vec::<&&str>::new(), "passed over");
}

#[test]
fn no_rule_errs_on_real_deployments() {
    let Some(report) = report() else { return };
    let errored: Vec<_> =
        report.verdicts.iter().filter(|verdict| verdict.verdict == VerdictKind::Errored).take(20).collect();
    assert!(errored.is_empty(), "{errored:?}");
}
