# METADATA
# title: nothing tells what the storage class is
# description: |
#   Whether the data lies on SSD block storage cannot be judged from a class name that no table knows. The other rules about
#   storage stay silent for such a class, so this one says what to give.
# related_resources:
#   - description: Kubernetes, StorageClass
#     ref: https://kubernetes.io/docs/concepts/storage/storage-classes/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: blind
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give the StorageClass object too, or say what it is: `storage_classes: {NAME: ssd}` in .qdrant-lint.yaml.
#   guide: [G11]
#   controls: [storage-media]
#   since: 0.1.0
package qdrant.storage.class_unknown

findings contains {
	"at": ["storage", "data", "class"],
	"label": because,
	"message": sprintf("the storage class `%s` is not known: whether it is SSD block storage cannot be told", [name]),
	"help": sprintf("give the StorageClass too, or set `storage_classes: {%s: ssd}` in .qdrant-lint.yaml", [name]),
} if {
	class := input.storage.data.class
	not class.known
	not hidden
	name := class.name
	name != ""
	because := class.because
}

hidden if {
	some unknown in input.unknown
	unknown.path == ["storage", "data", "class"]
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

skipped contains {"kind": "not-applicable", "reason": "no class is named: storage/class-unset speaks of it"} if {
	class := input.storage.data.class
	not class.name
	class.decided_by == "nothing"
}
