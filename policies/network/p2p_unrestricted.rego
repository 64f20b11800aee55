# METADATA
# title: any pod may connect to the port between peers
# description: |
#   Inside the cluster every pod reaches every other one until a NetworkPolicy says otherwise, and Qdrant asks for no key
#   on 6335. One compromised pod anywhere in the cluster can then read, change and delete every collection, whatever the
#   API key. Policies add up: a single rule without `ports`, or with a wide range, opens 6335 for all it admits.
# related_resources:
#   - description: Kubernetes, network policies
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   - description: Qdrant, security of internal communication
#     ref: https://qdrant.tech/documentation/guides/security/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [network_policies]
#   inputs: [manifests, live]
#   remediation: |
#     Select the Qdrant pods by a NetworkPolicy for ingress that admits only themselves on 6335.
#   guide: [G5, G44]
#   controls: [network-segmentation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.p2p_unrestricted

import data.qdrant.lib.fix
import data.qdrant.lib.peers

findings contains object.union(finding, severity) if {
	not peers.cluster_off
	some finding in faults
}

severity := {"severity": "medium"} if {
	peers.mutual_tls
} else := {}

# What a stranger meets there.
guard := "where only certificates are asked for" if {
	peers.mutual_tls
} else := "where only the API key is asked for" if {
	peers.internal_auth
} else := "where no key is asked for"

faults contains {
	"at": ["workload", "host_network"],
	"label": "network policies do not reach pods on the host's network",
	"message": sprintf("on the host's network no NetworkPolicy applies: port %d is open to all that reach the node", [peers.p2p_port]),
	"help": "remove `hostNetwork: true`",
	"fix": fix.unsafe("leave the host's network", [{"at": ["workload", "host_network"], "remove": true}]),
} if {
	peers.on_host_network
}

faults contains {
	"at": ["workload"],
	"label": sprintf("no NetworkPolicy selects these pods: %d is open to the whole cluster", [peers.p2p_port]),
	"message": sprintf("no NetworkPolicy selects the peers for ingress: every pod of the cluster may connect to %d, %s", [peers.p2p_port, guard]),
	"help": sprintf("add a NetworkPolicy with `podSelector: {matchLabels: %s}` and `policyTypes: [Ingress]` that admits the same podSelector on TCP %d and %d, and your clients on %d and %d", [labels, peers.p2p_port, peers.rest_port, peers.rest_port, peers.grpc_port]),
} if {
	input.workload
	not peers.on_host_network
	not input.network.isolated_ingress
	not evaluated_elsewhere
	labels := sprintf("{%s}", [concat(", ", [sprintf("%s: %s", [key, value]) | some key, value in identity])])
}

# The labels that tell this deployment's pods apart.
identity := {key: value |
	some key, value in input.workload.pod_labels
	key in {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance"}
}

faults contains fault(["network", "open_to", "p2p", index], source) if {
	not peers.on_host_network
	input.network.isolated_ingress
	some index, source in input.network.open_to.p2p
}

# A policy by itself proves what it opens, whatever others there are.
faults contains fault(["network", "policies", number, "opens", "p2p", index], source) if {
	not input.workload
	some number, policy in input.network.policies
	some index, source in policy.opens.p2p
}

fault(at, source) := {
	"at": at,
	"label": sprintf("lets more than peers in on %d", [peers.p2p_port]),
	"message": sprintf("NetworkPolicy %s lets %s connect to %d, %s: only peers may%s", [source.policy, source.who, peers.p2p_port, guard, all_ports(source)]),
	"help": remedy(source),
}

all_ports(source) := " (the rule names no `ports`, so it opens all)" if {
	source.all_ports
} else := ""

remedy(source) := sprintf("name the ports that clients need in this rule: `ports: [{protocol: TCP, port: %d}, {protocol: TCP, port: %d}]`", [peers.rest_port, peers.grpc_port]) if {
	source.all_ports
} else := sprintf("take %d out of this rule, or admit the podSelector of the peers only", [peers.p2p_port])

# Something that this tool recognises yet cannot evaluate may restrict the port.
evaluated_elsewhere if count(input.network.foreign_policies) > 0

evaluated_elsewhere if count(misses) > 0

evaluated_elsewhere if count(rejected) > 0

misses contains policy.name if {
	some policy in input.network.policies
	policy.selects_nothing
	"Ingress" in policy.types
}

rejected contains policy.name if {
	some policy in input.network.policies
	policy.rejected
	"Ingress" in policy.types
}

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off: nothing listens on the port between peers"} if {
	peers.cluster_off
}

skipped contains {"kind": "unknown", "reason": reason} if {
	not peers.cluster_off
	not input.network.isolated_ingress
	some policy in input.network.foreign_policies
	reason := sprintf("%s is recognised but not evaluated", [policy])
}

skipped contains {"kind": "not-applicable", "reason": reason} if {
	not peers.cluster_off
	not input.network.isolated_ingress
	count(input.network.foreign_policies) == 0
	some name in misses
	reason := sprintf("network/policy-selects-nothing speaks of NetworkPolicy %s, which was to restrict it", [name])
}

skipped contains {"kind": "not-applicable", "reason": reason} if {
	not peers.cluster_off
	not input.network.isolated_ingress
	count(input.network.foreign_policies) == 0
	count(misses) == 0
	some name in rejected
	reason := sprintf("configuration/object-rejected speaks of NetworkPolicy %s, which was to restrict it", [name])
}

skipped contains {"kind": "not-observed", "reason": "the workload of the peers is not in the input; give the StatefulSet or the Helm values too"} if {
	not input.workload
}
