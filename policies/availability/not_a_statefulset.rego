# METADATA
# title: the peers are not a StatefulSet
# description: |
#   A peer needs a name that stays and a volume of its own. Pods of a Deployment have neither: all of them mount one claim,
#   which two Qdrant processes cannot share, and an upgrade starts the new pod beside the old one. A bare Pod is not started
#   again elsewhere when its node is gone, and a DaemonSet makes a peer of every node.
# related_resources:
#   - description: Kubernetes, StatefulSets
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/
#   - description: Qdrant, installation on Kubernetes
#     ref: https://qdrant.tech/documentation/guides/installation/#kubernetes
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: data-loss
#   needs: [workload]
#   inputs: [manifests, live]
#   remediation: |
#     Use the official chart, or a StatefulSet with `volumeClaimTemplates` and a headless Service. Move the data by
#     snapshots.
#   guide: [G4]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.not_a_statefulset

import data.qdrant.lib.workload as peers

kind := input.workload.kind

findings contains {
	"at": ["workload"],
	"label": sprintf("a %s", [kind]),
	"message": message,
	"help": "use a StatefulSet with `volumeClaimTemplates`, or the official chart; move the data by snapshots",
	"severity": severity,
} if {
	kind != "StatefulSet"
	at_risk
}

at_risk if persistent

at_risk if peers.several

at_risk if kind == "DaemonSet"

persistent if input.storage.data.kind in {"claim", "claim-template", "csi", "nfs", "host-path"}

default severity := "high"

severity := "critical" if peers.several

severity := "low" if {
	not peers.several
	input.workload.update_strategy == "Recreate"
}

message := sprintf("%d pods of a %s have no stable names and no volumes of their own: they cannot be peers of one cluster", [peers.number, kind]) if peers.several

message := "a DaemonSet makes a peer of every node: peers come and go with nodes, and their shards with them" if {
	kind == "DaemonSet"
}

message := "nothing starts a bare Pod again when its node is gone, though its data is still there" if {
	kind == "Pod"
}

message := sprintf("a %s gives Qdrant no stable name and cannot grow beyond one peer", [kind]) if {
	not peers.several
	not kind in {"DaemonSet", "Pod"}
}
