# METADATA
# title: Qdrant gets another API key than the one that was written
# description: |
#   The chart writes `apiKey` without quotes into a YAML file, which reads digits as a number and ` #` as a comment. A key
#   in a Secret often ends with the line break that `echo` added, and no HTTP client can send that. In both cases every
#   client with the right key is refused with 401.
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: outage
#   needs: [config]
#   inputs: [values, manifests]
#   remediation: |
#     Use letters and digits that make no number, without spaces or a line break; `openssl rand -hex 32` nearly always does.
#   guide: [G23]
#   controls: [authn]
#   since: 0.1.0
package qdrant.security.api_key_mangled

findings contains {
	"at": ["qdrant", which],
	"label": "not the key that Qdrant compares with",
	"message": sprintf("clients with this key get 401: %s", [mangled]),
	"help": help,
} if {
	some which in ["api_key", "read_only_api_key", "alt_api_key"]
	mangled := input.qdrant[which].mangled
}

help := "pass the key from a Secret by `env` with `valueFrom.secretKeyRef`; make the Secret with `printf %s \"$KEY\"`, not `echo`"
