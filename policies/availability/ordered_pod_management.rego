# METADATA
# title: peers start one after the other
# description: |
#   `OrderedReady` starts a peer only when the one before it is ready. A peer that knows its own replica is dead is not
#   ready until another peer has helped it, and the other peer is not started: after an outage of all of them the set hangs.
#   Started together they mend each other within seconds. It is the default of Kubernetes; the chart sets `Parallel`.
# related_resources:
#   - description: Kubernetes, pod management policies
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#pod-management-policies
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [workload, workload.replicas]
#   inputs: [values, manifests, live]
#   remediation: |
#     `podManagementPolicy: Parallel`. The field cannot be changed in place: delete the StatefulSet with `--cascade=orphan`
#     and apply it again.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.ordered_pod_management

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

findings contains object.union(
	{
		"at": ["workload", "pod_management_policy"],
		"label": "each peer waits for the one before",
		"message": "after an outage of all peers the set may hang: a peer waits to be ready for others that are not started",
		"help": help,
	},
	parallel,
) if {
	peers.several
	input.workload.pod_management_policy == "OrderedReady"
	input.workload.readiness_probe.path == "/readyz"
}

default help := "set `podManagementPolicy: Parallel`; recreate the StatefulSet with `--cascade=orphan`, the field is immutable"

help := sprintf("chart %s has no key for it: upgrade to 0.8.4 or later, or patch `spec.podManagementPolicy: Parallel` into the StatefulSet; recreate it with `--cascade=orphan`, the field is immutable", [input.chart.version]) if too_old

too_old if semver.compare(input.chart.version, "0.8.4") < 0

default parallel := {}

parallel := {"fix": fix.unsafe("start all peers at once", [fix.of_object(["workload", "pod_management_policy"], ["podManagementPolicy"], ["spec", "podManagementPolicy"], "Parallel")])} if not too_old

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer, and nothing to order"} if {
	not peers.several
}

skipped contains {"kind": "not-applicable", "reason": sprintf("a %s has no such policy: availability/not-a-statefulset", [kind])} if {
	kind := input.workload.kind
	kind != "StatefulSet"
}
