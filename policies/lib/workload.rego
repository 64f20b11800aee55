package qdrant.lib.workload

# What the rules on the workload share.

# Judged through the chart: advice names keys of its values.
in_values if input.deployment.source == "helm-values"

# How many peers; undefined when hidden.
number := input.workload.replicas

several if number > 1

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
