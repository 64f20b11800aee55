# METADATA
# title: the snapshot is restored from an address that Qdrant refuses
# description: |
#   Qdrant restores from `file://`, `http://` and `https://` and answers 400 to every other scheme. A recovery that was
#   written down with `s3://` fails on the day it is needed.
# related_resources:
#   - description: Qdrant, restore from a URL or a local file
#     ref: https://qdrant.tech/documentation/concepts/snapshots/#restore-snapshot
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: unrecoverable
#   inputs: [manifests, collection, backup]
#   remediation: |
#     Recover from a presigned `https://` address of the object, from a file below the snapshots folder of the peer, or
#     upload the file to `/collections/<name>/snapshots/upload`.
#   guide: [G42]
#   controls: [restore-drill]
#   since: 0.1.0
package qdrant.backup.unsupported_restore_location

findings contains {
	"at": ["backup", "restores", index],
	"label": sprintf("`%s` is refused", [scheme]),
	"message": sprintf("Qdrant restores from file, http and https only: a recovery from `%s://` is answered with 400", [scheme]),
	"help": instead(scheme),
} if {
	some index, restore in input.backup.restores
	scheme := restore.scheme
	not scheme in {"file", "http", "https", ""}
}

skipped contains {"kind": "not-observed", "reason": "no restore is in the input; give the recover body or the job that restores"} if {
	count(input.backup.restores) == 0
}

instead("s3") := "presign the object (`aws s3 presign s3://…`) and give that https address, or upload the file to `/snapshots/upload`"

instead("gs") := "sign the address (`gcloud storage sign-url gs://…`) and give that https address, or upload the file to `/snapshots/upload`"

instead(scheme) := "give an https address of the object, or upload the file to `/snapshots/upload`" if not scheme in {"s3", "gs"}
