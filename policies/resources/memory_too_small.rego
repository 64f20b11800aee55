# METADATA
# title: the collections do not fit into the memory of a peer
# description: |
#   What search touches at every hop — quantized vectors, or the originals where nothing is quantized, and the graph — must be
#   in memory. Counted for one peer: points × copies / peers × (dimension × bytes + links × 12). Above the limit the kernel
#   kills Qdrant while it loads or indexes; below it, Qdrant's rule of thumb asks for half as much again for indexing, payload
#   and growth.
# related_resources:
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, collection, live, api]
#   remediation: |
#     Raise the memory limit (and request) of the peers, add peers, or quantize the vectors and leave originals on disk.
#   guide: [G12]
#   controls: [capacity]
#   since: 0.1.0
package qdrant.resources.memory_too_small

import data.qdrant.lib.collections as words

limit := input.workload.resources.memory_limit_bytes

of_collections := {index: collection.memory |
	some index, collection in input.collections
	collection.memory
}

of_configuration := {"expected": input.expected_memory} if input.expected_memory

of_configuration := {} if not input.expected_memory

estimated := object.union(of_collections, of_configuration)

required := sum([memory.required_bytes | some memory in estimated])

comfortable := sum([memory.comfortable_bytes | some memory in estimated])

findings contains {
	"at": ["workload", "resources", "memory_limit_bytes"],
	"label": sprintf("%s are needed on each peer", [words.gib(required)]),
	"message": sprintf("the collections need %s of memory on each peer, the limit is %s: Qdrant is killed or reads from disk at every query (%s)", [words.gib(required), words.gib(limit), arithmetic]),
	"help": sprintf("set the memory limit and request to %s or more, add peers, or quantize", [words.gib(comfortable)]),
	"severity": "high",
	"related": related,
} if {
	required > limit
}

findings contains {
	"at": ["workload", "resources", "memory_limit_bytes"],
	"label": sprintf("%s would be comfortable", [words.gib(comfortable)]),
	"message": sprintf("the collections fit into %s, but leave no room to index, for payload and growth: Qdrant's rule of thumb asks for %s on each peer (%s)", [words.gib(limit), words.gib(comfortable), arithmetic]),
	"help": sprintf("set the memory limit and request to %s or more, add peers, or quantize", [words.gib(comfortable)]),
	"severity": "medium",
	"related": related,
} if {
	required <= limit
	comfortable > limit
}

arithmetic := concat("; ", [memory.arithmetic | some memory in estimated])

related := [{"at": ["collections", index], "message": "this collection is counted"} | some index, _ in of_collections]

skipped contains {"kind": "not-applicable", "reason": "no memory limit is set: resources/memory-unbounded"} if {
	input.workload
	not limit
}

skipped contains {"kind": "not-observed", "reason": "no collection can be seen; give their bodies, or `expected: {vectors: N, dimension: N}` in .qdrant-lint.yaml"} if {
	count(input.collections) == 0
	not input.expected_memory
}

skipped contains {"kind": "not-observed", "reason": "how much the collections will hold is not declared; `expected: {vectors: N}` in .qdrant-lint.yaml says it"} if {
	some index, collection in input.collections
	words.creates(collection)
	not estimated[index]
}
