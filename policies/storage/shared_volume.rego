# METADATA
# title: several writers may share the data volume
# description: |
#   Each peer owns its storage folder; a second process on the same files exits, or destroys what the first one wrote.
#   A claim that every peer mounts, or one that may be mounted from many nodes, invites exactly that, and such access
#   modes are mostly served by network file systems.
# related_resources:
#   - description: Kubernetes, access modes of persistent volumes
#     ref: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: data-loss
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give each peer a claim of its own (volumeClaimTemplates of a StatefulSet) with access mode ReadWriteOnce.
#   guide: [G4, G19]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.storage.shared_volume

import data.qdrant.lib.fix

findings contains {
	"at": ["storage", "data"],
	"severity": "critical",
	"label": sprintf("one claim for %d peers", [peers]),
	"message": sprintf("all %d peers mount the one claim `%s`: they overwrite each other's segments", [peers, name]),
	"help": "use `volumeClaimTemplates` in a StatefulSet, so that each peer gets a claim of its own",
} if {
	volume := input.storage.data
	volume.kind == "claim"
	volume.shared_by_peers
	peers := input.deployment.peers
	name := volume.name
}

findings contains {
	"at": ["storage", "data", "access_modes"],
	"label": sprintf("%s lets many nodes mount it", [mode]),
	"message": sprintf("the data volume is requested %s: a second process may write into a peer's storage", [mode]),
	"help": sprintf("write `accessModes: [ReadWriteOnce]` instead of %s", [mode]),
	"fix": alone,
} if {
	some mode in input.storage.data.access_modes
	mode == "ReadWriteMany"
}

findings contains {
	"at": ["storage", "data", "access_modes"],
	"label": "Qdrant cannot write to it",
	"message": "the data volume is requested ReadOnlyMany: Qdrant cannot write to it and exits",
	"help": "write `accessModes: [ReadWriteOnce]`",
	"fix": alone,
} if {
	modes := input.storage.data.access_modes
	"ReadOnlyMany" in modes
	not "ReadWriteMany" in modes
	not "ReadWriteOnce" in modes
	not "ReadWriteOncePod" in modes
}

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("the data lies on a %s: storage/ephemeral speaks of it", [kind]),
} if {
	kind := input.storage.data.kind
	kind in {"empty-dir", "container-layer", "generic-ephemeral"}
}

alone := fix.unsafe("let one node mount it", [{"at": ["storage", "data", "access_modes"], "set": ["ReadWriteOnce"]}])
