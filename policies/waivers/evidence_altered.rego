# METADATA
# title: the record of an attestation is not the one that was attested
# description: |
#   The digest in the attestation is not that of the file it names, or the file cannot be read: what was signed off is not
#   what lies there now. The attestation does not count.
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: low}
#   consequence: blind
#   inputs: [governance]
#   remediation: |
#     Read the record anew and attest it with its digest (`sha256sum FILE`), or bring the attested one back.
#   controls: [technical-compliance-checking]
#   since: 0.1.0
package qdrant.waivers.evidence_altered

findings contains {
	"at": ["governance", "evidence", index, "altered"],
	"label": "not what was attested",
	"message": sprintf("the record of the evidence for `%s` %s: it proves nothing", [key, how]),
	"help": "read the record anew and write its digest (`sha256sum FILE`), or bring the attested one back",
} if {
	some index, evidence in input.governance.evidence
	how := evidence.altered
	key := evidence.key
}
