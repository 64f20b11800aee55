# METADATA
# title: peers are not told how to find each other
# description: |
#   In cluster mode the first peer needs an address of its own (`--uri` or `QDRANT_URI`), all others a peer to join
#   (`--bootstrap` or `QDRANT_BOOTSTRAP`). Without either, Qdrant exits at start; with an address alone, every pod begins a
#   cluster of its own; with the same peer to join for all, the first one waits for itself.
# related_resources:
#   - description: Qdrant, distributed deployment
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/#enabling-distributed-mode-in-self-hosted-qdrant
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: critical}
#   consequence: does-not-start
#   needs: [workload, qdrant.config.cluster.enabled, qdrant.bootstrap]
#   inputs: [manifests, live]
#   remediation: |
#     Start pod 0 with `--uri` and every other pod with `--bootstrap` towards pod 0 and a `--uri` of its own, as the start script
#     of the official chart does.
#   controls: [availability]
#   since: 0.1.0
package qdrant.configuration.peers_cannot_bootstrap

bootstrap := input.qdrant.bootstrap

clustered if input.qdrant.config.cluster.enabled == true

findings contains {
	"at": ["qdrant", "bootstrap"],
	"label": "no --uri and no --bootstrap",
	"message": "cluster mode is on, but no peer is given an address or a peer to join: Qdrant panics with \"Can't initialize consensus\" and exits",
	"help": help,
} if {
	clustered
	bootstrap.how == "none"
}

findings contains {
	"at": ["qdrant", "bootstrap"],
	"label": "no --bootstrap for the other peers",
	"message": sprintf("all %d pods start as the first peer of a cluster of their own: none is told whom to join", [input.deployment.peers]),
	"help": help,
} if {
	clustered
	input.deployment.peers > 1
	bootstrap.first_peer_has_uri == true
	bootstrap.others_bootstrap == false
}

findings contains {
	"at": ["qdrant", "bootstrap"],
	"label": "the first peer joins itself",
	"message": "every pod, the first one too, joins pod 0: pod 0 waits for itself and a new cluster never starts",
	"help": help,
} if {
	clustered
	bootstrap.first_peer_bootstraps == true
}

help := "let a script choose by the ordinal in HOSTNAME: pod 0 runs `./entrypoint.sh --uri http://<name>-0.<headless service>:6335`, pod N adds `--bootstrap http://<name>-0.<headless service>:6335` and its own --uri"

skipped contains {"kind": "not-applicable", "reason": "cluster mode is off"} if input.qdrant.config.cluster.enabled == false

skipped contains {"kind": "unknown", "reason": "the start script was not given"} if {
	clustered
	bootstrap.how == "unknown"
}
