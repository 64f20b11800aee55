# METADATA
# title: the data volume is too small
# description: |
#   Qdrant needs room for the vectors, for a second copy of a segment while it is optimized and for a snapshot before it is
#   moved. A full volume stops writes at once, and growing it takes a class that can. The chart's default is meant for a
#   first try.
# related_resources:
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [storage]
#   inputs: [values, manifests, collection, live, api]
#   remediation: |
#     Set the size to at least twice what the vectors, the payload and the graph take on one peer.
#   guide: [G19]
#   controls: [capacity]
#   since: 0.1.0
package qdrant.storage.volume_too_small

import data.qdrant.lib.collections as words

findings contains {
	"at": ["storage", "data", "size_bytes"],
	"label": "the chart's default",
	"message": sprintf("the data volume has the chart's default size of %v GiB: full disks stop writes", [gib]),
	"help": "set `persistence.size` to what the collections and one snapshot need",
} if {
	input.storage.data.size_is_chart_default
	needed == 0
	gib := floor(input.storage.data.size_bytes / 1073741824)
}

findings contains {
	"at": ["storage", "data", "size_bytes"],
	"label": sprintf("%v GiB, about %v GiB are needed", [gib, needed_gib]),
	"message": sprintf(
		"%v vectors of %v dimensions, %v copies on %v peers with room for one snapshot take about %v GiB a peer; the volume has %v GiB",
		[vectors, dimension, copies, peers, needed_gib, gib],
	),
	"help": sprintf("%s to at least %vGi", [key, needed_gib]),
} if {
	size := input.storage.data.size_bytes
	size < of_expected
	gib := floor(size / 1073741824)
	needed_gib := ceil(of_expected / 1073741824)
	vectors := input.expected.vectors
	dimension := input.expected.dimension
	peers := input.deployment.peers
}

findings contains {
	"at": ["storage", "data", "size_bytes"],
	"label": sprintf("%v GiB, about %v GiB are needed", [gib, needed_gib]),
	"message": sprintf(
		"%s with room for one snapshot take about %v GiB a peer; the volume has %v GiB",
		[concat(" and ", [in_words(input.collections[index]) | some index, _ in of_collections]), needed_gib, gib],
	),
	"help": sprintf("%s to at least %vGi", [key, needed_gib]),
	"related": [{"at": ["collections", index], "message": "this collection is counted"} | some index, _ in of_collections],
} if {
	of_expected == 0
	size := input.storage.data.size_bytes
	size < needed
	gib := floor(size / 1073741824)
	needed_gib := ceil(needed / 1073741824)
}

# 0 where nothing tells it
needed := of_expected if of_expected > 0

else := sum([each | some each in of_collections])

# vectors and half as much for payload and graph, on each peer, and once more for a snapshot
of_collections := {index: bytes |
	some index, collection in input.collections
	words.creates(collection)
	points := collection.declared_points
	peers := collection.peers
	factor := collection.replication_factor
	point := sum([size | some vector in collection.vectors; size := vector.size * bytes_of[vector.datatype]])
	point > 0
	made := min([factor, peers])
	bytes := (((points * point) * 3) * made) / peers
}

bytes_of := {"float32": 4, "float16": 2, "uint8": 1, "turbo4": 0.5}

in_words(collection) := sprintf("%s vectors of %s", [words.millions(collection.declared_points), words.name(collection)])

# How much a collection will hold is told of none of them, or not of this one.
unsized if needed == 0

unsized if {
	of_expected == 0
	some index, collection in input.collections
	words.creates(collection)
	not of_collections[index]
}

default of_expected := 0

# likewise at four bytes a dimension
of_expected := ((((vectors * dimension) * 4) * 3) * copies) / peers if {
	vectors := input.expected.vectors
	dimension := input.expected.dimension
	peers := input.deployment.peers
	peers > 0
}

default copies := 1

copies := input.expected.replication_factor

copies := factor if {
	not input.expected.replication_factor
	factors := [factor | some collection in input.collections; factor := collection.replication_factor]
	factor := max(factors)
}

key := "set `persistence.size`" if input.chart

key := "raise `resources.requests.storage` of the claim" if not input.chart

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("the data lies on a %s, which has no size", [kind]),
} if {
	kind := input.storage.data.kind
	not kind in {"claim-template", "claim"}
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "what the collections will hold is not declared; set `expected: {vectors: …, dimension: …}` in .qdrant-lint.yaml",
} if {
	input.storage.data.kind in {"claim-template", "claim"}
	input.storage.data.seen
	unsized
}
