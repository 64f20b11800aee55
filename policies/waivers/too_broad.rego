# METADATA
# title: an exemption covers more than one decision
# description: |
#   An exemption for many rules, or for one rule everywhere, also accepts what nobody has looked at yet: the next critical
#   finding is born accepted.
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: low}
#   consequence: blind
#   inputs: [governance]
#   remediation: |
#     Name the rules one by one, and narrow a waiver by `deployment`, `object` or `path`.
#   controls: [technical-compliance-checking]
#   params:
#     findings: {default: 25, unit: findings, description: "more than this covered by one waiver is too broad"}
#   since: 0.1.0
package qdrant.waivers.too_broad

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "every rule",
	"message": sprintf("this %s accepts every rule: nothing that it covers is found any more", [kind]),
	"help": "name the rules that it is about",
} if {
	some index, exemption in input.governance.exemptions
	exemption.everything
	kind := exemption.kind
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": sprintf("%d rules, everywhere", [count_of]),
	"message": sprintf("the waiver for `%s` accepts %d rules in every deployment, object and file", [rule, count_of]),
	"help": "name the rules one by one, or narrow it by `deployment`, `object` or `path`",
} if {
	some index, exemption in input.governance.exemptions
	exemption.kind == "waiver"
	not exemption.everything
	not exemption.scoped
	exemption.rules > 1
	rule := exemption.rule
	count_of := exemption.rules
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": sprintf("covers %d findings", [covered]),
	"message": sprintf("the waiver for `%s` covers %d findings: more than %v were hardly looked at one by one", [rule, covered, most]),
	"help": "narrow it by `deployment`, `object` or `path`, or set the rule's severity under `rules`",
} if {
	some index, exemption in input.governance.exemptions
	exemption.kind == "waiver"
	not exemption.everything
	not many_rules(exemption)
	most := input.params["waivers/too-broad"].findings
	exemption.findings > most
	rule := exemption.rule
	covered := exemption.findings
}

many_rules(exemption) if {
	not exemption.scoped
	exemption.rules > 1
}
