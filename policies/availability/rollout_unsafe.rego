# METADATA
# title: a rollout takes more than the cluster can spare
# description: |
#   A Deployment that rolls starts the new pod before the old one ends. Both want the same volume: the second Qdrant exits
#   because the storage is in use, or its pod cannot attach the volume, and the old pod waits for it. The rollout hangs. A
#   StatefulSet whose `maxUnavailable` is above what a quorum can spare takes the cluster down at every upgrade.
# related_resources:
#   - description: Kubernetes, Deployment strategy
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy
#   - description: Kubernetes, maximum unavailable pods of a StatefulSet
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#maximum-unavailable-pods
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [manifests, live]
#   remediation: |
#     Deployment: `strategy: {type: Recreate}`, better a StatefulSet. StatefulSet: leave `maxUnavailable` out.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.rollout_unsafe

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

kind := input.workload.kind

findings contains {
	"at": ["workload", "update_strategy"],
	"label": "the new pod starts beside the old one",
	"message": "a rollout starts a second Qdrant on the volume of the first: it exits or cannot attach it, and the rollout hangs",
	"help": "set `strategy: {type: Recreate}` (and no `rollingUpdate`), or use a StatefulSet",
	"fix": fix.unsafe("stop the old pod first", [{"at": ["workload", "update_strategy"], "object": ["spec", "strategy"], "set": {"type": "Recreate"}}]),
} if {
	kind in {"Deployment", "Rollout"}
	input.workload.update_strategy == "RollingUpdate"
	input.storage.data.kind == "claim"
}

findings contains {
	"at": ["workload", "update_takes"],
	"label": sprintf("%d of %d peers at once", [takes, peers.number]),
	"message": sprintf("an upgrade takes %d of %d peers at once, but %d must be up for a quorum", [takes, peers.number, peers.quorum]),
	"help": "leave `maxUnavailable` out: one peer at a time",
	"fix": fix.unsafe("take one peer at a time", [{"at": ["workload", "update_max_unavailable"], "set": 1}]),
} if {
	kind == "StatefulSet"
	takes := input.workload.update_takes
	takes > 1
	takes > peers.tolerance
}
