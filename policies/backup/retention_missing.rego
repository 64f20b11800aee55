# METADATA
# title: nothing removes old backups
# description: |
#   Every run adds a copy of all data. Without a lifecycle rule or a step that prunes, the store grows for ever, and data
#   that had to be deleted lives on in it.
# related_resources:
#   - description: Amazon S3, lifecycle rules
#     ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: waste
#   needs: [backup]
#   inputs: [manifests, backup]
#   remediation: |
#     Add a lifecycle rule to the bucket, such as: 30 days in the standard class, 90 in infrequent access, deleted after 365.
#   guide: [G41]
#   controls: [backup-exists]
#   evidence: [snapshot-retention]
#   since: 0.1.0
package qdrant.backup.retention_missing

findings contains {
	"at": ["backup", "buckets", index, "lifecycle"],
	"label": "no lifecycle rule",
	"message": sprintf("%s keeps every backup for ever: it has no lifecycle rule, and no job prunes", [bucket.object]),
	"help": "add a lifecycle rule: 30 days in the standard class, 90 in infrequent access, deleted after 365",
} if {
	some index, bucket in input.backup.buckets
	bucket.lifecycle == false
	not pruned
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "whether the store removes old backups is set there; give the bucket resource, or attest `snapshot-retention`",
} if {
	some job in input.backup.jobs
	count(job.uploads) > 0
	not pruned
	not lives
	not input.evidence["snapshot-retention"]
}

skipped contains {"kind": "not-observed", "reason": "no upload and no bucket can be seen; give the bucket resource too"} if {
	count([upload | some job in input.backup.jobs; some upload in job.uploads]) == 0
	count(input.backup.buckets) == 0
}

pruned if {
	some job in input.backup.jobs
	job.prunes
}

lives if {
	some bucket in input.backup.buckets
	bucket.lifecycle == true
}
