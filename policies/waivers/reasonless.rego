# METADATA
# title: an exemption gives no reason
# description: |
#   An exemption without a reason cannot be reviewed: nobody can tell a decision from a shortcut. It does not count, and what
#   it covers stays open. The configuration may ask waivers for an owner and a ticket too.
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: low}
#   consequence: ignored
#   inputs: [governance]
#   remediation: |
#     Say why the finding is accepted: `# qdrant-lint: ignore[rule] reason`, `reason:` in a waiver.
#   controls: [technical-compliance-checking]
#   params:
#     required: {default: [reason], description: "what an exemption must say: `reason`; of waivers also `owner` and `ticket`"}
#   since: 0.1.0
package qdrant.waivers.reasonless

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "no reason",
	"message": sprintf("this %s for `%s` gives no reason and does not count: what it covers stays open", [kind, rule]),
	"help": advice[kind],
} if {
	some index, exemption in input.governance.exemptions
	"reason" in exemption.missing
	"reason" in required
	exemption.rule != ""
	kind := exemption.kind
	rule := exemption.rule
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": sprintf("no %s", [key]),
	"message": sprintf("the waiver for `%s` names no %s, which the configuration asks for", [rule, key]),
	"help": sprintf("write `%s:` into the waiver", [key]),
} if {
	some index, exemption in input.governance.exemptions
	some key in exemption.missing
	key in required
	key != "reason"
	rule := exemption.rule
}

required := {key | some key in input.params["waivers/reasonless"].required}

advice := {
	"comment": "say why behind the brackets: `# qdrant-lint: ignore[concern/rule] reason`",
	"annotation": "say why behind the rule: `concern/rule=reason`",
	"waiver": "write `reason:` into the waiver",
}
