# METADATA
# title: Qdrant starts without an API key
# description: |
#   Qdrant checks nobody unless it has an API key: whoever reaches port 6333 or 6334 reads, changes and deletes every
#   collection and downloads its snapshots. A network policy or a mesh narrows who that is; it does not authenticate them.
#   `jwt_rbac` needs the key too, because it signs the tokens with it. An empty key is no key.
# related_resources:
#   - description: Qdrant, security
#     ref: https://qdrant.tech/documentation/guides/security/
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: off}
#   consequence: exposure
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Put a random key of at least 32 bytes in a Secret and pass it as the variable `QDRANT__SERVICE__API_KEY`.
#   guide: [G23]
#   controls: [authn]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.api_key_missing

import data.qdrant.lib.fix

# What a peer answers to a caller without a key stands above what the configuration says.
told if {
	some peer in input.live.peers
	is_boolean(peer.open)
}

findings contains {
	"at": ["live", "peers", index, "open"],
	"label": "answered without a key",
	"message": sprintf("%s shows its collections to a caller without a key: whoever reaches it can read and delete every collection", [peer.name]),
	"help": help,
	"related": ways,
} if {
	some index, peer in input.live.peers
	peer.open == true
}

keys contains key if {
	some which in ["api_key", "alt_api_key", "read_only_api_key"]
	key := input.qdrant[which]
}

# a Secret that may be absent is judged by security/api-key-optional
closed if {
	some key in keys
	key.from in {"secret", "generated", "looked-up", "plain-text"}
}

lost if {
	some key in keys
	key.from == "lost"
}

hidden contains fact.reason if {
	some fact in input.unknown
	fact.path[0] == "qdrant"
	fact.path[1] in {"api_key", "alt_api_key", "read_only_api_key"}
}

open if {
	not told
	"config" in input.observed
	input.workload
	input.qdrant.api_key
	not closed
	not lost
	count(hidden) == 0
}

reader := "`jwt_rbac` checks nothing without it; " if input.qdrant.config.service.jwt_rbac == true

else := ""

findings contains object.union(
	{
		"at": ["qdrant", "api_key"],
		"label": "no API key is set",
		"message": sprintf("no API key: %swhoever reaches port 6333 or 6334%s can read and delete every collection", [reader, outside]),
		"help": help,
		"related": ways,
	},
	given,
) if {
	open
	input.qdrant.api_key.from == "none"
}

findings contains {
	"at": ["qdrant", "api_key"],
	"label": "an empty key is no key",
	"message": sprintf("the API key is empty%s: whoever reaches port 6333 or 6334%s can read and delete every collection", [hides, outside]),
	"help": help,
	"related": ways,
} if {
	open
	input.qdrant.api_key.from == "empty"
}

# one place for each object that lets callers in from outside the cluster
ways contains {"at": ["exposure", first], "message": message} if {
	some [object, how] in {[way.object, way.how] | some way in input.exposure; reached(way)}
	first := min([index | some index, way in input.exposure; reached(way); way.object == object; way.how == how])
	message := sprintf("%s (%s) lets callers in from outside the cluster", [object, how])
}

reached(way) if {
	way.role in {"rest", "grpc"}
	not way.internal
	not way.policy_blocks
}

outside := " also from outside the cluster" if count(ways) > 0

else := ""

hides := sprintf(" and hides the one in %s", [input.qdrant.api_key.hides]) if input.qdrant.api_key.hides

else := ""

help := "put the key in a Secret and add to the values `env: [{name: QDRANT__SERVICE__API_KEY, valueFrom: {secretKeyRef: {name: qdrant-api-keys, key: api-key}}}]`" if input.chart

else := "put the key in a Secret and add to the container's `env`: `{name: QDRANT__SERVICE__API_KEY, valueFrom: {secretKeyRef: {name: qdrant-api-keys, key: api-key}}}`"

skipped contains {"kind": "not-observed", "reason": "the variables of the pods may hold the key; give the workload too"} if {
	not told
	not input.workload
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.config} if {
	not told
	not "config" in input.observed
}

skipped contains {"kind": "not-applicable", "reason": "security/api-key-rendered-empty speaks of it"} if {
	not told
	input.workload
	lost
	not closed
}

skipped contains {"kind": "unknown", "reason": sprintf("the key may be set: %s", [concat("; ", sort(hidden))])} if {
	not told
	input.workload
	not lost
	not closed
	count(hidden) > 0
}

skipped contains {"kind": "not-applicable", "reason": "security/api-key-optional speaks of it"} if {
	not told
	closed
	every key in keys {
		key.from != "generated"
		key.from != "looked-up"
		key.from != "plain-text"
		any_optional_or_none(key)
	}
}

any_optional_or_none(key) if key.from != "secret"

any_optional_or_none(key) if {
	key.optional
	not key.hides
}

# The Secret must be there first: the pod waits for it.
given := {"fix": fix.unsafe("take the keys from the Secret `qdrant-api-keys`", [
	variable("QDRANT__SERVICE__API_KEY", "api-key"),
	variable("QDRANT__SERVICE__READ_ONLY_API_KEY", "read-only-api-key"),
])}

variable(name, key) := fix.of_container(["qdrant", "api_key"], ["env", "-"], ["env", "-"], {
	"name": name,
	"valueFrom": {"secretKeyRef": {"name": "qdrant-api-keys", "key": key}},
})
