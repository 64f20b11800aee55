# METADATA
# title: several replicas run without cluster mode
# description: |
#   With `cluster.enabled: false` every pod is a database of its own. The Service spreads requests over them, so a point
#   that was just written is found by every second or third search only, and no shard has a copy anywhere.
# related_resources:
#   - description: Qdrant, distributed deployment
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: critical}
#   consequence: data-loss
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Enable cluster mode before the first collection is created, or run one replica.
#   guide: [G1, G25]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.configuration.cluster_mode_disabled

import data.qdrant.lib.fix
import data.qdrant.lib.server

findings contains object.union(
	{
		"at": ["qdrant", "config", "cluster", "enabled"],
		"label": "every replica is a database of its own",
		"message": sprintf("%d replicas without cluster mode are %d separate databases behind one Service: a search sees only what its pod was given", [peers, peers]),
		"help": help,
	},
	joined,
) if {
	not told
	peers > 1
	input.qdrant.config.cluster.enabled == false
}

# What the peers say stands above what the configuration says.
told if {
	some peer in input.live.peers
	is_boolean(peer.cluster.enabled)
}

lonely[index] := peer if {
	some index, peer in input.live.peers
	peer.cluster.enabled == false
}

findings contains {
	"at": ["live", "peers", index, "cluster"],
	"label": "every peer is a database of its own",
	"message": sprintf("%s and %d others run without cluster mode: they are separate databases, and a search sees only what its peer was given", [lonely[index].name, count(lonely) - 1]),
	"help": "set `cluster.enabled: true`, and start the peers with --uri and --bootstrap",
} if {
	count(lonely) > 1
	count(lonely) == count(input.live.peers)
	index := min([number | some number, _ in lonely])
}

peers := input.deployment.peers

help := server.setting("cluster.enabled", "true") if input.chart

else := sprintf("%s, and start the peers with --uri and --bootstrap", [server.setting("cluster.enabled", "true")])

skipped contains {"kind": "not-applicable", "reason": "one replica needs no cluster mode"} if {
	peers == 1
	count(lonely) < 2
}

skipped contains {"kind": "unknown", "reason": "the number of replicas cannot be seen"} if {
	not told
	not peers
}

skipped contains {"kind": "unknown", "reason": sprintf("`cluster.enabled` is hidden: %s", [reason])} if {
	not told
	reason := server.hidden("cluster.enabled")
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.config} if {
	not told
	not "config" in input.observed
}

# Without the chart the peers must be told whom to join as well.
joined := {"fix": fix.unsafe("make the replicas one cluster", [fix.setting("cluster.enabled", true)])} if input.chart

else := {}
