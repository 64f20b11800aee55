# METADATA
# title: network policies keep a declared client out
# description: |
#   Something in the same input needs the peers (a monitor, a backup job, an ingress controller) or the peers need it (an
#   object store for snapshots), yet the union of the network policies lets no connection through. Nothing says so at
#   install time: dashboards stay empty, the backup job fails at night, the ingress answers 504.
# related_resources:
#   - description: Kubernetes, network policies
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: off}
#   consequence: outage
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Add a rule for the client to the policies, on the port it needs and in the direction it needs.
#   guide: [G45]
#   controls: [network-segmentation]
#   since: 0.1.0
package qdrant.network.declared_client_blocked

import data.qdrant.lib.peers

findings contains {
	"at": ["network", "blocked_clients", index],
	"label": sprintf("%s is blocked on %d", [client.who, client.port]),
	"message": sprintf("%s cannot get %s on %d: %s", [client.who, client.direction, client.port, consequence[client.kind]]),
	"help": sprintf("add %s; the port is `ports: [{protocol: TCP, port: %d}]`", [client.add, client.port]),
} if {
	not peers.on_host_network
	some index, client in input.network.blocked_clients
}

consequence := {
	"monitor": "the metrics stay empty and no alert ever fires",
	"backup": "every run fails and no backup is made",
	"ingress": "clients behind it get 502 or 504",
	"s3": "snapshots fail",
}

skipped contains {"kind": "not-applicable", "reason": "network policies do not apply to pods on the host's network"} if {
	peers.on_host_network
}
