# METADATA
# title: indexing is switched off and nothing switches it on again
# description: |
#   A threshold of 0, no optimization threads or a graph without links make bulk loading fast: points are appended and never
#   indexed. Left like that, every search reads every vector, and a collection that was quick on the day of the load becomes
#   slower with each batch while its status stays green.
# related_resources:
#   - description: Qdrant, bulk upload
#     ref: https://qdrant.tech/documentation/database-tutorials/bulk-upload/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [collections]
#   inputs: [collection, values, manifests, api]
#   remediation: |
#     After the load: `PATCH /collections/NAME` with `{"optimizers_config": {"indexing_threshold": 10000}}`, and
#     `{"hnsw_config": {"m": 16}}` when the graph was left out. Keep that request beside the one that switches it off.
#   guide: [G57]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.indexing_disabled

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains {
	"at": array.concat(["collections", index], fault.at),
	"label": fault.label,
	"message": sprintf("%s is never indexed: every search reads every vector", [words.name(collection)]),
	"help": fault.help,
	"fix": fix.unsafe("let it be indexed", [object.union({"at": array.concat(["collections", index], fault.at)}, fault.edit)]),
} if {
	some index, collection in input.collections
	some field, fault in faults
	is_off(field, collection)
	not restored(collection, field)
}

faults := {
	"indexing_threshold": {
		"at": ["indexing_threshold"],
		"label": "0 means never",
		"edit": {"remove": true},
		"help": "take it out, or send `{\"optimizers_config\": {\"indexing_threshold\": 10000}}` by PATCH after the load",
	},
	"max_optimization_threads": {
		"at": ["max_optimization_threads"],
		"label": "0 threads never optimize",
		"edit": {"remove": true},
		"help": "take it out, or raise it by PATCH after the load",
	},
	"m": {
		"at": ["hnsw", "m"],
		"label": "a graph without links is no graph",
		"edit": {"set": 16},
		"help": "write `\"m\": 16`, or send it by PATCH after the load; with one graph a tenant, set `payload_m`",
	},
}

is_off("indexing_threshold", collection) if collection.indexing_threshold == 0

is_off("max_optimization_threads", collection) if collection.max_optimization_threads == 0

is_off("m", collection) if {
	collection.hnsw.m == 0
	not has_graph_for_each_tenant(collection)
}

has_graph_for_each_tenant(collection) if collection.hnsw.payload_m > 0

# Another request for the same collection switches it on again.
restored(collection, field) if {
	some other in input.collections
	other.name == collection.name
	value := {
		"indexing_threshold": object.get(other, "indexing_threshold", 0),
		"max_optimization_threads": object.get(other, "max_optimization_threads", 0),
		"m": object.get(object.get(other, "hnsw", {}), "m", 0),
	}
	value[field] > 0
}
