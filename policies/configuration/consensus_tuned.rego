# METADATA
# title: the timing of the consensus is changed
# description: |
#   Raft measures heartbeats and elections in ticks. A shorter tick makes peers call elections when the network or the disk
#   is slow for a moment; a longer one delays every change of a collection and finds a dead peer late. Qdrant advises
#   against changing it.
# related_resources:
#   - description: Qdrant, the consensus section of the default configuration
#     ref: https://github.com/qdrant/qdrant/blob/master/config/config.yaml
# custom:
#   severity: {production: low, gcc-sovereign: low, development: off}
#   consequence: outage
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Leave the consensus at its defaults.
#   guide: [G25, G26]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.configuration.consensus_tuned

import data.qdrant.lib.fix
import data.qdrant.lib.server

defaults := {
	"tick_period_ms": 100,
	"bootstrap_timeout_sec": 15,
	"max_message_queue_size": 100,
	"message_timeout_ticks": 10,
	"compact_wal_entries": 128,
}

clustered if input.qdrant.config.cluster.enabled == true

findings contains {
	"at": ["qdrant", "config", "cluster", "consensus", name],
	"label": sprintf("the default is %v", [default_value]),
	"message": sprintf("`cluster.consensus.%s` is %v instead of %v: peers take slow moments for failures, or real failures for slow moments", [name, value, default_value]),
	"help": sprintf("leave out `%s`", [server.written(sprintf("cluster.consensus.%s", [name]))]),
	"fix": fix.unsafe("go back to the default", [{"at": ["qdrant", "config", "cluster", "consensus", name], "set": default_value}]),
} if {
	clustered
	some name, default_value in defaults
	value := input.qdrant.config.cluster.consensus[name]
	value != default_value
}

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off"} if input.qdrant.config.cluster.enabled == false

skipped contains {"kind": "unknown", "reason": reason} if reason := server.hidden("cluster.consensus.tick_period_ms")
