# METADATA
# title: a Service of Qdrant selects other pods too
# description: |
#   A Service sends requests to every ready pod that matches its selector, whatever listens there. A backup job or an
#   exporter with the labels of the peers takes its share of the requests and answers none; a second Qdrant with the same
#   labels answers with other collections.
# related_resources:
#   - description: Kubernetes, Services and their selectors
#     ref: https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: outage
#   needs: [services, workload]
#   inputs: [manifests, live]
#   remediation: |
#     Give the other pods labels of their own, or add a label to the selector that only the peers carry.
#   controls: [availability]
#   since: 0.1.0
package qdrant.network.service_selects_other_pods

findings contains {
	"at": ["services", index, "selects"],
	"label": sprintf("matches %s too", [others]),
	"message": sprintf("the selector of Service %s matches the peers and %s: a part of the requests goes there", [service.name, others]),
	"help": sprintf("give %s labels of its own, e.g. `app.kubernetes.io/name: qdrant-backup`, or select a label that only the peers carry", [others]),
} if {
	some index, service in input.services
	service.selects == "others-too"
	others := concat(", ", service.other_pods)
}
