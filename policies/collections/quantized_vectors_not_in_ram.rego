# METADATA
# title: quantized vectors are not kept in memory
# description: |
#   Quantized vectors are what search reads at every hop of the graph. Unless they are pinned they follow the originals: with
#   originals on disk each hop may be a disk read, and where originals are in memory today, moving them to disk later moves the
#   quantized ones along without a word.
# related_resources:
#   - description: Qdrant, quantization, memory and speed
#     ref: https://qdrant.tech/documentation/guides/quantization/#memory-and-speed-tuning
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Set `"always_ram": true` in the quantization, or `"memory": "pinned"` from Qdrant 1.19 on.
#   guide: [G13]
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.quantized_vectors_not_in_ram

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": ["collections", index, "vectors", position, "quantization"],
	"label": fault.label,
	"message": sprintf("the quantized vectors of %s %s", [words.name(collection), fault.what]),
	"help": sprintf("add `%s` to the %s quantization", [key(collection), vector.quantization.kind]),
	"fix": fix.unsafe("pin the quantized vectors in memory", [pinned(index, position, collection)]),
	"severity": fault.severity,
} if {
	some index, collection in input.collections
	some position, vector in collection.vectors
	fault := fault_of(vector.quantization)
}

fault_of(quantization) := {
	"label": "left on disk",
	"what": "stay on disk: search reads them at every hop, so latency is that of the disk",
	"severity": "medium",
} if {
	not quantization.in_ram
}

fault_of(quantization) := {
	"label": "not pinned",
	"what": "are in memory only as long as the originals are: with `on_disk: true` they would move to disk too",
	"severity": "low",
} if {
	quantization.in_ram
	not quantization.pinned
}

key(collection) := "\"always_ram\": true" if not has_memory(collection)

key(collection) := "\"memory\": \"pinned\"" if has_memory(collection)

has_memory(collection) if semver.compare(collection.server_version, "1.19.0") >= 0

pinned(index, position, collection) := {"at": ["collections", index, "vectors", position, "quantization", kind, "memory"], "set": "pinned"} if {
	has_memory(collection)
	kind := collection.vectors[position].quantization.kind
}

else := {"at": ["collections", index, "vectors", position, "quantization", kind, "always_ram"], "set": true} if {
	kind := collection.vectors[position].quantization.kind
}
