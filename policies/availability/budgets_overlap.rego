# METADATA
# title: two disruption budgets select the same peers
# description: |
#   Kubernetes refuses to evict a pod that more than one PodDisruptionBudget selects, whatever they allow. The node of such
#   a pod never drains: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
# related_resources:
#   - description: Kubernetes, API-initiated eviction
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [budgets, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Keep one budget. With the chart's own, delete the hand-written one or set `podDisruptionBudget.enabled: false`.
#   guide: [G20, G56]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.budgets_overlap

findings contains {
	"at": ["budgets", index],
	"label": "a second budget for the same pods",
	"message": sprintf("`%s` and `%s` select the same peers: every eviction is refused, and their nodes never drain", [input.budgets[first].name, input.budgets[index].name]),
	"help": sprintf("keep one of the two; delete `%s`", [surplus(first, index)]),
	"related": [{"at": ["budgets", first], "message": "the first one"}],
} if {
	some index in selecting
	first := min(selecting)
	index != first
}

selecting contains index if {
	some index, budget in input.budgets
	budget.selects in {"peers", "some"}
	not budget.rejected
}

# The one that the chart makes is easier to keep.
surplus(first, index) := input.budgets[first].name if chart_is_second(first, index)

surplus(first, index) := input.budgets[index].name if not chart_is_second(first, index)

chart_is_second(first, index) if {
	input.budgets[index].from_chart
	not input.budgets[first].from_chart
}
