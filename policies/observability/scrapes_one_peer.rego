# METADATA
# title: the metrics of one peer stand for all
# description: |
#   Each peer reports its own collections, memory and consensus. Through a balancing Service every scrape meets another
#   peer: the curves jump, and a peer in trouble is seen now and then or not at all.
# related_resources:
#   - description: Qdrant, monitoring
#     ref: https://qdrant.tech/documentation/guides/monitoring/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   needs: [monitoring]
#   inputs: [manifests, live]
#   remediation: |
#     Scrape every peer: a ServiceMonitor or PodMonitor, `kubernetes_sd_configs` with `role: endpoints` or `pod`, or one static
#     target for each pod name.
#   guide: [G31]
#   controls: [monitoring]
#   since: 0.1.0
package qdrant.observability.scrapes_one_peer

findings contains {
	"at": ["monitoring", "monitors", index],
	"label": "another peer answers each time",
	"message": sprintf("%s `%s` scrapes %v peers through their Service: each answer is that of some peer, and a peer in trouble goes unseen", [monitor.kind, monitor.name, peers]),
	"help": "use a ServiceMonitor or PodMonitor, or discover with `role: endpoints`",
} if {
	some index, monitor in input.monitoring.monitors
	monitor.through_service
	peers := input.deployment.peers
	peers > 1
}

skipped contains {"kind": "not-observed", "reason": "how many peers there are cannot be seen; give the StatefulSet too"} if {
	not input.deployment.peers
}
