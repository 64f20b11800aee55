//! What alerts watch.

use std::collections::BTreeSet;

use super::expressions::Expression;

/// Parts of metric names by what an alert on them covers.
const COVERS: [(&str, &[&str]); 6] = [
    ("latency", &["responses_duration_seconds", "responses_avg_duration", "responses_max_duration"]),
    (
        "memory",
        &[
            "container_memory_working_set_bytes",
            "container_memory_rss",
            "memory_resident_bytes",
            "memory_allocated_bytes",
            "OOMKilled",
        ],
    ),
    (
        "consensus",
        &["cluster_pending_operations", "cluster_peers", "cluster_commit", "cluster_term", "cluster_working_state"],
    ),
    (
        "replicas",
        &[
            "dead_replicas",
            "active_replicas_min",
            "kube_statefulset_status_replicas",
            "kube_pod_status_ready",
            "up{",
            "up ==",
        ],
    ),
    ("indexing", &["running_optimizations", "update_queue", "indexed_only_excluded", "indexing"]),
    ("disk", &["kubelet_volume_stats_available_bytes", "kubelet_volume_stats_used_bytes"]),
];

/// Kinds of trouble that some alert about Qdrant covers.
pub(super) fn covered(expressions: &[Expression]) -> Vec<String> {
    let covered: BTreeSet<&str> = expressions
        .iter()
        .filter(|one| one.alert.is_some() && one.about)
        .flat_map(|one| {
            COVERS.iter().filter(|(_, parts)| parts.iter().any(|part| one.text.contains(part))).map(|(kind, _)| *kind)
        })
        .collect();
    covered.into_iter().map(str::to_owned).collect()
}
