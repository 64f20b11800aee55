//! Real deployments of others against verdicts derived by hand. `QDRANT_LINT_CORPUS` names the folder with the files;
//! without it the test skips.

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
fn no_rule_errs_on_real_deployments() {
    let Some(report) = report() else { return };
    let errored: Vec<_> =
        report.verdicts.iter().filter(|verdict| verdict.verdict == VerdictKind::Errored).take(20).collect();
    assert!(errored.is_empty(), "{errored:?}");
}
