# METADATA
# title: a collection keeps one copy of each shard
# description: |
#   Three peers do not make a collection survive the loss of one: copies are per collection, and Qdrant makes one unless
#   told otherwise. While the peer that holds it restarts, every query that touches the shard answers 500; with its volume
#   the points are gone. `/readyz` and `/cluster` look healthy all the while.
# related_resources:
#   - description: Qdrant, distributed deployment, replication
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#replication
#   - description: Qdrant settings, collection defaults
#     ref: https://github.com/qdrant/qdrant/blob/master/config/config.yaml
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: data-loss
#   needs: [collections]
#   inputs: [values, manifests, collection, api]
#   remediation: |
#     Create the collection with `"replication_factor": 2`. One that exists: `PATCH /collections/NAME` with
#     `{"params": {"replication_factor": 2}}`, then `replicate_shard` for each shard. As a default for all of them:
#     `config.storage.collection.replication_factor: 2` in the chart's values.
#   guide: [G3, G36, G60]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.replication_factor_one

import data.qdrant.lib.collections as words

findings contains object.union(
	{
		"at": place(index, collection),
		"label": "one copy of each shard",
		"message": sprintf("%s keeps one copy of each shard%s: when its peer restarts, queries fail; when its volume is lost, so are the points", [words.name(collection), because(collection)]),
		"help": help(collection),
		"severity": severity(collection),
	},
	repair(index, collection),
) if {
	some index, collection in input.collections
	one_copy(collection)
	not collection.peers == 1
}

skipped contains {
	"kind": "not-applicable",
	"reason": "there is one peer, which holds everything whatever the factor says: availability/too-few-peers",
} if {
	some collection in input.collections
	one_copy(collection)
	collection.peers == 1
}

skipped contains {"kind": "unknown", "reason": "`replication_factor` is filled in when the body is sent, or is a default that cannot be seen"} if {
	some collection in input.collections
	words.hidden(collection, "replication_factor")
}

skipped contains {"kind": "not-applicable", "reason": "the bodies only change collections; what they leave out stays as it is"} if {
	count(input.collections) > 0
	every collection in input.collections {
		not words.creates(collection)
	}
}

# What exists is counted: the factor only says what was asked for.
one_copy(collection) if {
	collection.running.least_copies == 1
}

one_copy(collection) if {
	words.creates(collection)
	not collection.running
	collection.replication_factor == 1
}

place(index, collection) := ["collections", index, "replication_factor"] if {
	not collection.running
} else := ["collections", index, "replication_factor"] if {
	collection.replication_factor == 1
} else := ["collections", index, "running", "shards", single] if {
	single := min([number | some number, shard in collection.running.shards; count(shard.replicas) == 1])
}

skipped contains {"kind": "unknown", "reason": sprintf("which peers hold %s was not answered", [words.name(collection)])} if {
	some collection in input.collections
	collection.running
	not collection.running.least_copies
}

severity(collection) := "critical" if collection.peers > 1

severity(collection) := "high" if not collection.peers

because(collection) := " (no server configuration is given, so Qdrant's own default is assumed)" if collection.replication_factor_from == "assumed"

because(collection) := "" if collection.replication_factor_from != "assumed"

help(collection) := "write `\"replication_factor\": 2`, and the same in the request for each shard key" if custom(collection)

help(collection) := "write `\"replication_factor\": 2`; a collection that exists needs a PATCH and `replicate_shard` for each shard" if not custom(collection)

custom(collection) if collection.sharding_method == "custom"

repair(index, collection) := {"fix": {
	"title": "keep two copies",
	"applicability": "unsafe",
	"edits": [{"at": ["collections", index, "replication_factor"], "set": 2}],
}} if collection.replication_factor_from == "body"

repair(_, collection) := {} if collection.replication_factor_from != "body"
