# METADATA
# title: a field of the body does nothing
# description: |
#   Qdrant accepts a body with fields that it does not know: `"replicaton_factor": 2` answers 200 and makes one copy. A field
#   that the running release has dropped, does not know yet or has deprecated is as silent. A word of the wrong case or a wrong
#   type is refused as a whole, with a message about untagged enums that names neither.
# related_resources:
#   - description: Qdrant API reference, create a collection
#     ref: https://api.qdrant.tech/api-reference/collections/create-collection
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: ignored
#   needs: [collections]
#   inputs: [collection]
#   remediation: |
#     Write the field where this release of Qdrant reads it, or take it out.
#   guide: [G27, G39]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.collections.field_ignored

import data.qdrant.lib.collections as words
import data.qdrant.lib.fix

findings contains object.union_n([
	{
		"at": ["collections", index, "ignored_fields", position],
		"label": label(fault),
		"message": sprintf("`%s` of %s: %s", [fault.field, words.name(collection), fault.detail]),
		"help": help(fault),
	},
	severity(fault),
	repair(index, position, fault),
]) if {
	some index, collection in input.collections
	some position, fault in collection.ignored_fields
}

refused := {"enum", "type", "range"}

label(fault) := sprintf("did you mean `%s`?", [fault.instead]) if {
	fault.reason == "unknown"
	fault.instead
}

label(fault) := "Qdrant does not read it" if {
	fault.reason == "unknown"
	not fault.instead
}

label(fault) := "Qdrant refuses the body" if fault.reason in refused

label(fault) := sprintf("%s field", [fault.reason]) if {
	fault.reason != "unknown"
	not fault.reason in refused
}

help(fault) := sprintf("write `%s`", [fault.instead]) if {
	fault.instead
	fault.reason in refused
}

help(fault) := sprintf("write it as `%s: <value>`", [fault.instead]) if {
	fault.instead
	not fault.reason in refused
}

help(fault) := "take it out, or run a release of Qdrant that reads it" if {
	not fault.instead
	fault.reason == "newer"
}

help(fault) := "write a value of the kind that the API takes" if {
	not fault.instead
	fault.reason in refused
}

help(fault) := "take it out; it does nothing" if {
	not fault.instead
	fault.reason in {"unknown", "removed", "deprecated"}
}

severity(fault) := {"severity": "info"} if fault.reason == "deprecated"

severity(fault) := {} if fault.reason != "deprecated"

repair(index, position, fault) := {"fix": {
	"title": sprintf("rename it to `%s`", [fault.instead]),
	"applicability": "safe",
	"edits": [{"at": ["collections", index, "ignored_fields", position], "rename": fault.instead}],
}} if is_misspelled(fault)

repair(index, position, fault) := {"fix": fix.safe("take it out", [{"at": ["collections", index, "ignored_fields", position], "remove": true}])} if {
	does_nothing(fault)
}

repair(_, _, fault) := {} if {
	not is_misspelled(fault)
	not does_nothing(fault)
}

does_nothing(fault) if {
	fault.reason == "removed"
	not fault.instead
}

# The right name belongs to the same mapping.
is_misspelled(fault) if {
	fault.reason == "unknown"
	fault.instead
	not contains(fault.instead, ".")
}
