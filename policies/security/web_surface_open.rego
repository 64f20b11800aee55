# METADATA
# title: the server offers more to browsers than an API needs
# description: |
#   By default Qdrant serves its Web UI on port 6333 and lets pages of every origin call it. Both help on a desk; in
#   production they are one more way for a key in a browser to be misused. A metrics port of its own answers without a key.
# related_resources:
#   - description: Qdrant, configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/
# custom:
#   severity: {production: info, gcc-sovereign: info, development: off}
#   consequence: exposure
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Turn off what no client uses: `service.enable_cors: false`, `service.enable_static_content: false`.
#   controls: [exposure]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.web_surface_open

import data.qdrant.lib.fix
import data.qdrant.lib.server

findings contains {
	"at": ["qdrant", "config", "service", "enable_cors"],
	"label": "pages of every origin may call the API",
	"message": "browsers may call the API from pages of every origin (CORS)",
	"help": server.setting("service.enable_cors", "false"),
	"fix": fix.unsafe("turn CORS off", [fix.setting("service.enable_cors", false)]),
} if {
	input.qdrant.config.service.enable_cors == true
}

findings contains {
	"at": ["qdrant", "config", "service", "enable_static_content"],
	"label": "the Web UI is served",
	"message": "the Web UI is served on the port of the REST API",
	"help": server.setting("service.enable_static_content", "false"),
	"fix": fix.unsafe("serve no Web UI", [fix.setting("service.enable_static_content", false)]),
} if {
	input.qdrant.config.service.enable_static_content == true
}

findings contains {
	"at": ["qdrant", "config", "service", "metrics_port"],
	"label": "answers without a key",
	"message": sprintf("port %d serves /metrics without asking for a key", [port]),
	"help": "let a network policy admit only Prometheus to it",
} if {
	port := input.qdrant.config.service.metrics_port
}

findings contains {
	"at": ["live", "peers", index, "metrics_open"],
	"label": "answers without a key",
	"message": sprintf("%s shows its metrics to callers without a key, though it asks for one elsewhere", [peer.name]),
	"help": "see what answers there in place of Qdrant, which asks for the key; let a network policy admit only Prometheus",
} if {
	some index, peer in input.live.peers
	peer.metrics_open == true
	peer.open == false
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.config} if {
	not "config" in input.observed
	count([peer | some peer in input.live.peers; is_boolean(peer.metrics_open)]) == 0
}

skipped contains {"kind": "unknown", "reason": sprintf("`service.enable_cors` is hidden: %s", [reason])} if {
	reason := server.hidden("service.enable_cors")
}
