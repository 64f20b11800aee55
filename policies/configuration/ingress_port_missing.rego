# METADATA
# title: a path of the Ingress leads to no port
# description: |
#   The chart writes `servicePort` of each path into the Ingress. Hosts replace the chart's default list as a whole, so a
#   path without its own `servicePort` renders an empty port, and the API server refuses the Ingress: every other object is
#   installed, the host never answers.
# related_resources:
#   - description: Ingress, resource and service backends
#     ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-install
#   inputs: [values, manifests]
#   remediation: |
#     Name the port of each path: 6333 for REST, 6334 for gRPC.
#   guide: [G30]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.configuration.ingress_port_missing

findings contains object.union(finding, fix(rejection, index)) if {
	some index, rejection in input.rejections
	rejection.covered_by == "configuration/ingress-port-missing"
	finding := {
		"at": ["rejections", index],
		"label": "leads to no port",
		"message": sprintf("the API server refuses %s: `%s`: %s", [rejection.object, rejection.field, rejection.message]),
		"help": help,
	}
}

skipped contains {
	"kind": "not-observed",
	"reason": "this input holds no Kubernetes object; give the values or the manifests too",
} if {
	input.deployment.source == "collections"
}

help := "add `servicePort: 6333` to the path (6334 for gRPC)" if input.chart

help := "write `port: {number: 6333}` below `service` (6334 for gRPC)" if not input.chart

fix(rejection, index) := {"fix": {
	"title": "add `servicePort: 6333`, the chart's own default",
	"applicability": "safe",
	"edits": [{"at": ["rejections", index, "missing"], "set": 6333}],
}} if {
	fixable(rejection)
}

fix(rejection, _) := {} if not fixable(rejection)

fixable(rejection) if {
	input.chart
	rejection.missing
	not grpc
}

# then 6334 may be meant
grpc if {
	some route in input.routes
	startswith(route.backend_protocol, "GRPC")
}
