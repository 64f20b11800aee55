# METADATA
# title: data lies on a network file system
# description: |
#   Qdrant maps its segments into memory and relies on POSIX locks and on a sync that means what it says. Network file
#   systems and object mounts keep neither promise under load or on a lost connection: segments are corrupted, and the
#   peer does not load them at the next start. Qdrant logs an error at start (since 1.15) and goes on.
# related_resources:
#   - description: Qdrant, storage requirements
#     ref: https://qdrant.tech/documentation/guides/installation/#storage
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: critical}
#   consequence: data-loss
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Use a StorageClass of block storage (SSD or NVMe) with ReadWriteOnce, one claim a peer.
#   guide: [G4]
#   controls: [storage-media]
#   since: 0.1.0
package qdrant.storage.network_filesystem

findings contains {
	"at": ["storage", "data", "class"],
	"label": because,
	"message": sprintf("the data volume is a network file system (%s): Qdrant corrupts its segments there", [because]),
	"help": help,
} if {
	class := input.storage.data.class
	class.network_filesystem
	not hidden
	because := class.because
}

default help := "use a claim per peer (volumeClaimTemplates) of a block StorageClass with ReadWriteOnce"

help := "set `persistence.storageClassName` to a block class on SSD, e.g. gp3, premium-rwo or managed-csi-premium" if {
	input.chart
	not input.storage.data.class.certain
} else := sprintf("set `persistence.storageClassName` to a block class on SSD instead of `%s`", [name]) if {
	input.chart
	name := input.storage.data.class.name
}

skipped contains {"kind": "unknown", "reason": sprintf("the storage class is hidden: %s", [reason])} if {
	some unknown in input.unknown
	unknown.path == ["storage", "data", "class"]
	reason := unknown.reason
}

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}

skipped contains {
	"kind": "needs-evidence",
	"reason": sprintf("no table knows the class `%s`; give the StorageClass, or set it under `storage_classes`", [name]),
} if {
	class := input.storage.data.class
	not class.known
	name := class.name
	name != ""
	not hidden
}

skipped contains {
	"kind": "not-applicable",
	"reason": "no class is named, the cluster's default decides: storage/class-unset speaks of it",
} if {
	class := input.storage.data.class
	not class.name
	class.decided_by == "nothing"
}

hidden if {
	some unknown in input.unknown
	unknown.path == ["storage", "data", "class"]
}
