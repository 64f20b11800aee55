//! `--watch`: looks again when something has changed, and now and then because not everything tells of itself. Told is
//! what is otherwise than the time before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::time::Instant;

use super::arguments::Audit;
use super::{failure_of, look};
use crate::cli::args::Global;
use crate::cli::output::{self, Failure};
use crate::cli::{COULD_NOT_JUDGE, STACK, check};
use crate::load::live::changes::{self, Homes, Watches};
use crate::load::live::client::Asker;
use crate::report::{Report, count_of};

/// How long the next look waits after a change.
struct Pace {
    /// Changes come in flocks: until it has been quiet for so long.
    quiet: Duration,
    /// Where it is never quiet, no longer.
    longest: Duration,
}

const PACE: Pace = Pace { quiet: Duration::from_secs(2), longest: Duration::from_secs(30) };

/// What a look at the clusters gave.
struct Looked {
    code: u8,
    lines: Lines,
    summary: String,
    homes: BTreeSet<String>,
}

/// What is told of a finding or an error, by what makes it the same the next time.
type Lines = BTreeMap<(String, String), String>;

/// Looks and tells until it is stopped; the exit code is that of the last look.
pub(super) fn run(arguments: &Audit, global: &Global, runtime: &Runtime) -> Result<u8, Failure> {
    let interval = arguments.interval()?;
    let homes = Homes::default();
    let (changed, changes) = watch::channel(0);
    let stop = stopped(runtime)?;
    // they end with this function
    let _watches = follow(arguments, global, runtime, &homes, &changed)?;
    runtime.block_on(pass_after_pass(arguments, global, interval, &homes, changes, stop))
}

async fn pass_after_pass(
    arguments: &Audit,
    global: &Global,
    interval: Option<Duration>,
    homes: &Homes,
    mut changes: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) -> Result<u8, Failure> {
    let mut before: Option<Looked> = None;
    loop {
        changes.mark_unchanged();
        let looked = tokio::select! {
            looked = looking(arguments, global) => looked?,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        homes.write().unwrap_or_else(PoisonError::into_inner).clone_from(&looked.homes);
        output::print(&told(before.as_ref(), &looked, global.quiet));
        before = Some(looked);
        tokio::select! {
            () = PACE.due(&mut changes, interval) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    // before the first look has ended nothing is judged
    Ok(before.map_or(COULD_NOT_JUDGE, |looked| looked.code))
}

/// One look, on a thread of its own: whoever stops does not wait for it.
async fn looking(arguments: &Audit, global: &Global) -> Result<Looked, Failure> {
    let (tell, told) = oneshot::channel();
    let (arguments, global) = (arguments.clone(), global.clone());
    let work = move || {
        // nobody listens any more when it was stopped
        let _ = tell.send(one(&arguments, &global));
    };
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("the audit broke off: {error}"));
    std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|error| failed(&error))?;
    told.await.map_err(|error| failed(&error))?
}

fn one(arguments: &Audit, global: &Global) -> Result<Looked, Failure> {
    let runtime = super::runtime()?;
    match look(arguments, false, global, &runtime) {
        Ok((run, plan)) => {
            let report = &run.report;
            let code = check::exit_code(report, check::threshold(&plan, &arguments.reports));
            let homes = report.deployments.iter().filter_map(|deployment| deployment.namespace.clone()).collect();
            Ok(Looked { code, lines: lines(report), summary: summary(report), homes })
        }
        // a cluster that does not answer now may do so the next time
        Err(Failure(error)) => {
            let report = Report { errors: vec![error], ..Report::default() };
            let (lines, summary) = (lines(&report), summary(&report));
            Ok(Looked { code: COULD_NOT_JUDGE, lines, summary, homes: BTreeSet::new() })
        }
    }
}

impl Pace {
    /// Ends when a change has come and it is quiet again, or the interval is over.
    async fn due(&self, changes: &mut watch::Receiver<u64>, interval: Option<Duration>) {
        let pause = async {
            match interval {
                Some(interval) => tokio::time::sleep(interval).await,
                None => std::future::pending().await,
            }
        };
        let changed = async {
            // without anything that watches there is only the interval
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = pause => return,
            () = changed => {}
        }
        let last = Instant::now() + self.longest;
        while Instant::now() < last {
            let end = (Instant::now() + self.quiet).min(last);
            if tokio::time::timeout_at(end, changes.changed()).await.is_err() {
                return;
            }
        }
    }
}

fn follow(
    arguments: &Audit,
    global: &Global,
    runtime: &Runtime,
    homes: &Homes,
    changed: &watch::Sender<u64>,
) -> Result<Vec<Watches>, Failure> {
    if arguments.is_without_cluster() {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for connection in arguments.connections()? {
        let asker = runtime.block_on(Asker::connect(&connection)).map_err(|error| failure_of(&error))?;
        let watches = runtime.block_on(changes::follow(&asker, &arguments.namespaces, homes, changed));
        let watches = watches.map_err(|error| {
            Failure::new(format!("{}: its changes cannot be watched: {error}", asker.context))
                .help("choose a cluster with --kubeconfig and --context, as with kubectl")
        })?;
        if !watches.unseen.is_empty() && !global.quiet {
            output::note(&format!(
                "{}: changes of these are only seen at the interval, for want of the right to watch them: {}; \
                 `qdrant-lint audit --watch --print-rbac` prints the role\n",
                asker.context,
                watches.unseen.join(", ")
            ));
        }
        all.push(watches);
    }
    Ok(all)
}

/// Becomes true at Ctrl-C and SIGTERM.
fn stopped(runtime: &Runtime) -> Result<watch::Receiver<bool>, Failure> {
    let (tell, stop) = watch::channel(false);
    let wrong = |error: std::io::Error| Failure::new(format!("signals cannot be received: {error}"));
    let _inside = runtime.enter();
    #[cfg(unix)]
    let mut end = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate()).map_err(wrong)?
    };
    #[cfg(windows)]
    let mut end = tokio::signal::windows::ctrl_close().map_err(wrong)?;
    runtime.spawn(async move {
        tokio::select! {
            _ = end.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        let _ = tell.send(true);
    });
    Ok(stop)
}

fn lines(report: &Report) -> Lines {
    let findings = report.open().map(|finding| {
        let line = format!("{}: {} {} {}", finding.deployment, finding.severity, finding.rule, finding.message);
        ((finding.deployment.to_string(), finding.fingerprint.to_string()), line)
    });
    let errors = report
        .errors
        .iter()
        .map(|error| ((String::new(), error.message.clone()), format!("not judged: {}", error.message)));
    errors.chain(findings).collect()
}

fn summary(report: &Report) -> String {
    let counts = report.counts();
    format!(
        "{}, {}; {} passed, {} not judged",
        count_of(report.deployments.len(), "deployment"),
        count_of(counts.by_severity.iter().sum(), "finding"),
        count_of(counts.pass, "rule"),
        counts.skipped
    )
}

/// A line for the look, then what came (`+`), what is otherwise (`~`) and what is gone (`-`).
fn told(before: Option<&Looked>, now: &Looked, quiet: bool) -> String {
    let none = Lines::new();
    let old = before.map_or(&none, |before| &before.lines);
    let mut changes = String::new();
    for (key, line) in &now.lines {
        let mark = match old.get(key) {
            None => '+',
            Some(known) if known != line => '~',
            Some(_) => continue,
        };
        let _ = writeln!(changes, "{mark} {line}");
    }
    for (_, line) in old.iter().filter(|(key, _)| !now.lines.contains_key(*key)) {
        let _ = writeln!(changes, "- {line}");
    }
    if quiet && before.is_some() && changes.is_empty() {
        return String::new();
    }
    let at = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default();
    let same = if before.is_some() && changes.is_empty() { "; nothing changed" } else { "" };
    format!("{at} {}{same}\n{changes}", now.summary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(lines: &[(&str, &str)]) -> Looked {
        let lines = lines.iter().map(|(key, line)| (("a/b".to_owned(), (*key).to_owned()), (*line).to_owned()));
        Looked { code: 0, lines: lines.collect(), summary: "summary".to_owned(), homes: BTreeSet::new() }
    }

    #[test]
    fn only_what_changed_is_told() {
        let first = looked(&[("1", "one"), ("2", "two"), ("3", "three")]);
        let begin = told(None, &first, false);
        assert!(begin.ends_with(" summary\n+ one\n+ two\n+ three\n"), "{begin}");
        let second = looked(&[("1", "one"), ("2", "two of three"), ("4", "four")]);
        let text = told(Some(&first), &second, false);
        assert!(text.ends_with(" summary\n~ two of three\n+ four\n- three\n"), "{text}");
        let still = told(Some(&second), &second, false);
        assert!(still.ends_with(" summary; nothing changed\n"), "{still}");
        assert_eq!(told(Some(&second), &second, true), "");
    }

    #[tokio::test]
    async fn a_look_is_due_when_it_is_quiet_again_or_the_interval_is_over() {
        let pace = Pace { quiet: Duration::from_millis(200), longest: Duration::from_secs(1) };
        let (changed, mut changes) = watch::channel(0);
        let begin = Instant::now();
        pace.due(&mut changes, Some(Duration::from_millis(50))).await;
        assert!(begin.elapsed() >= Duration::from_millis(50));

        changed.send_modify(|count| *count += 1);
        let begin = Instant::now();
        pace.due(&mut changes, None).await;
        assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());

        let restless = tokio::spawn(async move {
            loop {
                changed.send_modify(|count| *count += 1);
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        let begin = Instant::now();
        pace.due(&mut changes, None).await;
        assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
        restless.abort();
    }
}
