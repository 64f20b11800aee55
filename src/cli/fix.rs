//! `qdrant-lint fix`: mends what needs no decision and says what does.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::COULD_NOT_JUDGE;
use super::args::{Fix, Global};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::FailOn;
use crate::finding::{EditAction, Finding, OriginKind, Status};
use crate::fix::rounds::{Done, Judged, Mended, Wanted, mend};
use crate::fix::{diff, write};
use crate::lint;
use crate::model::build::Seeds;
use crate::policy::Evaluators;
use crate::policy::eval::Applicability;
use crate::report::{ErrorLine, Report, count_of};
use crate::source::Sources;

/// Fixes, writes, reports.
pub(super) fn run(arguments: &Fix, global: &Global) -> Result<u8, Failure> {
    if arguments.input.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::new("standard input cannot be edited").help("name a file, or use `qdrant-lint check -`"));
    }
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let cwd =
        std::env::current_dir().map_err(|error| Failure::new(format!("the working folder cannot be read: {error}")))?;
    let mut last: Option<(Sources, Vec<ErrorLine>)> = None;
    let mut judge = |edited: &BTreeMap<String, String>| -> Result<Judged, Failure> {
        let edited = edited.iter().map(|(name, text)| (absolute(&cwd, name), text.clone())).collect();
        let session = Session::with_edits(&arguments.input, &plan, false, edited)?;
        let judged = judged(&plan, &session);
        let errors = session.errors();
        last = Some((session.sources, errors));
        Ok(judged)
    };
    let wants = |finding: &Finding| {
        (plan.only.is_empty() || plan.only.is_match(&*finding.rule)) && !plan.skip.is_match(&*finding.rule)
    };
    let wanted = Wanted { risky: arguments.risky, wants: &wants, forbids: &|name: &str| write::forbidden(&cwd, name) };
    let mended = mend(&mut judge, &wanted)?;
    let (sources, errors) = last.unwrap_or_default();
    let mut failed = Vec::new();
    if arguments.diff {
        for (name, (before, after)) in &mended.texts {
            output::print(&diff::unified(name, before, after));
        }
    } else {
        for (name, (before, after)) in &mended.texts {
            if let Err(error) = write::replace(&cwd, name, before, after) {
                failed.push(error.to_string());
            }
        }
    }
    let remaining: Vec<&Finding> =
        mended.judged.findings.iter().filter(|finding| finding.status == Status::Open && wants(finding)).collect();
    let report = Told { mended: &mended, remaining: &remaining, sources: &sources, risky: arguments.risky };
    let text = report.text(arguments.diff, global.quiet);
    if arguments.diff {
        // the diff alone is on standard output, so that it can be piped to `git apply`
        output::note(&text);
    } else {
        output::print(&text);
    }
    for error in &errors {
        output::error(&Failure(error.clone()));
    }
    for message in &failed {
        output::error(&Failure::new(message));
    }
    let threshold = arguments.fail_on.or(plan.config.fail_on).unwrap_or(FailOn::Medium).threshold();
    if mended.judged.shape.0 == 0 && errors.is_empty() {
        return Err(Failure::new("nothing to fix: no deployment of Qdrant was found").help(
            "name a file (`qdrant-lint fix values.yaml`); `qdrant-lint check -v` lists what was passed over and why",
        ));
    }
    if !failed.is_empty() || !errors.is_empty() {
        return Ok(COULD_NOT_JUDGE);
    }
    let fails = |finding: &&Finding| threshold.is_some_and(|threshold| finding.severity >= threshold);
    Ok(u8::from(remaining.iter().any(fails)))
}

fn judged(plan: &Plan, session: &Session) -> Judged {
    let options = lint::Options {
        profile: plan.profile,
        config: &plan.config,
        // a fix is also judged by the rules that the user did not ask for
        only: globset::GlobSet::empty(),
        skip: globset::GlobSet::empty(),
        document_at: &|span| session.document_at(span),
        progress: &|| {},
    };
    let all = session.seeds(&[]);
    let memo = lint::memo(plan.registry(), all.iter().map(Seeds::len).sum());
    let evaluators = Evaluators::new(plan.engine(), memo);
    let judge = lint::Judge::new(plan.registry(), &session.sources, &options);
    let mut report = Report { profile: plan.profile, ..Report::default() };
    let mut deployments = 0;
    for seeds in all {
        let (part, of_part) = judge.seeds(seeds, &evaluators);
        report.absorb(part);
        deployments += of_part.len();
    }
    report.settle();
    // what is accepted stays as it is
    super::govern::govern(&mut report, session, plan, false);
    let texts = session.sources.iter().filter(|(_, source)| !source.name.starts_with("--"));
    Judged {
        findings: report.findings,
        texts: texts.map(|(_, source)| (source.name.clone(), Arc::clone(&source.text))).collect(),
        shape: (deployments, session.loaded.errors.len()),
    }
}

/// The path that `load` opens a file by.
fn absolute(cwd: &Path, name: &str) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in cwd.join(name).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}

struct Told<'a> {
    mended: &'a Mended,
    remaining: &'a [&'a Finding],
    sources: &'a Sources,
    risky: bool,
}

impl Told<'_> {
    fn text(&self, only_shown: bool, quiet: bool) -> String {
        let mut text = String::new();
        let Mended { done, texts, refused, .. } = self.mended;
        let by_file = |name: &String| -> Vec<&Done> { done.iter().filter(|done| done.file == *name).collect() };
        for name in texts.keys() {
            let _ = writeln!(text, "{} {name}", if only_shown { "would fix" } else { "fixed" });
            let mut of_file = by_file(name);
            of_file.sort_by_key(|done| done.line);
            for done in of_file {
                let _ = writeln!(text, "  {:>4}  {} [{}]", done.line, done.title, done.rule);
            }
        }
        if quiet {
            return text;
        }
        if !self.remaining.is_empty() {
            let _ = writeln!(text, "{}needs a decision:", if texts.is_empty() { "" } else { "\n" });
        }
        for finding in self.remaining {
            let file = finding.location.file.as_deref().unwrap_or(&finding.deployment);
            let place =
                if finding.location.line == 0 { file.to_owned() } else { format!("{file}:{}", finding.location.line) };
            let _ = writeln!(text, "  {place}  {} [{}]", finding.severity, finding.rule);
            let _ = writeln!(text, "      {}", finding.message);
            for line in finding.help.lines().filter(|line| !line.is_empty()) {
                let _ = writeln!(text, "      write: {line}");
            }
            if let Some(argument) = self.argument(finding) {
                let _ = writeln!(text, "      on the command line: {argument}");
            }
            if let Some(why) = refused.get(finding.fingerprint.as_str()) {
                let _ = writeln!(text, "      not fixed: {why}");
            } else if let Some(fix) = &finding.fix
                && fix.applicability == Applicability::Unsafe
                && !self.risky
            {
                let _ = writeln!(text, "      `--unsafe` would {}", fix.title);
            }
        }
        let changed =
            format!("{} in {}", count_of(done.len(), "fix").replace("fixs", "fixes"), count_of(texts.len(), "file"));
        let verb = if only_shown { "would be made" } else { "made" };
        let _ = writeln!(text, "\n{changed} {verb}; {} to decide", count_of(self.remaining.len(), "finding"));
        text
    }

    /// What stands on the command line is changed there.
    fn argument(&self, finding: &Finding) -> Option<String> {
        if finding.origin != OriginKind::Set {
            return None;
        }
        let span = finding.location.span?;
        let key = self.sources.slice(span).split('=').next()?.to_owned();
        let value = finding.fix.as_ref()?.edits.iter().find_map(|edit| match &edit.action {
            EditAction::Set(serde_json::Value::String(text)) => Some(text.clone()),
            EditAction::Set(value) => Some(value.to_string()),
            _ => None,
        })?;
        Some(format!("`{} {key}={value}`", finding.location.file.as_deref()?))
    }
}
