//! Every rule on its cases: findings must stand on exactly the lines that say `# expect: rule-id`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::support::{Flags, Judged, judge, project};

/// Cases: files or folders named `bad-*`, `good-*` or `skip-*` below `testdata/rules/<concern>/<rule>/`. While working on
/// some rules, `QDRANT_LINT_CASES` narrows them to ids that contain one of its texts (`a,b`).
pub(crate) fn cases() -> Vec<(String, PathBuf)> {
    let mut cases = Vec::new();
    let only = std::env::var("QDRANT_LINT_CASES").unwrap_or_default();
    for concern in entries(&project("testdata/rules")) {
        for rule in entries(&concern) {
            let id = format!("{}/{}", name(&concern), name(&rule)).replace('_', "-");
            if !only.split(',').any(|part| id.contains(part)) {
                continue;
            }
            for case in entries(&rule) {
                let file = name(&case);
                if (file.starts_with("bad-") || file.starts_with("good-") || file.starts_with("skip-"))
                    && !is_expectation(&case)
                    && !file.contains(".fixed")
                {
                    cases.push((id.clone(), case));
                }
            }
        }
    }
    cases
}

#[test]
fn every_rule_finds_its_bad_cases_at_their_lines_and_nothing_in_the_good_ones() {
    let cases = cases();
    let count = cases.len();
    let faults: Vec<String> = cases.par_iter().flat_map_iter(|(rule, case)| faults_of(rule, case)).collect();
    assert!(count > 0, "no case was found");
    assert!(faults.is_empty(), "{} of {count} cases are wrong:\n{}", faults.len(), faults.join("\n"));
}

fn faults_of(rule: &str, case: &Path) -> Vec<String> {
    let mut faults = Vec::new();
    let shown = case.strip_prefix(project("")).unwrap_or(case).display().to_string();
    let files = files_of(case);
    let flags = flags_of(&files);
    let Judged { report, errors, .. } = judge(&files, &flags);
    let expected: BTreeSet<(String, usize)> = files.iter().flat_map(|file| expectations(file, rule)).collect();
    let found: BTreeSet<(String, usize)> = report
        .findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| match &finding.location.file {
            Some(file) => (file.clone(), finding.location.line),
            None => (place(finding), 0),
        })
        .collect();
    faults.extend(errors.iter().map(|error| format!("{shown}: {error}")));
    faults.extend(
        expected
            .difference(&found)
            .map(|(file, line)| format!("missing {rule} at {file}:{line}{}", verdict(&report, rule))),
    );
    faults.extend(found.difference(&expected).map(|(file, line)| format!("noisy {rule} at {file}:{line}")));
    if name(case).starts_with("bad-") && expected.is_empty() {
        faults.push(format!("{shown}: a bad case without `# expect: {rule}`"));
    }
    for (rule, kind) in &flags.skipped {
        let skipped = report.verdicts.iter().any(|verdict| {
            verdict.rule == *rule
                && matches!(verdict.verdict, qdrant_lint::report::VerdictKind::Skipped(found) if found.as_str() == kind)
        });
        if !skipped {
            faults.push(format!("{shown}: {rule} is not skipped as {kind}{}", verdict(&report, rule)));
        }
    }
    if name(case).starts_with("good-") {
        let errored =
            report.verdicts.iter().filter(|verdict| verdict.verdict == qdrant_lint::report::VerdictKind::Errored);
        faults.extend(errored.map(|verdict| format!("{shown}: {} errored: {:?}", verdict.rule, verdict.reason)));
    }
    faults
}

/// Object and path of a finding that no file holds: `Collection/documents ["GET /cluster"].result`.
fn place(finding: &qdrant_lint::finding::Finding) -> String {
    let object = finding.object.as_ref().map_or_else(String::new, |object| format!("{}/{} ", object.kind, object.name));
    format!("{object}{}", finding.location.path)
}

fn verdict(report: &qdrant_lint::report::Report, rule: &str) -> String {
    let verdicts: Vec<String> = report
        .verdicts
        .iter()
        .filter(|verdict| verdict.rule == rule)
        .map(|verdict| {
            format!("{}: {:?} {}", verdict.deployment, verdict.verdict, verdict.reason.as_deref().unwrap_or_default())
        })
        .collect();
    format!(" (verdicts: {})", verdicts.join("; "))
}

/// The flags of a case, from all of its files.
pub(crate) fn flags_of(files: &[PathBuf]) -> Flags {
    files.iter().map(|file| Flags::read(&text(file))).reduce(merge).unwrap_or_default()
}

fn merge(first: Flags, second: Flags) -> Flags {
    Flags {
        chart: first.chart.or(second.chart),
        namespace: first.namespace.or(second.namespace),
        release: first.release.or(second.release),
        profile: if first.profile == qdrant_lint::policy::Profile::Production { second.profile } else { first.profile },
        date: first.date.or(second.date),
        config: first.config + &second.config,
        skipped: first.skipped.into_iter().chain(second.skipped).collect(),
        only: first.only.or(second.only),
    }
}

/// Lines of a file that expect a rule: by comment, or in the `.expect` file beside a JSON file. What a recording shows has
/// no line: `# expect-at: RULE Kind/name path`.
fn expectations(file: &Path, rule: &str) -> Vec<(String, usize)> {
    let shown = file.strip_prefix(project("")).unwrap_or(file).to_string_lossy().replace('\\', "/");
    let beside = PathBuf::from(format!("{}.expect", file.display()));
    if beside.exists() {
        return text(&beside)
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(_, id)| id.trim() == rule)
            .map(|(line, _)| (shown.clone(), line.parse().expect("a line number")))
            .collect();
    }
    let text = text(file);
    let live = text.lines().filter_map(|line| line.strip_prefix("# expect-at: ")?.split_once(' '));
    let live = live.filter(|(id, _)| *id == rule).map(|(_, place)| (place.trim().to_owned(), 0));
    text.lines()
        .enumerate()
        .filter(|(_, line)| {
            line.split_once("# expect:").is_some_and(|(_, ids)| ids.split([',', ' ']).any(|id| id == rule))
        })
        .map(|(index, _)| (shown.clone(), index + 1))
        .chain(live)
        .collect()
}

pub(crate) fn files_of(case: &Path) -> Vec<PathBuf> {
    if case.is_file() {
        return vec![case.to_path_buf()];
    }
    let mut files: Vec<PathBuf> = entries(case).iter().flat_map(|entry| files_of(entry)).collect();
    files.retain(|file| !is_expectation(file));
    files
}

fn is_expectation(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "expect")
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
