# METADATA
# title: an exemption matches nothing
# description: |
#   The finding that a comment, an annotation or a waiver accepts is gone, or the rule's name is misspelt. What stays behind
#   hides the same fault unseen when it comes back. It is told only where the rule judged all that the exemption could be
#   about.
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: low}
#   consequence: ignored
#   inputs: [governance]
#   remediation: |
#     Remove it, or write the rule's id as `qdrant-lint rules` lists it.
#   controls: [technical-compliance-checking]
#   since: 0.1.0
package qdrant.waivers.unused

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "matches nothing",
	"message": sprintf("this %s for `%s` matches nothing: it would hide the same fault when it comes back", [kind, rule]),
	"help": sprintf("remove the %s", [kind]),
} if {
	some index, exemption in input.governance.exemptions
	exemption.rules > 0
	exemption.findings == 0
	exemption.conclusive
	not expired(exemption)
	kind := exemption.kind
	rule := exemption.rule
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "no such rule",
	"message": sprintf("this %s accepts nothing: no rule is called `%s`", [kind, rule]),
	"help": help(exemption),
} if {
	some index, exemption in input.governance.exemptions
	exemption.rules == 0
	exemption.rule != ""
	not exemption.about_exemptions
	kind := exemption.kind
	rule := exemption.rule
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "names no rule",
	"message": sprintf("this %s names no rule and accepts nothing", [kind]),
	"help": "write `# qdrant-lint: ignore[concern/rule] reason`",
} if {
	some index, exemption in input.governance.exemptions
	exemption.rule == ""
	kind := exemption.kind
}

findings contains {
	"at": ["governance", "exemptions", index],
	"label": "takes no exemption",
	"message": sprintf("`%s` is about exemptions and takes none itself: this %s accepts nothing", [rule, kind]),
	"help": sprintf("set its severity in .qdrant-lint.yaml: `rules: {%s: off}`", [rule]),
} if {
	some index, exemption in input.governance.exemptions
	exemption.about_exemptions
	kind := exemption.kind
	rule := exemption.rule
}

expired(exemption) if exemption.days_left < 0

help(exemption) := sprintf("did you mean `%s`? `qdrant-lint rules` lists them all", [exemption.nearest])

help(exemption) := "`qdrant-lint rules` lists them all" if not exemption.nearest
