# METADATA
# title: an even number of peers
# description: |
#   More than half of the peers must be up. Four tolerate the loss of one, just as three do, six tolerate two, just as five
#   do: the extra peer adds cost and one more thing to fail, and no tolerance.
# related_resources:
#   - description: Qdrant, distributed deployment
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: waste
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Run an odd number of peers. Where the extra peer is wanted for capacity, keep it and turn this rule off.
#   guide: [G17]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.even_peers

import data.qdrant.lib.workload as peers

findings contains {
	"at": place,
	"label": sprintf("%d tolerate no more than %d", [number, fewer]),
	"message": sprintf("%d peers survive the loss of %d, and so do %d", [number, ceil(number / 2) - 1, fewer]),
	"help": sprintf("run %d or %d", [fewer, number + 1]),
} if {
	number > 3
	number % 2 == 0
	fewer := number - 1
}

# Without a workload the members of the cluster count.
number := peers.number if {
	input.workload
} else := input.deployment.peers

place := ["workload", "replicas"] if {
	input.workload
} else := ["live", "peers", 0, "cluster"]

skipped contains {
	"kind": "not-applicable",
	"reason": "there are fewer than three peers: availability/too-few-peers",
} if {
	number < 3
}

skipped contains peers.uncounted
