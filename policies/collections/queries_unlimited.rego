# METADATA
# title: one query may ask for anything
# description: |
#   Without strict mode a client may filter on payload that has no index, ask for a million results or search exactly over all
#   points. One such query reads the whole collection on every peer, and everybody else waits.
# related_resources:
#   - description: Qdrant, administration, strict mode
#     ref: https://qdrant.tech/documentation/guides/administration/#strict-mode
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, values, manifests, api]
#   remediation: |
#     Add `"strict_mode_config": {"enabled": true, "max_query_limit": 1000, "unindexed_filtering_retrieve": false}`, or
#     `config.storage.collection.strict_mode` in the chart's values for all collections.
#   controls: [capacity]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.queries_unlimited

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": ["collections", index, "strict_mode"],
	"label": "no strict mode",
	"message": sprintf("%s answers any query: unindexed filters, huge limits and exact searches read all of it", [words.name(collection)]),
	"help": "add `\"strict_mode_config\": {\"enabled\": true, \"max_query_limit\": 1000, \"unindexed_filtering_retrieve\": false}`",
	"fix": fix.unsafe("limit its queries", [{"at": ["collections", index, "strict_mode_config"], "set": {"enabled": true, "max_query_limit": 1000, "unindexed_filtering_retrieve": false}}]),
} if {
	some index, collection in input.collections
	words.creates(collection)
	not words.of_operator(collection)
	not words.older(collection, "1.13.0")
	not words.hidden(collection, "strict_mode_config.enabled")
	not collection.strict_mode
}

skipped contains {"kind": "not-applicable", "reason": "the operator's resource has no field for it"} if {
	some collection in input.collections
	words.of_operator(collection)
}

skipped contains {"kind": "not-applicable", "reason": "strict mode came with Qdrant 1.13"} if {
	some collection in input.collections
	words.older(collection, "1.13.0")
}

skipped contains {"kind": "unknown", "reason": "`strict_mode_config.enabled` is filled in when the body is sent"} if {
	some collection in input.collections
	words.hidden(collection, "strict_mode_config.enabled")
}
