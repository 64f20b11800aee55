# METADATA
# title: vectors that are searched are kept on disk
# description: |
#   `on_disk: true` leaves the original vectors in memory-mapped files: a search reads them from the page cache when it is lucky
#   and from the volume when it is not. That is right for archives and for originals that only rescore quantized results, and
#   a latency problem for collections that people wait for.
# related_resources:
#   - description: Qdrant, storage, configuring memmap storage
#     ref: https://qdrant.tech/documentation/concepts/storage/#configuring-memmap-storage
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Set `"on_disk": false`, or declare the collection cold: `"metadata": {"tier": "cold"}`.
#   guide: [G38]
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.hot_vectors_on_disk

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": ["collections", index, "vectors", position, "on_disk"],
	"label": "originals stay on disk",
	"message": sprintf("%s is not declared cold, yet %s", [words.name(collection), effect(vector)]),
	"help": "write `\"on_disk\": false`, or declare it cold: `\"metadata\": {\"tier\": \"cold\"}`",
	"fix": fix.unsafe("keep the vectors in memory", [{"at": ["collections", index, "vectors", position, "on_disk"], "set": false}]),
	"severity": severity(vector),
} if {
	some index, collection in input.collections
	not collection.cold
	some position, vector in collection.vectors
	vector.on_disk
}

is_quantized(vector) if vector.quantization.in_ram

effect(vector) := "rescoring reads the originals from disk" if is_quantized(vector)

effect(vector) := "search reads its vectors from disk" if not is_quantized(vector)

severity(vector) := "info" if is_quantized(vector)

severity(vector) := "low" if not is_quantized(vector)
