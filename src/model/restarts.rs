//! Controllers that restart pods when a Secret changes: Qdrant reads keys and most certificates only at start.

use super::build::Pods;
use super::network::labels::labels_of;

/// Whether an annotation of the workload or its pods asks a controller to restart them when a Secret changes.
pub fn on_change(pods: &Pods, secret: &str) -> bool {
    let of_workload = labels_of(pods.workload.node.at(&["metadata", "annotations"]));
    let of_pods = labels_of(pods.template.at(&["metadata", "annotations"]));
    of_workload.iter().chain(&of_pods).any(|(key, value)| match key.as_str() {
        "reloader.stakater.com/auto" | "secret.reloader.stakater.com/auto" | "reloader.stakater.com/search" => {
            value == "true"
        }
        "secret.reloader.stakater.com/reload" => value.split(',').any(|name| name.trim() == secret),
        "wave.pusher.com/update-on-config-change" => value == "true",
        _ => false,
    })
}
