# METADATA
# title: fewer copies than a rolling upgrade needs to answer every query
# description: |
#   With two copies, one peer that restarts leaves a single copy of some shards. A second fault at that moment, or a replica
#   that is still catching up, turns into failed queries. Three copies leave one in reserve. Silent unless a project asks for
#   more than two.
# related_resources:
#   - description: Qdrant, distributed deployment, replication factor
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#replication-factor
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Raise `replication_factor`; each copy costs the memory and disk of the collection once more.
#   guide: [G36]
#   controls: [availability]
#   params:
#     copies: {default: 2, unit: copies, description: "copies each shard should have; 3 when no query may fail during a rolling upgrade"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.replication_factor_low

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": ["collections", index, "replication_factor"],
	"label": sprintf("%v copies, %v are asked for", [copies, least]),
	"message": sprintf("%s keeps %v copies of each shard; the project asks for %v, so that no query fails during a rolling upgrade", [words.name(collection), copies, least]),
	"help": sprintf("write `\"replication_factor\": %v`", [least]),
	"fix": fix.unsafe(sprintf("keep %v copies", [least]), [{"at": ["collections", index, "replication_factor"], "set": least}]),
} if {
	least := input.params["collections/replication-factor-low"].copies
	some index, collection in input.collections
	words.creates(collection)
	copies := collection.replication_factor
	copies > 1
	copies < least
}

skipped contains {"kind": "not-applicable", "reason": "a single copy is what collections/replication-factor-one speaks of"} if {
	some collection in input.collections
	collection.replication_factor == 1
}

skipped contains {"kind": "unknown", "reason": "`replication_factor` is filled in when the body is sent, or is a default that cannot be seen"} if {
	some collection in input.collections
	words.hidden(collection, "replication_factor")
}
