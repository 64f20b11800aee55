# METADATA
# title: the ingress controller is retired
# description: |
#   The Kubernetes project retired ingress-nginx in March 2026: no release, no fix of a bug and none of a vulnerability since.
#   It stands at the edge and sees every key and every vector. NGINX's own controller (F5) is another project and goes on.
# related_resources:
#   - description: Kubernetes, retirement of Ingress NGINX
#     ref: https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/
#   - description: Gateway API, migrating from Ingress
#     ref: https://gateway-api.sigs.k8s.io/guides/migrating-from-ingress/
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [routes]
#   inputs: [values, manifests, live]
#   remediation: |
#     Move to a maintained controller; the Gateway API with HTTPRoute for REST, GRPCRoute for gRPC and BackendTLSPolicy is
#     the successor.
#   guide: [G8, G30]
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.network.ingress_controller_retired

import data.qdrant.lib.peers

findings contains {
	"at": ["routes", index, "controller"],
	"label": "read by ingress-nginx, retired in March 2026",
	"message": sprintf("Ingress %s is served by ingress-nginx (%s), which has had no security fixes since March 2026", [route.name, route.controller_by]),
	"help": "move to a Gateway: an HTTPRoute with `backendRefs: [{name: <service>, port: 6333}]`, a GRPCRoute with `port: 6334`, a BackendTLSPolicy where the server has TLS",
} if {
	some index, route in input.routes
	route.controller == "ingress-nginx"
}

skipped contains {"kind": "not-applicable", "reason": "nothing routes to the peers from outside"} if count(input.routes) == 0

skipped contains {"kind": "unknown", "reason": reason} if reason := peers.hidden({"routes"})

skipped contains {"kind": "not-observed", "reason": reason} if {
	some route in input.routes
	route.controller == "unknown"
	route.class == "nginx"
	reason := sprintf("class nginx of Ingress %s is that of ingress-nginx and of F5's controller; give the IngressClass too", [route.name])
}
