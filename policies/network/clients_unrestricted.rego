# METADATA
# title: any pod may connect to the API
# description: |
#   The API key is all that stands between the collections and every pod of the cluster, and it travels in clear text
#   wherever TLS is off. A policy that names the applications keeps a leaked key, a forgotten debug pod or a compromised
#   neighbour from being enough.
# related_resources:
#   - description: Kubernetes, network policies
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [network_policies]
#   inputs: [manifests, live]
#   remediation: |
#     Admit the namespaces and pods of the applications on 6333 and 6334, and nobody else.
#   guide: [G5, G45]
#   controls: [network-segmentation]
#   since: 0.1.0
package qdrant.network.clients_unrestricted

import data.qdrant.lib.peers

findings contains {
	"at": ["workload"],
	"label": sprintf("no NetworkPolicy selects these pods: %d and %d are open to the whole cluster", [peers.rest_port, peers.grpc_port]),
	"message": sprintf("no NetworkPolicy selects the peers for ingress: every pod of the cluster may connect to %d and %d", [peers.rest_port, peers.grpc_port]),
	"help": sprintf("add a NetworkPolicy for the pods of Qdrant that admits the applications on %d and %d", [peers.rest_port, peers.grpc_port]),
} if {
	input.workload
	not peers.on_host_network
	not input.network.isolated_ingress
	not spoken_for
}

findings contains finding(["network", "open_to", role, index], source) if {
	not peers.on_host_network
	input.network.isolated_ingress
	some role in {"rest", "grpc"}
	some index, source in input.network.open_to[role]
	open(source)
	first(role, source, input.network.open_to)
}

# A policy by itself proves what it opens, whatever others there are.
findings contains finding(["network", "policies", number, "opens", role, index], source) if {
	not input.workload
	some number, policy in input.network.policies
	some role in {"rest", "grpc"}
	some index, source in policy.opens[role]
	open(source)
	first(role, source, policy.opens)
}

finding(at, source) := {
	"at": at,
	"label": "not narrowed to the applications",
	"message": sprintf("NetworkPolicy %s lets %s connect to the API", [source.policy, source.who]),
	"help": "name the clients: `from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: <namespace>}}, podSelector: {matchLabels: {app: <application>}}}]`",
}

open(source) if source.kind == "anyone"

open(source) if {
	source.all_namespaces
	source.all_pods
}

open(source) if {
	source.kind == "cidr"
	source.public
}

# One rule often opens both ports: it is named once.
first(role, _, _) if role == "rest"

first(role, source, opened) if {
	role == "grpc"
	not source in {rest | some rest in opened.rest}
}

spoken_for if {
	not peers.cluster_off
}

spoken_for if count(input.network.foreign_policies) > 0

skipped contains {"kind": "not-applicable", "reason": "network policies do not apply to pods on the host's network; network/p2p-exposed speaks of it"} if {
	peers.on_host_network
}

skipped contains {"kind": "not-applicable", "reason": "network/p2p-unrestricted speaks of the missing policy"} if {
	input.workload
	not peers.on_host_network
	not input.network.isolated_ingress
	count(input.network.foreign_policies) == 0
	not peers.cluster_off
}

skipped contains {"kind": "unknown", "reason": reason} if {
	not input.network.isolated_ingress
	some policy in input.network.foreign_policies
	reason := sprintf("%s is recognised but not evaluated", [policy])
}

skipped contains {"kind": "not-observed", "reason": "the workload of the peers is not in the input; give the StatefulSet or the Helm values too"} if {
	not input.workload
	count(input.network.foreign_policies) == 0
}
