# METADATA
# title: an API key stands in plain text
# description: |
#   A key in a values file or a manifest is known to everyone who can read the repository, now and in its history. In a
#   ConfigMap or a pod's `env` it is also known to everyone who may read those objects, which many roles may. The Base64
#   of a Secret manifest hides nothing.
# related_resources:
#   - description: Kubernetes, good practices for Secrets
#     ref: https://kubernetes.io/docs/concepts/security/secrets-good-practices/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: medium}
#   consequence: exposure
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Make a new key, keep it in a Secret that does not come from this repository (External Secrets, Sealed Secrets, SOPS),
#     and pass it as the variable `QDRANT__SERVICE__API_KEY` with `valueFrom.secretKeyRef`.
#   guide: [G23]
#   controls: [authn, key-rotation]
#   since: 0.1.0
package qdrant.security.api_key_in_plain_text

names := {
	"api_key": "the API key",
	"read_only_api_key": "the read-only API key",
	"alt_api_key": "the second API key",
}

variables := {
	"api_key": "QDRANT__SERVICE__API_KEY",
	"read_only_api_key": "QDRANT__SERVICE__READ_ONLY_API_KEY",
	"alt_api_key": "QDRANT__SERVICE__ALT_API_KEY",
}

findings contains {
	"at": ["qdrant", "plain_text_keys", index],
	"label": label,
	"message": sprintf("%s is written out: it %s", [name, key.effect]),
	"help": help_of(key),
} if {
	some index, key in input.qdrant.plain_text_keys
	counts(key)
	name := names[key.which]
	label := sprintf("%d bytes of a key in plain text", [key.length])
}

counts(key) if not key.placeholder

# it opens the server to everyone who has seen an example
counts(key) if {
	key.guessable
	key.place != "secret-manifest"
}

help_of(key) := sprintf("replace this key, take the Secret out of the repository and let External Secrets, Sealed Secrets or SOPS deliver it; rotate `%s`", [variables[key.which]]) if key.place == "secret-manifest"

else := sprintf("replace this key and pass the new one as `{name: %s, valueFrom: {secretKeyRef: {name: qdrant-api-keys, key: …}}}` in `env`", [variables[key.which]])
