# METADATA
# title: the peers may connect to the internet
# description: |
#   A database needs no way out, but for its bucket. With one, usage reports leave, a recovery may be pointed at any address,
#   and whoever gets into a pod carries the collections away; nothing in the cluster shows it.
# related_resources:
#   - description: Kubernetes, default deny all egress traffic
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: residency
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Isolate the peers for egress; let them reach each other, DNS and the ranges of the bucket.
#   guide: [G53]
#   controls: [out-of-region-egress, network-segmentation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.sovereignty.egress_open

import data.qdrant.lib.fix
import data.qdrant.lib.peers

findings contains {
	"at": ["workload", "host_network"],
	"label": "network policies do not reach pods on the host's network",
	"message": "on the host's network no NetworkPolicy applies: the peers may connect to any address",
	"help": "remove `hostNetwork: true`",
	"fix": fix.unsafe("leave the host's network", [{"at": ["workload", "host_network"], "remove": true}]),
} if {
	peers.on_host_network
}

findings contains {
	"at": ["workload"],
	"label": "no NetworkPolicy isolates these pods for egress",
	"message": "no NetworkPolicy selects the peers for egress: they may connect to any address of the internet",
	"help": sprintf("add `policyTypes: [Egress]` for these pods with rules to the peers (%d, %d), to DNS and to the bucket only", [peers.rest_port, peers.p2p_port]),
} if {
	not peers.on_host_network
	not input.network.isolated_egress
	count(input.network.foreign_policies) == 0
}

findings contains {
	"at": ["network", "internet_egress"],
	"label": "lets the peers out to any address",
	"message": "a rule lets the peers connect to any address of the internet",
	"help": "name the ranges: `to: [{ipBlock: {cidr: <range of the bucket>}}]` with `ports: [{protocol: TCP, port: 443}]`",
} if {
	not peers.on_host_network
	input.network.isolated_egress
	input.network.internet_egress == "any"
}

skipped contains {"kind": "unknown", "reason": reason} if {
	not input.network.isolated_egress
	some policy in input.network.foreign_policies
	reason := sprintf("%s is recognised but not evaluated", [policy])
}
