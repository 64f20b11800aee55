# METADATA
# title: snapshots are made and never deleted
# description: |
#   Qdrant keeps every snapshot on the peer until someone deletes it; each is as large as the collection. When the disk is
#   full, writes stop.
# related_resources:
#   - description: Qdrant, snapshots
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: []
#   inputs: [backup, manifests, api]
#   params:
#     most: {default: 3, unit: snapshots, description: "of one collection on one peer"}
#   remediation: |
#     Delete the snapshot after its upload: `curl -fsS -X DELETE "$URL/collections/$C/snapshots/$NAME"`.
#   guide: [G40]
#   controls: [capacity]
#   since: 0.1.0
package qdrant.backup.snapshots_accumulate

findings contains {
	"at": ["backup", "jobs", index],
	"label": "makes snapshots, deletes none",
	"message": sprintf("`%s` never deletes the snapshots it makes: each stays on the peer's disk, and a full disk stops all writes", [job.object]),
	"help": "delete each snapshot after its upload: `curl -fsS -X DELETE \"$URL/collections/$C/snapshots/$NAME\"`",
} if {
	some index, job in input.backup.jobs
	job.readable
	job.recurs
	not job.deletes
	not in_bucket
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("the script of `%s` is not in the input", [job.object]),
} if {
	some job in input.backup.jobs
	not job.readable
}

skipped contains {"kind": "not-applicable", "reason": "snapshots go to the bucket, not to the peers' disks"} if in_bucket

skipped contains {"kind": "not-applicable", "reason": "no job makes snapshots through the API"} if {
	"backup" in input.observed
	not asked
	count(input.backup.jobs) == 0
}

# What lies on the peers, whoever made it.
findings contains {
	"at": ["collections", index, "running", "snapshots", place],
	"label": sprintf("%d snapshots", [held.count]),
	"message": sprintf("%d snapshots of `%s` lie on %s (%v GiB), and more will come: a full disk stops all writes", [held.count, collection.name, held.peer, round((held.bytes * 10) / 1073741824) / 10]),
	"help": "delete those that were fetched: `DELETE /collections/NAME/snapshots/SNAPSHOT` on that peer",
} if {
	some index, collection in input.collections
	some place, held in collection.running.snapshots
	held.count > input.params["backup/snapshots-accumulate"].most
}

asked if {
	some collection in input.collections
	count(collection.running.snapshots) > 0
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.backup} if {
	not "backup" in input.observed
	not asked
}

in_bucket if input.backup.native.storage == "s3"
