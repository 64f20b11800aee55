//! `qdrant-lint check`: the main job.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::COULD_NOT_JUDGE;
use super::args::{Check, Global, Reports};
use super::formats::{Outputs, View};
use super::govern;
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::FailOn;
use crate::lint;
use crate::model::build::{Deployment, Seeds};
use crate::policy::{Evaluators, Severity};
use crate::report::{ErrorLine, Report, VerdictKind};
use crate::source::Sources;

/// A run that takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many documents are told one by one when there is nothing to judge.
const FEW: usize = 3;

/// Judges and reports.
pub(super) fn run(arguments: &Check, global: &Global) -> Result<u8, Failure> {
    let outputs = Outputs::new(&arguments.reports.format)?;
    let (mut report, deployments, session, plan) = match judge(arguments, outputs.draws()) {
        Ok(judged) => judged,
        Err(failure) => return failed(failure, &outputs),
    };
    report.inputs = session.inputs(&deployments);
    report.errors.extend(session.errors());
    // the same report whatever the order of the arguments
    report.inputs.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    report.errors.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
    report.strict_evidence = arguments.acceptance.strict_evidence;
    let baseline = govern::baseline(&arguments.acceptance)?;
    govern::govern(&mut report, &session, &plan, arguments.acceptance.no_ignores);
    report.hints = hints(&session, &deployments);
    let compared = govern::compare(&mut report, baseline.as_ref(), &arguments.acceptance)?;
    report.hints.extend(compared);
    if report.deployments.is_empty() && report.errors.is_empty() {
        report.errors.push(nothing(arguments, &session));
    }
    deliver(&report, &plan, &session.sources, &outputs, &arguments.reports, global)
}

/// Least severity that fails the run; none = nothing does.
pub(super) fn threshold(plan: &Plan, arguments: &Reports) -> Option<Severity> {
    arguments.fail_on.or(plan.config.fail_on).unwrap_or(FailOn::Medium).threshold()
}

/// Writes a report in every format that is asked for; the exit code does not depend on them.
pub(super) fn deliver(
    report: &Report,
    plan: &Plan,
    sources: &Sources,
    outputs: &Outputs,
    arguments: &Reports,
    global: &Global,
) -> Result<u8, Failure> {
    let threshold = threshold(plan, arguments);
    let code = exit_code(report, threshold);
    let view = View { report, registry: plan.registry(), sources, threshold, arguments };
    outputs.write(&view, global, global.quiet && code == 0)?;
    Ok(code)
}

fn judge(arguments: &Check, draws: bool) -> Result<(Report, Vec<Deployment>, Session, Plan), Failure> {
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let session = Session::new(&arguments.input, &plan, false)?;
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let declared = session.declared();
    let seeds = session.seeds(&declared);
    let count: usize = seeds.iter().map(Seeds::len).sum();
    let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::hidden());
    bar.set_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} deployments")
            .unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let watched = output::watched();
    let options = lint::Options {
        profile: plan.profile,
        config: &plan.config,
        only: plan.only.clone(),
        skip: plan.skip.clone(),
        document_at: &|span| session.document_at(span),
        progress: &|| {
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            if watched && started.elapsed() > PATIENCE {
                if bar.is_hidden() {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                }
                bar.set_position(count as u64);
            }
        },
    };
    let memo = lint::memo(plan.registry(), count);
    let evaluators = Evaluators::new(plan.engine(), memo);
    let judge = lint::Judge::new(plan.registry(), &session.sources, &options).drawing(draws);
    let mut report = Report { profile: plan.profile, ..Report::default() };
    let mut deployments = Vec::new();
    for seeds in seeds {
        let (part, mut of_part) = judge.seeds(seeds, &evaluators);
        report.absorb(part);
        deployments.append(&mut of_part);
    }
    report.settle();
    bar.finish_and_clear();
    Ok((report, deployments, session, plan))
}

/// JSON is written even when the run failed before anything was judged.
pub(super) fn failed(failure: Failure, outputs: &Outputs) -> Result<u8, Failure> {
    if outputs.write_failure(&failure)? { Ok(COULD_NOT_JUDGE) } else { Err(failure) }
}

/// The exit code of a report.
pub(super) fn exit_code(report: &Report, threshold: Option<Severity>) -> u8 {
    let errored = report.verdicts.iter().any(|verdict| verdict.verdict == VerdictKind::Errored);
    if !report.errors.is_empty() || errored || report.deployments.is_empty() {
        COULD_NOT_JUDGE
    } else {
        u8::from(report.failing(threshold) > 0 || report.unproven() > 0)
    }
}

fn nothing(arguments: &Check, session: &Session) -> ErrorLine {
    let place = arguments.input.paths.first().map_or_else(|| ".".to_owned(), |path| path.display().to_string());
    let listing = &session.loaded.listing;
    // of a few documents each reason can be told; a reader takes «nothing about Qdrant» for a verdict
    let why: Vec<String> = listing
        .iter()
        .filter(|entry| !entry.reason.is_empty())
        .map(|entry| format!("{} is passed over: {}", entry.file, entry.reason))
        .collect();
    let seen = if (1..=FEW).contains(&listing.len()) && !why.is_empty() {
        why.join("; ")
    } else {
        format!("{} YAML or JSON documents, none of them certainly about Qdrant", listing.len())
    };
    ErrorLine {
        message: format!("nothing to judge in `{place}`: {seen}"),
        help: Some(
            "name a file (`qdrant-lint check charts/values.yaml`) or its kind (`--as values`); `-v` lists what was passed over and why"
                .to_owned(),
        ),
        ..ErrorLine::default()
    }
}

/// Several values files side by side are alternatives; say how to layer them.
fn hints(session: &Session, deployments: &[Deployment]) -> Vec<String> {
    let values: Vec<&str> = deployments
        .iter()
        .filter(|deployment| deployment.source == "helm-values")
        .filter_map(|deployment| deployment.files.first().map(|id| session.sources.get(*id).name.as_str()))
        .collect();
    let folder = |file: &str| file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let neighbours = values.windows(2).find(|pair| folder(pair[0]) == folder(pair[1]) && pair[0] != pair[1]);
    neighbours
        .map(|pair| {
            format!(
                "each values file was judged by itself; layers of one release: `qdrant-lint check -f {} -f {}`",
                pair[0], pair[1]
            )
        })
        .into_iter()
        .collect()
}
