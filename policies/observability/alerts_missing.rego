# METADATA
# title: some kinds of trouble raise no alert
# description: |
#   A dead replica, a pending consensus operation, memory near its limit or an index that never catches up do not stop queries
#   at once. Without an alert the first sign is the outage.
# related_resources:
#   - description: Qdrant, monitoring
#     ref: https://qdrant.tech/documentation/guides/monitoring/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: blind
#   needs: [alerts]
#   inputs: [manifests, live]
#   remediation: |
#     Add alerts for p99 latency, memory over 90 %, pending consensus operations, dead replicas and stuck indexing.
#   guide: [G46]
#   controls: [monitoring]
#   params:
#     kinds:
#       default: [latency, memory, consensus, replicas, indexing]
#       description: kinds of trouble that must raise an alert; `disk` may be added
#   since: 0.1.0
package qdrant.observability.alerts_missing

findings contains {
	"at": at,
	"label": "the alerts about Qdrant",
	"message": sprintf("no alert about Qdrant covers %s", [concat(", ", [words[kind] | some kind in missing])]),
	"help": concat("; ", [hints[kind] | some kind in missing]),
} if {
	count(missing) > 0
	at := place
}

missing := [kind | some kind in input.params["observability/alerts-missing"].kinds; not kind in input.monitoring.alerts_cover]

place := ["monitoring", "rules", 0] if input.monitoring.rules[0]

place := ["workload"] if {
	not input.monitoring.rules[0]
	input.workload
}

words := {
	"latency": "slow answers",
	"memory": "memory near its limit",
	"consensus": "pending consensus operations",
	"replicas": "dead replicas",
	"indexing": "stuck indexing",
	"disk": "a full disk",
}

hints := {
	"latency": "latency: `histogram_quantile(0.99, sum by (le) (rate(rest_responses_duration_seconds_bucket[5m]))) > 0.1`",
	"memory": "memory: `container_memory_working_set_bytes` over 90 % of the limit",
	"consensus": "consensus: `cluster_pending_operations_total > 0` for some minutes",
	"replicas": "replicas: `collection_dead_replicas > 0` (from 1.16 on), before that ready pods of the StatefulSet",
	"indexing": "indexing: `collection_running_optimizations > 0` for hours (from 1.16 on)",
	"disk": "disk: `kubelet_volume_stats_available_bytes` under 20 %",
}
