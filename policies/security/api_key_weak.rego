# METADATA
# title: an API key is short, empty or a placeholder
# description: |
#   Qdrant neither slows down nor locks out who guesses keys, and with `jwt_rbac` the key signs every token, so a short one
#   can be searched for offline. A placeholder from an example is the first guess. Before 1.19.0 an empty key matched an
#   empty header: it let everyone in.
# related_resources:
#   - description: RFC 7518, keys for HS256 have at least 256 bits
#     ref: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [config]
#   inputs: [values, manifests]
#   remediation: |
#     Make a random key of at least 32 bytes, for example with `openssl rand -hex 32`.
#   guide: [G23]
#   controls: [authn]
#   params:
#     min_bytes: {default: 32, unit: bytes, description: "shortest key that is accepted"}
#   since: 0.1.0
package qdrant.security.api_key_weak

min_bytes := input.params["security/api-key-weak"].min_bytes

all_keys := {which: key |
	some which in ["api_key", "read_only_api_key", "alt_api_key"]
	key := input.qdrant[which]
}

given := {which |
	some which, key in all_keys
	not key.from in {"none", "empty", "lost"}
}

findings contains {
	"at": ["qdrant", which],
	"label": "a placeholder",
	"message": "the key is a placeholder that an example left behind: it is the first one that anybody tries",
	"help": "make a random key with `openssl rand -hex 32` and keep it in a Secret",
} if {
	some which, key in all_keys
	key.placeholder
}

findings contains {
	"at": ["qdrant", which],
	"label": sprintf("%d bytes", [length]),
	"message": sprintf("the key has %d bytes; keys under %d can be guessed, and Qdrant does not slow down who tries", [length, min_bytes]),
	"help": "make a random key with `openssl rand -hex 32`",
} if {
	some which, key in all_keys
	not key.placeholder
	length := key.length
	length < min_bytes
}

# an empty API key is security/api-key-missing's; beside a real one an empty key is a second door
findings contains {
	"at": ["qdrant", which],
	"label": "an empty key",
	"message": sprintf("the key is empty, and Qdrant %s takes an empty `api-key` header for a match: everyone gets in", [version]),
	"help": "remove the empty value, or upgrade to 1.19.0 or later, where empty means unset",
	"severity": "critical",
} if {
	some which, key in all_keys
	which != "api_key"
	key.from == "empty"
	version := input.qdrant.version
	semver.compare(version, "1.19.0") < 0
	input.qdrant.api_key.from in {"secret", "generated", "looked-up", "plain-text"}
}

skipped contains {"kind": "not-applicable", "reason": "no key is set; security/api-key-missing speaks of it"} if {
	count(given) == 0
}

skipped contains {"kind": "unknown", "reason": "the keys lie in Secrets that were not given"} if {
	some key in all_keys
	key.from in {"secret", "looked-up", "unknown"}
	not key.length
}
