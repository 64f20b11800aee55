# METADATA
# title: the index does not keep up
# description: |
#   Optimizers build the index in the background. Grey means that they wait for someone to start them (after a restart, until
#   the first update), an error that they have given up. Meanwhile searches read every vector that the index does not cover,
#   and grow slower with each upload.
# related_resources:
#   - description: Qdrant, collections, status
#     ref: https://qdrant.tech/documentation/concepts/collections/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [qdrant_api, collections]
#   inputs: [api]
#   params:
#     share: {default: 50, unit: percent, description: "of the points that the index should cover"}
#     small: {default: 100000, unit: points, description: "a collection below this needs no index"}
#   remediation: |
#     Grey: send any update, an empty `PATCH /collections/NAME` with `{"optimizers_config": {}}` does. An error: read the log
#     of the peers; disk and memory are the usual causes.
#   guide: [G57]
#   controls: [capacity]
#   since: 0.1.0
package qdrant.operations.indexing_stuck

import data.qdrant.lib.collections as words

params := input.params["operations/indexing-stuck"]

findings contains {
	"at": ["collections", index, "running", "status"],
	"label": "optimizations wait to be started",
	"message": sprintf("%s is grey: its optimizations wait, and nothing new is indexed", [words.name(collection)]),
	"help": "send `PATCH /collections/NAME` with `{\"optimizers_config\": {}}`: it starts them",
} if {
	some index, collection in input.collections
	collection.running.status == "grey"
}

findings contains {
	"at": ["collections", index, "running", "optimizer"],
	"label": "the optimizers have stopped",
	"message": sprintf("%s: the optimizers have failed: %s", [words.name(collection), collection.running.optimizer]),
	"help": "read the log of the peers; free disk or memory, then send `PATCH /collections/NAME` with `{\"optimizers_config\": {}}`",
} if {
	some index, collection in input.collections
	not collection.running.status == "red"
	collection.running.optimizer
	collection.running.optimizer != "ok"
}

findings contains {
	"at": ["collections", index, "running", "indexed_vectors"],
	"label": sprintf("%d %%", [covered]),
	"message": sprintf("the index of %s covers %d %% of %s points: every search reads the others one by one", [words.name(collection), covered, words.millions(running.points)]),
	"help": "let the optimizers end; when the share does not grow, raise `max_optimization_threads` or look for errors in the log of the peers",
} if {
	some index, collection in input.collections
	running := collection.running
	running.status in {"green", "yellow"}
	running.optimizer == "ok"
	running.points >= params.small
	not collection.indexing_threshold == 0
	not collection.hnsw.m == 0
	covered := round((running.indexed_vectors * 100) / running.points)
	covered < params.share
}
