# METADATA
# title: deleting a claim deletes the data
# description: |
#   `persistentVolumeClaimRetentionPolicy: Delete` removes the claims of peers that are scaled in, or of the whole set when
#   it is deleted, `reclaimPolicy: Delete` removes the volume with its claim. Both make one wrong command final.
# related_resources:
#   - description: Kubernetes, PersistentVolumeClaim retention
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: "off"}
#   consequence: data-loss
#   needs: [storage]
#   inputs: [manifests, live]
#   remediation: |
#     Write `whenDeleted: Retain` and `whenScaled: Retain`, and `reclaimPolicy: Retain` in the class of the data.
#   controls: [backup-exists]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.storage.volume_deleted_with_claim

import data.qdrant.lib.fix

findings contains {
	"at": ["storage", "data", field],
	"severity": {"production": "high", "gcc-sovereign": "high"},
	"label": label,
	"message": message,
	"help": help,
	"fix": fix.unsafe("keep the claims", [{"at": ["storage", "data", field], "set": "Retain"}]),
} if {
	some field, [label, message, help] in retention
	input.storage.data[field] == "Delete"
}

findings contains {
	"at": ["storage", "data", "class", "reclaim_policy"],
	"label": "the volume goes with its claim",
	"message": "`reclaimPolicy: Delete` and no backup: whoever deletes a claim or the namespace deletes the data for good",
	"help": "write `reclaimPolicy: Retain` in the StorageClass, or back the collections up",
	"fix": fix.unsafe("keep the volume", [{"at": ["storage", "data", "class", "reclaim_policy"], "set": "Retain"}]),
} if {
	class := input.storage.data.class
	class.reclaim_policy == "Delete"
	"backup" in input.observed
	not backed_up
}

retention := {
	"when_scaled": [
		"scaling in deletes the data of a peer",
		"scaling in deletes the claims of the peers that go: shards that were only there are lost",
		"write `whenScaled: Retain`",
	],
	"when_deleted": [
		"deleting the set deletes all data",
		"deleting the StatefulSet, as a reinstall does, deletes the claims of all peers and their data",
		"write `whenDeleted: Retain`",
	],
}

backed_up if count(input.backup.jobs) > 0

backed_up if count(input.backup.other_means) > 0

skipped contains {
	"kind": "not-observed",
	"reason": "the StorageClass of the data is not in the input; give it too",
} if {
	not input.storage.data.class.reclaim_policy
	input.storage.data.kind in {"claim-template", "claim"}
}
