# METADATA
# title: too little CPU is set aside, or the limit throttles
# description: |
#   Indexing uses every core it may and then rests; a low CPU limit stops the whole process for the rest of each period,
#   searches included, and latency shows it at once. Without a CPU request the scheduler reckons with none, and on a busy
#   node Qdrant gets what is left over.
# related_resources:
#   - description: Kubernetes, resource management for pods and containers
#     ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `resources.requests.cpu` to what searches need, and no CPU limit; bound indexing by
#     `storage.performance.optimizer_cpu_budget` instead.
#   controls: [capacity]
#   params:
#     limit_millis: {default: 2000, unit: "thousandths of a core", description: "the least CPU limit"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.resources.cpu_throttled

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

resources := input.workload.resources

least := input.params["resources/cpu-throttled"].limit_millis

findings contains object.union(
	{
		"at": ["workload", "resources", "cpu_limit_millis"],
		"label": sprintf("less than %v cores", [least / 1000]),
		"message": sprintf("a CPU limit of %v stops searches whenever indexing has used it up", [limit / 1000]),
		"help": "remove the CPU limit; set `storage.performance.optimizer_cpu_budget` to bound indexing",
	},
	{"fix": fix.unsafe("remove the CPU limit", [{"at": ["workload", "resources", "cpu_limit_millis"], "remove": true}])},
) if {
	limit := resources.cpu_limit_millis
	limit < least
}

findings contains {
	"at": ["workload", "resources", "cpu_request_millis"],
	"label": "no CPU request",
	"message": "no CPU request: on a busy node Qdrant gets what others leave over",
	"help": "set `resources.requests.cpu` to what searches need, for example 4",
} if {
	not requested
	not peers.hidden(["workload", "resources", "cpu_request_millis"])
}

requested if resources.cpu_request_millis >= 0

skipped contains {"kind": "unknown", "reason": "the CPU request or limit is filled in later; render it first"} if {
	some name in {"cpu_request_millis", "cpu_limit_millis"}
	peers.hidden(["workload", "resources", name])
}
