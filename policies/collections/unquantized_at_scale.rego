# METADATA
# title: tens of millions of vectors without quantization
# description: |
#   Originals in float32 take four bytes for each dimension: 100 million vectors of 768 dimensions are 307 GB before the graph.
#   Above some tens of millions that no longer fits the memory of ordinary nodes; scalar quantization takes a quarter, with
#   originals left on disk to rescore.
# related_resources:
#   - description: Qdrant, quantization
#     ref: https://qdrant.tech/documentation/guides/quantization/
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Add `"quantization_config": {"scalar": {"type": "int8", "always_ram": true}}` and `"on_disk": true` for the originals.
#   guide: [G13]
#   controls: [capacity]
#   params:
#     vectors: {default: 50000000, unit: vectors, description: "above this, vectors should be quantized"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.unquantized_at_scale

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

most := input.params["collections/unquantized-at-scale"].vectors

findings contains {
	"at": ["collections", index, "vectors", position],
	"label": "not quantized",
	"message": sprintf("%s %s %s vectors and keeps them unquantized: %s for one copy of the originals alone", [words.name(collection), words.holds(collection), words.millions(collection.declared_points), originals(collection, vector)]),
	"help": "add `\"quantization_config\": {\"scalar\": {\"type\": \"int8\", \"always_ram\": true}}`",
	"fix": fix.unsafe("quantize the vectors to bytes", [{"at": ["collections", index, "quantization_config"], "set": {"scalar": {"type": "int8", "always_ram": true}}}]),
} if {
	some index, collection in input.collections
	words.creates(collection)
	collection.declared_points > most
	some position, vector in collection.vectors
	not vector.quantization
}

skipped contains {"kind": "not-observed", "reason": "how many vectors a collection will hold is not declared; `expected: {vectors: N}` in .qdrant-lint.yaml says it"} if {
	some collection in input.collections
	not collection.declared_points
	some vector in collection.vectors
	not vector.quantization
}

originals(collection, vector) := words.gib((collection.declared_points * vector.size) * bytes(vector.datatype))

bytes("float32") := 4

bytes("float16") := 2

bytes("uint8") := 1

bytes("turbo4") := 0.5
