# METADATA
# title: TLS settings stand where they do nothing
# description: |
#   Qdrant reads certificates from the top-level `tls` block and uses them only when `service.enable_tls` or
#   `cluster.p2p.enable_tls` is true. Keys it does not know it ignores without a word. Settings that look like TLS and do
#   nothing are worse than none: everyone believes that the traffic is encrypted.
# related_resources:
#   - description: Qdrant, TLS
#     ref: https://qdrant.tech/documentation/guides/security/#tls
# custom:
#   severity: {production: high, gcc-sovereign: high, development: medium}
#   consequence: ignored
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Write the files under a top-level `tls` block and set `service.enable_tls: true`, for peers also
#     `cluster.p2p.enable_tls: true`.
#   guide: [G24]
#   controls: [tls-client, mtls-peers]
#   since: 0.1.0
package qdrant.security.tls_misplaced

prefix := "config." if input.chart

else := ""

messages := {
	"not-enabled": "certificates are named, but nothing turns TLS on: Qdrant speaks plain text",
	"under-service": "Qdrant does not read `%s`: the certificates named here are ignored",
	"elsewhere": "Qdrant does not read `%s`: what is set here is ignored",
	"switch": "Qdrant does not know the switch `%s`: TLS stays off",
}

labels := {
	"not-enabled": "unused while TLS is off",
	"under-service": "not read here",
	"elsewhere": "not read here",
	"switch": "not a setting of Qdrant",
}

findings contains {
	"at": ["qdrant", "misplaced_tls", index],
	"label": labels[setting.reason],
	"message": message,
	"help": help_of(setting),
} if {
	some index, setting in input.qdrant.misplaced_tls
	message := replace(messages[setting.reason], "%s", concat("", [prefix, setting.key]))
}

help_of(setting) := sprintf("move the block to `%stls` and set `%sservice.enable_tls: true`", [prefix, prefix]) if setting.instead == "a top-level `tls` block"

else := sprintf("set `%sservice.enable_tls: true`, and `%scluster.p2p.enable_tls: true` for the traffic between peers", [prefix, prefix])
