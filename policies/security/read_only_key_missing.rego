# METADATA
# title: every client needs the key that may change everything
# description: |
#   With nothing but the API key, each reader, dashboard and scraper carries the right to delete collections. A read-only
#   key or tokens (`jwt_rbac`) let them read without it. Tokens are signed with the API key: without one, `jwt_rbac` checks
#   nothing at all.
# related_resources:
#   - description: Qdrant, read-only API key and granular access control
#     ref: https://qdrant.tech/documentation/guides/security/
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: off}
#   consequence: exposure
#   needs: [config, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Pass a second key as `QDRANT__SERVICE__READ_ONLY_API_KEY` from a Secret, or turn on `service.jwt_rbac`.
#   guide: [G23]
#   controls: [authn, rbac-access]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.read_only_key_missing

import data.qdrant.lib.fix

has(key) if key.from in {"secret", "generated", "looked-up", "plain-text", "unknown"}

with_key if has(input.qdrant.api_key)

with_key if has(input.qdrant.alt_api_key)

rbac if input.qdrant.config.service.jwt_rbac == true

findings contains object.union(
	{
		"at": ["qdrant", "read_only_api_key"],
		"label": "no read-only key and no `jwt_rbac`",
		"message": "the API key is the only one: whoever only reads or scrapes can also delete every collection",
		"help": "add `{name: QDRANT__SERVICE__READ_ONLY_API_KEY, valueFrom: {secretKeyRef: {name: qdrant-api-keys, key: read-only-api-key}}}` to `env`",
	},
	given,
) if {
	with_key
	input.qdrant.read_only_api_key
	not has(input.qdrant.read_only_api_key)
	input.qdrant.read_only_api_key.from != "lost"
	not rbac
}

findings contains {
	"at": ["qdrant", "config", "service", "jwt_rbac"],
	"label": "checks nothing without an API key",
	"message": "`jwt_rbac` is on, but there is no API key to sign and check tokens with: everyone is let in",
	"help": "pass an API key as the variable `QDRANT__SERVICE__API_KEY` from a Secret",
	"severity": {"production": "high", "gcc-sovereign": "high"},
} if {
	rbac
	not with_key
	input.qdrant.api_key.from in {"none", "empty"}
}

skipped contains {"kind": "not-applicable", "reason": "there is no API key at all; security/api-key-missing speaks of it"} if {
	not with_key
	not rbac
}

# The Secret must be there first: the pod waits for it.
given := {"fix": fix.unsafe("take the key from the Secret `qdrant-api-keys`", [fix.of_container(["qdrant", "read_only_api_key"], ["env", "-"], ["env", "-"], {
	"name": "QDRANT__SERVICE__READ_ONLY_API_KEY",
	"valueFrom": {"secretKeyRef": {"name": "qdrant-api-keys", "key": "read-only-api-key"}},
})])}
