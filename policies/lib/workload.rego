package qdrant.lib.workload

import data.qdrant.lib.fix

# What the rules on the workload share.

# Judged through the chart: advice names keys of its values.
in_values if input.deployment.source == "helm-values"

# How many peers; undefined when hidden.
number := input.workload.replicas

several if number > 1

# How many peers cannot be told: a reason to skip.
uncounted := {"kind": "unknown", "reason": sprintf("`workload.replicas` is hidden: %s", [reasons[0]])} if {
	input.workload
	not number
	reasons := [fact.reason | some fact in input.unknown; fact.path == ["workload", "replicas"]]
} else := {"kind": "not-observed", "reason": "how many peers there are cannot be seen in this input"} if {
	input.workload
	not number
} else := {"kind": "not-observed", "reason": input.unobserved.workload} if {
	not input.workload
	not input.deployment.peers
}

# Peers that must be up for the cluster to decide anything.
quorum := floor(number / 2) + 1

# Peers that may be down meanwhile.
tolerance := number - quorum

# The value is filled in later.
hidden(path) if {
	some unknown in input.unknown
	unknown.path == path
}

# Budgets of the peers that the API server accepts.
budgets contains index if {
	some index, budget in input.budgets
	budget.selects == "peers"
	not budget.rejected
}

# The key to write: of the chart's values, else of the manifest.
key(values, _) := values if in_values

key(_, field) := field if not in_values

# One eviction at a time, by the field that follows when the set is scaled.
one_at_a_time(index) := {"fix": fix.unsafe("allow one eviction at a time", array.concat([allowance(index)], superseded(index)))}

allowance(index) := fix.of_object(["budgets", index], ["podDisruptionBudget", "maxUnavailable"], ["spec", "maxUnavailable"], 1)

superseded(index) := [object.union(object.remove(edit, ["set"]), {"remove": true})] if {
	input.budgets[index].min_available
	edit := fix.of_object(["budgets", index], ["podDisruptionBudget", "minAvailable"], ["spec", "minAvailable"], 0)
}

superseded(index) := [] if not input.budgets[index].min_available
