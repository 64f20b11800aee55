# METADATA
# title: the namespace has no default-deny policy
# description: |
#   Policies only isolate the pods that they select. A pod that comes later (a debug shell, a backup job, a second release)
#   is open to all and may reach all, next to the database, until someone thinks of it. A policy for every pod of the
#   namespace that admits nothing turns that around.
# related_resources:
#   - description: Kubernetes, default policies
#     ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-and-all-egress-traffic
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [network_policies, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]` and no rules.
#   guide: [G43]
#   controls: [network-segmentation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.no_default_deny

import data.qdrant.lib.fix

deny := "`podSelector: {}`, `policyTypes: [Ingress, Egress]`, no rules"

lacking contains "ingress" if not input.network.default_deny_ingress

lacking contains "egress" if not input.network.default_deny_egress

findings contains {
	"at": at,
	"label": sprintf("nothing denies %s by default here", [directions]),
	"message": sprintf("%s has no NetworkPolicy that denies %s by default: pods that no other policy selects are open", [place, directions]),
	"help": sprintf("add a NetworkPolicy with %s", [deny]),
} if {
	count(lacking) > 0
	count(one_way) == 0
	count(input.network.foreign_policies) == 0
	directions := concat(" and ", [direction | some direction in ["ingress", "egress"]; direction in lacking])
}

findings contains {
	"at": ["network", "policies", index],
	"label": sprintf("denies one direction; %s stays open", [direction]),
	"message": sprintf("NetworkPolicy %s denies by default, but not %s: pods that no other policy selects are open that way", [policy.name, direction]),
	"help": "write `policyTypes: [Ingress, Egress]`",
	"fix": fix.unsafe("deny both directions", [{"at": ["network", "policies", index], "object": ["spec", "policyTypes"], "set": ["Ingress", "Egress"]}]),
} if {
	count(input.network.foreign_policies) == 0
	some direction in lacking
	some index, policy in one_way
}

# Policies for every pod that deny one direction.
one_way[index] := policy if {
	count(lacking) == 1
	some index, policy in input.network.policies
	policy.scope == "all"
	not policy.rejected
	count(policy.types) == 1
	not lower(policy.types[0]) in lacking
}

default at := ["workload"]

at := ["namespace"] if input.namespace

default place := "the namespace of the peers"

place := sprintf("namespace %s", [input.deployment.namespace])

skipped contains {"kind": "unknown", "reason": reason} if {
	some policy in input.network.foreign_policies
	reason := sprintf("%s is recognised but not evaluated", [policy])
}
