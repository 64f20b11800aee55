# METADATA
# title: a copy of a shard does not serve
# description: |
#   A replica that is dead, partial or still recovering answers nothing: the shard lives on its other copies, and the next
#   peer that goes takes the shard with it. A collection that is red has stopped optimizing, and its writes pile up. Neither
#   shows in `/readyz`, which stays ready once it was.
# related_resources:
#   - description: Qdrant, distributed deployment, replication
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#replication
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: high}
#   consequence: outage
#   needs: [qdrant_api, collections]
#   inputs: [api]
#   remediation: |
#     See that the peer that holds the copy runs and reaches the others on 6333 and 6335. When it is gone for good, drop the
#     replica and replicate the shard to a living peer: `POST /collections/NAME/cluster` with `drop_replica`, then
#     `replicate_shard`.
#   guide: [G60]
#   controls: [availability]
#   since: 0.1.0
package qdrant.collections.replica_unhealthy

import data.qdrant.lib.collections as words

findings contains {
	"at": ["collections", index, "running", "status"],
	"label": "red",
	"message": sprintf("%s is red: %s", [words.name(collection), why(collection)]),
	"help": "read the log of the peers; red means that the optimizers failed, for want of disk or memory more often than not",
	"severity": "critical",
} if {
	some index, collection in input.collections
	collection.running.status == "red"
}

why(collection) := collection.running.optimizer if {
	collection.running.optimizer != "ok"
} else := "its optimizers have failed"

findings contains {
	"at": ["collections", index, "running", "shards", place, "replicas", copy],
	"label": replica.state,
	"message": sprintf("%s: the copy of shard %d on peer %s is %s, %s", [words.name(collection), shard.id, replica.peer, replica.state, left(shard)]),
	"help": help(shard),
	"severity": severity(shard),
} if {
	some index, collection in input.collections
	some place, shard in collection.running.shards
	some copy, replica in shard.replicas
	not replica.active
}

serving(shard) := count([replica | some replica in shard.replicas; replica.active])

left(shard) := "and no other copy serves" if serving(shard) == 0

left(shard) := "one copy serves" if serving(shard) == 1

left(shard) := sprintf("%d copies serve", [serving(shard)]) if serving(shard) > 1

severity(shard) := "high" if {
	shard.transferring
	serving(shard) > 0
} else := "critical"

help(shard) := "a transfer of the shard runs: see that it ends" if {
	shard.transferring
} else := "see that the peer runs and is reached on 6333 and 6335; when it is gone for good, drop the replica and replicate the shard elsewhere"

findings contains {
	"at": ["collections", index, "running", "shards", place],
	"label": sprintf("%d of %d copies", [copies, wanted]),
	"message": sprintf("%s: shard %d has %d of the %d copies that `replication_factor` asks for", [words.name(collection), shard.id, copies, wanted]),
	"help": "make the missing one: `POST /collections/NAME/cluster` with `replicate_shard`",
	"severity": lacking(shard),
} if {
	some index, collection in input.collections
	wanted := min([collection.replication_factor, collection.peers])
	some place, shard in collection.running.shards
	copies := count(shard.replicas)
	copies < wanted
}

lacking(shard) := "high" if {
	shard.transferring
} else := "critical"
