# METADATA
# title: peers talk to each other in plain text
# description: |
#   Port 6335 carries consensus and whole shards, and Qdrant does not authenticate it by default. With
#   `cluster.p2p.enable_tls` peers present certificates to each other (mutual TLS): the traffic is encrypted, and nobody
#   without a certificate of the same authority can join or read.
# related_resources:
#   - description: Qdrant, TLS between peers
#     ref: https://qdrant.tech/documentation/guides/security/#tls
# custom:
#   severity: {production: medium, gcc-sovereign: critical, development: off}
#   consequence: exposure
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Set `cluster.p2p.enable_tls: true` and mount a certificate, its key and its authority for the names of the peers.
#   guide: [G24, G49]
#   controls: [mtls-peers]
#   evidence: [node-encryption]
#   since: 0.1.0
package qdrant.security.peer_tls_disabled

on if input.qdrant.config.cluster.p2p.enable_tls == true

several if input.deployment.peers > 1

alone if input.deployment.peers <= 1

clustered if input.qdrant.config.cluster.enabled == true

refused if {
	some problem in input.qdrant.startup_errors
	problem.key == "cluster.p2p.enable_tls"
}

hidden contains fact.reason if {
	some fact in input.unknown
	fact.path in [
		["qdrant", "config", "cluster", "p2p", "enable_tls"],
		["qdrant", "config", "cluster", "enabled"],
	]
}

default mesh := "none"

mesh := input.mesh.peers

# encryption between nodes (WireGuard, IPsec) is no TLS, but it keeps the cluster network unreadable
severity := {"production": "medium", "gcc-sovereign": "high"} if input.evidence["node-encryption"]

else := {"production": "medium", "gcc-sovereign": "critical"}

# Members that the cluster reaches without TLS stand above what the configuration says.
told if {
	some peer in input.live.peers
	count(peer.cluster.members) > 1
}

findings contains {
	"at": ["live", "peers", index, "cluster"],
	"label": "http between peers",
	"message": sprintf("the peers reach each other at %s: shards and consensus cross the network in plain text, and whoever reaches the port can join", [plain[0]]),
	"help": "set `cluster.p2p.enable_tls: true` with `tls.{cert,key,ca_cert}` on a mounted Secret, and `https` in the peers' `--uri` and `--bootstrap`",
	"severity": severity,
} if {
	index := min([number | some number, peer in input.live.peers; count(peer.cluster.members) > 1])
	plain := [member.uri | some member in input.live.peers[index].cluster.members; not member.tls]
	count(plain) > 0
	mesh in {"none", "permissive"}
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.config} if {
	not told
	not "config" in input.observed
}

findings contains {
	"at": ["qdrant", "config", "cluster", "p2p", "enable_tls"],
	"label": "TLS between peers is off",
	"message": sprintf("%d peers exchange shards and consensus in plain text on port %d, and whoever reaches it can join", [peers, port]),
	"help": help,
	"severity": severity,
} if {
	not told
	several
	clustered
	not on
	not refused
	count(hidden) == 0
	mesh in {"none", "permissive"}
	peers := input.deployment.peers
	port := object.get(input.qdrant, ["config", "cluster", "p2p", "port"], 6335)
}

help := sprintf("set `config.cluster.p2p.enable_tls: true` with `config.tls.{cert,key,ca_cert}` on a mounted Secret%s", [newer]) if input.chart

else := "set `cluster.p2p.enable_tls: true` with `tls.{cert,key,ca_cert}` on a mounted Secret, and `https` in the peers' `--uri` and `--bootstrap`"

newer := "; the chart supports it from 1.13.5 on" if semver.compare(input.chart.version, "1.13.5") < 0

else := ""

skipped contains {"kind": "not-applicable", "reason": "there is one peer"} if {
	not told
	alone
}

skipped contains {"kind": "unknown", "reason": "how many peers there are is not known"} if {
	not told
	not input.deployment.peers
}

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off: nothing listens between peers"} if {
	not told
	several
	not clustered
	count(hidden) == 0
}

skipped contains {"kind": "not-applicable", "reason": "the value does not convert; configuration/crashes-at-start speaks of it"} if {
	not told
	refused
}

skipped contains {"kind": "unknown", "reason": sprintf("the switch is hidden: %s", [concat("; ", sort(hidden))])} if {
	not told
	several
	count(hidden) > 0
}

skipped contains {"kind": "unknown", "reason": sprintf("a mesh may encrypt it: %s", [input.mesh.because])} if {
	not told
	several
	clustered
	not on
	mesh == "unknown"
}
