# METADATA
# title: no restore is ever rehearsed
# description: |
#   A backup that was never restored is a hope. Snapshots of one peer, damaged downloads and refused addresses all look fine
#   until someone restores them, which should not be the day they are needed.
# related_resources:
#   - description: Qdrant, restore a snapshot
#     ref: https://qdrant.tech/documentation/concepts/snapshots/#restore-snapshot
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: "off"}
#   consequence: unrecoverable
#   needs: [backup]
#   inputs: [manifests, backup]
#   remediation: |
#     Add a CronJob that restores the newest snapshots into a scratch cluster every quarter and runs a known query, or attest
#     the drill as `restore-drill`.
#   guide: [G42]
#   controls: [restore-drill]
#   evidence: [restore-drill]
#   since: 0.1.0
package qdrant.backup.no_restore_drill

findings contains {
	"at": ["backup", "jobs", 0],
	"label": "nothing restores what this saves",
	"message": "the snapshots are never restored here: whether they can be is found out on the day they are needed",
	"help": "add a CronJob that restores the newest snapshot into a scratch cluster at least every quarter and runs a known query, or attest it in `.qdrant-lint.yaml`: `evidence: [{key: restore-drill, …}]`",
} if {
	input.backup.jobs[0]
	not rehearsed
}

findings contains {
	"at": ["backup", "other_means", 0],
	"label": "nothing restores what this saves",
	"message": "the backups are never restored here: whether they can be is found out on the day they are needed",
	"help": "rehearse a restore at least every quarter, and attest it in `.qdrant-lint.yaml`: `evidence: [{key: restore-drill, …}]`",
} if {
	input.backup.other_means[0]
	count(input.backup.jobs) == 0
	not rehearsed
}

skipped contains {"kind": "not-applicable", "reason": "there is no backup to restore: backup/missing speaks of that"} if {
	count(input.backup.jobs) == 0
	count(input.backup.other_means) == 0
}

rehearsed if count(input.backup.drills) > 0

rehearsed if input.evidence["restore-drill"]
