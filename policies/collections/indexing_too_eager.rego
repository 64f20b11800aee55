# METADATA
# title: segments are indexed again and again during a bulk load
# description: |
#   The threshold is in kilobytes of vectors, not in points. Well below Qdrant's default of 10000 the optimizer builds graphs for
#   small segments that the next batch makes obsolete: a bulk load then indexes the same points many times, and the memory of
#   those builds adds up to an out-of-memory kill.
# related_resources:
#   - description: Qdrant, indexing optimizer
#     ref: https://qdrant.tech/documentation/concepts/optimizer/#indexing-optimizer
# custom:
#   severity: {production: info, gcc-sovereign: info, development: "off"}
#   consequence: waste
#   needs: [collections]
#   inputs: [collection, values, manifests, api]
#   remediation: |
#     Leave `indexing_threshold` out, or set 10000 (KB of vectors) or more for large loads.
#   guide: [G39, G57]
#   controls: [capacity]
#   params:
#     least: {default: 10000, unit: KB, description: "thresholds below this are called eager for a large collection"}
#     large: {default: 1000000, unit: points, description: "a collection declared for this many points is large"}
#     tiny: {default: 1000, unit: KB, description: "thresholds below this are called eager whatever the size"}
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.collections.indexing_too_eager

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

params := input.params["collections/indexing-too-eager"]

findings contains {
	"at": ["collections", index, "indexing_threshold"],
	"label": sprintf("%v KB of vectors", [threshold]),
	"message": sprintf("%s starts a new index every %v KB of vectors%s: a bulk load indexes the same points many times over", [words.name(collection), threshold, size(collection)]),
	"help": sprintf("leave it out, or write %v or more (KB, not points)", [params.least]),
	"fix": fix.unsafe("index less often", [{"at": ["collections", index, "indexing_threshold"], "set": params.least}]),
} if {
	some index, collection in input.collections
	threshold := collection.indexing_threshold
	threshold > 0
	is_eager(threshold, collection)
}

is_eager(threshold, _) if threshold < params.tiny

is_eager(threshold, collection) if {
	threshold < params.least
	collection.declared_points >= params.large
}

size(collection) := sprintf(" and %s %s points", [words.holds(collection), words.millions(collection.declared_points)]) if collection.declared_points

size(collection) := "" if not collection.declared_points
