# METADATA
# title: too little time to shut down
# description: |
#   At a shutdown a peer has to stop taking requests and write out what it holds. After the grace period it is killed; it
#   then replays its log at the next start and may have to copy shards again. Without a preStop hook requests still arrive
#   at a peer that is already closing, because routing is told at the same moment.
# related_resources:
#   - description: Kubernetes, termination of pods
#     ref: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     `terminationGracePeriodSeconds: 60` or more (a key of the chart since 1.18.0; before, patch the rendered StatefulSet)
#     and a preStop hook that sleeps some seconds, as the chart has it.
#   controls: [availability]
#   params:
#     seconds: {default: 60, unit: s, description: "the least grace period"}
#   fixes: [safe, unsafe]
#   since: 0.1.0
package qdrant.availability.shutdown_too_short

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

least := input.params["availability/shutdown-too-short"].seconds

findings contains object.union(
	{
		"at": ["workload", "termination_grace_seconds"],
		"label": sprintf("killed after %d s", [seconds]),
		"message": sprintf("a peer is killed %d s after it is told to stop: one with much to write replays its log or copies shards again", [seconds]),
		"help": help,
	},
	longer,
) if {
	seconds := input.workload.termination_grace_seconds
	seconds < least
}

findings contains object.union(
	{
		"at": ["workload", "pre_stop"],
		"label": "no preStop hook",
		"message": "requests still arrive at a peer that is closing: it is told to stop at the moment its routes are",
		"help": hook_help,
	},
	hook,
) if {
	input.workload.pre_stop == false

	# with one peer there is none that the requests could go to meanwhile
	peers.several
}

help := sprintf("set `terminationGracePeriodSeconds: %d` in the pod template", [least]) if not peers.in_values

help := sprintf("set `terminationGracePeriodSeconds: %d`", [least]) if {
	peers.in_values
	not too_old
}

help := sprintf("chart %s has no key for it: upgrade to 1.18.0, or patch `terminationGracePeriodSeconds: %d` into the StatefulSet", [input.chart.version, least]) if {
	peers.in_values
	too_old
}

too_old if semver.compare(input.chart.version, "1.18.0") < 0

longer := {} if too_old

else := {"fix": fix.safe(sprintf("give it %d s", [least]), [fix.of_pod(["workload", "termination_grace_seconds"], path, path, least)])}

path := ["terminationGracePeriodSeconds"]

default hook_help := "add `lifecycle: {preStop: {exec: {command: [sleep, \"3\"]}}}`"

hook_help := sprintf("chart %s has no key for it: upgrade to 0.9.0 or later, or patch `lifecycle: {preStop: {exec: {command: [sleep, \"3\"]}}}` into the container", [input.chart.version]) if without_hooks

without_hooks if semver.compare(input.chart.version, "0.9.0") < 0

default hook := {}

hook := {"fix": fix.unsafe("wait until the routes are gone", [fix.of_container(["workload", "pre_stop"], ["lifecycle", "preStop"], ["lifecycle", "preStop"], {"exec": {"command": ["sleep", "3"]}})])} if not without_hooks
