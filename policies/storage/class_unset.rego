# METADATA
# title: no storage class is named for the data
# description: |
#   Without a class the cluster's default decides what lies below the data, and the default is made for cheap volumes: on
#   some platforms it is spinning disks, on others a node's own disk. It may also change under the next volume.
# related_resources:
#   - description: Kubernetes, default StorageClass
#     ref: https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [storage]
#   inputs: [values, manifests]
#   remediation: |
#     Name a class of SSD block storage: `persistence.storageClassName` in the values, `storageClassName` in the claim.
#   guide: [G11]
#   controls: [storage-media]
#   since: 0.1.0
package qdrant.storage.class_unset

findings contains {
	"at": ["storage", "data", "class"],
	"label": "the cluster's default class decides",
	"message": "no storage class is named: whatever the cluster's default is, be it spinning disks, holds the data",
	"help": help,
} if {
	class := input.storage.data.class
	input.storage.data.kind in {"claim-template", "claim", "generic-ephemeral"}
	not class.name
	class.decided_by == "nothing"
}

default help := "write `storageClassName: <a class of SSD block storage>` in the claim"

help := "write `persistence.storageClassName: <a class of SSD block storage>`" if input.chart

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("the data lies on a %s, which has no class", [kind]),
} if {
	kind := input.storage.data.kind
	kind in {"empty-dir", "host-path", "container-layer", "nfs", "csi", "other"}
}
