# METADATA
# title: the configuration stops Qdrant at start
# description: |
#   Qdrant reads all layers of its configuration into one set of typed settings and exits when one does not fit: a text where
#   a boolean is needed, a null where a value is needed, a file that is no YAML. `indexing_threshold`, `max_segment_size` and
#   `full_scan_threshold` are second names of settings that the configuration inside the binary already holds under
#   `…_kb`: both together are a duplicate field. Every pod then exits with 1 and restarts for ever.
# related_resources:
#   - description: Qdrant, configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/
#   - description: qdrant/qdrant issue 5497, a duplicate field in the configuration
#     ref: https://github.com/qdrant/qdrant/issues/5497
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: critical}
#   consequence: does-not-start
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Write the name and the type that Qdrant expects.
#   guide: [G28]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.configuration.crashes_at_start

import data.qdrant.lib.server

findings contains object.union(
	{
		"at": ["qdrant", "startup_errors", index],
		"label": label(error),
		"message": sprintf("Qdrant exits at start, every pod restarts for ever: %s", [error.message]),
		"help": help(error),
	},
	fix(index, error),
) if {
	some index, error in input.qdrant.startup_errors
}

from_environment(error) if startswith(upper(error.key), "QDRANT__")

label(error) := sprintf("write `%s`", [error.instead]) if error.kind == "duplicate-field"

else := "Qdrant cannot read this file" if {
	error.kind == "yaml"
}

else := "not a value that Qdrant takes"

help(error) := sprintf("rename it to `%s`; the unit stays kilobytes of vectors", [error.instead]) if {
	error.kind == "duplicate-field"
}

else := sprintf("mend the YAML of %s", [error.key]) if error.kind == "yaml"

else := sprintf("%s (`%s`)", [error.instead, server.written(error.key)]) if error.instead

else := sprintf("give %s a value of the expected kind, without spaces or inner quotes", [error.key]) if from_environment(error)

else := sprintf("give `%s` a value of the expected kind", [server.written(error.key)])

fix(index, error) := {"fix": {
	"title": sprintf("rename it to `%s`", [error.instead]),
	"applicability": "safe",
	"edits": [edit],
}} if {
	error.kind == "duplicate-field"
	edit := renaming(index, error)
}

else := {}

renaming(index, error) := {"at": ["qdrant", "startup_errors", index], "set": error.instead} if from_environment(error)

else := {"at": ["qdrant", "startup_errors", index], "rename": error.instead}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("a part of the configuration cannot be seen: %s", [concat("; ", input.qdrant.unseen_layers)]),
} if {
	count(input.qdrant.unseen_layers) > 0
}
