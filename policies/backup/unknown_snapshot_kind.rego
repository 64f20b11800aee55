# METADATA
# title: no operator knows this kind of snapshot
# description: |
#   `QdrantSnapshot` appears in articles, and is no resource of any operator. The official one has QdrantClusterSnapshot,
#   QdrantClusterScheduledSnapshot and QdrantClusterRestore. Kubernetes refuses a kind it does not know, so there is no backup.
# related_resources:
#   - description: Qdrant, Kubernetes API of the operator
#     ref: https://github.com/qdrant/kubernetes-api
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: data-loss
#   inputs: [manifests]
#   remediation: |
#     With the official operator use `qdrant.io/v1` QdrantClusterScheduledSnapshot with `schedule` and `retention`; without it a
#     CronJob that calls the snapshot API on every peer.
#   guide: [G61]
#   controls: [backup-exists]
#   since: 0.1.0
package qdrant.backup.unknown_snapshot_kind

findings contains {
	"at": ["backup", "unknown_kinds", index],
	"label": "no such kind",
	"message": sprintf("`%s` is no resource of any known operator: Kubernetes refuses it, and nothing is backed up", [kind.kind]),
	"help": sprintf("with the official operator write `%s`; without it a CronJob that calls the snapshot API on every peer", [kind.instead]),
} if {
	some index, kind in input.backup.unknown_kinds
	not kind.without_retention
}

findings contains {
	"at": ["backup", "unknown_kinds", index],
	"label": "no `retention`",
	"message": sprintf("`%s` has no `retention`, which is required: it is refused, and nothing is backed up", [kind.kind]),
	"help": "add `retention` in hours, such as `retention: 720h`",
} if {
	some index, kind in input.backup.unknown_kinds
	kind.without_retention
}
