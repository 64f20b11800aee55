//! What runs, from what the Qdrant API answered.

mod answers;
mod collections;
pub mod metrics;
mod nodes;
mod peers;
mod plugin;
mod pods;

pub use answers::Asked;
pub use collections::{Found, collections};

use super::build::Scope;
use super::facts::live::{Live, Unanswered};

/// The facts of what runs; none for files.
pub fn live(scope: &Scope<'_>) -> Option<Live> {
    let seen = scope.live.as_ref()?;
    let mut unanswered: Vec<Unanswered> = scope.api.iter().flat_map(Asked::unanswered).collect();
    unanswered.sort_unstable();
    Some(Live {
        read_at: seen.recorded_at.clone(),
        kubernetes: seen.kubernetes.clone(),
        rolling: rolling(scope),
        peers: scope.api.iter().map(|asked| peers::peer(asked, &scope.origins)).collect(),
        unanswered,
        pods: pods::pods(scope),
        nodes: nodes::nodes(scope),
        network_plugin: plugin::plugin(scope, seen),
    })
}

/// Whether a StatefulSet still has pods of the revision before.
fn rolling(scope: &Scope<'_>) -> Option<bool> {
    let status = scope.pods.as_ref()?.workload.node.at(&["status"])?;
    let (current, update) = (status.text(&["currentRevision"])?, status.text(&["updateRevision"])?);
    Some(current != update)
}

/// The least version that a peer says it runs, where it says so.
pub fn version(scope: &Scope<'_>) -> Option<(semver::Version, crate::source::Origin)> {
    let said = scope.api.iter().filter_map(|asked| {
        let node = asked.good("/")?.at(&["version"])?;
        let mut version = semver::Version::parse(node.as_str()?.trim_start_matches('v')).ok()?;
        version.pre = semver::Prerelease::EMPTY;
        version.build = semver::BuildMetadata::EMPTY;
        Some((version, node.origin.clone()))
    });
    said.min_by(|(one, _), (other, _)| one.cmp(other))
}

/// How many peers the cluster counts: the most that a peer knows of, one without cluster mode; none when no peer said.
pub fn members(api: &[Asked<'_>]) -> Option<u64> {
    let counts = api.iter().filter_map(|asked| {
        let result = asked.good("/cluster")?.at(&["result"])?;
        match result.text(&["status"]) {
            Some("disabled") => Some(1),
            _ => Some(result.at(&["peers"])?.as_mapping()?.len() as u64),
        }
    });
    counts.max()
}
