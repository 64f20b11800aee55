# METADATA
# title: optimizers may take every core from search
# description: |
#   Optimizers merge segments and build indexes while searches run. By default Qdrant keeps cores free for searches; a CPU
#   budget or a number of indexing threads as large as the CPUs of the pod gives all of them away, and latency jumps
#   whenever a segment is optimised.
# related_resources:
#   - description: Qdrant, optimizer
#     ref: https://qdrant.tech/documentation/concepts/optimizer/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: off}
#   consequence: outage
#   needs: [config, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Leave `optimizer_cpu_budget` at 0, or give a negative number: that many cores stay free.
#   guide: [G27, G55]
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.configuration.optimizers_starve_search

import data.qdrant.lib.fix
import data.qdrant.lib.server

performance := input.qdrant.config.storage.performance

# CPUs of the pod: the limit, else what it asked for; rounded up.
cpus := ceil(input.workload.resources.cpu_limit_millis / 1000) if input.workload.resources.cpu_limit_millis

else := ceil(input.workload.resources.cpu_request_millis / 1000) if input.workload.resources.cpu_request_millis

greedy contains {"at": ["qdrant", "config", "storage", "performance", "optimizer_cpu_budget"], "key": "storage.performance.optimizer_cpu_budget", "threads": budget} if {
	budget := performance.optimizer_cpu_budget
	budget > 0
}

greedy contains {"at": ["qdrant", "config", "storage", "performance", "max_optimization_threads"], "key": "storage.performance.max_optimization_threads", "threads": threads} if {
	threads := performance.max_optimization_threads
	threads > 0
}

findings contains object.union(
	{
		"at": found.at,
		"label": sprintf("the pod has %d CPUs", [cpus]),
		"message": sprintf("`%s` gives optimizers %d of the pod's %d CPUs: searches wait while a segment is optimised", [found.key, found.threads, cpus]),
		"help": sprintf("leave out `%s`, or set `storage.performance.optimizer_cpu_budget: -1` to keep a core free", [server.written(found.key)]),
	},
	spared(found),
) if {
	some found in greedy
	found.threads >= cpus
}

skipped contains {"kind": "unknown", "reason": "neither a CPU request nor a limit tells how many cores the pod has"} if {
	count(greedy) > 0
	not cpus
}

skipped contains {"kind": "unknown", "reason": sprintf("`storage.performance.optimizer_cpu_budget` is hidden: %s", [reason])} if {
	reason := server.hidden("storage.performance.optimizer_cpu_budget")
}

spared(found) := {"fix": fix.unsafe("leave a CPU to searches", [{"at": found.at, "set": cpus - 1}])} if cpus > 1

else := {}
