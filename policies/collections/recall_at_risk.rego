# METADATA
# title: compression costs recall and nobody wrote down how much
# description: |
#   A quantile below 1 cuts off the extreme values of every dimension, and product, binary or one-bit quantization keep a small
#   part of each vector. Both can be right, but the loss shows in no error: answers only get worse. Qdrant's own default for
#   `quantile` is the whole range.
# related_resources:
#   - description: Qdrant, quantization, accuracy tuning
#     ref: https://qdrant.tech/documentation/guides/quantization/#accuracy-tuning
# custom:
#   severity: {production: info, gcc-sovereign: info, development: "off"}
#   consequence: blind
#   needs: [collections]
#   inputs: [collection, api]
#   remediation: |
#     Measure recall against an exact search (`"exact": true`) and note it: `"metadata": {"recall_at_10": 0.97}`. If it is
#     too low: `quantile` 1, less compression, or rescoring with oversampling.
#   guide: [G59]
#   params:
#     compression: {default: 16, unit: times, description: "product quantization from this factor on is called strong"}
#     binary_dimension: {default: 1024, unit: dimensions, description: "binary quantization of shorter vectors is called strong"}
#   since: 0.1.0
package qdrant.collections.recall_at_risk

import data.qdrant.lib.collections as words

params := input.params["collections/recall-at-risk"]

findings contains {
	"at": ["collections", index, "vectors", position, "quantization"],
	"label": risk,
	"message": sprintf("%s of %s may cost recall, and no measurement is noted", [risk, words.name(collection)]),
	"help": help(collection),
} if {
	some index, collection in input.collections
	words.creates(collection)
	not noted(collection)
	some position, vector in collection.vectors
	some risk in risks(vector)
}

help(collection) := "compare with an exact search and note the result, e.g. `\"metadata\": {\"recall_at_10\": 0.97}`" if {
	not words.of_operator(collection)
}

help(collection) := "compare with an exact search; the operator's resource has no field for the result: say it in an ignore comment with its reason" if {
	words.of_operator(collection)
}

noted(collection) if {
	some key, _ in collection.metadata
	contains(lower(key), "recall")
}

risks(vector) := {risk | some risk in all_risks(vector.quantization, vector)}

all_risks(quantization, _) := {sprintf("`quantile` %v", [quantization.quantile])} if {
	quantization.kind == "scalar"
	quantization.quantile < 1
}

all_risks(quantization, _) := {sprintf("product quantization %s", [quantization.compression])} if {
	quantization.kind == "product"
	to_number(trim_prefix(quantization.compression, "x")) >= params.compression
}

all_risks(quantization, vector) := {sprintf("binary quantization of %v dimensions", [vector.size])} if {
	quantization.kind == "binary"
	vector.size < params.binary_dimension
}

all_risks(quantization, _) := {sprintf("turbo quantization with %s", [quantization.compression])} if {
	quantization.kind == "turbo"
	startswith(quantization.compression, "bits1")
}
