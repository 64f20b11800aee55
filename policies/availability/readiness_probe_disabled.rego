# METADATA
# title: no readiness probe
# description: |
#   Without one a peer gets traffic as soon as its process runs, while it still loads its shards or catches up, and clients
#   see errors at each restart. A rolling upgrade does not wait either: it takes the next peer down before the last one is
#   back. `/readyz` answers only when the peer has caught up.
# related_resources:
#   - description: Qdrant, monitoring and health endpoints
#     ref: https://qdrant.tech/documentation/guides/monitoring/#kubernetes-health-endpoints
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     `readinessProbe` with `httpGet` of `/readyz` on port 6333; the chart makes it unless `readinessProbe.enabled` is false
#     or no port of `service.ports` has `checksEnabled: true`.
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.readiness_probe_disabled

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

findings contains {
	"at": ["workload", "readiness_probe"],
	"label": "no readiness probe",
	"message": message,
	"help": help,
	"fix": fix.unsafe("send clients only to peers that are ready", [edit]),
} if {
	not input.workload.readiness_probe
	not dropped
}

skipped contains {
	"kind": "not-applicable",
	"reason": "`readinessProbe` is on and the chart leaves it out: availability/probe-cannot-succeed says why",
} if {
	not input.workload.readiness_probe
	dropped
}

dropped if "readinessProbe" in input.workload.dropped_probes

message := "no readiness probe: upgrades take the next peer before the last one is back, and clients see errors" if {
	peers.several
}

message := "no readiness probe: clients are sent to a peer that still loads its shards" if not peers.several

help := "set `readinessProbe.enabled: true`" if peers.in_values

help := "add `readinessProbe: {httpGet: {path: /readyz, port: 6333}}`" if not peers.in_values

edit := {"values": ["readinessProbe", "enabled"], "set": true} if peers.in_values

else := {"at": ["workload", "readiness_probe"], "container": ["readinessProbe"], "set": {"httpGet": object.union({"path": "/readyz", "port": 6333}, scheme)}}

scheme := {"scheme": "HTTPS"} if input.qdrant.config.service.enable_tls == true

else := {}
