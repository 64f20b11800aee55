# METADATA
# title: a waiver lasts longer than its severity allows
# description: |
#   A waiver that outlives those who decided it is a silent change of the policy. The worse the finding, the sooner someone has
#   to look again.
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: "off"}
#   consequence: blind
#   inputs: [governance]
#   remediation: |
#     Write an earlier `until`, and renew the waiver when the day comes.
#   controls: [technical-compliance-checking]
#   params:
#     critical: {default: 30, unit: days, description: "how far ahead a waiver for a critical finding may end"}
#     high: {default: 90, unit: days, description: "likewise for high"}
#     medium: {default: 180, unit: days, description: "likewise for medium"}
#     low: {default: 365, unit: days, description: "likewise for low"}
#     info: {default: 365, unit: days, description: "likewise for info"}
#   since: 0.1.0
package qdrant.waivers.too_long

findings contains {
	"at": ["governance", "exemptions", index, "until"],
	"label": sprintf("%d days ahead", [left]),
	"message": sprintf("the waiver for `%s` lasts %d more days; for %s findings at most %v are allowed", [rule, left, worst, most]),
	"help": sprintf("end it within %v days, and renew it then if it must stay", [most]),
} if {
	some index, exemption in input.governance.exemptions
	worst := exemption.worst
	most := input.params["waivers/too-long"][worst]
	left := exemption.days_left
	left > most
	rule := exemption.rule
}
