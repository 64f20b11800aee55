# METADATA
# title: no disruption budget covers the peers
# description: |
#   Without a PodDisruptionBudget a node drain, a cluster upgrade or the autoscaler of the nodes may evict every peer at
#   once. Consensus is lost, queries fail, and peers that come back one by one have to copy their shards again.
# related_resources:
#   - description: Kubernetes, specifying a disruption budget
#     ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload, budgets, workload.replicas]
#   inputs: [values, manifests, live]
#   remediation: |
#     Chart: `podDisruptionBudget: {enabled: true}`; the chart's `maxUnavailable: 1` is right for any number of peers.
#     Manifests: a PodDisruptionBudget with `maxUnavailable: 1` whose selector is that of the StatefulSet.
#   guide: [G20, G56]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.budget_missing

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

findings contains object.union(
	{
		"at": place,
		"label": "no disruption budget",
		"message": sprintf("no PodDisruptionBudget selects the %d peers: a node drain may evict them all at once", [peers.number]),
		"help": help,
		"related": strayed,
	},
	switched_on,
) if {
	peers.several
	not covered
	count(partial) == 0
	not only_rejected
}

findings contains {
	"at": ["budgets", index],
	"label": "only some of the peers",
	"message": sprintf("`%s` covers only some of the %d peers: the others may be evicted all at once", [name, peers.number]),
	"help": "select the labels that all peers share, as the StatefulSet does",
} if {
	peers.several
	not covered
	some index in partial
	name := input.budgets[index].name
}

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer: availability/too-few-peers"} if {
	not peers.several
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the API server refuses the only budget, so none exists: configuration/object-rejected",
} if {
	peers.several
	only_rejected
}

covered if count(peers.budgets) > 0

partial contains index if {
	some index, budget in input.budgets
	budget.selects == "some"
	not budget.rejected
}

only_rejected if {
	not covered
	count(partial) == 0
	some budget in input.budgets
	budget.selects in {"peers", "some"}
	budget.rejected
}

# Budgets that were probably meant for the peers.
strayed := [{"at": ["budgets", index], "message": sprintf("`%s` selects none of them", [budget.name])} |
	some index, budget in input.budgets
	budget.selects == "nothing"
]

place := ["budgets"] if peers.in_values

place := ["workload"] if not peers.in_values

help := "set `podDisruptionBudget.enabled: true`; the chart then allows one eviction at a time" if peers.in_values

help := sprintf("add a PodDisruptionBudget with `maxUnavailable: 1` that selects %s", [labels]) if not peers.in_values

labels := concat(", ", [sprintf("`%s: %s`", [key, value]) | some key, value in input.workload.pod_labels]) if {
	count(input.workload.pod_labels) > 0
}

labels := "the labels of the pods" if count(input.workload.pod_labels) == 0

switched_on := {"fix": fix.unsafe("let the chart make a budget", [{"values": ["podDisruptionBudget", "enabled"], "set": true}])} if peers.in_values

else := {}
