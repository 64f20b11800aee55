# METADATA
# title: access is not limited to the application's own pods
# description: |
#   Who may ask the database should be a list of applications, not of namespaces: every pod that lands in an admitted
#   namespace, by mistake or by an attacker, is a client. Labels are set by whoever may create pods, so a policy by labels
#   narrows, yet proves no identity; only a mesh or the network plugin ties it to a ServiceAccount.
# related_resources:
#   - description: Kubernetes, network policies, podSelector and namespaceSelector together
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
# custom:
#   severity: {production: low, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Name the pods of the application beside its namespace; for proof tie access to its ServiceAccount in a mesh.
#   guide: [G45, G54]
#   controls: [rbac-access, network-segmentation]
#   evidence: [client-identity]
#   since: 0.1.0
package qdrant.sovereignty.clients_not_named

import data.qdrant.lib.peers

findings contains {
	"at": ["network", "open_to", role, index],
	"label": "a namespace, not an application",
	"message": sprintf("NetworkPolicy %s lets %s connect to the API: whatever runs there is a client", [source.policy, source.who]),
	"help": "add the pods of the application to the same entry: `podSelector: {matchLabels: {app: <application>}}`",
} if {
	not peers.on_host_network
	input.network.isolated_ingress
	some role in {"rest", "grpc"}
	some index, source in input.network.open_to[role]
	source.kind in {"namespaces", "pods"}
	source.all_pods
	not source.all_namespaces
	first(role, source)
}

# One rule often opens both ports: it is named once.
first(role, _) if role == "rest"

first(role, source) if {
	role == "grpc"
	not source in {rest | some rest in input.network.open_to.rest}
}

# network/clients-unrestricted speaks of what is open to all.
open contains source.policy if {
	some role in {"rest", "grpc"}
	some source in input.network.open_to[role]
	source.kind == "anyone"
}

open contains source.policy if {
	some role in {"rest", "grpc"}
	some source in input.network.open_to[role]
	source.all_namespaces
	source.all_pods
}

open contains source.policy if {
	some role in {"rest", "grpc"}
	some source in input.network.open_to[role]
	source.public
}

skipped contains {"kind": "not-applicable", "reason": reason} if {
	some policy in open
	reason := sprintf("network/clients-unrestricted speaks of NetworkPolicy %s, which is open to all", [policy])
}

skipped contains {"kind": "not-applicable", "reason": "no NetworkPolicy selects the peers for ingress: network/p2p-unrestricted or network/clients-unrestricted speaks of it"} if {
	not input.network.isolated_ingress
	count(input.network.foreign_policies) == 0
}

skipped contains {"kind": "unknown", "reason": reason} if {
	not input.network.isolated_ingress
	some policy in input.network.foreign_policies
	reason := sprintf("%s is recognised but not evaluated", [policy])
}

skipped contains {"kind": "needs-evidence", "reason": "a NetworkPolicy matches labels, not ServiceAccounts: show the authorization of a mesh or of the network plugin, or attest `client-identity`: who may set these labels"} if {
	input.profile == "gcc-sovereign"
	input.network.isolated_ingress
	count(open) == 0
}
