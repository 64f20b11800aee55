# METADATA
# title: a public route has no rate limit
# description: |
#   One client in a retry loop, or one stolen key, can ask until search is slow for everybody. The controller at the edge is
#   where requests are turned away cheaply; Qdrant's own strict mode limits reads and writes of a collection.
# related_resources:
#   - description: Qdrant, strict mode of a collection
#     ref: https://qdrant.tech/documentation/guides/administration/#strict-mode
#   - description: ingress-nginx, rate limiting
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#rate-limiting
# custom:
#   severity: {production: low, gcc-sovereign: low, development: off}
#   consequence: outage
#   needs: [routes]
#   inputs: [values, manifests, live]
#   remediation: |
#     Limit requests by client at the controller, or with `strict_mode_config` of the collections.
#   guide: [G45]
#   controls: [availability]
#   since: 0.1.0
package qdrant.network.client_rate_unlimited

import data.qdrant.lib.peers

# Controllers whose limit stands on the route itself; elsewhere it is another object.
annotation := {
	"ingress-nginx": "the annotation `nginx.ingress.kubernetes.io/limit-rps: \"50\"`",
	"haproxy": "the annotation `haproxy.org/rate-limit-requests: \"50\"`",
	"traefik": "a middleware with `rateLimit`",
}

findings contains {
	"at": ["routes", index],
	"label": "no rate limit",
	"message": sprintf("%s %s leads clients to the API without a rate limit: one of them can slow search down for all", [route.kind, route.name]),
	"help": sprintf("add %s, or limit reads and writes with `strict_mode_config` of the collections", [annotation[route.controller]]),
} if {
	some index, route in input.routes
	annotation[route.controller]
	route.rate_limited == false
	not private(route)
	some backend in route.backends
	backend.role in {"rest", "grpc", "missing"}
}

# Classes for private networks go by such names.
private(route) if regex.match(`internal|private|tailscale|vpn`, route.class)

skipped contains {"kind": "not-applicable", "reason": "nothing routes to the peers from outside"} if count(input.routes) == 0

skipped contains {"kind": "unknown", "reason": reason} if reason := peers.hidden({"routes"})

skipped contains {"kind": "not-observed", "reason": reason} if {
	some route in input.routes
	object.get(route, "rate_limited", null) == null
	reason := sprintf("the middlewares of %s %s may limit requests; give them too", [route.kind, route.name])
}

skipped contains {"kind": "not-observed", "reason": reason} if {
	some route in input.routes
	not annotation[route.controller]
	reason := sprintf("where %s %s limits requests is not on the object itself", [route.kind, route.name])
}
