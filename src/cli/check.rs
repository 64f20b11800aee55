//! `qdrant-lint check`: the main job.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::COULD_NOT_JUDGE;
use super::args::{Check, Global};
use super::govern;
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::FailOn;
use crate::lint;
use crate::model::build::{Deployment, Seeds};
use crate::policy::Severity;
use crate::report::{ErrorLine, Report, VerdictKind, checklist, concise, github, json, pretty, sarif};
use crate::source::Sources;

/// A run that takes longer shows how far it is.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many documents are told one by one when there is nothing to judge.
const FEW: usize = 3;

/// A format and where it goes; no file = standard output.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Output {
    format: Format,
    file: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pretty,
    Concise,
    Json,
    Sarif,
    Github,
    Checklist,
}

impl Format {
    const ALL: [(&'static str, Self); 6] = [
        ("pretty", Self::Pretty),
        ("concise", Self::Concise),
        ("json", Self::Json),
        ("sarif", Self::Sarif),
        ("github", Self::Github),
        ("checklist", Self::Checklist),
    ];
}

/// Judges and reports.
pub(super) fn run(arguments: &Check, global: &Global) -> Result<u8, Failure> {
    let outputs = outputs(&arguments.format)?;
    let (mut report, deployments, session, plan) = match judge(arguments) {
        Ok(judged) => judged,
        Err(failure) => return failed(failure, &outputs),
    };
    let fail_on = arguments.fail_on.or(plan.config.fail_on).unwrap_or(FailOn::Medium);
    report.inputs = session.inputs(&deployments);
    report.errors.extend(session.errors());
    // the same report whatever the order of the arguments
    report.inputs.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    report.errors.sort_by(|one, other| (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column)));
    report.strict_evidence = arguments.acceptance.strict_evidence;
    let baseline = govern::baseline(&arguments.acceptance)?;
    govern::govern(&mut report, &session, &plan, arguments.acceptance.no_ignores);
    report.hints = hints(&session, &deployments);
    report.hints.extend(govern::compare(&mut report.findings, baseline.as_ref(), &arguments.acceptance)?);
    if report.deployments.is_empty() && report.errors.is_empty() {
        report.errors.push(nothing(arguments, &session));
    }
    deliver(&report, &plan, &session.sources, &outputs, fail_on, arguments.sarif_suppressions, global)
}

/// Writes a report in every format that is asked for; the exit code.
pub(super) fn deliver(
    report: &Report,
    plan: &Plan,
    sources: &Sources,
    outputs: &[Output],
    fail_on: FailOn,
    sarif_suppressions: bool,
    global: &Global,
) -> Result<u8, Failure> {
    let code = exit_code(report, fail_on.threshold());
    for target in outputs {
        let text = match target.format {
            Format::Pretty => {
                let look = pretty::Look {
                    color: target.file.is_none() && output::colored(global),
                    unicode: true,
                    width: output::width(),
                    verbose: global.verbose,
                    threshold: fail_on.threshold(),
                };
                pretty::render(report, sources, look)
            }
            Format::Concise => concise::render(report),
            Format::Json => json::render(report),
            Format::Sarif => sarif::render(report, plan.registry(), sources, sarif_suppressions),
            Format::Github => github::render(report),
            Format::Checklist => checklist::render(report),
        };
        write(target, &text, global.quiet && code == 0)?;
    }
    Ok(code)
}

fn judge(arguments: &Check) -> Result<(Report, Vec<Deployment>, Session, Plan), Failure> {
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let session = Session::new(&arguments.input, &plan, false)?;
    let done = AtomicUsize::new(0);
    let started = Instant::now();
    let seeds = session.seeds();
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
        path_at: &|span| session.path_at(span),
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
    let judge = lint::Judge::new(plan.registry(), plan.engine(), &session.sources, &options);
    let mut report = Report { profile: plan.profile, ..Report::default() };
    let mut deployments = Vec::new();
    for seeds in seeds {
        let (part, mut of_part) = judge.seeds(seeds);
        report.absorb(part);
        deployments.append(&mut of_part);
    }
    bar.finish_and_clear();
    Ok((report, deployments, session, plan))
}

/// JSON is written even when the run failed before anything was judged.
pub(super) fn failed(failure: Failure, outputs: &[Output]) -> Result<u8, Failure> {
    let report = Report { errors: vec![failure.0.clone()], ..Report::default() };
    let mut machine = false;
    for target in outputs.iter().filter(|target| target.format == Format::Json) {
        write(target, &json::render(&report), false)?;
        machine = true;
    }
    if machine { Ok(COULD_NOT_JUDGE) } else { Err(failure) }
}

fn exit_code(report: &Report, threshold: Option<Severity>) -> u8 {
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

pub(super) fn outputs(formats: &[String]) -> Result<Vec<Output>, Failure> {
    if formats.is_empty() {
        return Ok(vec![Output { format: Format::Pretty, file: None }]);
    }
    formats
        .iter()
        .map(|text| {
            let (name, file) =
                text.split_once('=').map_or((text.as_str(), None), |(name, file)| (name, Some(file.to_owned())));
            let format = Format::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
            let known: Vec<&str> = Format::ALL.iter().map(|(known, _)| *known).collect();
            let format = format.ok_or_else(|| {
                Failure::new(format!("no format is called `{name}`")).help(format!("one of {}", known.join(", ")))
            })?;
            Ok(Output { format, file })
        })
        .collect()
}

fn write(target: &Output, text: &str, silent: bool) -> Result<(), Failure> {
    match &target.file {
        None if silent && target.format == Format::Pretty => Ok(()),
        None => {
            output::print(text);
            Ok(())
        }
        Some(file) => {
            std::fs::write(file, text).map_err(|error| Failure::new(format!("`{file}` cannot be written: {error}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_may_go_to_a_file() {
        assert_eq!(
            outputs(&["sarif=out/x=1.sarif".to_owned()]).unwrap(),
            [Output { format: Format::Sarif, file: Some("out/x=1.sarif".to_owned()) }]
        );
        assert!(outputs(&["yaml".to_owned()]).is_err());
    }
}
