# METADATA
# title: a load balancer is open to the whole internet
# description: |
#   A Service of type LoadBalancer gets a public address with most clouds, open to everyone, unless an annotation makes it
#   internal or source ranges narrow it. The API key is then the only thing between the internet and the collections, and
#   scanners find port 6333 within hours.
# related_resources:
#   - description: Kubernetes, Service of type LoadBalancer
#     ref: https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
#   - description: Kubernetes, internal load balancer
#     ref: https://kubernetes.io/docs/concepts/services-networking/service/#internal-load-balancer
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [services]
#   inputs: [values, manifests, live]
#   remediation: |
#     Make the load balancer internal by the annotation of your cloud, or narrow it with `loadBalancerSourceRanges`.
#   guide: [G5, G29]
#   controls: [exposure]
#   since: 0.1.0
package qdrant.network.load_balancer_open

import data.qdrant.lib.peers

findings contains {
	"at": ["services", index],
	"label": "no source ranges, no internal annotation",
	"message": sprintf("Service %s asks the cloud for a load balancer that admits every address: %s", [service.name, ports]),
	"help": help(service),
} if {
	some index, service in input.services
	service.type == "LoadBalancer"
	not service.internal
	count(service.source_ranges) == 0
	open := [sprintf("%d (%s)", [port.port, port.role]) | some port in service.ports; port.role in {"rest", "grpc", "metrics"}]
	count(open) > 0
	ports := concat(", ", open)
}

help(service) := "set the internal annotation of your cloud in `service.annotations`, e.g. `service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"`; the chart has no key for `loadBalancerSourceRanges`, so ranges need a Service of your own" if {
	service.from_chart
} else := "add `loadBalancerSourceRanges`, or the internal annotation of your cloud, e.g. `service.beta.kubernetes.io/aws-load-balancer-scheme: internal`"

skipped contains {"kind": "unknown", "reason": reason} if reason := peers.hidden({"services"})
