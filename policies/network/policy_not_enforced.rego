# METADATA
# title: nothing enforces the network policies
# description: |
#   A NetworkPolicy is a wish: the network plugin carries it out, or nobody does. With flannel, or with Amazon's plugin
#   without its policy agent, the API server takes every policy and any pod still reaches every port.
# related_resources:
#   - description: Kubernetes, network policies, prerequisites
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
# custom:
#   severity: {production: high, gcc-sovereign: critical, development: "off"}
#   consequence: exposure
#   needs: [network_policies, workload]
#   inputs: [live]
#   remediation: |
#     Use a network plugin that enforces policies (Cilium, Calico, Antrea, OVN-Kubernetes), or switch on the policy agent of
#     the one in use. On `hostNetwork` no policy applies: take it away.
#   guide: [G45]
#   controls: [network-segmentation]
#   since: 0.1.0
package qdrant.network.policy_not_enforced

plugin := input.live.network_plugin

has_policies if count(input.network.policies) > 0

findings contains {
	"at": ["network", "policies", 0],
	"label": "no plugin carries it out",
	"message": sprintf("%d network policies are meant for these peers and %s enforces none: any pod reaches every port", [count(input.network.policies), concat(", ", plugin.names)]),
	"help": "install a plugin that enforces policies, or switch on its policy agent",
} if {
	has_policies
	plugin.enforces == false
}

findings contains {
	"at": ["workload", "host_network"],
	"label": "no policy applies here",
	"message": "the peers run on the network of their nodes: no network policy applies to them",
	"help": "take `hostNetwork` out of the pod template",
} if {
	has_policies
	input.workload.host_network == true
}

skipped contains {"kind": "not-applicable", "reason": "there is no network policy for these peers: network/p2p-unrestricted"} if not has_policies

skipped contains {"kind": "unknown", "reason": "the network plugin cannot be told: kube-system and its like may not be read, or hold none that is known"} if {
	has_policies
	not told
}

# `not` over an absent value is decided by engines in two ways.
told if is_boolean(plugin.enforces)
