//! Declared consumers of the peers: monitors, backup jobs, ingress controllers, the object store. Network policies are
//! judged by whether these get through.

use std::collections::BTreeSet;

use super::backup::pods::JobPods;
use super::facts::network::Route;
use super::monitoring::{Watched, monitors};
use super::network::clients::{Clients, Consumer, Job, Unseen};
use super::network::labels::labels_of;
use super::peer_address::host_of;
use super::server::Effective;
use super::tracked::Tracked;
use crate::source::Origin;

/// Who is declared to need the peers, or to be needed by them.
pub(crate) fn clients(watched: &Watched<'_>, routes: &[Tracked<Route>]) -> Clients {
    Clients {
        unseen: scrapers(watched).into_iter().chain(controllers(watched, routes)).collect(),
        jobs: jobs(watched),
        object_store: object_store(watched.effective),
    }
}

fn scrapers(watched: &Watched<'_>) -> Vec<Unseen> {
    let mut seen = BTreeSet::new();
    monitors::monitors(watched)
        .into_iter()
        .filter(|found| found.fact.selects == "yes" && found.comes_from_outside)
        .filter_map(|found| {
            let port = found.target.or_else(|| watched.peers?.ports.get("rest").copied())?;
            let who = format!("Prometheus of {} {}", found.fact.kind, found.fact.name);
            seen.insert((who.clone(), port)).then_some(Unseen {
                who,
                kind: Consumer::Monitor,
                port,
                origin: found.origin,
            })
        })
        .collect()
}

fn controllers(watched: &Watched<'_>, routes: &[Tracked<Route>]) -> Vec<Unseen> {
    let Some(peers) = watched.peers else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let mut unseen = Vec::new();
    for route in routes.iter().map(|route| &route.value) {
        for backend in &route.backends {
            // a path without a port is refused by the API server, yet shows what is meant
            let role = match backend.value.role.as_str() {
                "missing" => "rest",
                role => role,
            };
            let Some(port) = peers.ports.get(role).copied() else { continue };
            let who = format!("the controller of {} {}", route.kind, route.name);
            let Some(object) = watched.scope.object(&route.kind, &route.name) else { continue };
            // the chart makes up the name; the switch of the Ingress is what the user wrote
            let name = object.node.at(&["metadata", "name"]).filter(|name| name.origin.is_written());
            let origin = &name.unwrap_or(&object.node).origin;
            if seen.insert((who.clone(), port)) {
                unseen.push(Unseen { who, kind: Consumer::Ingress, port, origin: origin.clone() });
            }
        }
    }
    unseen
}

fn jobs(watched: &Watched<'_>) -> Vec<Job> {
    // the start script of the peers speaks of snapshots too
    let own = watched.scope.pods.as_ref().map(|pods| (pods.workload.kind(), pods.workload.name()));
    JobPods::of(watched)
        .into_iter()
        .filter(|pods| pods.calls_peers && own != Some((pods.object.kind(), pods.object.name())))
        .map(|pods| Job {
            who: pods.name(),
            labels: labels_of(pods.template.at(&["metadata", "labels"])),
            namespace: pods.object.namespace().map(str::to_owned),
            uploads: pods.uploads,
            origin: pods.object.node.at(&["metadata", "name"]).unwrap_or(&pods.object.node).origin.clone(),
        })
        .collect()
}

/// The store of `storage.snapshots_config`, when snapshots go to S3.
fn object_store(effective: &Effective) -> Option<(String, Origin)> {
    let storage = effective.get("storage.snapshots_config.snapshots_storage")?;
    if !storage.node.as_str()?.eq_ignore_ascii_case("s3") {
        return None;
    }
    let of = |key: &str| effective.get(&format!("storage.snapshots_config.s3_config.{key}"));
    if let Some(endpoint) = of("endpoint_url")
        && let Some(address) = endpoint.node.as_str()
    {
        return Some((host_of(address).to_owned(), endpoint.node.origin.clone()));
    }
    let region = of("region").and_then(|region| region.node.as_str());
    let host = region.map_or_else(|| "s3.amazonaws.com".to_owned(), |region| format!("s3.{region}.amazonaws.com"));
    Some((host, storage.node.origin.clone()))
}
