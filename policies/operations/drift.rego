# METADATA
# title: what runs is not what is declared
# description: |
#   A setting that differs between the files and the cluster was changed by hand, or the files were never rolled out. Either
#   way the next rollout changes it back or for the first time, and until then reviews of the files say nothing of what runs.
# related_resources:
#   - description: OpenGitOps principles
#     ref: https://opengitops.dev/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Roll the files out, or write into them what was changed by hand.
#   guide: []
#   controls: [change-control]
#   since: 0.1.0
package qdrant.operations.drift

import data.qdrant.lib.declared

findings contains {
	"at": array.concat(["declared"], difference.declared_at),
	"label": sprintf("%s runs", [difference.running]),
	"message": sprintf("`%s` is declared as %s and runs as %s", [difference.fact, difference.declared, difference.running]),
	"help": "roll the files out, or write into them what was changed by hand",
	"related": [{"at": difference.at, "message": "this runs"}],
} if {
	some difference in input.drift
}

skipped contains declared.missing
