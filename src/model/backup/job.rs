//! One job that makes snapshots as a fact.

use super::calls::{Call, Operation, calls};
use super::endpoint::{endpoint, mentions};
use super::faults;
use super::foreign::{Foreign, foreign};
use super::lines::{Lines, lines};
use super::pods::{JobContainer, JobPods};
use super::script::{Interpreter, Script};
use super::uploads::uploads;
use crate::model::build::scope::absent_field;
use crate::model::facts::backup::{BackupJob, JobFault};
use crate::model::monitoring::Watched;
use crate::model::peer_address::{Lead, host_of, lead};
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

/// A container with its scripts read.
pub(super) struct Read<'p, 'a> {
    pub(super) container: &'p JobContainer<'a>,
    pub(super) scripts: Vec<(&'p Script, Lines, Vec<Call>)>,
}

/// Reads the scripts of every container of a pod.
pub(super) fn read<'p, 'a>(pods: &'p JobPods<'a>) -> Vec<Read<'p, 'a>> {
    pods.containers
        .iter()
        .map(|container| {
            let scripts = container
                .scripts
                .iter()
                .map(|script| {
                    let lines = lines(script, &container.environment);
                    let calls = calls(&lines.lines);
                    (script, lines, calls)
                })
                .collect();
            Read { container, scripts }
        })
        .collect()
}

/// The job as a fact; `None` when it makes no snapshots.
pub(super) fn job(watched: &Watched<'_>, pods: &JobPods<'_>, reads: &[Read<'_, '_>]) -> Option<Tracked<BackupJob>> {
    let origins = &watched.scope.origins;
    let foreign = foreign_of(watched, reads);
    let calls = || reads.iter().flat_map(|read| &read.scripts).flat_map(|(_, _, calls)| calls);
    let makes = |call: &Call| match call.operation {
        Operation::Create(_) => true,
        // other systems have `/snapshots` too
        Operation::CreateFull => {
            let url = &call.url.text;
            host_of(url).contains('$') || url.contains(":6333") || lead(url, watched.scope, watched.services).is_some()
        }
        _ => false,
    };
    let shown = calls().any(makes) || foreign.iter().any(|(found, _)| found.makes);
    let node = &pods.object.node;
    let unseen = pods.containers.iter().find_map(|container| container.unseen_script.as_ref());
    // its name says that it backs up; what it runs is not in the input
    if !shown && !(pods.calls_peers && (unseen.is_some() || !pods.is_readable())) {
        return None;
    }
    let is_sidecar = watched.scope.pods.as_ref().is_some_and(|peers| {
        peers.workload.kind() == pods.object.kind() && peers.workload.name() == pods.object.name()
    });
    let mut job = BackupJob {
        object: pods.name(),
        recurs: pods.object.kind() != "Job" && !pods.object.kind().ends_with("Workflow")
            || pods.object.kind() == "CronWorkflow",
        schedule: scheduled(watched, node),
        suspended: node.at(&["spec", "suspend"]).and_then(|one| Some(origins.track(one.as_bool()?, &one.origin))),
        concurrency_policy: concurrency(watched, pods),
        readable: shown,
        unseen_script: unseen.map(|(path, node)| origins.track(path.clone(), &node.origin)),
        lists_collections: calls().any(|call| call.operation == Operation::ListCollections)
            || foreign.iter().any(|(found, _)| found.lists),
        full: calls().any(|call| call.operation == Operation::CreateFull)
            || foreign.iter().any(|(found, _)| found.full),
        exports_aliases: calls().any(|call| call.operation == Operation::ListAliases)
            || foreign.iter().any(|(found, _)| found.aliases),
        deletes: calls().any(|call| call.operation == Operation::Delete)
            || foreign.iter().any(|(found, _)| found.deletes),
        leaves_peers: leaves_peers(reads) || foreign.iter().any(|(found, _)| found.fetches),
        prunes: prunes(reads) || foreign.iter().any(|(found, _)| found.prunes),
        sends_key: calls().any(|call| call.sends_key) || foreign.iter().any(|(found, _)| found.sends_key),
        selected_by_service: watched.services.iter().any(|service| service.value.other_pods.contains(&pods.name())),
        ..BackupJob::default()
    };
    address(watched, reads, &foreign, is_sidecar, &mut job);
    job.collections = collections(watched, reads, &job);
    let mut placed: Vec<(JobFault, Origin)> = Vec::new();
    for read in reads {
        let concerned = read.scripts.iter().any(|(_, _, calls)| !calls.is_empty());
        for (script, lines, calls) in &read.scripts {
            placed.extend(faults::of_script(script, lines, calls, read.container, pods.spec));
            job.uploads.extend(uploads(&lines.lines, &read.container.environment, origins));
        }
        if concerned || shown {
            placed.extend(faults::of_image(read.container, &read.scripts));
        }
        if job.image.is_none() && (concerned || reads.len() == 1) {
            let image = read.container.node.at(&["image"]);
            job.image = image.and_then(|image| Some(origins.track(image.as_str()?.to_owned(), &image.origin)));
        }
    }
    if let (Some(scheme), true) = (&job.scheme, job.sends_key)
        && scheme.value == "http"
        && job.endpoint.as_ref().is_some_and(|endpoint| endpoint.value != "localhost")
        && !is_localhost(job.host.as_deref())
    {
        let fault = JobFault {
            kind: "key-over-http".to_owned(),
            subject: job.host.clone().unwrap_or_default(),
            silent_loss: false,
            by_curl: calls().any(|call| call.sends_key),
        };
        job.faults.push(Tracked { value: fault, origin: scheme.origin });
    }
    job.faults.extend(placed.into_iter().map(|(fault, origin)| origins.track(fault, &origin)));
    Some(origins.track(job, &node.at(&["metadata", "name"]).unwrap_or(node).origin))
}

fn is_localhost(host: Option<&str>) -> bool {
    host.is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1"))
}

fn scheduled(watched: &Watched<'_>, node: &Node) -> Option<Tracked<String>> {
    let schedule = node.at(&["spec", "schedule"]).or_else(|| node.items(&["spec", "schedules"]).first())?;
    Some(watched.scope.origins.track(schedule.as_str()?.to_owned(), &schedule.origin))
}

/// A CronJob's `concurrencyPolicy`; Argo's lies at the same place.
fn concurrency(watched: &Watched<'_>, pods: &JobPods<'_>) -> Option<Tracked<String>> {
    let (kind, node) = (pods.object.kind(), &pods.object.node);
    if !matches!(kind, "CronJob" | "CronWorkflow") {
        return None;
    }
    let origins = &watched.scope.origins;
    if let Some(policy) = node.at(&["spec", "concurrencyPolicy"]) {
        return Some(origins.track(policy.as_str()?.to_owned(), &policy.origin));
    }
    let owner = if kind == "CronJob" { "Kubernetes" } else { "Argo Workflows" };
    let anchor = node.at(&["spec", "schedule"]).unwrap_or(node);
    Some(origins.track("Allow".to_owned(), &absent_field(owner, anchor, &["concurrencyPolicy"])))
}

/// Programs in other languages, with the places of their words.
fn foreign_of(watched: &Watched<'_>, reads: &[Read<'_, '_>]) -> Vec<(Foreign, Origin)> {
    let mut found = Vec::new();
    for read in reads {
        for (script, lines, _) in &read.scripts {
            if matches!(script.interpreter, Interpreter::Python | Interpreter::Unknown) {
                let words = foreign(&script.text, watched);
                let range = words.address.as_ref().map_or((0, 0), |(_, (start, end), _)| (*start, *end));
                found.push((words, script.origin((range.0 as u32, range.1 as u32))));
            }
            for (text, origin) in &lines.foreign {
                let words = foreign(text, watched);
                // a here-document lies in the script byte by byte
                let within =
                    words.address.as_ref().and_then(|(url, _, _)| Some((url, script.text.find(url.as_str())?)));
                let origin = within
                    .map_or_else(|| origin.clone(), |(url, at)| script.origin((at as u32, (at + url.len()) as u32)));
                found.push((words, origin));
            }
        }
    }
    // a shell script that was read as one says everything itself
    found.retain(|(words, _)| words.makes);
    found
}

fn address(
    watched: &Watched<'_>,
    reads: &[Read<'_, '_>],
    foreign: &[(Foreign, Origin)],
    is_sidecar: bool,
    job: &mut BackupJob,
) {
    let origins = &watched.scope.origins;
    for read in reads {
        for (_, lines, calls) in &read.scripts {
            let calls: Vec<&Call> = calls.iter().collect();
            let Some(found) = endpoint(watched, &calls, lines, is_sidecar) else { continue };
            let url = calls
                .iter()
                .find(|call| host_of(&call.url.text) == found.host)
                .map_or("", |call| call.url.text.as_str());
            job.scheme = match url.split_once("://") {
                Some((scheme @ ("http" | "https"), _)) => Some(origins.track(scheme.to_owned(), &found.origin)),
                Some(_) => None,
                // curl takes http where nothing is said; a variable may say it
                None if url.starts_with('$') => None,
                None => Some(origins.track("http".to_owned(), &found.origin)),
            };
            job.endpoint = Some(origins.track(found.kind.to_owned(), &found.origin));
            job.host = Some(found.host);
            return;
        }
    }
    for (words, origin) in foreign {
        let Some((url, _, lead)) = &words.address else { continue };
        let kind = match lead {
            Lead::Service | Lead::Headless => "service",
            Lead::OnePeer(_) => "one-peer",
            Lead::EachPeer => "peers",
            Lead::Localhost if is_sidecar => "peers",
            Lead::Localhost => "localhost",
        };
        job.endpoint = Some(origins.track(kind.to_owned(), origin));
        job.host = Some(host_of(url).to_owned());
        job.scheme = url.split_once("://").map(|(scheme, _)| origins.track(scheme.to_owned(), origin));
        return;
    }
    let origin = job.unseen_script.as_ref().map_or_else(|| origins.add(&Origin::Derived), |script| script.origin);
    job.endpoint = Some(Tracked { value: "unknown".to_owned(), origin });
}

/// Collections that the job names.
fn collections(watched: &Watched<'_>, reads: &[Read<'_, '_>], job: &BackupJob) -> Option<Tracked<Vec<String>>> {
    if job.lists_collections {
        return None;
    }
    let mut names: Vec<String> = Vec::new();
    let mut at: Option<Origin> = None;
    for (_, lines, calls) in reads.iter().flat_map(|read| &read.scripts) {
        for call in calls {
            let Operation::Create(name) = &call.operation else { continue };
            if !name.contains(['$', '`']) {
                names.push(name.clone());
                at.get_or_insert_with(|| call.url.origin.clone());
                continue;
            }
            let around = lines.lines.get(call.line).map(|line| line.command.loops.as_slice()).unwrap_or_default();
            for (variable, words) in around.iter().filter_map(|index| lines.loops.get(*index)) {
                if !variable.as_ref().is_some_and(|variable| mentions(name, variable)) {
                    continue;
                }
                for word in words {
                    let each = word.text.split_whitespace().filter(|one| !one.contains(['$', '`', '(']));
                    names.extend(each.map(str::to_owned));
                    at.get_or_insert_with(|| word.head.clone());
                }
            }
        }
    }
    names.dedup();
    let at = at.filter(|_| !names.is_empty())?;
    Some(watched.scope.origins.track(names, &at))
}

/// Whether a script takes snapshots off the peers.
fn leaves_peers(reads: &[Read<'_, '_>]) -> bool {
    reads.iter().flat_map(|read| &read.scripts).any(|(_, lines, calls)| {
        calls.iter().any(|call| call.operation == Operation::Download)
            || lines.lines.iter().any(|line| {
                faults::is_upload(line)
                    || matches!(line.program(), "scp" | "rsync" | "cp" | "mv" | "tar" | "velero" | "kopia" | "borg")
                    || line.arguments().any(|word| matches!(word, "cp" | "rsync"))
            })
    })
}

/// Whether a script removes old copies where it puts them.
fn prunes(reads: &[Read<'_, '_>]) -> bool {
    reads.iter().flat_map(|read| &read.scripts).flat_map(|(_, lines, _)| &lines.lines).any(|line| {
        let has = |word: &str| line.arguments().any(|argument| argument.starts_with(word));
        match line.program() {
            "find" => has("-mtime") || has("-mmin"),
            "restic" => has("forget"),
            "rclone" => has("delete") || has("--max-age") || has("--min-age"),
            "mc" | "gsutil" => has("rm"),
            "aws" => has("rm") || has("delete-object"),
            "az" => has("delete"),
            _ => false,
        }
    })
}
