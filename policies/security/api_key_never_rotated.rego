# METADATA
# title: nothing brings a new API key to Qdrant
# description: |
#   A key that nobody changes outlives everyone who has seen it. External Secrets or a SecretProviderClass read it from its
#   store again; but Qdrant reads keys only at start, so something must also restart the peers. That the key in the store
#   itself changes, no manifest shows.
# related_resources:
#   - description: External Secrets, refresh interval and policy
#     ref: https://external-secrets.io/latest/api/externalsecret/
# custom:
#   severity: {production: low, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [workload, config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Let External Secrets deliver the key with a `refreshInterval`, let Reloader restart the peers when it changes, and
#     rotate it in its store.
#   guide: [G9, G50]
#   controls: [key-rotation]
#   evidence: [key-rotation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.api_key_never_rotated

import data.qdrant.lib.fix

delivery := input.qdrant.key_delivery

attested if input.evidence["key-rotation"]

findings contains {
	"at": ["qdrant", "key_delivery"],
	"label": "changes only by hand",
	"message": sprintf("Secret `%s` with the API key comes from a file: the key changes only when somebody changes it by hand", [secret]),
	"help": "let External Secrets deliver it from a store, with a `refreshInterval`",
} if {
	not attested
	delivery.by in {"manifest", "sealed-secret"}
	secret := delivery.secret
}

findings contains object.union(
	{
		"at": ["qdrant", "key_delivery"],
		"label": "never read again",
		"message": sprintf("Secret `%s` with the API key is read from its store once and never again: a rotated key does not arrive", [secret]),
		"help": "set `refreshInterval: 1h` and leave `refreshPolicy` at `Periodic`",
	},
	{"fix": fix.unsafe("read it again each hour", [
		{"at": ["qdrant", "key_delivery"], "object": ["spec", "refreshInterval"], "set": "1h"},
		{"at": ["qdrant", "key_delivery"], "object": ["spec", "refreshPolicy"], "set": "Periodic"},
	])},
) if {
	not attested
	delivery.by == "external-secret"
	not delivery.refreshes
	secret := delivery.secret
}

findings contains {
	"at": ["qdrant", "key_delivery"],
	"label": "arrives, but Qdrant keeps the old key",
	"message": sprintf("Secret `%s` is refreshed, but Qdrant reads its key only at start and nothing restarts the peers", [secret]),
	"help": sprintf("add the annotation `secret.reloader.stakater.com/reload: %s` to the StatefulSet and install Reloader", [secret]),
} if {
	not attested
	delivery.by == "external-secret"
	delivery.refreshes
	not delivery.restarts
	secret := delivery.secret
}

skipped contains {"kind": "not-applicable", "reason": "the API key is in no Secret; other rules speak of it"} if not delivery

skipped contains {
	"kind": "not-observed",
	"reason": sprintf("what brings Secret %s into the cluster cannot be seen; give its ExternalSecret", [delivery.secret]),
} if {
	not attested
	delivery.by == "unseen"
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "no object shows whether the secrets store driver rotates; attest `key-rotation`",
} if {
	not attested
	delivery.by == "secret-provider-class"
}

# re-reading is no rotation: that the store's own key changes, only a generator or an attestation shows
skipped contains {
	"kind": "needs-evidence",
	"reason": "the key is re-read and the peers are restarted; that it changes in its store no file shows, attest `key-rotation`",
} if {
	not attested
	delivery.by == "external-secret"
	delivery.refreshes
	delivery.restarts
	not delivery.generates
}
