# METADATA
# title: the object cannot be installed
# description: |
#   Helm refuses to render these values, or the API server refuses an object they make. Helm and `helm lint` do not check
#   what comes out of the chart, so the release fails half-way: some objects exist, this one does not. Types and validation
#   are those of Kubernetes 1.34; what depends on the cluster is not judged.
# related_resources:
#   - description: Kubernetes API reference
#     ref: https://kubernetes.io/docs/reference/kubernetes-api/
#   - description: Specifying a disruption budget, either minAvailable or maxUnavailable
#     ref: https://kubernetes.io/docs/tasks/run-application/configure-pdb/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-install
#   inputs: [values, manifests]
#   remediation: |
#     Correct the field that the message names.
#   guide: [G20]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.configuration.object_rejected

findings contains object.union_n([finding, related(rejection, index), fix(rejection, index)]) if {
	some index, rejection in input.rejections
	not rejection.covered_by
	finding := {
		"at": ["rejections", index],
		"label": label(rejection),
		"message": sprintf("the API server refuses %s: `%s`: %s", [rejection.object, rejection.field, rejection.message]),
		"help": help(rejection),
	}
}

findings contains {
	"at": ["chart", "render_errors", index],
	"label": "Helm cannot render the chart with this",
	"message": sprintf("Helm refuses to render: %s", [error.message]),
	"help": sprintf("correct `%s`; `helm template` shows Helm's own words", [error.key]),
} if {
	some index, error in input.chart.render_errors
	not tag_unreadable(error)
}

skipped contains {
	"kind": "not-observed",
	"reason": "this input holds no Kubernetes object; give the values or the manifests too",
} if {
	input.deployment.source == "collections"
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("%s is refused; %s says so", [rejection.object, rejection.covered_by]),
} if {
	some rejection in input.rejections
	rejection.covered_by
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the tag of the image stops Helm; versions/image-unpinned says so",
} if {
	some error in input.chart.render_errors
	tag_unreadable(error)
}

tag_unreadable(error) if error.key == "image.tag"

label(rejection) := sprintf("refused beside the default of `%s`", [rejection.unset_key]) if rejection.unset_key

label(rejection) := sprintf("refused beside `%s`", [rejection.collides_with]) if {
	rejection.collides_with
	not rejection.unset_key
}

label(rejection) := "the API server refuses this" if not rejection.collides_with

help(rejection) := sprintf("add `%s: %s`, which takes the chart's default away", [rejection.unset_key, rejection.unset]) if {
	mendable(rejection)
}

help(rejection) := sprintf("write %s", [rejection.instead]) if {
	not mendable(rejection)
	rejection.instead
}

help(rejection) := sprintf("keep one of the two: this or `%s`", [rejection.collides_with]) if {
	not mendable(rejection)
	not rejection.instead
	rejection.collides_with
}

help(rejection) := sprintf("correct `%s` of %s", [rejection.field, rejection.object]) if {
	not mendable(rejection)
	not rejection.instead
	not rejection.collides_with
}

related(rejection, index) := {"related": [{
	"at": ["rejections", index, "collides_with"],
	"message": sprintf("`%s` is rendered too", [rejection.collides_with]),
}]} if {
	rejection.collides_with
}

related(rejection, _) := {} if not rejection.collides_with

# a default that excludes what is written can be taken away without a change of meaning only in the budget
mendable(rejection) if {
	rejection.unset
	startswith(rejection.object, "PodDisruptionBudget/")
}

fix(rejection, index) := {"fix": {
	"title": sprintf("add `%s: %s`", [rejection.unset_key, rejection.unset]),
	"applicability": "safe",
	"edits": [{"at": ["rejections", index, "collides_with"], "set": value}],
}} if {
	mendable(rejection)
	value := {"null": null, "0": 0}[rejection.unset]
}

fix(rejection, _) := {} if not mendable(rejection)
