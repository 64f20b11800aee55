# METADATA
# title: the memory limit is above the request
# description: |
#   The scheduler places a pod by its request, and Qdrant grows to its limit: mapped segments fill whatever memory they may
#   use. Nodes are then promised more than they have, and under pressure the kubelet evicts first the pods that use most
#   beyond their request. With both equal the memory is really there, and the pod is among the last to go.
# related_resources:
#   - description: Kubernetes, node-pressure eviction
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `resources.requests.memory` to the value of `resources.limits.memory`.
#   guide: [G18]
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.resources.memory_overcommitted

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

resources := input.workload.resources

findings contains {
	"at": ["workload", "resources", "memory_request_bytes"],
	"label": "below the limit",
	"message": sprintf("the node sets aside %s, and Qdrant may take %s: under pressure this peer is evicted first", [amount(request), amount(limit)]),
	"help": sprintf("set `resources.requests.memory: %s`, the value of the limit", [fix.quantity(limit)]),
	"fix": fix.unsafe("set aside what it may take", [fix.of_container(["workload", "resources", "memory_request_bytes"], path, path, fix.quantity(limit))]),
	"related": [{"at": ["workload", "resources", "memory_limit_bytes"], "message": "the limit"}],
} if {
	request := resources.memory_request_bytes
	limit := resources.memory_limit_bytes
	request < limit
}

skipped contains {"kind": "not-applicable", "reason": "there is no memory limit: resources/memory-unbounded"} if {
	not resources.memory_limit_bytes
	not hidden
}

skipped contains {"kind": "unknown", "reason": "the memory request or limit is filled in later; render it first"} if {
	hidden
}

hidden if {
	some name in {"memory_request_bytes", "memory_limit_bytes"}
	peers.hidden(["workload", "resources", name])
}

amount(bytes) := sprintf("%v Gi", [round((bytes * 10) / 1073741824) / 10]) if bytes >= 1073741824

amount(bytes) := sprintf("%v Mi", [round(bytes / 1048576)]) if bytes < 1073741824

path := ["resources", "requests", "memory"]
