# METADATA
# title: the bucket of the snapshots is open or cannot be rolled back
# description: |
#   A snapshot holds every vector and payload: a public bucket publishes the database. Without versioning or object lock,
#   whoever gets hold of the job's credentials deletes the backups together with the data.
# related_resources:
#   - description: Amazon S3, blocking public access
#     ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#   - description: Amazon S3, Object Lock
#     ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
# custom:
#   severity: {production: high, gcc-sovereign: critical, development: "off"}
#   consequence: exposure
#   inputs: [manifests, backup]
#   remediation: |
#     Block public access in all four settings (or the cloud's equivalent), and turn on versioning with object lock.
#   controls: [exposure, backup-encryption-cmk]
#   evidence: [bucket-access]
#   since: 0.1.0
package qdrant.backup.bucket_exposed

findings contains {
	"at": ["backup", "buckets", index, "public_access_blocked"],
	"label": "public access is not blocked wholly",
	"message": sprintf("%s may be opened to the public: one policy or ACL publishes every snapshot", [bucket.object]),
	"help": public_remedy(bucket),
} if {
	some index, bucket in input.backup.buckets
	bucket.public_access_blocked == false
}

findings contains {
	"at": ["backup", "buckets", index, "versioning"],
	"label": "no versioning, no object lock",
	"message": sprintf("%s keeps neither versions nor a lock: who can write backups can destroy them", [bucket.object]),
	"help": "turn on versioning, and object lock for as long as the backups must live",
	"severity": {"production": "low", "gcc-sovereign": "high"},
} if {
	some index, bucket in input.backup.buckets
	bucket.versioning == false
	bucket.object_lock == false
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "who may read the bucket is set at the store; give the bucket resource, or attest `bucket-access`",
} if {
	uploads
	count(input.backup.buckets) == 0
}

skipped contains {"kind": "not-observed", "reason": "no bucket can be seen; give the bucket resource too"} if {
	not uploads
	count(input.backup.buckets) == 0
}

uploads if {
	some job in input.backup.jobs
	count(job.uploads) > 0
}

uploads if input.backup.native.storage == "s3"

public_remedy(bucket) := "set `publicAccessPrevention: enforced`" if bucket.cloud == "gcp"

public_remedy(bucket) := "forbid public access to blobs in the storage account" if bucket.cloud == "azure"

public_remedy(bucket) := "set `blockPublicAcls`, `blockPublicPolicy`, `ignorePublicAcls` and `restrictPublicBuckets` to true" if not bucket.cloud in {"gcp", "azure"}
