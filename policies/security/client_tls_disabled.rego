# METADATA
# title: clients talk to Qdrant in plain text
# description: |
#   Without `service.enable_tls` the API key and every vector and payload cross the network readable, on 6333 and on 6334.
#   TLS at the Ingress ends before the cluster network. A service mesh counts only where it refuses plain text.
# related_resources:
#   - description: Qdrant, TLS
#     ref: https://qdrant.tech/documentation/guides/security/#tls
# custom:
#   severity: {production: medium, gcc-sovereign: critical, development: off}
#   consequence: exposure
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Set `service.enable_tls: true`, mount a certificate and name it under `tls.cert` and `tls.key`.
#   guide: [G7, G24, G48]
#   controls: [tls-client]
#   evidence: [node-encryption]
#   since: 0.1.0
package qdrant.security.client_tls_disabled

on if input.qdrant.config.service.enable_tls == true

refused if {
	some problem in input.qdrant.startup_errors
	problem.key == "service.enable_tls"
}

hidden contains fact.reason if {
	some fact in input.unknown
	fact.path == ["qdrant", "config", "service", "enable_tls"]
}

default mesh := "none"

mesh := input.mesh.clients

# What the REST port answers stands above what the configuration says.
told if {
	some peer in input.live.peers
	is_boolean(peer.plain_text)
}

findings contains {
	"at": ["live", "peers", index, "plain_text"],
	"label": "answered without TLS",
	"message": sprintf("%s answers in plain text: API keys and data are readable on the way", [peer.name]),
	"help": help,
	"severity": severity,
} if {
	some index, peer in input.live.peers
	peer.plain_text == true
	mesh in {"none", "permissive"}
	not input.mesh.tls_sidecar
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.config} if {
	not told
	not "config" in input.observed
}

off if {
	not told
	"config" in input.observed
	input.qdrant
	not on
	not refused
	count(hidden) == 0
	mesh in {"none", "permissive"}
	not input.mesh.tls_sidecar
}

# an Ingress or a route has rules of its own
leaving contains sprintf("%s (%s, port %d)", [way.object, way.how, way.port]) if {
	some way in input.exposure
	way.role in {"rest", "grpc"}
	way.how in {"LoadBalancer", "NodePort", "ExternalIP", "hostPort", "hostNetwork"}
	not way.internal
}

severity := {"production": in_production, "gcc-sovereign": in_gcc}

in_production := "high" if count(leaving) > 0

else := "medium"

# encryption between nodes (WireGuard, IPsec) is no TLS, but it keeps the cluster network unreadable
in_gcc := "high" if {
	input.evidence["node-encryption"]
	count(leaving) == 0
}

else := "critical"

message := sprintf("plain text leaves the cluster through %s: API keys and data are readable on the way", [concat(", ", sort(leaving))]) if count(leaving) > 0

else := sprintf("ports 6333 and 6334 speak plain text (%s): keys and data are readable in the cluster network", [input.mesh.because]) if {
	mesh == "permissive"
}

else := "ports 6333 and 6334 speak plain text: API keys and data are readable in the cluster network"

findings contains {
	"at": ["qdrant", "config", "service", "enable_tls"],
	"label": "TLS for clients is off",
	"message": message,
	"help": help,
	"severity": severity,
} if {
	off
}

help := "set `config.service.enable_tls: true`, mount the certificate with `additionalVolumes` and `additionalVolumeMounts`, and name its files under `config.tls`" if input.chart

else := "set `service.enable_tls: true` in the configuration (or `QDRANT__SERVICE__ENABLE_TLS`), mount the certificate, and name its files under `tls`"

skipped contains {"kind": "not-applicable", "reason": "the value does not convert; configuration/crashes-at-start speaks of it"} if {
	not told
	refused
}

skipped contains {"kind": "unknown", "reason": sprintf("`service.enable_tls` is hidden: %s", [concat("; ", sort(hidden))])} if {
	not told
	count(hidden) > 0
}

skipped contains {"kind": "unknown", "reason": sprintf("a mesh may encrypt it: %s", [input.mesh.because])} if {
	not on
	mesh == "unknown"
}

skipped contains {"kind": "unknown", "reason": sprintf("container `%s` beside Qdrant may end TLS", [input.mesh.tls_sidecar])} if {
	not on
	mesh in {"none", "permissive"}
}
