# METADATA
# title: a network policy for Qdrant selects no Qdrant pod
# description: |
#   A NetworkPolicy whose selector matches no pod is accepted and does nothing. It is written for Qdrant, by its name, ports
#   or labels, so everybody believes the database is isolated while every pod of the cluster may connect. The chart takes
#   the label `app.kubernetes.io/name` from `nameOverride` or the alias of the dependency, and the instance from the release.
# related_resources:
#   - description: Kubernetes, recommended labels
#     ref: https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [network_policies, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Select the labels that the pods carry.
#   guide: [G44]
#   controls: [network-segmentation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.policy_selects_nothing

import data.qdrant.lib.fix

findings contains {
	"at": ["network", "policies", index, "selector"],
	"label": "no pod of Qdrant carries these labels",
	"message": sprintf("NetworkPolicy %s selects %s, but the pods carry %s: it isolates nothing", [policy.name, policy.selector, policy.peer_labels]),
	"help": sprintf("select labels that the pods carry: %s", [policy.peer_labels]),
	"fix": fix.unsafe("select the pods", [{"at": ["network", "policies", index, "selector"], "object": ["spec", "podSelector"], "set": {"matchLabels": fix.identity}}]),
	"related": [{"at": ["workload"], "message": "the pods that it was to select"}],
} if {
	some index, policy in input.network.policies
	policy.selects_nothing
	not policy.rejected
}
