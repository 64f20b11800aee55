# METADATA
# title: a key stands twice in one mapping
# description: |
#   Helm and kubectl keep the last of two equal keys and say nothing about the first: whatever stood under it is gone from
#   the deployment although it is still in the file. Other readers keep the first, so two tools may see two deployments.
# related_resources:
#   - description: YAML 1.2.2, mapping keys are unique
#     ref: https://yaml.org/spec/1.2.2/#3213-node-comparison
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: ignored
#   inputs: [values, manifests, collection]
#   remediation: |
#     Merge the two blocks into one and delete the other.
#   controls: [change-control]
#   since: 0.1.0
package qdrant.configuration.duplicate_key

findings contains {
	"at": ["duplicate_keys", index],
	"label": "the last one wins",
	"message": sprintf("`%s` stands twice: what line %d says is lost", [duplicate.key, duplicate.first_line]),
	"help": sprintf("merge it with line %d and keep one", [duplicate.first_line]),
} if {
	some index, duplicate in input.duplicate_keys
}
