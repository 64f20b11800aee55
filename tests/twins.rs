//! Every fix on the bad cases of its rule: the result is the `.fixed` twin beside the case, byte for byte, and the rule is
//! silent there. `UPDATE=1` writes the twins, to be read before they are committed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use qdrant_lint::finding::{Finding, Status};
use qdrant_lint::fix::rounds::{self, Mended, Wanted, mend};
use qdrant_lint::fix::write;
use qdrant_lint::load::LoadOptions;
use qdrant_lint::policy::eval::Applicability;
use qdrant_lint::source::Sources;
use rayon::prelude::*;

use crate::rules::{cases, files_of, flags_of};
use crate::support::{judge_with, project, rules};

/// What became of one bad case.
struct Outcome {
    rule: String,
    case: PathBuf,
    /// Kinds of input that the fixes edited: `helm-values`, `manifests`, `collections`.
    kinds: BTreeSet<String>,
    has_twin: bool,
    /// Rules that speak where they did not before; no twin has any.
    brings_in: Vec<String>,
    /// Fixes that were proposed and not made, with the reason.
    refused: Vec<String>,
    faults: Vec<String>,
    /// Text of each changed file.
    changed: BTreeMap<PathBuf, String>,
}

impl Outcome {
    fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.refused.is_empty() && self.brings_in.is_empty()
    }
}

#[test]
fn every_fix_makes_its_twin_and_silences_its_rule() {
    let bad: Vec<(String, PathBuf)> = cases().into_iter().filter(|(_, case)| name(case).starts_with("bad-")).collect();
    let mut outcomes: Vec<Outcome> = bad.par_iter().map(|(rule, case)| outcome_of(rule, case)).collect();
    if std::env::var_os("UPDATE").is_some() {
        write_missing(&mut outcomes);
    }
    let mut faults: Vec<String> = outcomes.iter_mut().flat_map(|outcome| std::mem::take(&mut outcome.faults)).collect();
    let mut proven: BTreeSet<(&str, &str)> = BTreeSet::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.has_twin) {
        proven.extend(outcome.kinds.iter().map(|kind| (outcome.rule.as_str(), kind.as_str())));
    }
    for outcome in &outcomes {
        for kind in outcome.kinds.iter().filter(|kind| !proven.contains(&(outcome.rule.as_str(), kind.as_str()))) {
            faults.push(format!("{}: a fix in {kind} that no twin proves ({})", outcome.rule, name(&outcome.case)));
        }
    }
    let refused: Vec<&str> = outcomes.iter().flat_map(|outcome| &outcome.refused).map(String::as_str).collect();
    insta::assert_snapshot!("fixes_not_made", refused.join("\n"));
    faults.sort();
    faults.dedup();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_metadata_says_which_fixes_a_rule_has() {
    let mut emitted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let found: Vec<(String, BTreeSet<&str>)> = cases()
        .par_iter()
        .filter(|(_, case)| name(case).starts_with("bad-"))
        .map(|(rule, case)| {
            let judged = judged(&files_of(case), &BTreeMap::new());
            let of_rule = judged.findings.iter().filter(|finding| finding.rule == *rule);
            (rule.clone(), of_rule.filter_map(applicability).collect())
        })
        .collect();
    for (rule, applicabilities) in found {
        emitted.entry(rule).or_default().extend(applicabilities);
    }
    let mut faults = Vec::new();
    for (rule, applicabilities) in emitted {
        let told: BTreeSet<&str> =
            rules().0.get(&rule).unwrap().fixes.iter().map(|applicability| word(*applicability)).collect();
        if told != applicabilities {
            faults.push(format!("{rule}: METADATA says fixes {told:?}, its cases show {applicabilities:?}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn outcome_of(rule: &str, case: &Path) -> Outcome {
    let shown = case.strip_prefix(project("")).unwrap_or(case).display().to_string();
    let files = files_of(case);
    let before = judged(&files, &BTreeMap::new());
    let mended = mended(rule, &files, &BTreeMap::new());
    let mut faults = Vec::new();
    let changed: BTreeMap<PathBuf, String> =
        mended.texts.iter().map(|(name, (_, after))| (project(name), after.clone())).collect();
    let left =
        || mended.judged.findings.iter().filter(|finding| finding.rule == rule && finding.status == Status::Open);
    let refused: Vec<String> = left()
        .filter(|finding| applicability(finding).is_some())
        .map(|finding| {
            let why = mended.refused.get(finding.fingerprint.as_str()).map_or("no reason", String::as_str);
            format!("{shown}:{}: {}: the fix was not made: {why}", finding.location.line, finding.rule)
        })
        .collect();
    let twins: BTreeMap<PathBuf, PathBuf> = changed.keys().map(|file| (file.clone(), twin_of(case, file))).collect();
    let mut brings_in: Vec<String> = Vec::new();
    let has_twin = !twins.is_empty() && twins.values().any(|twin| twin.exists());
    if has_twin {
        faults.extend(refused.iter().map(|refusal| format!("not silent on its twin: {refusal}")));
        for (file, twin) in &twins {
            if std::env::var_os("UPDATE").is_some() {
                put(twin, &changed[file]);
            }
            if fs::read_to_string(twin).ok().as_ref() != Some(&changed[file]) {
                faults.push(format!("{} is not what the fix makes: run with UPDATE=1 and read it", twin.display()));
            }
        }
    }
    if !changed.is_empty() {
        let told = |judged: &rounds::Judged| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for finding in judged.findings.iter().filter(|finding| finding.status == Status::Open) {
                *counts.entry(finding.rule.to_string()).or_default() += 1;
            }
            counts
        };
        let old = told(&before);
        let news = told(&mended.judged)
            .into_iter()
            .filter(|(rule, count)| *count > old.get(rule).copied().unwrap_or_default());
        brings_in.extend(news.map(|(other, _)| format!("{shown}: the fix brings in {other}")));
        if has_twin {
            faults.append(&mut brings_in.clone());
        }
        let again = self::mended(rule, &files, &changed);
        faults.extend(again.texts.keys().map(|file| format!("{shown}: a second run changes {file} again")));
    } else if twins_exist(case) {
        faults.push(format!("{shown} has a twin, but no fix changes it"));
    }
    Outcome {
        rule: rule.to_owned(),
        case: case.to_path_buf(),
        kinds: if changed.is_empty() { BTreeSet::new() } else { kinds(&files) },
        has_twin,
        brings_in,
        refused,
        faults,
        changed,
    }
}

/// Twins for the first case of each rule and kind of input that has none.
fn write_missing(outcomes: &mut [Outcome]) {
    let mut proven: BTreeSet<(String, String)> = BTreeSet::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.has_twin) {
        proven.extend(outcome.kinds.iter().map(|kind| (outcome.rule.clone(), kind.clone())));
    }
    for outcome in outcomes.iter_mut().filter(|outcome| !outcome.has_twin && outcome.is_clean()) {
        let new: Vec<(String, String)> =
            outcome.kinds.iter().map(|kind| (outcome.rule.clone(), kind.clone())).collect();
        if new.iter().all(|one| proven.contains(one)) {
            continue;
        }
        for (file, text) in &outcome.changed {
            put(&twin_of(&outcome.case, file), text);
        }
        outcome.has_twin = true;
        proven.extend(new);
    }
}

fn mended(rule: &str, files: &[PathBuf], start: &BTreeMap<PathBuf, String>) -> Mended {
    let mut judge = |edited: &BTreeMap<String, String>| -> Result<rounds::Judged, std::convert::Infallible> {
        let mut texts = start.clone();
        texts.extend(edited.iter().map(|(name, text)| (project(name), text.clone())));
        Ok(judged(files, &texts))
    };
    let wants = |finding: &Finding| finding.rule == rule;
    let forbids = |name: &str| write::forbidden(&project(""), name);
    mend(&mut judge, &Wanted { risky: true, wants: &wants, forbids: &forbids }).unwrap()
}

fn judged(files: &[PathBuf], edited: &BTreeMap<PathBuf, String>) -> rounds::Judged {
    let mut sources = Sources::default();
    let options =
        LoadOptions { paths: files.to_vec(), edited: edited.clone(), ..LoadOptions::new(env!("CARGO_MANIFEST_DIR")) };
    let judged = judge_with(options, &flags_of(files), &mut sources);
    rounds::Judged {
        findings: judged.report.findings,
        texts: sources.iter().map(|(_, source)| (source.name.clone(), std::sync::Arc::clone(&source.text))).collect(),
        shape: (judged.built.len(), judged.errors.len()),
    }
}

/// What a case is made of: of several kinds the first, as values come before what stands beside them.
fn kinds(files: &[PathBuf]) -> BTreeSet<String> {
    let options = LoadOptions { paths: files.to_vec(), ..LoadOptions::new(env!("CARGO_MANIFEST_DIR")) };
    let judged = judge_with(options, &flags_of(files), &mut Sources::default());
    judged.built.iter().map(|built| built.deployment.source.clone()).collect()
}

fn applicability(finding: &Finding) -> Option<&'static str> {
    let fix = finding.fix.as_ref()?;
    (fix.applicability != Applicability::Display).then(|| word(fix.applicability))
}

fn word(applicability: Applicability) -> &'static str {
    match applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
        Applicability::Display => "display",
    }
}

/// `bad-a.yaml` has `bad-a.fixed.yaml`; the folder `bad-a` has `bad-a.fixed` with the files that change.
fn twin_of(case: &Path, file: &Path) -> PathBuf {
    if case.is_dir() {
        let folder = case.with_file_name(format!("{}.fixed", name(case)));
        return folder.join(file.strip_prefix(case).unwrap());
    }
    let extension = case.extension().unwrap_or_default().to_string_lossy().into_owned();
    case.with_extension(format!("fixed.{extension}"))
}

fn twins_exist(case: &Path) -> bool {
    twin_of(case, &case.join("a")).parent().is_some_and(|folder| case.is_dir() && folder.exists())
        || (case.is_file() && twin_of(case, case).exists())
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
