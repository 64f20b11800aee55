# METADATA
# title: collections get one copy by default
# description: |
#   A collection that is created without `replication_factor` takes the server's default, which is 1: each shard has one
#   copy, on one peer. Client libraries, notebooks and frameworks create collections that way, and nobody notices until a
#   peer is gone. The default can be raised once, for all of them.
# related_resources:
#   - description: Qdrant settings, collection defaults
#     ref: https://github.com/qdrant/qdrant/blob/master/config/config.yaml
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: data-loss
#   needs: [config, workload, workload.replicas, qdrant.config]
#   inputs: [values, manifests, live]
#   remediation: |
#     `config.storage.collection.replication_factor: 2` in the chart's values, `storage.collection.replication_factor: 2` in
#     the server's configuration. It holds for new collections only.
#   guide: [G3, G34]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.default_replication_factor_one

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

path := ["qdrant", "config", "storage", "collection", "replication_factor"]

findings contains {
	"at": path,
	"label": "one copy of each shard by default",
	"message": sprintf("a collection created without `replication_factor` gets one copy of each shard, though there are %d peers", [peers.number]),
	"help": help,
	"fix": fix.unsafe("make two copies the default", [fix.setting("storage.collection.replication_factor", 2)]),
} if {
	peers.several
	not peers.hidden(path)
	not too_old
	input.qdrant.config
	count(input.qdrant.unseen_layers) == 0
	factor == 1
}

skipped contains {"kind": "not-applicable", "reason": "there is at most one peer: availability/too-few-peers"} if {
	not peers.several
}

skipped contains {"kind": "not-applicable", "reason": "servers before 1.9.3 have no such default: collections/replication-factor-one"} if {
	too_old
}

skipped contains {"kind": "unknown", "reason": "the default is filled in later; render it first"} if {
	peers.hidden(path)
}

skipped contains {"kind": "unknown", "reason": sprintf("a layer of the configuration cannot be seen: %s", [layers])} if {
	factor == 1
	count(input.qdrant.unseen_layers) > 0
	layers := concat(", ", input.qdrant.unseen_layers)
}

factor := object.get(input.qdrant.config, ["storage", "collection", "replication_factor"], 1)

too_old if semver.compare(input.qdrant.version, "1.9.3") < 0

help := "set `config.storage.collection.replication_factor: 2`" if peers.in_values

help := "set `storage.collection.replication_factor: 2` in the server's configuration" if not peers.in_values
