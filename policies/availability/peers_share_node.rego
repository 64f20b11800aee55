# METADATA
# title: peers may run on the same node
# description: |
#   Nothing keeps the scheduler from stacking peers on one node. When that node fails or is drained, several peers go at
#   once: quorum is lost, and so are all copies of a shard that had both on it.
# related_resources:
#   - description: Kubernetes, inter-pod affinity and anti-affinity
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#inter-pod-affinity-and-anti-affinity
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload, workload.replicas, spread.host]
#   inputs: [values, manifests, live]
#   remediation: |
#     Required pod anti-affinity over `kubernetes.io/hostname` with the pods' own labels: `affinity` in the chart's values,
#     `spec.template.spec.affinity` in a StatefulSet.
#   guide: [G22]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.peers_share_node

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

findings contains {
	"at": ["spread", "host"],
	"label": labels[level],
	"message": messages[level],
	"help": helps[level],
	"fix": fix.unsafe("keep each peer on a node of its own", [fix.of_pod(["spread", "host"], path, path, term)]),
	"severity": severities[level],
} if {
	peers.several
	count(sharing) == 0
	level := input.spread.host.level
	labels[level]
}

# Where the peers are stands above where they may be.
sharing[index] := other if {
	some index, pod in input.live.pods
	before := [one.name | some number, one in input.live.pods; number < index; one.node == pod.node]
	count(before) > 0
	other := before[0]
}

findings contains {
	"at": ["live", "pods", index],
	"label": sprintf("%s runs there too", [other]),
	"message": sprintf("%s and %s run on node %s: when it fails, both are gone", [other, input.live.pods[index].name, input.live.pods[index].node]),
	"help": sprintf("add to `%s`: podAntiAffinity, requiredDuringSchedulingIgnoredDuringExecution, topologyKey kubernetes.io/hostname, with the pods' own labels; then restart one of the two", [place]),
	"severity": "high",
} if {
	peers.several
	some index, other in sharing
}

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer: availability/too-few-peers"} if {
	not peers.several
}

labels := {
	"none": "no anti-affinity over hosts",
	"preferred": "only a preference",
	"hard-spread-open": "two peers may still share a node",
}

messages := {
	"none": sprintf("nothing keeps the %d peers apart: one node that fails may take several of them, and the quorum with them", [peers.number]),
	"preferred": "peers are kept apart only where it is easy: on a crowded cluster two share a node, and fall with it",
	"hard-spread-open": "the spread counts only the nodes that exist: with fewer nodes than peers two of them share one",
}

helps := {
	"none": sprintf("add to `%s`: podAntiAffinity, requiredDuringSchedulingIgnoredDuringExecution, topologyKey kubernetes.io/hostname, with the pods' own labels", [place]),
	"preferred": "write requiredDuringSchedulingIgnoredDuringExecution (or DoNotSchedule with `maxSkew: 1`)",
	"hard-spread-open": sprintf("add `minDomains: %d`, or required anti-affinity over kubernetes.io/hostname", [peers.number]),
}

severities := {"none": "high", "preferred": "medium", "hard-spread-open": "low"}

place := peers.key("affinity", "spec.template.spec.affinity")

path := ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "-"]

term := {"labelSelector": {"matchLabels": fix.identity}, "topologyKey": "kubernetes.io/hostname"}
