# METADATA
# title: the ingress speaks another protocol than the server
# description: |
#   A controller speaks plain HTTP/1.1 to its backend unless it is told otherwise. HTTPS to a server without TLS, or HTTP to
#   one with TLS, ends in 502 or 400 for every request. gRPC needs HTTP/2 to the backend: the port 6334 behind a backend
#   that is spoken to in HTTP/1.1 fails for every call. One Ingress of ingress-nginx has one protocol, so REST and gRPC need
#   two.
# related_resources:
#   - description: ingress-nginx, backend-protocol
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#backend-protocol
#   - description: Gateway API, BackendTLSPolicy
#     ref: https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: outage
#   needs: [routes]
#   inputs: [values, manifests, live]
#   remediation: |
#     Tell the controller the protocol that the server speaks, one Ingress for REST and one for gRPC.
#   guide: [G8, G30]
#   controls: [availability]
#   fixes: [safe, unsafe]
#   since: 0.1.0
package qdrant.network.ingress_protocol_mismatch

import data.qdrant.lib.fix
import data.qdrant.lib.peers

server_tls := input.qdrant.config.service.enable_tls

# What a controller speaks to the backend when it is told nothing.
default_protocol := "HTTP"

protocol(route) := object.get(route, "backend_protocol", default_protocol)

at(index, route) := ["routes", index, "backend_protocol"] if {
	route.backend_protocol
} else := ["routes", index]

roles(route) := {backend.role | some backend in route.backends}

# The ports that clients use; a path without a port means REST, and configuration/ingress-port-missing speaks of it.
to_clients(route) if count(roles(route) & {"rest", "grpc", "missing"}) > 0

findings contains object.union(
	{
		"at": at(index, route),
		"label": "the server has no TLS",
		"message": sprintf("%s %s speaks %s to Qdrant, which serves without TLS (`service.enable_tls` is off): every request ends in 502", [route.kind, route.name, protocol(route)]),
		"help": "enable TLS in the server (`service.enable_tls: true` with `tls.cert` and `tls.key` mounted), or tell the controller HTTP",
	},
	plain(index, route),
) if {
	server_tls == false
	some index, route in input.routes
	to_clients(route)
	protocol(route) in {"HTTPS", "GRPCS"}
}

findings contains object.union(
	{
		"at": at(index, route),
		"label": "the server has TLS",
		"message": sprintf("%s %s speaks %s without TLS to Qdrant, which serves TLS only (`service.enable_tls` is on): every request ends in 400 or 502", [route.kind, route.name, protocol(route)]),
		"help": told_tls(route),
	},
	encrypted(index, route),
) if {
	server_tls == true
	some index, route in input.routes
	to_clients(route)
	speaks_plain(route)
}

# Controllers that are told by an annotation or an object that would be seen here; of others the absence proves nothing.
speaks_plain(route) if route.backend_protocol in {"HTTP", "GRPC"}

speaks_plain(route) if {
	not route.backend_protocol
	route.controller in {"ingress-nginx", "alb", "openshift"}
}

told_tls(route) := "set the annotation `nginx.ingress.kubernetes.io/backend-protocol: HTTPS` (GRPCS for port 6334)" if {
	route.controller == "ingress-nginx"
} else := "set the annotation `alb.ingress.kubernetes.io/backend-protocol: HTTPS`" if {
	route.controller == "alb"
} else := "set `spec.tls.termination: reencrypt`" if {
	route.controller == "openshift"
} else := "tell the controller to speak TLS to the backend"

findings contains {
	"at": ["routes", index, "backends", number],
	"label": "gRPC behind a backend that is spoken to in HTTP/1.1",
	"message": sprintf("%s %s leads to the gRPC port %d, but the controller speaks %s to it: every gRPC call fails", [route.kind, route.name, backend.port, protocol(route)]),
	"help": told_grpc(route),
} if {
	some index, route in input.routes
	not mixed(route)
	some number, backend in route.backends
	backend.role == "grpc"
	speaks_http1(route, backend)
}

speaks_http1(route, _) if {
	route.controller in {"ingress-nginx", "alb", "haproxy", "traefik"}
	protocol(route) in {"HTTP", "HTTPS"}
}

speaks_http1(route, backend) if {
	route.kind == "HTTPRoute"
	count([port |
		some service in input.services
		service.name == backend.service
		some port in service.ports
		port.port == backend.port
		object.get(port, "app_protocol", "") in {"grpc", "kubernetes.io/h2c", "h2c"}
	]) == 0
	"services" in input.observed
}

told_grpc(route) := "set the annotation `nginx.ingress.kubernetes.io/backend-protocol: GRPC` (GRPCS with TLS in the server)" if {
	route.controller == "ingress-nginx"
} else := "set the annotation `alb.ingress.kubernetes.io/backend-protocol-version: GRPC`" if {
	route.controller == "alb"
} else := "set `traefik.ingress.kubernetes.io/service.serversscheme: h2c` on the Service" if {
	route.controller == "traefik"
} else := "use a GRPCRoute, or set `appProtocol: kubernetes.io/h2c` on the port of the Service" if {
	route.kind == "HTTPRoute"
} else := "tell the controller to speak HTTP/2 to the backend"

findings contains {
	"at": ["routes", index, "backends", number],
	"label": "REST behind a backend that is spoken to in gRPC",
	"message": sprintf("%s %s leads to the REST port %d, but the controller speaks %s to it: every request fails", [route.kind, route.name, backend.port, protocol(route)]),
	"help": "give REST an Ingress of its own, without a backend protocol of gRPC",
} if {
	some index, route in input.routes
	not mixed(route)
	route.controller in {"ingress-nginx", "alb", "gateway-api"}
	some number, backend in route.backends
	backend.role == "rest"
	protocol(route) in {"GRPC", "GRPCS"}
}

# One protocol for both ports: one of them fails.
mixed(route) if {
	route.kind == "Ingress"
	route.controller in {"ingress-nginx", "alb"}
	{"rest", "grpc"} & roles(route) == {"rest", "grpc"}
}

findings contains {
	"at": ["routes", index, "backends", number],
	"label": "REST and gRPC in one Ingress",
	"message": sprintf("Ingress %s leads to REST and to gRPC, but has one backend protocol (%s) for both: one of them fails for every request", [route.name, protocol(route)]),
	"help": "make two Ingresses: HTTP (or HTTPS) for the REST port, GRPC (or GRPCS) for the gRPC port",
} if {
	some index, route in input.routes
	mixed(route)
	number := min([place | some place, backend in route.backends; backend.role == "grpc"])
}

findings contains object.union(
	{
		"at": ["routes", index, "dead_annotations", number],
		"label": "ingress-nginx has not read this for years",
		"message": sprintf("%s; gRPC clients are not served by this Ingress", [text]),
		"help": "remove it; give the gRPC port an Ingress of its own with `nginx.ingress.kubernetes.io/backend-protocol: GRPC` (GRPCS with TLS in the server)",
		"severity": "medium",
	},
	{"fix": fix.safe("remove it", [{"at": ["routes", index, "dead_annotations", number], "remove": true}])},
) if {
	some index, route in input.routes
	some number, text in route.dead_annotations
}

skipped contains {"kind": "not-applicable", "reason": "nothing routes to the peers from outside"} if count(input.routes) == 0

skipped contains {"kind": "unknown", "reason": reason} if {
	count(input.routes) > 0
	reason := peers.hidden({"routes", "qdrant.config.service.enable_tls"})
}

skipped contains {"kind": "not-observed", "reason": "whether the server has TLS cannot be seen; give the StatefulSet and its configuration, or the Helm values"} if {
	count(input.routes) > 0
	not boolean(server_tls)
	not peers.hidden({"routes", "qdrant.config.service.enable_tls"})
}

boolean(value) if is_boolean(value)

# The server is what it is: the route follows.
plain(index, route) := {"fix": fix.unsafe("speak plain text to the server", [{"at": ["routes", index, "backend_protocol"], "set": trim_suffix(protocol(route), "S")}])} if {
	route.kind == "Ingress"
	route.backend_protocol
}

else := {}

secured := {"HTTP": "HTTPS", "GRPC": "GRPCS"}

encrypted(index, route) := {"fix": fix.unsafe("speak TLS to the server", [edit])} if {
	route.kind == "Ingress"
	name := annotations[route.controller]
	edit := fix.of_object(["routes", index], ["ingress", "annotations", name], ["metadata", "annotations", name], secured[protocol(route)])
}

else := {}

annotations := {
	"ingress-nginx": "nginx.ingress.kubernetes.io/backend-protocol",
	"alb": "alb.ingress.kubernetes.io/backend-protocol",
}
