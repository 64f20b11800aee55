//! Traces of Qdrant Cloud: endpoints of clusters there, its registry, the agent of its hybrid offering.

use std::collections::BTreeSet;

use super::table::is_below;
use super::words::{QDRANT_CLOUD, each_word};
use crate::model::build::Scope;
use crate::model::facts::cluster::ManagedCloud;
use crate::model::tracked::Tracked;

const REGISTRY: &str = "registry.cloud.qdrant.io";
/// Images of the agent and the operator that Qdrant Cloud drives.
const AGENTS: [&str; 2] = ["qdrant-cloud-agent", "qdrant-cluster-manager"];

/// Every host of Qdrant Cloud that objects and bodies of requests name, once by host and kind.
pub(super) fn managed_cloud(scope: &Scope<'_>) -> Vec<Tracked<ManagedCloud>> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let bodies = scope.bodies.iter().map(|body| &body.node);
    let speaking = scope.objects.iter().filter(|object| object.words.found_in(&object.node).names_qdrant_cloud);
    for node in speaking.map(|object| &object.node).chain(bodies) {
        each_word(node, &mut |word, node| {
            for host in hosts(word) {
                let kind = match host.as_str() {
                    REGISTRY if AGENTS.iter().any(|agent| word.contains(agent)) => "agent",
                    REGISTRY => "registry",
                    _ => "endpoint",
                };
                if seen.insert((host.clone(), kind)) {
                    found.push(scope.origins.track(ManagedCloud { host, kind: kind.to_owned() }, &node.origin));
                }
            }
        });
    }
    found
}

/// Host names of Qdrant Cloud in a text.
fn hosts(text: &str) -> Vec<String> {
    if !text.contains(QDRANT_CLOUD) {
        return Vec::new();
    }
    let words = text.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-')));
    words.map(|word| word.trim_matches('.').to_ascii_lowercase()).filter(|word| is_below(word, QDRANT_CLOUD)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_inside_scripts_and_no_lookalike_is() {
        let script = "curl https://abc.eu-central-1-0.aws.cloud.qdrant.io:6333/collections";
        assert_eq!(hosts(script), ["abc.eu-central-1-0.aws.cloud.qdrant.io"]);
        assert_eq!(hosts("registry.cloud.qdrant.io/qdrant/qdrant:v1.18.0"), ["registry.cloud.qdrant.io"]);
        assert!(hosts("mycloud.qdrant.io.example.com and notcloud.qdrant.io").is_empty());
    }
}
