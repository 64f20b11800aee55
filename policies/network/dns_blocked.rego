# METADATA
# title: network policies keep the peers from DNS
# description: |
#   Peers find each other by name (`qdrant-0.qdrant-headless`). Once a policy isolates them for egress, every lookup needs
#   a rule of its own. Without one a restarted peer never rejoins. DNS over TCP is asked for when an answer does not fit
#   into one datagram, and by node-local caches; without it lookups of large answers fail now and then.
# related_resources:
#   - description: Kubernetes, DNS for Services and Pods
#     ref: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/
#   - description: RFC 7766, DNS transport over TCP
#     ref: https://www.rfc-editor.org/rfc/rfc7766
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: outage
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Add an egress rule to the DNS pods on port 53, over UDP and over TCP.
#   guide: [G45]
#   controls: [network-segmentation, availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.dns_blocked

import data.qdrant.lib.fix
import data.qdrant.lib.peers

rule := "`to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]`, `ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]`"

findings contains object.union(finding, severity) if {
	not peers.on_host_network
	input.network.isolated_egress
	input.network.dns_udp == false
	input.network.dns_tcp == false
	finding := {
		"at": ["network", "dns_udp"],
		"label": "nothing here lets DNS out",
		"message": sprintf("egress of the peers is closed and no rule lets DNS out: %s", [consequence]),
		"help": sprintf("add an egress rule to a policy that selects the peers: %s (OpenShift: namespace openshift-dns, port 5353)", [rule]),
		"fix": fix.unsafe("let DNS out", [{"at": ["network", "dns_udp"], "object": ["spec", "egress", "-"], "set": dns}]),
	}
}

# A lone peer looks nobody up.
severity := {"severity": "low"} if {
	peers.alone
} else := {}

consequence := "no name resolves, neither that of a bucket nor that of a host to recover from" if {
	peers.alone
} else := "peers do not find each other by name, so a restarted peer never rejoins"

findings contains {
	"at": ["network", "dns_udp"],
	"label": "TCP 53 is closed",
	"message": "DNS goes out over UDP only: an answer that does not fit into one datagram is asked for again over TCP and gets lost",
	"help": "add `{protocol: TCP, port: 53}` to the `ports` of the rule that lets DNS out",
	"fix": fix.unsafe("let DNS out over TCP too", [{"at": ["network", "dns_udp", "-"], "set": {"protocol": "TCP", "port": 53}}]),
	"severity": "low",
} if {
	not peers.on_host_network
	input.network.dns_udp == true
	input.network.dns_tcp == false
}

findings contains {
	"at": ["network", "dns_tcp"],
	"label": "UDP 53 is closed",
	"message": "DNS goes out over TCP only: resolvers ask over UDP first, so every lookup runs into its timeout",
	"help": "add `{protocol: UDP, port: 53}` to the `ports` of the rule that lets DNS out",
	"fix": fix.unsafe("let DNS out over UDP too", [{"at": ["network", "dns_tcp", "-"], "set": {"protocol": "UDP", "port": 53}}]),
} if {
	not peers.on_host_network
	input.network.dns_udp == false
	input.network.dns_tcp == true
}

skipped contains {"kind": "not-applicable", "reason": "network policies do not apply to pods on the host's network"} if {
	peers.on_host_network
}

dns := {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}, "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}], "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]}
