# METADATA
# title: no memory limit
# description: |
#   Qdrant maps its segments into memory and takes what it is given. Without a limit one bulk load can fill the node: the
#   kernel then kills whichever process it likes, or the kubelet evicts the pod, and with several peers on crowded nodes
#   more than one goes. Rules that compare memory with data have nothing to compare with either.
# related_resources:
#   - description: Kubernetes, resource management for pods and containers
#     ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set the memory request and limit to the same amount: `resources.requests.memory` and `resources.limits.memory` in the
#     chart's values, the same fields of the container in manifests.
#   guide: [G18]
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.resources.memory_unbounded

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

path := ["workload", "resources", "memory_limit_bytes"]

findings contains object.union(
	{
		"at": path,
		"label": "no memory limit",
		"message": "no memory limit: a bulk load may fill the node, and whatever the kernel kills then is down",
		"help": "set `resources.limits.memory: <amount>`, the same as the request",
	},
	bounded,
) if {
	not limited
	not peers.hidden(path)
}

skipped contains {"kind": "unknown", "reason": "the memory limit is filled in later; render it first"} if {
	peers.hidden(path)
}

limited if input.workload.resources.memory_limit_bytes > 0

# The request is what somebody decided.
bounded := {"fix": fix.unsafe("bound it at the request", [fix.of_container(path, ["resources", "limits", "memory"], ["resources", "limits", "memory"], fix.quantity(request))])} if {
	request := input.workload.resources.memory_request_bytes
	request > 0
}

else := {}
