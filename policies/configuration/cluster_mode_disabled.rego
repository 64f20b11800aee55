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
#   needs: [workload, qdrant.config.cluster.enabled]
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Enable cluster mode before the first collection is created, or run one replica.
#   guide: [G1, G25]
#   controls: [availability]
#   since: 0.1.0
package qdrant.configuration.cluster_mode_disabled

import data.qdrant.lib.server

findings contains {
	"at": ["qdrant", "config", "cluster", "enabled"],
	"label": "every replica is a database of its own",
	"message": sprintf("%d replicas without cluster mode are %d separate databases behind one Service: a search sees only what its pod was given", [peers, peers]),
	"help": help,
} if {
	peers > 1
	input.qdrant.config.cluster.enabled == false
}

peers := input.deployment.peers

help := server.setting("cluster.enabled", "true") if input.chart

else := sprintf("%s, and start the peers with --uri and --bootstrap", [server.setting("cluster.enabled", "true")])

skipped contains {"kind": "not-applicable", "reason": "one replica needs no cluster mode"} if peers == 1

skipped contains {"kind": "unknown", "reason": "the number of replicas cannot be seen"} if not peers
