# METADATA
# title: Qdrant does not read a key of its configuration
# description: |
#   Qdrant says nothing about keys it does not know: a slip of the pen, a key in the wrong table, one of a later or an earlier
#   release leaves the default in force, and the log is silent. What was meant to be secured, limited or sized is not.
#   A whole file is lost when it has another name than the ones Qdrant reads.
# related_resources:
#   - description: Qdrant, configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: ignored
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Write the key where Qdrant reads it, or leave it out.
#   guide: [G27, G53]
#   controls: [change-control]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.configuration.server_key_ignored

import data.qdrant.lib.server

findings contains object.union(
	{
		"at": ["qdrant", "ignored_config", index],
		"label": ignored.detail,
		"message": sprintf("%s does not read `%s`: %s. Nothing warns, the default stays in force", [server.named, server.written(ignored.key), ignored.detail]),
		"help": help(ignored),
		"severity": severity(ignored),
	},
	fix(index, ignored),
) if {
	some index, ignored in input.qdrant.ignored_config
	not ignored.covered_by
}

severity(ignored) := "high" if ignored.severe

else := "medium"

help(ignored) := sprintf("write `%s: <value>`, which this version reads and which comes nearest, or remove `%s` until the upgrade", [server.written(ignored.instead), server.written(ignored.key)]) if {
	ignored.reason == "newer"
	ignored.instead
}

else := sprintf("write it as `%s`", [server.written(ignored.instead)]) if ignored.instead

else := sprintf("remove `%s` until the upgrade to a release that reads it", [server.written(ignored.key)]) if {
	ignored.reason == "newer"
}

else := sprintf("remove `%s`; the configuration reference of your release lists what is read", [server.written(ignored.key)])

# Only a slip in the last part of a key is mended in place.
fix(index, ignored) := {"fix": {
	"title": sprintf("rename it to `%s`", [last(ignored.instead)]),
	"applicability": "safe",
	"edits": [{"at": ["qdrant", "ignored_config", index], "rename": last(ignored.instead)}],
}} if {
	ignored.instead
	ignored.reason in {"unknown", "case"}
	above(ignored.key) == above(ignored.instead)
}

else := {}

last(key) := parts[count(parts) - 1] if parts := split(key, ".")

above(key) := array.slice(parts, 0, count(parts) - 1) if parts := split(key, ".")

findings contains {
	"at": ["qdrant", "unread_files", index],
	"label": "no layer of the configuration has this name",
	"message": sprintf("nothing reads %s: Qdrant reads %s in that folder", [file.path, names]),
	"help": sprintf("mount it as `%s.yaml`", [mode]),
	"severity": "high",
} if {
	some index, file in input.qdrant.unread_files
	not lost_by_run_mode(file)
	names := sprintf("config.yaml, %s.yaml and local.yaml", [mode])
}

default mode := "production"

mode := input.qdrant.run_mode

# configuration/chart-and-server-disagree speaks of these
lost_by_run_mode(file) if {
	mode != "production"
	endswith(file.path, "/production.yaml")
}

skipped contains {"kind": "not-applicable", "reason": "security/tls-misplaced speaks of it"} if {
	count(input.qdrant.ignored_config) > 0
	count(input.qdrant.unseen_layers) == 0
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("a part of the configuration cannot be seen: %s", [concat("; ", input.qdrant.unseen_layers)]),
} if {
	count(input.qdrant.unseen_layers) > 0
}
