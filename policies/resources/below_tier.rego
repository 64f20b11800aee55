# METADATA
# title: fewer resources than the guide's tier for so many vectors
# description: |
#   The guide sizes clusters by their number of vectors: peers, memory and storage of each. Below the tier indexes fall out
#   of the page cache, snapshots find no room, and the first sign is latency. The tiers are parameters; a measured sizing
#   of your own beats them.
# related_resources:
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [workload, workload.replicas]
#   inputs: [values, manifests, live]
#   remediation: |
#     Raise what is below the tier, quantize, or set this rule's `tiers` to what your own measurements say.
#   guide: [G14]
#   controls: [capacity]
#   params:
#     from_vectors: {default: 1000000, unit: vectors, description: "fewer vectors are not judged"}
#     usable_share: {default: 0.85, description: "part of a machine's memory that a pod can get"}
#     tiers:
#       default:
#         - {name: Small, below: 10000000, peers: 3, memory_gb: 32, storage_gb: 500}
#         - {name: Medium, below: 100000000, peers: 3, memory_gb: 64, storage_gb: 1000}
#         - {name: Large, below: 1000000000, peers: 6, memory_gb: 128, storage_gb: 2000}
#         - {name: XL, below: 1000000000000000, peers: 9, memory_gb: 256, storage_gb: 4000}
#       description: "the tiers, ascending: each up to so many vectors, with peers, memory and storage of each peer in GB"
#   since: 0.1.0
package qdrant.resources.below_tier

import data.qdrant.lib.workload as peers

params := input.params["resources/below-tier"]

findings contains {
	"at": ["workload", "replicas"],
	"label": sprintf("tier %s has %d peers", [tier.name, tier.peers]),
	"message": sprintf("%s vectors are the guide's tier %s, which has %d peers; these are %d", [millions, tier.name, tier.peers, peers.number]),
	"help": sprintf("run %d peers, or set this rule's `tiers` to your own sizing", [tier.peers]),
} if {
	judged
	peers.number >= 3
	peers.number < tier.peers
}

findings contains {
	"at": ["workload", "resources", "memory_limit_bytes"],
	"label": sprintf("tier %s has %d GB of memory", [tier.name, tier.memory_gb]),
	"message": sprintf("%s vectors are the guide's tier %s with machines of %d GB; the limit is %d GB", [millions, tier.name, tier.memory_gb, floor(limit / 1000000000)]),
	"help": "raise the memory of each peer, quantize, or set this rule's `tiers` to your own sizing",
} if {
	judged
	limit := input.workload.resources.memory_limit_bytes
	limit < (tier.memory_gb * 1000000000) * params.usable_share
}

findings contains {
	"at": ["storage", "data", "size_bytes"],
	"label": sprintf("tier %s has %d GB of storage", [tier.name, tier.storage_gb]),
	"message": sprintf("%s vectors are the guide's tier %s with %d GB for each peer; the volume has %d GB", [millions, tier.name, tier.storage_gb, floor(size / 1000000000)]),
	"help": "raise the size of the volume, or set this rule's `tiers` to your own sizing",
} if {
	judged
	size := input.storage.data.size_bytes
	size < tier.storage_gb * 1000000000
}

skipped contains {
	"kind": "not-observed",
	"reason": "nothing says how many vectors there will be; set `expected.vectors` in the configuration",
} if {
	not vectors
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("%d vectors are too few for the guide's tiers", [vectors]),
} if {
	vectors < params.from_vectors
}

vectors := input.expected.vectors

vectors := total if {
	not input.expected.vectors
	declared := [collection.declared_points | some collection in input.collections]
	count(declared) > 0
	total := sum(declared)
}

judged if vectors >= params.from_vectors

tier := [one | some one in params.tiers; vectors < one.below][0]

millions := sprintf("%d million", [round(vectors / 1000000)])
