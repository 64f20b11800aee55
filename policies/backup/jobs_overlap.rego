# METADATA
# title: two runs of the backup may overlap
# description: |
#   A run that takes longer than its interval is joined by the next one. Both make snapshots of the same collections,
#   fill the same disk and delete each other's files. Kubernetes allows it unless `concurrencyPolicy: Forbid` is set.
# related_resources:
#   - description: Kubernetes, concurrency policy of a CronJob
#     ref: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [backup]
#   inputs: [manifests, backup]
#   remediation: |
#     Write `concurrencyPolicy: Forbid` in the spec of the CronJob.
#   guide: [G40]
#   controls: [backup-exists]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.backup.jobs_overlap

import data.qdrant.lib.fix

effects := {
	"Allow": "a run that is late is joined by the next, and both fill the peers' disks with snapshots",
	"Replace": "a run that is late is killed by the next: its snapshots stay on the peers and its upload is cut off",
}

findings contains {
	"at": ["backup", "jobs", index, "concurrency_policy"],
	"label": sprintf("`concurrencyPolicy` is `%s`", [policy]),
	"message": sprintf("`%s`: %s", [job.object, effect]),
	"help": "write `concurrencyPolicy: Forbid` beside the schedule",
	"fix": fix.unsafe("let one run end before the next", [{"at": ["backup", "jobs", index, "concurrency_policy"], "object": ["spec", "concurrencyPolicy"], "set": "Forbid"}]),
} if {
	some index, job in input.backup.jobs
	policy := job.concurrency_policy
	policy != "Forbid"
	effect := object.get(effects, policy, "this is no policy that keeps runs apart")
}

skipped contains {"kind": "not-applicable", "reason": "no backup runs on a schedule of its own here"} if {
	every job in input.backup.jobs {
		not job.concurrency_policy
	}
}
