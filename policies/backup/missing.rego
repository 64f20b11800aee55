# METADATA
# title: nothing backs the collections up
# description: |
#   Replicas repair a lost disk, not a deleted collection, a bad bulk update or a lost cluster. Without snapshots that
#   are taken regularly and kept elsewhere such a loss is final: the vectors have to be computed anew.
# related_resources:
#   - description: Qdrant, snapshots
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: data-loss
#   needs: []
#   inputs: [manifests, live, api]
#   params:
#     age: {default: 26, unit: hours, description: "that the newest snapshot on a peer may have, where nothing else backs it up"}
#   remediation: |
#     Add a CronJob that makes, fetches and uploads a snapshot of every collection on every peer, or a schedule of
#     VolumeSnapshots of the data volumes.
#   guide: [G40]
#   controls: [backup-exists]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.backup.missing

import data.qdrant.lib.fix

findings contains {
	"at": ["workload"],
	"label": "no job, schedule or snapshot is about these peers",
	"message": "nothing in these manifests backs the collections up: what is deleted or lost cannot be brought back",
	"help": "add a CronJob that snapshots every collection on every peer and uploads the files, or a VolumeSnapshot schedule of the data volumes",
} if {
	"backup" in input.observed
	input.workload
	not backed_up
}

# Snapshots that lie on the peers and are the only ones.
findings contains {
	"at": ["collections", index, "running", "snapshots", place],
	"label": sprintf("%d hours old", [held.age_hours]),
	"message": sprintf("the newest snapshot of `%s` on %s is %d hours old (%s UTC), and nothing else is seen that backs it up", [collection.name, held.peer, held.age_hours, held.newest]),
	"help": "make snapshots regularly on every peer and upload them; `params` of this rule set the hours",
} if {
	some index, collection in input.collections
	some place, held in collection.running.snapshots
	held.age_hours > input.params["backup/missing"].age
	not backed_up
}

skipped contains {"kind": "not-observed", "reason": input.unobserved.backup} if {
	not "backup" in input.observed
}

findings contains {
	"at": ["backup", "jobs", index, "suspended"],
	"label": "no run starts while this is true",
	"message": sprintf("`%s` is suspended, and nothing else backs the collections up", [job.object]),
	"help": "set `suspend: false`",
	"fix": fix.unsafe("let it run", [{"at": ["backup", "jobs", index, "suspended"], "set": false}]),
} if {
	some index, job in input.backup.jobs
	object.get(job, "suspended", false)
	not runs_again
}

findings contains {
	"at": ["backup", "jobs", index],
	"label": "it runs once",
	"message": sprintf("`%s` makes a snapshot once: nothing repeats it, and what changes afterwards is in no backup", [job.object]),
	"help": "make it a CronJob with a schedule",
} if {
	some index, job in input.backup.jobs
	not job.recurs
	not runs_again
	not suspended_one
}

findings contains {
	"at": ["backup", "jobs", index],
	"label": "makes snapshots, fetches none",
	"message": sprintf("`%s` leaves its snapshots on the peers' own disks: they are lost together with the data", [job.object]),
	"help": "fetch each snapshot and upload it to an object store, then delete it from the peer",
	"severity": {"production": "medium", "gcc-sovereign": "high"},
} if {
	some index, job in input.backup.jobs
	job.readable
	job.recurs
	not job.leaves_peers
	not object.get(job, "suspended", false)
	not to_store
	not elsewhere
}

# the server writes its snapshots to a bucket by itself
to_store if input.backup.native.storage == "s3"

elsewhere if count(input.backup.other_means) > 0

elsewhere if {
	some job in input.backup.jobs
	job.leaves_peers
}

elsewhere if {
	some job in input.backup.jobs
	not job.readable
}

backed_up if count(input.backup.jobs) > 0

backed_up if count(input.backup.other_means) > 0

runs_again if count(input.backup.other_means) > 0

runs_again if {
	some job in input.backup.jobs
	job.recurs
	not object.get(job, "suspended", false)
}

suspended_one if {
	some job in input.backup.jobs
	object.get(job, "suspended", false)
}
