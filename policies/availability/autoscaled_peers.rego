# METADATA
# title: an autoscaler changes the peers
# description: |
#   Peers are not alike: each holds shards. A new one stays empty until someone moves shards to it; one that is scaled away
#   takes its shards with it and stays a voter, so that a few rounds of scaling lose data and then the quorum. A vertical
#   autoscaler evicts peers to change their resources, several in a row.
# related_resources:
#   - description: Qdrant, distributed deployment, scaling
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: data-loss
#   needs: [autoscalers]
#   inputs: [manifests, live]
#   remediation: |
#     Remove the autoscaler and scale by hand: add the peer, move shards to it; before removing one, move its shards away
#     and `DELETE /cluster/peer/{id}`. Set a VerticalPodAutoscaler to `updateMode: "Off"` to keep its advice.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.autoscaled_peers

import data.qdrant.lib.fix

findings contains {
	"at": ["autoscalers", index],
	"label": "scales the peers",
	"message": sprintf("%s `%s` adds and removes peers: new ones stay empty, and removed ones take their shards with them", [scaler.kind, scaler.name]),
	"help": "remove it; move shards by hand when the number of peers changes",
} if {
	some index, scaler in input.autoscalers
	scaler.kind != "VerticalPodAutoscaler"
	not fixed(scaler)
}

findings contains {
	"at": ["autoscalers", index],
	"label": "evicts peers to resize them",
	"message": sprintf("VerticalPodAutoscaler `%s` evicts peers to change their resources: each one has to recover", [scaler.name]),
	"help": "set `updatePolicy.updateMode: \"Off\"` and apply its advice in a planned upgrade",
	"fix": fix.unsafe("keep only its advice", [{"at": ["autoscalers", index], "object": ["spec", "updatePolicy", "updateMode"], "set": "Off"}]),
} if {
	some index, scaler in input.autoscalers
	scaler.kind == "VerticalPodAutoscaler"
	not passive(scaler)
}

fixed(scaler) if scaler.min == scaler.max

passive(scaler) if scaler.mode in {"Off", "Initial"}
