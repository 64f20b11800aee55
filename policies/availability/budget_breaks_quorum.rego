# METADATA
# title: the disruption budget allows more evictions than the cluster survives
# description: |
#   A drain evicts as many peers as the budget allows. Beyond a minority the rest can agree on nothing, and where the
#   evictions reach the number of copies of a shard, its queries and writes fail. Kubernetes rounds percentages up, for
#   both fields, and `minAvailable` counts every pod that the selector matches: a backup pod with the same labels makes
#   room for one more eviction.
# related_resources:
#   - description: Kubernetes, how percentages are rounded
#     ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload, budgets, workload.replicas]
#   inputs: [values, manifests, live]
#   remediation: |
#     `maxUnavailable: 1`, without `minAvailable`: right for any number of peers, and it follows when you scale.
#   guide: [G20, G56]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.budget_breaks_quorum

import data.qdrant.lib.workload as peers

findings contains object.union(
	{
		"at": ["budgets", index],
		"label": sprintf("allows %d of %d at once", [allowed, peers.number]),
		"message": sprintf("`%s` lets %d of %d peers go at once, but %d must be up for a quorum%s", [budget.name, allowed, peers.number, peers.quorum, inflated(budget)]),
		"help": help,
	},
	mended(index),
) if {
	some index in judged
	budget := input.budgets[index]
	allowed := budget.allowed_disruptions
	allowed > peers.tolerance
}

findings contains object.union(
	{
		"at": ["budgets", index],
		"label": sprintf("allows %d of %d at once", [allowed, peers.number]),
		"message": sprintf("`%s` lets %d peers go at once, and a collection keeps %d copies of each shard: a drain can take all of them", [budget.name, allowed, copies]),
		"help": help,
		"related": [{"at": ["collections", fewest], "message": sprintf("%d copies", [copies])}],
	},
	mended(index),
) if {
	some index in judged
	budget := input.budgets[index]
	allowed := budget.allowed_disruptions
	allowed <= peers.tolerance
	some fewest
	copies := input.collections[fewest].replication_factor
	copies == min(copies_kept)
	fewest == min([number | some number, other in input.collections; other.replication_factor == copies])
	allowed >= copies
}

findings contains {
	"at": ["budgets", index],
	"label": sprintf("allows %d of %d at once", [allowed, peers.number]),
	"message": sprintf("`%s` lets %d go at once: of %d copies too few stay for `write_consistency_factor: %d`, and writes stop", [budget.name, allowed, copies, acks]),
	"help": "set `maxUnavailable: 1` and a `write_consistency_factor` that the remaining copies can reach",
	"severity": "medium",
	"related": [{"at": ["collections", number], "message": sprintf("needs %d of %d copies for a write", [acks, copies])}],
} if {
	some index in judged
	budget := input.budgets[index]
	allowed := budget.allowed_disruptions
	allowed <= peers.tolerance
	allowed > 0
	some number, collection in input.collections
	copies := collection.replication_factor
	acks := collection.write_consistency_factor
	copies > 1
	allowed < copies
	acks < copies
	copies - allowed < acks
}

skipped contains {"kind": "not-applicable", "reason": reason} if {
	peers.number > 2
	count(peers.budgets) == 0
	reason := {true: "the API server refuses the budget: configuration/object-rejected", false: "no budget selects the peers: availability/budget-missing"}[some_rejected]
}

skipped contains {"kind": "not-applicable", "reason": "with fewer than three peers every budget breaks a quorum or blocks drains: availability/too-few-peers"} if {
	peers.number < 3
}

skipped contains {"kind": "unknown", "reason": sprintf("what `%s` allows cannot be read", [budget.name])} if {
	some index in judged
	budget := input.budgets[index]
	not known(budget)
}

known(budget) if budget.allowed_disruptions >= 0

judged contains index if {
	peers.number > 2
	some index in peers.budgets
}

default some_rejected := false

some_rejected if {
	some budget in input.budgets
	budget.selects == "peers"
	budget.rejected
}

# Copies of the collections that keep more than one; the others have rules of their own.
copies_kept contains collection.replication_factor if {
	some collection in input.collections
	collection.replication_factor > 1
}

inflated(budget) := sprintf("; `minAvailable` also counts %s", [concat(", ", budget.other_pods)]) if {
	count(budget.other_pods) > 0
	budget.min_available
}

inflated(budget) := "" if count(budget.other_pods) == 0

inflated(budget) := "" if {
	count(budget.other_pods) > 0
	not budget.min_available
}

help := "set `podDisruptionBudget.maxUnavailable: 1` and no `minAvailable`" if peers.in_values

help := "write `maxUnavailable: 1` instead" if not peers.in_values

mended(index) := peers.one_at_a_time(index) if input.budgets[index].from_chart

else := peers.one_at_a_time(index) if not input.chart

else := {}
