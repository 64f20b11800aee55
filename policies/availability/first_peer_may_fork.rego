# METADATA
# title: pod 0 may start a second cluster when its volume is lost
# description: |
#   Pod 0 is started without a peer to join, in the official chart too. While its volume lives it remembers its cluster. With an
#   empty volume it comes up as a new cluster of one peer, Ready and without any collection, while the others still count it
#   as theirs: the Service sends it a part of the traffic, reads miss and writes vanish.
# related_resources:
#   - description: qdrant/qdrant issue 5138, the first pod after its volume is gone
#     ref: https://github.com/qdrant/qdrant/issues/5138
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: off}
#   consequence: data-loss
#   needs: [workload, storage, qdrant.bootstrap, qdrant.config.cluster.enabled]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give the peers network volumes that outlive their node, or start a replaced pod 0 with `--bootstrap` towards a living peer.
#   guide: [G62]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.first_peer_may_fork

several if {
	input.qdrant.config.cluster.enabled == true
	input.deployment.peers > 1
}

founds_alone if {
	input.qdrant.bootstrap.first_peer_has_uri == true
	input.qdrant.bootstrap.first_peer_bootstraps == false
	input.qdrant.bootstrap.others_bootstrap == true
}

volume := input.storage.data

# Why the volume of a pod can vanish.
vanishes := "lives in the container and is gone with it" if volume.kind == "container-layer"

else := "is emptied with every new pod" if volume.kind in {"empty-dir", "generic-ephemeral"}

else := "is a folder of whatever node the pod lands on" if {
	volume.kind == "host-path"
}

else := "lies on one node's disk and is gone with the node" if {
	volume.node_local == true
}

findings contains {
	"at": place,
	"label": "an empty pod 0 founds a new cluster",
	"message": sprintf("pod 0 joins nobody when it starts, and its volume %s: an empty pod 0 comes up Ready as a cluster of its own, without any collection", [vanishes]),
	"help": "use a StorageClass with network volumes; until then, replace pod 0 only with `--bootstrap` towards a living peer",
} if {
	several
	founds_alone
	vanishes
}

place := ["storage", "data", "class"] if {
	volume.node_local == true
	volume.class
}

else := ["storage", "data"]

skipped contains {"kind": "not-applicable", "reason": "one peer, or cluster mode is off"} if not several

skipped contains {"kind": "unknown", "reason": "the volume of the data is not in the input"} if {
	several
	founds_alone
	volume.seen == false
	not vanishes
}

skipped contains {"kind": "unknown", "reason": "the start script was not given"} if {
	several
	input.qdrant.bootstrap.how == "unknown"
}
