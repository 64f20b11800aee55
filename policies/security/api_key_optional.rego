# METADATA
# title: the reference to the API key is optional
# description: |
#   With `optional: true` Kubernetes starts the pod although the Secret or its key is missing, without the variable. Qdrant
#   then has no key and answers everyone. Without it the pod waits until the Secret is there.
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Remove `optional` from the `secretKeyRef`.
#   guide: [G23]
#   controls: [authn]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.api_key_optional

import data.qdrant.lib.fix

findings contains {
	"at": ["qdrant", which],
	"label": "starts open when the Secret is missing",
	"message": sprintf("the reference to %s is optional: without the Secret the pod starts all the same, and Qdrant without this key", [reference]),
	"help": "remove `optional: true`, so that the pod waits for its Secret",
	"fix": fix.unsafe("wait for the Secret", [{"at": ["qdrant", which], "set": false}]),
} if {
	some which in ["api_key", "read_only_api_key", "alt_api_key"]
	key := input.qdrant[which]
	key.from == "secret"
	key.optional
	not key.hides
	reference := key.reference
}
