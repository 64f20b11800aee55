# METADATA
# title: snapshots are not encrypted with a key of your own
# description: |
#   A snapshot holds every vector and payload. Encryption with the provider's own key protects against a stolen disk, not
#   against the provider or a reader with access to the bucket; a customer-managed key can be revoked, and its use is
#   logged. An upload that asks for AES256 overrides a bucket whose default is a customer-managed key.
# related_resources:
#   - description: Amazon S3, encryption with KMS keys
#     ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: "off"}
#   consequence: exposure
#   inputs: [values, manifests, backup]
#   remediation: |
#     Upload with `--sse aws:kms --sse-kms-key-id <ARN of your key>`, or give the bucket a default encryption with your
#     key and send no encryption header.
#   guide: [G52]
#   controls: [backup-encryption-cmk]
#   evidence: [bucket-key]
#   since: 0.1.0
package qdrant.backup.not_encrypted_with_own_key

# an explicit header beats the default of the bucket
findings contains {
	"at": ["backup", "jobs", index, "uploads", number, "sse"],
	"label": "the provider's key, whatever the bucket says",
	"message": sprintf("`%s` uploads with `%s`, the provider's own key: it overrides a customer-managed key of the bucket", [job.object, upload.sse]),
	"help": remedy(upload),
} if {
	some index, job in input.backup.jobs
	some number, upload in job.uploads
	not upload.own_key
	not is_kms(upload.sse)
}

findings contains {
	"at": ["backup", "jobs", index, "uploads", number, "sse"],
	"label": "no key is named",
	"message": sprintf("`%s` uploads with `%s` without the id of a key: the provider's managed key is used", [job.object, upload.sse]),
	"help": remedy(upload),
} if {
	some index, job in input.backup.jobs
	some number, upload in job.uploads
	not upload.own_key
	is_kms(upload.sse)
	not own(object.get(upload, "kms_key", ""))
}

findings contains {
	"at": ["backup", "buckets", index, "encryption"],
	"label": labels[bucket.encryption],
	"message": sprintf("%s, which snapshots are kept in, %s", [bucket.object, effects[bucket.encryption]]),
	"help": "name a key of your own as the bucket's default encryption (`sseAlgorithm: aws:kms` with the key's ARN, or the cloud's equivalent)",
} if {
	some index, bucket in input.backup.buckets
	bucket.encryption in {"provider-key", "none"}
}

findings contains {
	"at": ["backup", "native", "sse"],
	"label": "not a key of your own",
	"message": sprintf("the server writes snapshots to S3 with `%s`: not a key of your own", [input.backup.native.sse]),
	"help": "set `AWS_SERVER_SIDE_ENCRYPTION=aws:kms` and `AWS_SSE_KMS_KEY_ID` to your key in the environment of the peers",
} if {
	input.backup.native.storage == "s3"
	sse := input.backup.native.sse
	not own_native(sse)
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "the upload names no encryption, so the default of the bucket decides, which is not in the input; give the bucket resource, or attest its key as `bucket-key`",
} if {
	undecided
	not by_bucket
}

skipped contains {"kind": "not-observed", "reason": "no upload, bucket or S3 snapshot storage can be seen; give the backup job or the bucket resource too"} if {
	count([upload | some job in input.backup.jobs; some upload in job.uploads]) == 0
	count(input.backup.buckets) == 0
	not is_native
}

undecided if {
	some job in input.backup.jobs
	some upload in job.uploads
	not upload.own_key
	not upload.sse
}

undecided if {
	is_native
	not input.backup.native.sse
}

by_bucket if {
	some bucket in input.backup.buckets
	bucket.encryption == "customer-key"
}

is_native if input.backup.native.storage == "s3"

own_native(sse) if {
	is_kms(sse)
	own(object.get(input.backup.native, "kms_key", ""))
}

is_kms(sse) if sse in {"aws:kms", "aws:kms:dsse"}

own(key) if {
	key != ""
	not startswith(key, "alias/aws/")
	not contains(key, ":alias/aws/")
}

labels := {
	"provider-key": "the provider's key",
	"none": "no encryption with a key of your own",
}

effects := {
	"provider-key": "is encrypted with the provider's own key",
	"none": "names no encryption with a key of your own",
}

remedy(upload) := "upload with `--enc-kms ALIAS/BUCKET=KEY`" if upload.tool == "mc"

remedy(upload) := "write `--s3-server-side-encryption aws:kms --s3-sse-kms-key-id <ARN of your key>`" if upload.tool == "rclone"

remedy(upload) := "write `--sse aws:kms --sse-kms-key-id <ARN of your key>`" if not upload.tool in {"mc", "rclone"}
