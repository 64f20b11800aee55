# METADATA
# title: snapshots fill the disk of the node
# description: |
#   A snapshot is as large as the collection. In an emptyDir without a limit it takes the node's own disk: the kubelet then
#   evicts pods, Qdrant first, and the snapshots are gone with the pod that they were to restore.
# related_resources:
#   - description: Kubernetes, local ephemeral storage
#     ref: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give snapshots a claim of their own: `snapshotPersistence.enabled: true` in the values.
#   controls: [backup-exists]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.storage.snapshots_on_node_disk

import data.qdrant.lib.fix

findings contains object.union(
	{
		"at": ["storage", "snapshots"],
		"label": label,
		"message": message,
		"help": help,
	},
	own_claim,
) if {
	snapshots := input.storage.snapshots
	[label, message] := words[snapshots.kind]
	not snapshots.size_limit_bytes
	not in_bucket
	not whole_disk
}

words := {
	"empty-dir": [
		"an emptyDir without a limit",
		"snapshots go to an unbounded emptyDir: one of them can fill the node's disk, and they end with the pod",
	],
	"container-layer": [
		"no volume is mounted for snapshots",
		"snapshots go to the container's own layer: one of them can fill the node's disk, and they end with the container",
	],
}

default help := "mount a claim at /qdrant/snapshots, or bound the emptyDir with `sizeLimit`"

help := "mount a claim at /qdrant/snapshots, or set `storage.snapshots_path` to a folder of the data volume (`QDRANT__STORAGE__SNAPSHOTS_PATH: /qdrant/storage/snapshots`)" if {
	not input.chart
	input.storage.snapshots.kind == "container-layer"
}

help := "write `snapshotPersistence: {enabled: true, size: <as large as the data>}`" if {
	input.chart
	not too_old
}

help := sprintf("chart %s has no volume for snapshots: upgrade to 0.9.0 or later and write `snapshotPersistence: {enabled: true, size: <as large as the data>}`, or set `config.storage.snapshots_path: /qdrant/storage/snapshots`", [input.chart.version]) if too_old

too_old if semver.compare(input.chart.version, "0.9.0") < 0

# snapshots are packed on the data volume and leave for the bucket
in_bucket if input.qdrant.config.storage.snapshots_config.snapshots_storage == "s3"

whole_disk if input.storage.data.kind in {"empty-dir", "container-layer", "generic-ephemeral"}

skipped contains {
	"kind": "not-applicable",
	"reason": "the data itself lies there: storage/ephemeral speaks of it",
} if {
	whole_disk
}

# As large as the data; without its size there is nothing to go by.
default own_claim := {}

own_claim := {"fix": fix.unsafe("give the snapshots a volume as large as the data's", edits)} if {
	input.chart
	not too_old
	bytes := input.storage.data.size_bytes
	edits := array.concat(
		[{"values": ["snapshotPersistence", "enabled"], "set": true}, {"values": ["snapshotPersistence", "size"], "set": fix.quantity(bytes)}],
		[{"values": ["snapshotPersistence", "storageClassName"], "set": input.storage.data.class.name} | input.storage.data.class.name],
	)
}
