# METADATA
# title: data is lost with the pod or its node
# description: |
#   An emptyDir or the container's own layer ends with the pod, a path or volume of the node ends with the node. A second
#   copy saves the data but not the peer: the first peer comes back Ready as an empty cluster of its own, the others refuse
#   to start until someone removes their old selves from the cluster.
# related_resources:
#   - description: Kubernetes, ephemeral volumes
#     ref: https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: "off"}
#   consequence: data-loss
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Keep `/qdrant/storage` on a claim of network-attached block storage that follows the pod.
#   guide: [G4, G62]
#   controls: [availability]
#   since: 0.1.0
package qdrant.storage.ephemeral

findings contains {
	"at": ["storage", "data"],
	"label": label,
	"message": sprintf("%s: every collection is gone when %s", [what, when]),
	"help": help,
} if {
	some kind, [label, what, when] in kinds
	input.storage.data.kind == kind
}

findings contains {
	"at": ["storage", "data", "class"],
	"severity": {"production": "high", "gcc-sovereign": "high"},
	"label": "bound to one node's disk",
	"message": sprintf("the data is bound to one node's disk: %s", [effect]),
	"help": "use network-attached block storage, or plan how a lost peer is removed and replaced",
} if {
	volume := input.storage.data
	volume.kind in {"claim-template", "claim"}
	volume.node_local
}

kinds := {
	"empty-dir": ["ends with the pod", "the data lies in an emptyDir", "the pod is moved or evicted"],
	"container-layer": ["no volume is mounted here", "no volume holds the data", "the container restarts"],
	"generic-ephemeral": ["the claim ends with the pod", "the data lies in an ephemeral claim", "the pod is deleted"],
	"host-path": ["a folder of one node", "the data lies in a folder of the node", "the node is lost or the pod moves"],
}

default help := "mount a claim at the storage path: `volumeClaimTemplates` of a StatefulSet"

default effect := "it is gone with that node"

effect := "a peer whose node is lost comes back empty; the first one then forms a cluster of its own" if {
	input.deployment.peers > 1
}

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}
