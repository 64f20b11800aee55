//! Rounds of fixing and judging until no fix applies. A fix that settles nothing, or brings in what is as bad, is taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{STANDS_ALREADY, Step, apply, are_apart, step};
use crate::finding::{Finding, Status};
use crate::policy::Severity;
use crate::policy::eval::Applicability;

/// More rounds than any repository needs; a fix that undoes another must not go on for ever.
const MOST_ROUNDS: usize = 200;

/// What judging gave: the findings, and the texts that their places lie in.
#[derive(Debug, Default)]
pub struct Judged {
    /// Worst first.
    pub findings: Vec<Finding>,
    /// By name as findings show it.
    pub texts: BTreeMap<String, Arc<str>>,
    /// How many deployments there are, and how much could not be judged.
    pub shape: (usize, usize),
}

/// What may be fixed.
pub struct Wanted<'a> {
    /// Also fixes that change behaviour.
    pub risky: bool,
    /// Whether a finding is to be fixed.
    pub wants: &'a dyn Fn(&Finding) -> bool,
    /// Why a file must not be edited.
    pub forbids: &'a dyn Fn(&str) -> Option<String>,
}

/// A fix that was made.
#[derive(Clone, Debug)]
pub struct Done {
    /// Rule.
    pub rule: String,
    /// Severity of the finding.
    pub severity: Severity,
    /// File of the edit.
    pub file: String,
    /// 1-based line of the finding before the fix.
    pub line: usize,
    /// What was done.
    pub title: String,
}

/// The result.
#[derive(Debug, Default)]
pub struct Mended {
    /// Texts of changed files, before and after.
    pub texts: BTreeMap<String, (Arc<str>, String)>,
    /// In the order they were made.
    pub done: Vec<Done>,
    /// Why a fix was not made, by fingerprint of its finding.
    pub refused: BTreeMap<String, String>,
    /// What judging said last.
    pub judged: Judged,
}

type Texts = BTreeMap<String, String>;

/// Fixes until nothing more can be; `judge` judges the inputs with the texts it is given in place of the files.
pub fn mend<E>(judge: &mut dyn FnMut(&Texts) -> Result<Judged, E>, wanted: &Wanted<'_>) -> Result<Mended, E> {
    let mut judged = judge(&Texts::new())?;
    let mut edited = Texts::new();
    let mut mended = Mended::default();
    let mut most = usize::MAX;
    for _ in 0..MOST_ROUNDS {
        let batch = Batch::of(&judged, &edited, wanted, &mut mended.refused, most);
        if batch.fixes.is_empty() {
            break;
        }
        let after = judge(&batch.texts)?;
        if let Some(fault) = batch.fault(&judged, &after) {
            if let [(only, _)] = batch.fixes.as_slice() {
                mended.refused.insert(only.fingerprint.to_string(), fault);
                most = usize::MAX;
            } else {
                most = (batch.fixes.len() / 2).max(1);
            }
            continue;
        }
        for (finding, file) in &batch.fixes {
            let title = finding.fix.as_ref().map(|fix| fix.title.to_string()).unwrap_or_default();
            mended.done.push(Done {
                rule: finding.rule.to_string(),
                severity: finding.severity,
                file: file.clone(),
                line: finding.location.line,
                title,
            });
        }
        for (name, text) in &batch.texts {
            let before = judged.texts.get(name).cloned().unwrap_or_else(|| text.as_str().into());
            mended.texts.entry(name.clone()).or_insert((before, String::new())).1.clone_from(text);
        }
        edited = batch.texts;
        judged = after;
    }
    mended.texts.retain(|_, (before, after)| **before != **after);
    mended.judged = judged;
    Ok(mended)
}

/// Fixes that do not touch one another.
struct Batch {
    texts: Texts,
    fixes: Vec<(Finding, String)>,
}

impl Batch {
    fn of(
        judged: &Judged,
        edited: &Texts,
        wanted: &Wanted<'_>,
        refused: &mut BTreeMap<String, String>,
        most: usize,
    ) -> Self {
        let mut batch = Self { texts: edited.clone(), fixes: Vec::new() };
        let mut taken: BTreeMap<String, Vec<Step>> = BTreeMap::new();
        for finding in judged.findings.iter().filter(|finding| is_candidate(finding, wanted)) {
            if refused.contains_key(finding.fingerprint.as_str()) {
                continue;
            }
            if batch.fixes.len() >= most {
                break;
            }
            // one that meets another fix of this round waits for the next
            if let Err(Some(why)) = batch.add(finding, judged, wanted, &mut taken) {
                refused.insert(finding.fingerprint.to_string(), why);
            }
        }
        batch
    }

    fn add(
        &mut self,
        finding: &Finding,
        judged: &Judged,
        wanted: &Wanted<'_>,
        taken: &mut BTreeMap<String, Vec<Step>>,
    ) -> Result<(), Option<String>> {
        let edits = finding.fix.as_ref().map(|fix| fix.edits.as_slice()).unwrap_or_default();
        let mut texts = Texts::new();
        let mut steps: Vec<(String, Step)> = Vec::new();
        for edit in edits {
            let file = edit.location.file.clone().filter(|_| edit.target.is_some());
            let file = file.ok_or_else(|| Some("the value stands in no file that can be edited".to_owned()))?;
            if let Some(why) = (wanted.forbids)(&file) {
                return Err(Some(why));
            }
            let original = judged.texts.get(&file).ok_or_else(|| Some(format!("{file} cannot be edited")))?;
            let step = step(&file, original, edit).map_err(|why| Some(why.to_owned()))?;
            let step = step.behind(steps.iter().filter(|(other, _)| *other == file).map(|(_, step)| step));
            let others = taken.get(&file).map(Vec::as_slice).unwrap_or_default();
            if others.contains(&step) {
                steps.push((file, step));
                continue;
            }
            if !others.iter().all(|other| are_apart(other, &step)) {
                return Err(None);
            }
            let text = texts.get(&file).or_else(|| self.texts.get(&file)).map_or(&**original, String::as_str);
            match apply(&file, text, &step) {
                Ok(new) => {
                    texts.insert(file.clone(), new);
                    steps.push((file, step));
                }
                // the other edits of the fix may be what is missing
                Err(STANDS_ALREADY) => {}
                Err(why) => return Err(Some(why.to_owned())),
            }
        }
        let Some((file, _)) = steps.first() else {
            let why = if edits.is_empty() { "the value stands in no file that can be edited" } else { STANDS_ALREADY };
            return Err(Some(why.to_owned()));
        };
        self.fixes.push((finding.clone(), file.clone()));
        self.texts.extend(texts);
        for (file, step) in steps {
            taken.entry(file).or_default().push(step);
        }
        Ok(())
    }

    /// What must not come in: nothing at all by a safe fix, nothing as bad as what it mends by one that a person looks at.
    fn tolerates(&self) -> Severity {
        let least = self.fixes.iter().map(|(finding, _)| match &finding.fix {
            Some(fix) if fix.applicability == Applicability::Unsafe => finding.severity,
            _ => Severity::Info,
        });
        least.min().unwrap_or(Severity::Info)
    }

    /// Why the batch must not stay: it settles nothing, or something else came in.
    fn fault(&self, before: &Judged, after: &Judged) -> Option<String> {
        if before.shape.0 > after.shape.0 || before.shape.1 < after.shape.1 {
            return Some("taken back: the result could not be judged any more".to_owned());
        }
        let least = self.tolerates();
        let before_count = count(before, least);
        for ((rule, deployment), found) in count(after, least) {
            if found > before_count.get(&(rule, deployment)).copied().unwrap_or_default() {
                return Some(format!("taken back: it would bring in {rule}"));
            }
        }
        // another fact may stand for the same fault: fewer must be as bad as before
        let stays = self.fixes.iter().any(|(finding, _)| {
            let of = |judged| {
                let key = (finding.rule.as_str(), finding.deployment.as_str());
                count(judged, finding.severity).get(&key).copied().unwrap_or_default()
            };
            of(after) >= of(before) || open(after).any(|other| other.fingerprint == finding.fingerprint)
        });
        stays.then(|| "taken back: the finding would stay".to_owned())
    }
}

fn open(judged: &Judged) -> impl Iterator<Item = &Finding> {
    judged.findings.iter().filter(|finding| finding.status == Status::Open)
}

fn count(judged: &Judged, least: Severity) -> BTreeMap<(&str, &str), usize> {
    let mut counts = BTreeMap::new();
    for finding in open(judged).filter(|finding| finding.severity >= least) {
        *counts.entry((finding.rule.as_str(), finding.deployment.as_str())).or_default() += 1;
    }
    counts
}

fn is_candidate(finding: &Finding, wanted: &Wanted<'_>) -> bool {
    let applies = finding.fix.as_ref().is_some_and(|fix| match fix.applicability {
        Applicability::Safe => true,
        Applicability::Unsafe => wanted.risky,
        Applicability::Display => false,
    });
    applies && finding.status == Status::Open && (wanted.wants)(finding)
}
