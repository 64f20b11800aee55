# METADATA
# title: this chart version starts peers with http on port 6335 whatever the configuration says
# description: |
#   Before 1.13.5 the chart's start script writes `http://…:6335` into every peer's address. With TLS between peers, or
#   another port, peers call each other on the wrong scheme or port and never form a cluster.
# related_resources:
#   - description: qdrant-helm 222, TLS between peers
#     ref: https://github.com/qdrant/qdrant-helm/issues/222
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-start
#   needs: [chart, config]
#   inputs: [values]
#   remediation: |
#     Use chart 1.13.5 or later, or leave TLS between peers off and the port at 6335.
#   guide: [G24, G49]
#   controls: [mtls-peers]
#   since: 0.1.0
package qdrant.security.tls_needs_newer_chart

older if semver.compare(input.chart.version, "1.13.5") < 0

findings contains {
	"at": ["qdrant", "config", "cluster", "p2p", "enable_tls"],
	"label": sprintf("chart %s starts peers with http", [version]),
	"message": sprintf("chart %s writes `http://` into the peers' addresses whatever this says: they never reach each other over TLS", [version]),
	"help": "use chart 1.13.5 or later",
} if {
	older
	input.qdrant.config.cluster.p2p.enable_tls == true
	version := input.chart.version
}

findings contains {
	"at": ["qdrant", "config", "cluster", "p2p", "port"],
	"label": sprintf("chart %s starts peers with 6335", [version]),
	"message": sprintf("chart %s writes port 6335 into the peers' addresses, but they listen on %d: they never reach each other", [version, port]),
	"help": "use chart 1.13.5 or later, or leave the port at 6335",
} if {
	older
	port := input.qdrant.config.cluster.p2p.port
	port != 6335
	version := input.chart.version
}
