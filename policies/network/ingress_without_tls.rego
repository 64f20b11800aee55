# METADATA
# title: a host of the ingress has no TLS
# description: |
#   API keys and vectors cross the network in clear text up to the ingress: whoever is on the way reads the key once and the
#   collections for ever.
# related_resources:
#   - description: Kubernetes, TLS of an Ingress
#     ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
#   - description: Gateway API, TLS of a listener
#     ref: https://gateway-api.sigs.k8s.io/guides/tls/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [routes]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give every host of the ingress a certificate.
#   guide: [G7, G30, G48]
#   controls: [tls-client, exposure]
#   since: 0.1.0
package qdrant.network.ingress_without_tls

import data.qdrant.lib.peers

findings contains {
	"at": ["routes", index, "tls"],
	"label": "no TLS",
	"message": sprintf("%s %s serves %s without TLS: API keys travel in clear text", [route.kind, route.name, hosts(route)]),
	"help": help(route),
} if {
	some index, route in input.routes
	route.tls == false
}

hosts(route) := concat(", ", route.hosts_without_tls) if {
	count(route.hosts_without_tls) > 0
} else := "every host"

help(route) := sprintf("set `ingress.tls: [{secretName: <secret>, hosts: %s}]` in the values", [list(route)]) if {
	input.deployment.source == "helm-values"
	route.kind == "Ingress"
} else := sprintf("add `spec.tls: [{secretName: <secret>, hosts: %s}]`", [list(route)]) if {
	route.kind == "Ingress"
} else := "attach it to a listener with `protocol: HTTPS`" if {
	route.controller == "gateway-api"
} else := "add `spec.tls` with a certificate"

list(route) := sprintf("[%s]", [concat(", ", route.hosts_without_tls)])

skipped contains {"kind": "not-applicable", "reason": "nothing routes to the peers from outside"} if count(input.routes) == 0

skipped contains {"kind": "unknown", "reason": reason} if reason := peers.hidden({"routes"})

skipped contains {"kind": "not-observed", "reason": reason} if {
	some route in input.routes
	not shows_tls(route)
	reason := sprintf("the Gateway of %s %s is not in the input; give it too", [route.kind, route.name])
}

shows_tls(route) if is_boolean(route.tls)
