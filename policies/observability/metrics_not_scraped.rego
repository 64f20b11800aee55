# METADATA
# title: nobody reads the metrics
# description: |
#   Qdrant reports collections, latencies, consensus and memory on `/metrics`. Without a monitor that selects the peers, a
#   dead replica or a growing queue is first seen by users.
# related_resources:
#   - description: Qdrant, monitoring
#     ref: https://qdrant.tech/documentation/guides/monitoring/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   needs: [monitoring]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `metrics.serviceMonitor.enabled: true` in the values, or add a ServiceMonitor or PodMonitor that selects the peers.
#   guide: [G10, G31]
#   controls: [monitoring]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.observability.metrics_not_scraped

import data.qdrant.lib.fix

findings contains {
	"at": ["monitoring", "switch"],
	"label": "no ServiceMonitor is made",
	"message": "nothing scrapes the peers: dead replicas, latency and consensus trouble go unseen",
	"help": "set `metrics.serviceMonitor.enabled: true`",
	"fix": fix.unsafe("let the chart make a ServiceMonitor", [{"values": ["metrics", "serviceMonitor", "enabled"], "set": true}]),
} if {
	not scraped
	count(broken) == 0
	input.monitoring.switch == false
}

findings contains {
	"at": ["workload"],
	"label": "no monitor selects these pods",
	"message": "nothing scrapes the peers: dead replicas, latency and consensus trouble go unseen",
	"help": "add a ServiceMonitor or PodMonitor that selects the peers",
} if {
	not scraped
	count(broken) == 0
	not has_switch
	input.workload
}

findings contains {
	"at": ["monitoring", "monitors", index],
	"label": "selects nothing of Qdrant",
	"message": sprintf("%s `%s` is meant for Qdrant and selects neither its Service nor its pods: nothing is scraped", [monitor.kind, monitor.name]),
	"help": "make its `selector` and `namespaceSelector` match the labels and the namespace of the Service",
} if {
	not scraped
	some index, monitor in broken
	monitor.selects == "no"
}

findings contains {
	"at": ["monitoring", "monitors", index],
	"label": "no such port",
	"message": sprintf("%s `%s` asks port `%s`, which the peers do not have under that name: nothing is scraped", [monitor.kind, monitor.name, port]),
	"help": "name the port of the Service that leads to 6333",
} if {
	not scraped
	some index, monitor in broken
	monitor.selects == "no-port"
	port := object.get(monitor, "port", "")
}

skipped contains {
	"kind": "not-observed",
	"reason": "the Service that the monitor selects is not in the input; give it too",
} if {
	some monitor in input.monitoring.monitors
	monitor.selects == "unseen"
}

has_switch if input.monitoring.switch in {true, false}

scraped if {
	some monitor in input.monitoring.monitors
	monitor.selects in {"yes", "unseen"}
	monitor.kind != "Probe"
}

broken[index] := monitor if {
	some index, monitor in input.monitoring.monitors
	monitor.selects in {"no", "no-port"}
}
