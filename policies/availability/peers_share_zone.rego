# METADATA
# title: peers may all run in one zone
# description: |
#   Nodes of one zone share power, network and storage. Without a spread that must hold the scheduler may put a quorum, or
#   all peers, into one zone, and a zone's outage becomes that of the database. Volumes are bound to a zone: peers that
#   were placed badly stay there.
# related_resources:
#   - description: Kubernetes, pod topology spread constraints
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [workload, workload.replicas, spread.zone]
#   inputs: [values, manifests, live]
#   remediation: |
#     A topology spread constraint with `maxSkew: 1`, `topologyKey: topology.kubernetes.io/zone`,
#     `whenUnsatisfiable: DoNotSchedule` and the pods' own labels: `topologySpreadConstraints` in the chart's values,
#     `spec.template.spec.topologySpreadConstraints` in a StatefulSet.
#   guide: [G21]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.peers_share_zone

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

findings contains {
	"at": ["spread", "zone"],
	"label": labels[level],
	"message": messages[level],
	"help": helps[level],
	"fix": fix.unsafe("spread the peers over zones", [edit]),
} if {
	peers.several
	not one_zone
	count(crowded) == 0
	level := input.spread.zone.level
	labels[level]
}

# Zones that take the quorum with them, where the peers are now. With one zone to choose from there is nothing to spread.
crowded[zone] := held if {
	count({node.zone | some node in input.live.nodes; node.eligible; node.zone}) > 1
	some pod in input.live.pods
	zone := pod.zone
	held := [number | some number, one in input.live.pods; one.zone == zone]
	count(held) > 1
	count(input.live.pods) - count(held) < floor(count(input.live.pods) / 2) + 1
}

findings contains {
	"at": ["live", "pods", held[1]],
	"label": sprintf("%d of %d peers", [count(held), count(input.live.pods)]),
	"message": sprintf("zone %s holds %d of %d peers: its outage takes the quorum", [zone, count(held), count(input.live.pods)]),
	"help": sprintf("add to `%s`: topologyKey topology.kubernetes.io/zone, `maxSkew: 1`, DoNotSchedule, with the pods' own labels; volumes of one zone keep a peer there until they are replaced", [place]),
} if {
	peers.several
	some zone, held in crowded
}

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer: availability/too-few-peers"} if {
	not peers.several
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("the peers may run only in zone %s, by their own node selection", [input.spread.only_zone]),
} if {
	peers.several
	one_zone
}

one_zone if input.spread.only_zone

labels := {"none": "no spread over zones", "preferred": "only a preference"}

messages := {
	"none": sprintf("nothing spreads the %d peers over zones: the outage of one zone may take a quorum of them", [peers.number]),
	"preferred": "peers are spread over zones only where it is easy: one zone may end up with a quorum of them",
}

helps := {
	"none": sprintf("add to `%s`: topologyKey topology.kubernetes.io/zone, `maxSkew: 1`, DoNotSchedule, with the pods' own labels", [place]),
	"preferred": "write `whenUnsatisfiable: DoNotSchedule` with `maxSkew: 1`",
}

place := peers.key("topologySpreadConstraints", "spec.template.spec.topologySpreadConstraints")

edit := {"at": ["spread", "zone", "whenUnsatisfiable"], "set": "DoNotSchedule"} if input.spread.zone.by == "topologySpreadConstraints"

else := fix.of_pod(["spread", "zone"], ["topologySpreadConstraints", "-"], ["topologySpreadConstraints", "-"], {
	"maxSkew": 1,
	"topologyKey": "topology.kubernetes.io/zone",
	"whenUnsatisfiable": "DoNotSchedule",
	"labelSelector": {"matchLabels": fix.identity},
})
