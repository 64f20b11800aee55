# METADATA
# title: the declared volume size is not the one that runs
# description: |
#   The claim templates of a StatefulSet cannot be changed: Kubernetes refuses the update as a whole, with everything else
#   that it would have brought. Volumes grow one by one, by their claims.
# related_resources:
#   - description: Qdrant, Helm chart, resizing volumes
#     ref: https://github.com/qdrant/qdrant-helm/tree/main/charts/qdrant
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: outage
#   needs: []
#   inputs: [values, manifests, live]
#   remediation: |
#     Enlarge each claim, delete the StatefulSet with `--cascade=orphan`, and apply the declared one.
#   guide: []
#   controls: [capacity]
#   since: 0.1.0
package qdrant.storage.claim_size_changed

import data.qdrant.lib.declared

findings contains {
	"at": ["declared", "storage", "data", "size_bytes"],
	"label": sprintf("%v GiB run", [gib(running)]),
	"message": sprintf("the declared claim has %v GiB and the running one %v GiB: Kubernetes refuses the whole update", [gib(wanted), gib(running)]),
	"help": help,
} if {
	input.declared.storage.data.kind == "claim-template"
	input.storage.data.kind == "claim-template"
	wanted := input.declared.storage.data.size_bytes
	running := input.storage.data.size_bytes
	wanted != running
}

gib(bytes) := round((bytes * 10) / 1073741824) / 10

help := "a volume cannot shrink: declare the size that runs, or restore snapshots into new volumes" if {
	input.declared.storage.data.size_bytes < input.storage.data.size_bytes
} else := "enlarge each claim (`kubectl patch pvc`), delete the StatefulSet with `--cascade=orphan`, then apply"

skipped contains declared.missing
