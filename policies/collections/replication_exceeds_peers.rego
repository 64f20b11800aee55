# METADATA
# title: more copies are asked for than there are peers
# description: |
#   Qdrant stores the factor as written and makes one copy for each peer it has: `GET /collections/NAME` shows the number that
#   was asked for, not what exists. On a single node a factor of two is one copy.
# related_resources:
#   - description: Qdrant, distributed deployment, replication factor
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#replication-factor
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: data-loss
#   needs: [collections]
#   inputs: [collection, values, manifests, api]
#   remediation: |
#     Add peers or ask for as many copies as there are peers.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.replication_exceeds_peers

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains object.union(
	{
		"at": ["collections", index, "replication_factor"],
		"label": sprintf("%v copies on %v", [collection.replication_factor, peers(collection.peers)]),
		"message": sprintf("%s asks for %v copies but there is room for %v: Qdrant says 200, stores the number and makes the rest never", [words.name(collection), collection.replication_factor, collection.peers]),
		"help": sprintf("run %v peers (`replicaCount`), or write `\"replication_factor\": %v`", [collection.replication_factor, collection.peers]),
	},
	fewer(index, collection),
) if {
	some index, collection in input.collections
	collection.replication_factor > collection.peers
}

skipped contains {"kind": "not-observed", "reason": "how many peers there are cannot be seen; give the Helm values or the StatefulSet too"} if {
	some collection in input.collections
	not collection.peers
}

skipped contains {"kind": "unknown", "reason": "`replication_factor` is filled in when the body is sent, or is a default that cannot be seen"} if {
	some collection in input.collections
	words.hidden(collection, "replication_factor")
}

peers(1) := "one peer"

peers(count) := sprintf("%v peers", [count]) if count != 1

fewer(index, collection) := {"fix": fix.unsafe("ask for as many copies as there are peers", [{"at": ["collections", index, "replication_factor"], "set": collection.peers}])} if {
	collection.peers > 1
}

else := {}
