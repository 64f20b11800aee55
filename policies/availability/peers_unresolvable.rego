# METADATA
# title: peers cannot find each other by name
# description: |
#   Peers call each other by the names that the StatefulSet's governing Service gives them (`qdrant-1.qdrant-headless`).
#   The names exist only when `serviceName` is that of a headless Service which selects the pods, and for pods that are not
#   ready only with `publishNotReadyAddresses`: a peer that needs the others to become ready is otherwise never found.
# related_resources:
#   - description: Kubernetes, stable network identity
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: does-not-start
#   needs: [workload, services, workload.replicas]
#   inputs: [manifests, live]
#   remediation: |
#     A Service with `clusterIP: None`, `publishNotReadyAddresses: true` and the pods' labels as selector, named by
#     `spec.serviceName` of the StatefulSet.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.peers_unresolvable

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

state := input.workload.governing_service

findings contains object.union(
	{
		"at": ["workload", "service_name"],
		"label": labels[state],
		"message": sprintf("%s: %s", [subject, effects[state]]),
		"help": helps[state],
		"severity": severity,
	},
	mended,
) if {
	peers.several
	labels[state]
}

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer, and nothing to resolve"} if {
	not peers.several
}

skipped contains {"kind": "not-applicable", "reason": "the peers are not a StatefulSet: availability/not-a-statefulset"} if {
	input.workload.kind != "StatefulSet"
}

skipped contains {"kind": "unknown", "reason": "`serviceName` is filled in later; render it first"} if {
	state == "unseen"
}

# Without a readiness probe a pod counts as ready as soon as it runs.
severity := "high" if hides_for_long

severity := "medium" if not hides_for_long

hides_for_long if state != "hides-not-ready"

hides_for_long if input.workload.readiness_probe

subject := sprintf("`serviceName: %s`", [name]) if name := input.workload.service_name

subject := "no `serviceName`" if not input.workload.service_name

labels := {
	"missing": "no such Service",
	"not-headless": "not a headless Service",
	"selects-other": "the Service does not select these pods",
	"hides-not-ready": "hides peers that are not ready",
}

effects := {
	"missing": "no Service gives the peers names, so they cannot find each other",
	"not-headless": "the Service has an address of its own, so the peers get no names",
	"selects-other": "the Service does not select these pods, so they get no names",
	"hides-not-ready": "the names of peers that are not ready do not resolve, so they cannot join or recover",
}

helps := {
	"missing": "add a Service with `clusterIP: None`, `publishNotReadyAddresses: true` and the pods' labels, and name it here",
	"not-headless": "set `clusterIP: None` in that Service",
	"selects-other": "make the selector of that Service match the labels of the pods",
	"hides-not-ready": "set `publishNotReadyAddresses: true` in that Service",
}

mended := {"fix": fix.unsafe("publish the names of peers that are not ready", [{"at": ["services", index], "object": ["spec", "publishNotReadyAddresses"], "set": true}])} if {
	state == "hides-not-ready"
	index := min([number | some number, service in input.services; service.name == input.workload.service_name])
}

else := {}
