# METADATA
# title: no node has room for a peer
# description: |
#   A pod that asks for more than any node it may run on can give is never scheduled. It shows at the worst moment: when a
#   node is replaced, or the set grows.
# related_resources:
#   - description: Kubernetes, resource management for pods
#     ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [nodes, workload]
#   inputs: [live]
#   remediation: |
#     Lower the request below what the largest eligible node can allocate, or add larger nodes.
#   guide: []
#   controls: [capacity]
#   since: 0.1.0
package qdrant.resources.fits_no_node

import data.qdrant.lib.collections as words

eligible := [node | some node in input.live.nodes; node.eligible]

findings contains {
	"at": ["workload", "resources", "memory_request_bytes"],
	"label": sprintf("the largest node has %s", [words.gib(largest)]),
	"message": sprintf("a peer asks for %s of memory and the largest node it may run on can allocate %s", [words.gib(asked), words.gib(largest)]),
	"help": "lower the request, or add nodes that are large enough and that the pods may run on",
} if {
	asked := input.workload.resources.memory_request_bytes
	largest := max([node.memory_bytes | some node in eligible])
	asked > largest
}

findings contains {
	"at": ["workload", "resources", "cpu_request_millis"],
	"label": sprintf("the largest node has %v cores", [largest / 1000]),
	"message": sprintf("a peer asks for %v cores and the largest node it may run on can allocate %v", [asked / 1000, largest / 1000]),
	"help": "lower the request, or add nodes that are large enough and that the pods may run on",
} if {
	asked := input.workload.resources.cpu_request_millis
	largest := max([node.cpu_millis | some node in eligible])
	asked > largest
}

findings contains {
	"at": ["workload"],
	"label": sprintf("none of %d nodes is eligible", [count(input.live.nodes)]),
	"message": sprintf("no node takes a peer: its node selection, affinity and tolerations rule out all %d of them", [count(input.live.nodes)]),
	"help": "compare nodeSelector, node affinity and tolerations with the labels and taints of the nodes",
} if {
	count(input.live.nodes) > 0
	count(eligible) == 0
}

skipped contains {"kind": "not-observed", "reason": "the cluster has no nodes"} if count(input.live.nodes) == 0
