# METADATA
# title: fewer peers are declared than run
# description: |
#   Kubernetes takes the last pods away and tells Qdrant nothing. Their shards are gone with them, unless other peers hold
#   copies; the cluster goes on counting them, places new shards on them, and may lose its quorum. Peers leave in the right
#   order: move their shards, remove them from the cluster, then scale.
# related_resources:
#   - description: Qdrant, distributed deployment, removing peers
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: critical}
#   consequence: data-loss
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Move the shards of the last peers to others (`POST /collections/NAME/cluster` with `move_shard`), remove each with
#     `DELETE /cluster/peer/ID`, and lower the replicas then.
#   guide: []
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.scale_in_strands_shards

import data.qdrant.lib.declared

wanted := input.declared.workload.replicas

running := input.workload.replicas

# A peer whose pod is to go.
leaving[index] := peer if {
	some index, peer in input.live.peers
	some pod in input.live.pods
	pod.name == peer.name
	pod.ordinal >= wanted
}

members := {member.id | some peer in input.live.peers; some member in peer.cluster.members}

shards_of(id) := count([shard |
	some collection in input.collections
	some shard in collection.running.shards
	some replica in shard.replicas
	replica.peer == id
])

findings contains {
	"at": ["declared", "workload", "replicas"],
	"label": sprintf("%d run", [running]),
	"message": sprintf("%d peers are declared and %d run; %s, which would go, %s", [wanted, running, peer.name, holds(shards_of(peer.id))]),
	"help": sprintf("move its shards to other peers, then `DELETE /cluster/peer/%s`, then lower the replicas", [peer.id]),
	"severity": "critical",
	"related": [{"at": ["live", "peers", index], "message": "this peer would go"}],
} if {
	wanted < running
	some index, peer in leaving
	peer.id in members
}

holds(0) := "is still a member of the cluster"

holds(shards) := sprintf("is a member of the cluster and holds copies of %d shards", [shards]) if shards > 0

findings contains {
	"at": ["declared", "workload", "replicas"],
	"label": sprintf("%d run", [running]),
	"message": sprintf("%d peers are declared and %d run; whether those that go still hold shards was not asked", [wanted, running]),
	"help": "ask the Qdrant API too (`--via port-forward`), and empty the last peers before the replicas are lowered",
	"severity": "high",
} if {
	wanted < running
	not "qdrant_api" in input.observed
}

skipped contains declared.missing

skipped contains {"kind": "not-observed", "reason": "the peers that would go did not answer"} if {
	wanted < running
	"qdrant_api" in input.observed
	count(leaving) < running - wanted
}
