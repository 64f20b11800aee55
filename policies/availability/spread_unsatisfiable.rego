# METADATA
# title: the nodes cannot hold the peers as they must spread
# description: |
#   Peers that must stand on nodes of their own need as many nodes as there are peers, among those that take them at all. One
#   too few, and a peer stays pending: today when the set grows, tomorrow when a node is drained.
# related_resources:
#   - description: Kubernetes, assigning pods to nodes
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [nodes, workload, workload.replicas]
#   inputs: [live]
#   remediation: |
#     Add eligible nodes: one more than there are peers, so that a drained peer has a place to go.
#   guide: [G18]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.spread_unsatisfiable

import data.qdrant.lib.workload as peers

eligible := [node | some node in input.live.nodes; node.eligible]

zones := {node.zone | some node in eligible; node.zone}

hard := {"required", "hard-spread"}

findings contains {
	"at": ["spread", "host"],
	"label": sprintf("%d nodes for %d peers", [count(eligible), peers.number]),
	"message": sprintf("%d peers must stand on nodes of their own and %d nodes take them: %d stay pending", [peers.number, count(eligible), peers.number - count(eligible)]),
	"help": sprintf("add nodes that the pods may run on: %d at least, one more to drain", [peers.number]),
} if {
	input.spread.host.level in hard
	count(eligible) > 0
	count(eligible) < peers.number
}

findings contains {
	"at": ["spread", "host"],
	"label": "no node to spare",
	"message": sprintf("%d peers must stand on nodes of their own and exactly as many nodes take them: a drained peer has nowhere to go", [peers.number]),
	"help": "add one more node that the pods may run on",
	"severity": "low",
} if {
	peers.several
	input.spread.host.level in hard
	count(eligible) == peers.number
}

findings contains {
	"at": ["spread", "zone"],
	"label": sprintf("%d zones for %d peers", [count(zones), peers.number]),
	"message": sprintf("%d peers must stand in zones of their own and the nodes that take them lie in %d: %d stay pending", [peers.number, count(zones), peers.number - count(zones)]),
	"help": "use a spread constraint with maxSkew 1 for zones in place of an anti-affinity, or add zones",
} if {
	input.spread.zone.level == "required"
	input.spread.zone.by == "podAntiAffinity"
	count(zones) > 0
	count(zones) < peers.number
}

skipped contains {"kind": "not-applicable", "reason": "no node takes a peer: resources/fits-no-node"} if count(eligible) == 0
