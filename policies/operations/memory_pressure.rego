# METADATA
# title: a peer is close to its memory limit
# description: |
#   What the process itself holds cannot be given back, unlike mapped files: when it reaches the limit, the kernel kills
#   Qdrant in the middle of its work, and it comes back only as fast as it loads its collections.
# related_resources:
#   - description: Qdrant, capacity planning
#     ref: https://qdrant.tech/documentation/guides/capacity-planning/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [qdrant_api, workload]
#   inputs: [live, api]
#   params:
#     share: {default: 80, unit: percent, description: "of the memory limit that the process may hold"}
#   remediation: |
#     Raise the memory limit, quantize, move vectors to disk, or add peers and move shards to them.
#   guide: [G46]
#   controls: [capacity]
#   since: 0.1.0
package qdrant.operations.memory_pressure

import data.qdrant.lib.collections as words

share := input.params["operations/memory-pressure"].share

limit := input.workload.resources.memory_limit_bytes

findings contains {
	"at": ["live", "peers", index, "resident_bytes"],
	"label": sprintf("%d %% of the limit", [used]),
	"message": sprintf("%s holds %s of memory, %d %% of its limit of %s: at the limit it is killed", [peer.name, words.gib(peer.resident_bytes), used, words.gib(limit)]),
	"help": "raise the memory limit and request, quantize, or spread the shards over more peers",
} if {
	some index, peer in input.live.peers
	used := round((peer.resident_bytes * 100) / limit)
	used > share
}

skipped contains {"kind": "not-applicable", "reason": "no memory limit is set: resources/memory-unbounded"} if not limit

skipped contains {"kind": "not-observed", "reason": sprintf("%s did not say what memory it holds", [peer.name])} if {
	some peer in input.live.peers
	not peer.resident_bytes
}
