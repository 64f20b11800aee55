# METADATA
# title: the data volume cannot grow
# description: |
#   Collections grow and volumes fill up. A class without allowVolumeExpansion leaves only a new volume and a full copy of
#   the data, at the moment when the disk is full and writes have stopped.
# related_resources:
#   - description: Kubernetes, allow volume expansion
#     ref: https://kubernetes.io/docs/concepts/storage/storage-classes/#allow-volume-expansion
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [storage, storage_classes]
#   inputs: [manifests, live]
#   remediation: |
#     Write `allowVolumeExpansion: true` in the StorageClass.
#   controls: [capacity]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.storage.volume_not_expandable

import data.qdrant.lib.fix

findings contains {
	"at": ["storage", "classes", index, "class", "expandable"],
	"label": "volumes of this class cannot grow",
	"message": sprintf("the class `%s` of the data does not allow expansion: a full volume means moving all data", [name]),
	"help": "write `allowVolumeExpansion: true` in the StorageClass",
	"fix": fix.safe("let volumes grow", [{"at": ["storage", "classes", index, "class", "expandable"], "set": true}]),
} if {
	some index, object in input.storage.classes
	object.used_for_data
	object.class.expandable == false
	not object.class.network_filesystem
	name := object.name
}

skipped contains {
	"kind": "not-observed",
	"reason": "the StorageClass of the data is not in the input; give it too",
} if {
	not used
}

used if {
	some object in input.storage.classes
	object.used_for_data
}
