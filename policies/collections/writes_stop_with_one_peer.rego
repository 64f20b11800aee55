# METADATA
# title: writes stop while one peer is down
# description: |
#   A write must be acknowledged by `write_consistency_factor` replicas. When that is every replica, one peer that restarts
#   makes each write to its shards answer 500 — after other replicas have taken part of it. Two acknowledgements fit three
#   copies; at two copies they mean that a rolling upgrade stops all writes.
# related_resources:
#   - description: Qdrant, distributed deployment, write consistency factor
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#write-consistency-factor
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Keep `write_consistency_factor` below `replication_factor`: 1 at two copies, 2 at three.
#   guide: [G37]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.writes_stop_with_one_peer

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": ["collections", index, "write_consistency_factor"],
	"label": sprintf("every one of the %v copies must answer", [copies]),
	"message": sprintf("%s wants %v acknowledgements and has %v copies: while one peer is down, writes to its shards fail with 500, partly written", [words.name(collection), collection.write_consistency_factor, copies]),
	"help": sprintf("write `\"write_consistency_factor\": %v`, or keep %v copies", [copies - 1, collection.write_consistency_factor + 1]),
	"fix": fix.unsafe("do without one of the copies", [{"at": ["collections", index, "write_consistency_factor"], "set": copies - 1}]),
} if {
	some index, collection in input.collections
	not collection.peers == 1
	copies := made(collection)
	copies > 1
	collection.write_consistency_factor >= copies
}

skipped contains {"kind": "not-applicable", "reason": "with one copy every fault stops writes: collections/replication-factor-one"} if {
	some collection in input.collections
	collection.replication_factor == 1
}

skipped contains {"kind": "unknown", "reason": "`replication_factor` or `write_consistency_factor` is filled in when the body is sent"} if {
	some collection in input.collections
	some field in ["replication_factor", "write_consistency_factor"]
	words.hidden(collection, field)
}

# Copies that Qdrant makes: never more than peers.
made(collection) := min([collection.replication_factor, collection.peers])

made(collection) := collection.replication_factor if not collection.peers
