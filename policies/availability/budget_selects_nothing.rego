# METADATA
# title: a disruption budget misses the peers, or covers two deployments
# description: |
#   A budget whose selector matches no Qdrant pod protects nothing and says nothing. It happens after `nameOverride`, with
#   labels copied from another chart, or in the wrong namespace. A selector that matches two deployments counts the pods of
#   both together, and one of them may lose all of its peers.
# related_resources:
#   - description: Kubernetes, specifying a disruption budget
#     ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [budgets, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give the budget the labels that the StatefulSet selects by, with the release in them
#     (`app.kubernetes.io/instance`).
#   guide: [G20]
#   controls: [availability]
#   since: 0.1.0
package qdrant.availability.budget_selects_nothing

findings contains {
	"at": ["budgets", index],
	"label": "matches no Qdrant pod",
	"message": sprintf("the selector of `%s` matches no Qdrant pod: it protects nothing", [budget.name]),
	"help": sprintf("the pods of `%s` carry %s", [input.workload.name, labels]),
	"related": [{"at": ["workload"], "message": "the peers"}],
} if {
	some index, budget in input.budgets
	budget.selects == "nothing"
	budget.about_qdrant
}

findings contains {
	"at": ["budgets", index],
	"label": "two deployments in one budget",
	"message": sprintf("`%s` covers `%s` and %s together: one of them may lose all of its peers", [budget.name, input.workload.name, others]),
	"help": "one budget for each, with labels that only its own pods carry",
} if {
	some index, budget in input.budgets
	count(budget.releases) > 0
	others := concat(", ", [sprintf("`%s`", [name]) | some name in budget.releases])
}

labels := concat(", ", [sprintf("`%s: %s`", [key, value]) | some key, value in input.workload.pod_labels]) if {
	count(input.workload.pod_labels) > 0
}

labels := "no labels" if count(input.workload.pod_labels) == 0
