# METADATA
# title: fewer than three peers
# description: |
#   Peers agree by Raft, and Raft needs more than half of them. One peer is an outage at every upgrade, eviction and node
#   failure. Two are no better: both must be up to create a collection, move a shard or bring a lost replica back. Three
#   are the least that keep working while one is down.
# related_resources:
#   - description: Qdrant, distributed deployment
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Run three peers: `replicaCount: 3` in the chart's values, `spec.replicas: 3` in a StatefulSet. Then give every
#     collection `replication_factor: 2`, or the new peers hold no copy of the old data.
#   guide: [G17]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.too_few_peers

import data.qdrant.lib.fix
import data.qdrant.lib.server
import data.qdrant.lib.workload as peers

findings contains object.union(
	{
		"at": place,
		"label": label(number),
		"message": message(number),
		"help": help,
	},
	grown,
) if {
	number < 3
}

# Without a workload the members of the cluster count.
number := peers.number if {
	input.workload
} else := input.deployment.peers

place := ["workload", "replicas"] if {
	input.workload
} else := ["live", "peers", 0, "cluster"]

help := "add peers until there are three, then give every collection `replication_factor: 2`" if not input.workload

label(0) := "no peer runs"

label(1) := "one peer"

label(2) := "two peers need each other"

message(0) := "no peer runs: nothing answers"

message(1) := "one peer: every upgrade, eviction or node failure takes the database down"

message(2) := "two peers: while one is down, no collection can be created and no shard moved or repaired"

default help := "a cluster takes more than a number here: switch cluster mode on (`QDRANT__CLUSTER__ENABLED`), start the first peer with `--uri` and the others with `--bootstrap`, then set `spec.replicas: 3` and `replication_factor: 2` for the collections; the official chart does all but the last"

help := "set `replicaCount: 3`, and `replication_factor: 2` for the collections" if {
	peers.in_values
	not cluster_off
}

help := "set `replicaCount: 3` and `config.cluster.enabled: true`, and `replication_factor: 2` for the collections" if {
	peers.in_values
	cluster_off
}

help := "move it to the official chart with `replicaCount: 3` (snapshots carry the data over) and give the collections `replication_factor: 2`: a Deployment can only ever run one peer" if {
	input.workload
	not peers.in_values
	input.workload.kind != "StatefulSet"
}

help := "set `spec.replicas: 3`, and `replication_factor: 2` for the collections" if {
	input.workload
	not peers.in_values
	input.workload.kind == "StatefulSet"
	input.qdrant.config.cluster.enabled == true
}

cluster_off if input.qdrant.config.cluster.enabled == false

skipped contains peers.uncounted

# Three peers are of use only when they are kept apart, evicted one by one, and hold copies of each other.
grown := {"fix": fix.unsafe("run three peers, each on its own node", edits)} if {
	input.chart
	path := ["affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "-"]
	edits := array.concat(
		array.concat([{"values": ["replicaCount"], "set": 3}, {"values": ["podDisruptionBudget", "enabled"], "set": true}], copies),
		array.concat(
			[{"values": path, "set": {"labelSelector": {"matchLabels": fix.identity}, "topologyKey": "kubernetes.io/hostname"}} |
				input.spread.host.level == "none"
			],
			[{"values": ["topologySpreadConstraints", "-"], "set": {"maxSkew": 1, "topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {"matchLabels": fix.identity}}} |
				input.spread.zone.level == "none"
			],
		),
	)
}

else := {"fix": fix.unsafe("run three peers", [{"at": ["workload", "replicas"], "object": ["spec", "replicas"], "set": 3}])} if {
	peers.number == 2
	input.workload.kind == "StatefulSet"
}

else := {}

# Servers before 1.9.3 have no such default.
copies := [] if server.before("1.9.3")

else := [fix.setting("storage.collection.replication_factor", 2)]
