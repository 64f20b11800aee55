# METADATA
# title: a collection does not say what data it holds
# description: |
#   An auditor asks for every collection: what class of data, whose, and where it may live. Qdrant keeps free metadata beside a
#   collection from 1.16 on, so the answer can travel with it through snapshots and restores instead of standing in a list that
#   ages.
# related_resources:
#   - description: Qdrant, collections, collection metadata
#     ref: https://qdrant.tech/documentation/concepts/collections/#collection-metadata
# custom:
#   severity: {production: info, gcc-sovereign: low, development: "off"}
#   consequence: residency
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Add `"metadata": {"classification": "confidential", "owner": "team-search", "residency": "AE"}` to the body.
#   controls: [data-classification]
#   params:
#     keys: {default: [classification, owner, residency], description: "keys that each collection's metadata must have"}
#   since: 0.1.0
package qdrant.collections.classification_missing

import data.qdrant.lib.collections as words

findings contains {
	"at": place(index, collection),
	"label": sprintf("no %s", [concat(", ", missing)]),
	"message": sprintf("the metadata of %s lacks %s", [words.name(collection), concat(", ", missing)]),
	"help": "add them, e.g. `\"metadata\": {\"classification\": \"confidential\", \"owner\": \"team-search\", \"residency\": \"AE\"}`",
} if {
	some index, collection in input.collections
	words.creates(collection)
	not words.of_operator(collection)
	not words.older(collection, "1.16.0")
	missing := [key |
		some key in input.params["collections/classification-missing"].keys
		not collection.metadata[key]
	]
	count(missing) > 0
}

skipped contains {"kind": "not-applicable", "reason": "the operator's resource has no field for it"} if {
	some collection in input.collections
	words.of_operator(collection)
}

skipped contains {"kind": "not-applicable", "reason": "collections have metadata from Qdrant 1.16 on"} if {
	some collection in input.collections
	words.older(collection, "1.16.0")
}

place(index, collection) := ["collections", index, "metadata"] if collection.metadata

place(index, collection) := ["collections", index] if not collection.metadata
