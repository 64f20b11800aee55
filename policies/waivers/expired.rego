# METADATA
# title: a waiver has expired
# description: |
#   A waiver accepts a finding until a day. That day has passed: what it covered counts again, and the decision to accept it
#   is nobody's any more.
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: low}
#   consequence: ignored
#   inputs: [governance]
#   remediation: |
#     Mend what it covered and remove it, or renew it with a new day and someone who answers for it.
#   controls: [technical-compliance-checking]
#   since: 0.1.0
package qdrant.waivers.expired

findings contains {
	"at": ["governance", "exemptions", index, "until"],
	"label": sprintf("%d days ago", [ago]),
	"message": sprintf("the waiver for `%s` expired on %s, %d days ago%s", [rule, until, ago, consequence(exemption)]),
	"help": sprintf("mend what it covered and remove it, or renew it with a new day%s", [owner(exemption)]),
} if {
	some index, exemption in input.governance.exemptions
	exemption.days_left < 0
	ago := 0 - exemption.days_left
	rule := exemption.rule
	until := exemption.until
}

consequence(exemption) := sprintf(": the %d findings that it covered count again", [exemption.findings]) if {
	exemption.findings > 1
}

consequence(exemption) := ": the finding that it covered counts again" if exemption.findings == 1

consequence(exemption) := "" if exemption.findings == 0

owner(exemption) := " and an owner" if "owner" in exemption.missing

owner(exemption) := "" if not "owner" in exemption.missing
