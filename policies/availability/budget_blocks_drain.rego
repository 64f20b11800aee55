# METADATA
# title: the disruption budget allows no eviction at all
# description: |
#   A budget that allows nothing stops every drain: node upgrades hang until someone deletes the budget, the pod or the
#   node by force, and then all care is gone. `maxUnavailable: 0`, `minAvailable` as large as the number of pods, and a
#   budget without either field all mean this. The chart leaves a zero out, so `maxUnavailable: 0` becomes the latter.
# related_resources:
#   - description: Kubernetes, disruption budgets that block evictions
#     ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [budgets]
#   inputs: [values, manifests, live]
#   remediation: |
#     `maxUnavailable: 1`, without `minAvailable`. With one peer a drain means downtime either way; leave the budget out.
#   guide: [G20, G56]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.budget_blocks_drain

import data.qdrant.lib.workload as peers

findings contains object.union_n([
	{
		"at": ["budgets", index],
		"label": "no eviction is allowed",
		"message": sprintf("`%s` allows no eviction%s: a node with a peer can never be drained", [budget.name, of_peers]),
		"help": help,
	},
	severity,
	mended(index),
]) if {
	some index, budget in input.budgets
	budget.selects in {"peers", "some", "unseen"}
	budget.allowed_disruptions == 0
}

skipped contains {"kind": "not-applicable", "reason": "no budget selects the peers: availability/budget-missing"} if {
	count([budget | some budget in input.budgets; budget.selects != "nothing"]) == 0
}

of_peers := sprintf(" (%d peers)", [peers.number]) if peers.several

of_peers := " of the only peer" if peers.number == 1

of_peers := "" if not several_or_one

several_or_one if peers.number > 0

severity := {"severity": "low"} if peers.number == 1

default severity := {}

help := "leave the budget out, or run three peers" if peers.number == 1

help := "set `podDisruptionBudget.maxUnavailable: 1` and no `minAvailable`" if {
	not peers.number == 1
	peers.in_values
}

help := "write `maxUnavailable: 1` instead" if {
	not peers.number == 1
	not peers.in_values
}

mended(index) := peers.one_at_a_time(index) if {
	not peers.number == 1
	input.budgets[index].from_chart == true
}

mended(index) := peers.one_at_a_time(index) if {
	not peers.number == 1
	not input.chart
}

mended(_) := {} if peers.number == 1

mended(index) := {} if {
	not peers.number == 1
	input.chart
	not input.budgets[index].from_chart
}
