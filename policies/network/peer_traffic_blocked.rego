# METADATA
# title: network policies keep the peers from each other
# description: |
#   Peers talk to each other on 6335, and since 1.18 a shard moves by snapshot unless configured otherwise: the receiving
#   peer downloads it over the REST port 6333. Policies that let peers meet on 6335 alone look right until a replica has
#   to recover or a node is replaced; then the transfer fails, is retried, and the replica stays dead. Both sides count:
#   the egress of one peer and the ingress of the other.
# related_resources:
#   - description: Qdrant, shard transfer methods
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#shard-transfer-method
#   - description: Kubernetes, network policies, both ends must allow a connection
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: outage
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Let peers reach each other on 6333 and 6335, for ingress and for egress.
#   guide: [G5, G44, G45]
#   controls: [network-segmentation, availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.peer_traffic_blocked

import data.qdrant.lib.fix
import data.qdrant.lib.peers

directions := {
	"ingress": {"into": "into a peer", "side": "from"},
	"egress": {"into": "out of a peer", "side": "to"},
}

applies if {
	not peers.alone
	not peers.cluster_off
	not peers.on_host_network
}

findings contains {
	"at": ["network", "between_peers", "p2p", direction],
	"label": sprintf("no way %s on %d", [words.into, peers.p2p_port]),
	"message": sprintf("peers cannot connect to each other on %d (%s): they never form a cluster, and those that were one lose consensus", [peers.p2p_port, direction]),
	"help": sprintf("add an %s rule with the podSelector of the peers in `%s` and `ports: [{protocol: TCP, port: %d}, {protocol: TCP, port: %d}]`", [direction, words.side, peers.p2p_port, peers.rest_port]),
	"fix": fix.unsafe("let the peers reach each other", [{"at": ["network", "between_peers", "p2p", direction], "object": ["spec", direction, "-"], "set": {words.side: [{"podSelector": {"matchLabels": fix.identity}}], "ports": [{"protocol": "TCP", "port": peers.p2p_port}, {"protocol": "TCP", "port": peers.rest_port}]}}]),
	"severity": "critical",
} if {
	applies
	some direction, words in directions
	input.network.between_peers.p2p[direction] == false
}

findings contains object.union(finding, severity) if {
	applies
	some direction in ["ingress", "egress"]
	input.network.between_peers.p2p[direction] == true
	input.network.between_peers.rest[direction] == false
	finding := {
		"at": ["network", "between_peers", "rest", direction],
		"label": sprintf("%d between peers, but not %d", [peers.p2p_port, peers.rest_port]),
		"message": sprintf("peers reach each other on %d but not on %d (%s): %s", [peers.p2p_port, peers.rest_port, direction, consequence]),
		"help": sprintf("add `{protocol: TCP, port: %d}` to the `ports` of this rule; the other direction needs it too", [peers.rest_port]),
		"fix": fix.unsafe("let the peers reach each other on it", [{"at": ["network", "between_peers", "rest", direction, "-"], "set": {"protocol": "TCP", "port": peers.rest_port}}]),
	}
}

method := lower(input.qdrant.config.storage.shard_transfer_method)

# Shards do not move over 6333 yet.
streams if method != "snapshot"

streams if {
	not method
	semver.compare(input.qdrant.version, "1.18.0") < 0
}

severity := {"severity": "low"} if {
	streams
} else := {}

consequence := sprintf("`shard_transfer_method: %s` does without it, but a snapshot transfer, the default since 1.18, downloads shards there and fails", [method]) if {
	streams
} else := sprintf("Qdrant %s does without it, but from 1.18 on shards move by snapshot over it, so recovery of a replica breaks with that upgrade", [input.qdrant.version]) if {
	streams
} else := "a replica that must recover downloads a snapshot there; the transfer fails, is retried, and the replica stays dead"

skipped contains {"kind": "not-applicable", "reason": "one peer talks to no other"} if peers.alone

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off: peers do not talk to each other"} if {
	peers.cluster_off
	not peers.alone
}

skipped contains {"kind": "not-applicable", "reason": "network policies do not apply to pods on the host's network"} if {
	peers.on_host_network
	not peers.alone
	not peers.cluster_off
}
