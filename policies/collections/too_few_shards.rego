# METADATA
# title: too few shards for the peers
# description: |
#   Shards are the unit in which a collection spreads: a peer without one does nothing for it, and what does not divide by the
#   peers loads some of them more. The number is fixed when the collection is made; growing it later means resharding or a
#   new collection. Counted are copies on a peer, shards × replication factor / peers.
# related_resources:
#   - description: Qdrant, distributed deployment, choosing the right number of shards
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#choosing-the-right-number-of-shards
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, values, manifests, api]
#   remediation: |
#     Write `shard_number`: twice the peers, so that the cluster can double before shards must be split.
#   guide: [G2, G35]
#   controls: [capacity]
#   params:
#     per_peer: {default: 2, unit: shard copies, description: "copies of shards that each peer should hold"}
#     small: {default: 1000000, unit: points, description: "a collection declared to stay below this needs no spreading"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.too_few_shards

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

params := input.params["collections/too-few-shards"]

findings contains {
	"at": place(index, collection),
	"label": sprintf("%v", [shards_in_words(collection)]),
	"message": sprintf("%s has %v for %v peers: %v", [words.name(collection), shards_in_words(collection), collection.peers, fault.what]),
	"help": sprintf("write `\"shard_number\": %v` (peers × %v); it cannot be changed in place later", [collection.peers * params.per_peer, params.per_peer]),
	"fix": fix.unsafe("make shards for every peer", [{"at": ["collections", index, "shard_number"], "set": collection.peers * params.per_peer}]),
	"severity": fault.severity,
} if {
	some index, collection in input.collections
	judged(collection)
	fault := fault_of(collection)
}

skipped contains {"kind": "not-observed", "reason": "how many peers there are cannot be seen; give the Helm values or the StatefulSet too"} if {
	some collection in input.collections
	not collection.peers
}

skipped contains {"kind": "not-applicable", "reason": "there is one peer: availability/too-few-peers"} if {
	some collection in input.collections
	collection.peers == 1
}

skipped contains {"kind": "unknown", "reason": "`shard_number` or `replication_factor` is filled in when the body is sent"} if {
	some collection in input.collections
	some field in ["shard_number", "replication_factor"]
	words.hidden(collection, field)
}

judged(collection) if {
	words.creates(collection)
	collection.peers > 1
	not collection.sharding_method == "custom"
	not is_small(collection)
	not words.hidden(collection, "shard_number")
}

is_small(collection) if collection.declared_points < params.small

shards(collection) := collection.shard_number

shards(collection) := collection.default_shard_number if not collection.shard_number

copies(collection) := shards(collection) * min([collection.replication_factor, collection.peers])

fault_of(collection) := {"what": "some peers hold too little of it to share the load, and the cluster cannot grow", "severity": "medium"} if {
	copies(collection) < collection.peers * params.per_peer
}

fault_of(collection) := {"what": "they do not divide evenly, so some peers carry more than others", "severity": "low"} if {
	copies(collection) >= collection.peers * params.per_peer
	copies(collection) % collection.peers != 0
}

shards_in_words(collection) := sprintf("%v and %v", [counted(shards(collection), "shard", "shards"), counted(collection.replication_factor, "copy of each", "copies of each")])

counted(1, one, _) := sprintf("1 %s", [one])

counted(number, _, many) := sprintf("%v %s", [number, many]) if number != 1

place(index, collection) := ["collections", index, "shard_number"] if collection.shard_number

place(index, collection) := ["collections", index] if not collection.shard_number
