# METADATA
# title: the liveness probe kills peers that recover
# description: |
#   A peer answers only after it has loaded its shards, which takes minutes with large ones, and a crash or a full page
#   cache makes it longer. A liveness probe that gives up before that restarts the peer, which begins again: it never comes
#   back. The chart leaves liveness probes off for this reason. `/readyz` is the wrong question for one: it waits for other
#   peers, and restarting this one does not bring them back.
# related_resources:
#   - description: Qdrant chart, issue 81 on probes that kill pods
#     ref: https://github.com/qdrant/qdrant-helm/issues/81
#   - description: Kubernetes, startup probes
#     ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Remove the liveness probe, or put a startup probe before it that waits long enough (`failureThreshold: 60`,
#     `periodSeconds: 10`) and let liveness ask `/livez` with a timeout of several seconds.
#   controls: [availability]
#   params:
#     startup_seconds: {default: 60, unit: s, description: "how long a peer may take to start before liveness gives up"}
#     running_seconds: {default: 30, unit: s, description: "how long a running peer may fail to answer"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.liveness_probe_aggressive

import data.qdrant.lib.fix

params := input.params["availability/liveness-probe-aggressive"]

probe := input.workload.liveness_probe

findings contains object.union(
	{
		"at": ["workload", "liveness_probe"],
		"label": "`/readyz` waits for other peers",
		"message": "liveness asks `/readyz`, which waits for other peers: this one is restarted for their absence",
		"help": "ask `/livez`, or remove the probe",
	},
	{"fix": fix.unsafe("ask `/livez`", [{"at": ["workload", "liveness_probe"], "container": ["livenessProbe", "httpGet", "path"], "set": "/livez"}])},
) if {
	asks_for_readiness
}

findings contains object.union(
	{
		"at": ["workload", "liveness_probe"],
		"label": sprintf("gives up after %d s", [starting]),
		"message": sprintf("a peer that needs more than %d s to load its shards is restarted before it answers, again and again", [starting]),
		"help": "add a startup probe that waits for minutes, or remove the liveness probe",
	},
	patience(starting - running, params.startup_seconds),
) if {
	not asks_for_readiness
	starting < params.startup_seconds
}

findings contains object.union(
	{
		"at": ["workload", "liveness_probe"],
		"label": sprintf("gives up after %d s", [running]),
		"message": sprintf("a peer that does not answer for %d s, as under a bulk load, is restarted and has to recover", [running]),
		"help": "raise `periodSeconds`, `timeoutSeconds` and `failureThreshold`, or remove the liveness probe",
	},
	patience(0, params.running_seconds),
) if {
	not asks_for_readiness
	starting >= params.startup_seconds
	running < params.running_seconds
}

asks_for_readiness if probe.path == "/readyz"

# One that asks nothing is refused: availability/probe-cannot-succeed.
running := probe.period_seconds * probe.failure_threshold if probe.handler != "none"

# A startup probe holds the liveness probe back until it succeeds.
starting := probe.initial_delay_seconds + running if not input.workload.startup_probe

starting := startup.initial_delay_seconds + (startup.period_seconds * startup.failure_threshold) if {
	startup := input.workload.startup_probe
}

patience(head_start, seconds) := {"fix": fix.unsafe(sprintf("let it fail %d times", [times]), [edit])} if {
	times := ceil((seconds - head_start) / probe.period_seconds)
	edit := fix.of_container(["workload", "liveness_probe"], ["livenessProbe", "failureThreshold"], ["livenessProbe", "failureThreshold"], times)
}
