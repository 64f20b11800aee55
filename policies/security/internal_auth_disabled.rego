# METADATA
# title: the port between peers asks nobody for a key
# description: |
#   API keys guard the ports for clients only. Whoever reaches the port between peers can read and delete points without a
#   key. Since 1.18 `service.enforce_internal_auth` makes the peers authenticate each other with the API key.
# related_resources:
#   - description: Qdrant, security
#     ref: https://qdrant.tech/documentation/guides/security/
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: off}
#   consequence: exposure
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `service.enforce_internal_auth: true` on all peers, from 1.19.2 on, and keep the port closed by a network policy.
#   guide: [G44, G49]
#   controls: [authn]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.internal_auth_disabled

import data.qdrant.lib.fix
import data.qdrant.lib.server

clustered if input.qdrant.config.cluster.enabled == true

findings contains {
	"at": ["qdrant", "config", "service", "enforce_internal_auth"],
	"label": "peers need no key",
	"message": "whoever reaches the port between peers reads and deletes points without an API key",
	"help": server.setting("service.enforce_internal_auth", "true"),
	"fix": fix.unsafe("ask peers for the key", [fix.setting("service.enforce_internal_auth", true)]),
} if {
	clustered
	input.qdrant.config.service.enforce_internal_auth == false
}

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off: nothing listens between peers"} if {
	input.qdrant.config.cluster.enabled == false
}

skipped contains {"kind": "not-applicable", "reason": sprintf("%s cannot authenticate peers; 1.18 is the first that can", [server.named])} if {
	server.before("1.18.0")
}

skipped contains {"kind": "unknown", "reason": sprintf("`service.enforce_internal_auth` is hidden: %s", [reason])} if {
	reason := server.hidden("service.enforce_internal_auth")
}
