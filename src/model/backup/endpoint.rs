//! Whom a job asks for snapshots: a Service that balances, one peer, each of them.

use std::collections::BTreeSet;

use super::calls::{Call, Operation};
use super::lines::{Filled, Lines};
use crate::model::monitoring::Watched;
use crate::model::peer_address::{Lead, host_of, lead};
use crate::source::Origin;

/// Whom a job asks.
pub(super) struct Endpoint {
    /// `service`, `one-peer`, `peers`, `localhost`, `unknown`.
    pub(super) kind: &'static str,
    /// Host, variables as written.
    pub(super) host: String,
    /// Where the address is written.
    pub(super) origin: Origin,
}

/// Whom the requests that make snapshots go to.
pub(super) fn endpoint(watched: &Watched<'_>, calls: &[&Call], lines: &Lines, is_sidecar: bool) -> Option<Endpoint> {
    let makes = |call: &&Call| matches!(call.operation, Operation::Create(_) | Operation::CreateFull);
    let about = |call: &&Call| !matches!(call.operation, Operation::Other | Operation::Recover);
    let first = calls.iter().copied().find(makes).or_else(|| calls.iter().copied().find(about))?;
    let asked: Vec<&Call> =
        if calls.iter().any(makes) { calls.iter().copied().filter(makes).collect() } else { vec![first] };
    let mut leads: Vec<Lead> = Vec::new();
    for call in &asked {
        leads.extend(leads_of(watched, call, lines));
    }
    let forwarded = lines.lines.iter().any(|line| line.arguments().any(|word| word == "port-forward"));
    let kind = kind(watched, &leads, &asked, lines, is_sidecar, forwarded);
    Some(Endpoint { kind, host: host_of(&first.url.text).to_owned(), origin: first.url.head.clone() })
}

fn kind(
    watched: &Watched<'_>,
    leads: &[Lead],
    asked: &[&Call],
    lines: &Lines,
    is_sidecar: bool,
    forwarded: bool,
) -> &'static str {
    let pods: BTreeSet<&str> =
        leads.iter().filter_map(|lead| if let Lead::OnePeer(pod) = lead { Some(pod.as_str()) } else { None }).collect();
    let of_pods = |pods: &BTreeSet<&str>| {
        let peers = watched.scope.pods.as_ref().and_then(|pods| pods.peers);
        if pods.len() as u64 >= peers.unwrap_or(2) { "peers" } else { "one-peer" }
    };
    if leads.contains(&Lead::EachPeer) {
        return "peers";
    }
    if !pods.is_empty() {
        return of_pods(&pods);
    }
    if leads.iter().any(Lead::balances) {
        return "service";
    }
    if !leads.contains(&Lead::Localhost) {
        return "unknown";
    }
    if is_sidecar {
        return "peers";
    }
    let targets: Vec<&str> = asked
        .iter()
        .filter_map(|call| call.inside_pod.as_ref())
        .flat_map(|words| words.iter().skip_while(|word| *word != "exec").skip(1))
        .map(String::as_str)
        .collect();
    if forwarded || !targets.is_empty() {
        let forwards = lines.lines.iter().filter(|line| line.arguments().any(|word| word == "port-forward"));
        let words: Vec<&str> = targets.into_iter().chain(forwards.flat_map(super::lines::Line::arguments)).collect();
        if words.iter().any(|word| word.starts_with("svc/") || word.starts_with("service/")) {
            return "service";
        }
        if words.iter().any(|word| word.contains('$')) {
            return "peers";
        }
        let workload = watched.scope.pods.as_ref().map_or("qdrant", |pods| pods.workload.name());
        let named: BTreeSet<&str> = words
            .iter()
            .map(|word| word.strip_prefix("pod/").or_else(|| word.strip_prefix("pods/")).unwrap_or(word))
            .filter(|word| word.starts_with(workload) || word.contains("qdrant"))
            .filter(|word| word.rsplit('-').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())))
            .collect();
        return if named.is_empty() { "one-peer" } else { of_pods(&named) };
    }
    "localhost"
}

/// Where one request leads; a variable of a loop takes each of its words.
fn leads_of(watched: &Watched<'_>, call: &Call, lines: &Lines) -> Vec<Lead> {
    let url = &call.url.text;
    let host = host_of(url);
    let loops = lines.lines.get(call.line).map(|line| line.command.loops.as_slice()).unwrap_or_default();
    for (variable, words) in loops.iter().filter_map(|index| lines.loops.get(*index)) {
        let Some(variable) = variable else { continue };
        if !mentions(host, variable) {
            continue;
        }
        let each: Vec<&str> = words.iter().flat_map(|word| word.text.split_whitespace()).collect();
        if each.is_empty() || each.iter().any(|word| word.contains(['$', '`', '{'])) || host_list(words) {
            return vec![Lead::EachPeer];
        }
        return each
            .iter()
            .filter_map(|word| {
                let filled = fill(url, variable, word);
                lead(&filled, watched.scope, watched.services)
            })
            .collect();
    }
    lead(url, watched.scope, watched.services).into_iter().collect()
}

/// Whether the words of a loop come from a command that lists hosts or pods.
fn host_list(words: &[Filled]) -> bool {
    words.iter().any(|word| {
        ["getent", "nslookup", "dig", "kubectl", "seq", "host "].iter().any(|program| word.text.contains(program))
    })
}

pub(super) fn mentions(text: &str, variable: &str) -> bool {
    text.contains(&format!("${variable}")) || text.contains(&format!("${{{variable}"))
}

fn fill(text: &str, variable: &str, word: &str) -> String {
    text.replace(&format!("${{{variable}}}"), word).replace(&format!("${variable}"), word)
}
