# METADATA
# title: the backup leaves collections out
# description: |
#   A job that names its collections saves those and no others. One that is declared but not named, like every collection
#   that is made later, is in no backup, and nobody notices until it is needed.
# related_resources:
#   - description: Qdrant, snapshots
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: data-loss
#   needs: [backup]
#   inputs: [backup, manifests, api]
#   remediation: |
#     List the collections at run time: `curl -fsS "$URL/collections" | jq -er '.result.collections[].name'`.
#   guide: [G40]
#   controls: [backup-exists]
#   since: 0.1.0
package qdrant.backup.collections_left_out

findings contains {
	"at": ["backup", "jobs", index, "collections"],
	"label": sprintf("without %s", [list]),
	"message": sprintf("`%s` names the collections it saves, and %s is not among them: it is in no backup", [job.object, list]),
	"help": "list the collections at run time with `GET /collections`, so that new ones are saved too",
	"related": [{"at": ["collections", place], "message": "this one is left out"} | some place, collection in input.collections; collection.name in left],
} if {
	some index, job in input.backup.jobs
	not job.full
	named := {name | some name in job.collections}
	count(named) > 0
	left := declared - named
	count(left) > 0
	list := concat(", ", [sprintf("`%s`", [name]) | some name in sort(left)])
}

skipped contains {
	"kind": "not-observed",
	"reason": "which collections there are cannot be seen; give their bodies too",
} if {
	some job in input.backup.jobs
	job.collections
	count(declared) == 0
}

skipped contains {"kind": "not-applicable", "reason": "no job makes snapshots through the API"} if {
	count(input.backup.jobs) == 0
}

declared := {collection.name | some collection in input.collections; collection.name}
