# METADATA
# title: backups leave the region
# description: |
#   A snapshot is a copy of all the data. Kept in another country it breaks a residency duty just as the database itself
#   would, and rules that the cluster obeys do not hold for the bucket.
# related_resources:
#   - description: Amazon S3, regions and endpoints
#     ref: https://docs.aws.amazon.com/general/latest/gr/s3.html
# custom:
#   severity: {production: high, gcc-sovereign: critical, development: "off"}
#   consequence: residency
#   inputs: [values, manifests, backup]
#   remediation: |
#     Keep the bucket and its key in a region that `residency` allows, and name the region in the upload.
#   guide: [G47]
#   controls: [residency]
#   evidence: [residency]
#   since: 0.1.0
package qdrant.backup.outside_region

findings contains {
	"at": ["backup", "stores", index],
	"label": sprintf("outside %s", [allowed_in_words]),
	"message": sprintf("%s keeps backups in `%s`%s, outside %s", [store.object, store.region, country(store), allowed_in_words]),
	"help": sprintf("use a bucket (and a key) within %s", [allowed_in_words]),
} if {
	some index, store in input.backup.stores
	declared
	located(store)
	not allowed(store)
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "which countries are allowed is not declared; write `residency.countries`, for the Gulf some of AE, SA, QA, BH, KW, OM",
} if {
	input.profile == "gcc-sovereign"
	not declared
}

skipped contains {"kind": "not-applicable", "reason": "no residency is declared"} if {
	input.profile != "gcc-sovereign"
	not declared
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "where the bucket lies cannot be read: neither region nor endpoint is written; name it, or attest `residency`",
} if {
	declared
	uploads
	count([store | some store in input.backup.stores; located(store)]) == 0
	not input.evidence.residency
}

skipped contains {"kind": "not-observed", "reason": "no upload, bucket or S3 snapshot storage can be seen; give the backup job or the bucket resource too"} if {
	declared
	not uploads
	count(input.backup.stores) == 0
}

uploads if {
	some job in input.backup.jobs
	count(job.uploads) > 0
}

uploads if input.backup.native.storage == "s3"

declared if count(object.get(input.residency, "countries", [])) > 0

declared if count(object.get(input.residency, "regions", [])) > 0

allowed(store) if store.country in input.residency.countries

allowed(store) if sprintf("%s:%s", [store.cloud, store.region]) in input.residency.regions

# Google's multi-regions span countries
located(store) if store.region in {"us", "eu", "asia"}

located(store) if store.country

# with regions alone declared, any other one is outside whatever its country
located(store) if {
	store.cloud
	not input.residency.countries
}

country(store) := sprintf(" (%s)", [store.country]) if store.country

country(store) := "" if not store.country

allowed_in_words := concat(", ", array.concat(
	object.get(input.residency, "countries", []),
	object.get(input.residency, "regions", []),
))
