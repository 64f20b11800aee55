# METADATA
# title: an attestation has expired
# description: |
#   What no file can prove is attested until a day. That day has passed: the statement needs evidence again.
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: low}
#   consequence: blind
#   inputs: [governance]
#   remediation: |
#     Look again, and write the new day and who looked.
#   controls: [technical-compliance-checking]
#   since: 0.1.0
package qdrant.waivers.evidence_expired

findings contains {
	"at": ["governance", "evidence", index, "until"],
	"label": sprintf("%d days ago", [ago]),
	"message": sprintf("the evidence for `%s` (by %s) expired on %s, %d days ago: it proves nothing any more", [key, by, until, ago]),
	"help": "look again, and write the new day and who looked",
} if {
	some index, evidence in input.governance.evidence
	evidence.days_left < 0
	ago := 0 - evidence.days_left
	key := evidence.key
	by := evidence.by
	until := evidence.until
}
