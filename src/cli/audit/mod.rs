//! `qdrant-lint audit`: the live cluster, read-only.

mod arguments;
mod judge;
mod progress;
mod qdrant;
mod record;
mod watch;
mod write;

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

pub(super) use arguments::Audit;
use judge::Run;
use progress::Progress;
use record::Recorder;

use super::args::{Global, Input};
use super::check;
use super::formats::Outputs;
use super::govern;
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::{self, Session};
use crate::load::live::client::{Asker, ConnectError};
use crate::load::live::gather::{Told, gather};
use crate::load::live::qdrant::{Wanted, addresses, ask};
use crate::load::live::{Cluster, rbac};
use crate::policy::Evaluators;
use crate::policy::memo::Memo;
use crate::report::ErrorLine;

/// Namespaces that wait to be judged, of each cluster.
const AHEAD: usize = 2;

/// Audits and reports.
pub(super) fn run(arguments: &Audit, global: &Global) -> Result<u8, Failure> {
    if arguments.print_rbac {
        output::print(&rbac::print(arguments.rights()));
        return Ok(0);
    }
    if arguments.watch {
        return watch::run(arguments, global, &runtime()?);
    }
    let outputs = Outputs::new(&arguments.reports.format)?;
    match look(arguments, outputs.draws(), global, &runtime()?) {
        Ok((run, plan)) => check::deliver(&run.report, &plan, &run.sources, &outputs, &arguments.reports, global),
        Err(failure) => check::failed(failure, &outputs),
    }
}

fn runtime() -> Result<Runtime, Failure> {
    // one thread drives the connections; judging has threads of its own
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("the runtime does not start: {error}")))
}

/// One look at every cluster.
fn look(arguments: &Audit, draws: bool, global: &Global, runtime: &Runtime) -> Result<(Run, Plan), Failure> {
    let input = Input { paths: arguments.paths.clone(), largest: "64MiB".to_owned(), ..Input::default() };
    let plan = Plan::new(&input, &arguments.policy)?;
    let settings = session::settings(&plan, false)?;
    let baseline = govern::baseline(&arguments.acceptance)?;
    let declared = if arguments.paths.is_empty() { None } else { Some(Session::new(&input, &plan, false)?) };
    let connections = arguments.connections()?;
    let among_others = connections.len() > 1;
    let recorded_at = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string();
    let mut recorder = arguments.record.as_deref().map(|file| Recorder::create(file, &recorded_at)).transpose()?;
    let mut run = Run::new(declared, settings, recorded_at, among_others);
    run.draw(draws);
    run.govern(&plan, &arguments.acceptance);
    if arguments.write_reports {
        run.remember_workloads();
    }
    if arguments.is_without_cluster() {
        let wanted = arguments.qdrant.wanted(arguments.patience()?, &qdrant::from_cluster(None, runtime))?;
        let cluster = addressed(wanted, runtime);
        if let Some(recorder) = &mut recorder {
            recorder.add(0, &cluster)?;
        }
        run.judge(0, &cluster, &plan, &Evaluators::new(plan.engine(), None));
        if let Some(recorder) = recorder {
            recorder.finish()?;
        }
        if arguments.write_reports {
            return Err(Failure::new("`--write-reports` has no cluster to write to: --qdrant-url alone asks none")
                .help("name the cluster with --context or -n"));
        }
        run.finish();
        run.compare(baseline.as_ref(), &arguments.acceptance)?;
        return Ok((run, plan));
    }
    let mut askers = Vec::new();
    for connection in &connections {
        match runtime.block_on(Asker::connect(connection)) {
            Ok(asker) => askers.push(asker),
            Err(error) if among_others => run.error(failure_of(&error).0),
            Err(error) => return Err(failure_of(&error)),
        }
    }
    let secret = qdrant::from_cluster(askers.first(), runtime);
    let scope = arguments.scope(arguments.qdrant.wanted(arguments.patience()?, &secret)?);
    let progress = Progress::new(global);
    let (tell, mut told) = mpsc::channel::<(usize, Told)>(AHEAD * askers.len().max(1));
    for (index, asker) in askers.iter().enumerate() {
        let (asker, scope, tell, handle) = (asker.clone(), scope.clone(), tell.clone(), runtime.handle().clone());
        // what waits for answers needs no more than its own thread
        let work = move || {
            handle.block_on(async move {
                let (own, mut heard) = mpsc::channel(1);
                let pass_on = async {
                    while let Some(one) = heard.recv().await {
                        if tell.send((index, one)).await.is_err() {
                            break;
                        }
                    }
                };
                let read = async {
                    gather(&asker, &scope, &own).await;
                    drop(own);
                };
                tokio::join!(read, pass_on);
            });
        };
        std::thread::spawn(work);
    }
    drop(tell);
    // what namespaces have in common is evaluated once
    let memo = Arc::new(Memo::new(plan.registry()));
    let evaluators = Evaluators::new(plan.engine(), Some(memo));
    while let Some((index, told)) = told.blocking_recv() {
        let context = &askers[index].context;
        match told {
            Told::Homes(count) => progress.expect(count),
            Told::Note(note) => run.hint(if among_others { format!("{context}: {note}") } else { note }),
            Told::Common(cluster) => {
                if let Some(recorder) = &mut recorder {
                    recorder.add(index, &cluster)?;
                }
                run.share(index, &cluster, &plan);
            }
            Told::Home(cluster) => {
                if let Some(recorder) = &mut recorder {
                    recorder.add(index, &cluster)?;
                }
                run.judge(index, &cluster, &plan, &evaluators);
                progress.advance();
            }
            Told::Lost(why) => run.error(ErrorLine {
                message: format!("{context}: the audit is not complete: {why}"),
                help: Some(next_step(&why).to_owned()),
                ..ErrorLine::default()
            }),
        }
    }
    progress.done();
    if let Some(recorder) = recorder {
        recorder.finish()?;
    }
    run.nothing(&askers.iter().map(|asker| asker.context.clone()).collect::<Vec<_>>(), &scope);
    run.finish();
    run.compare(baseline.as_ref(), &arguments.acceptance)?;
    if arguments.write_reports {
        let threshold = check::threshold(&plan, &arguments.reports);
        write::reports(&mut run, &askers, &scope, threshold, runtime);
    }
    Ok((run, plan))
}

/// What the addresses answered that were given; no cluster stands behind it.
fn addressed(wanted: Option<Wanted>, runtime: &Runtime) -> Cluster {
    let Some(Wanted { urls, asking, .. }) = wanted else { return Cluster::default() };
    let qdrant = runtime.block_on(ask(addresses(&urls, "", None), &asking));
    Cluster { qdrant, ..Cluster::default() }
}

fn next_step(why: &str) -> &'static str {
    if why.contains("is forbidden") {
        "bind the role that `qdrant-lint audit --print-rbac` prints, or name namespaces that may be read with -n"
    } else {
        "what was read before is judged and reported; check the connection and the credentials, and run it again"
    }
}

fn failure_of(error: &ConnectError) -> Failure {
    Failure::new(error.to_string()).help("choose a cluster with --kubeconfig and --context, as with kubectl")
}
