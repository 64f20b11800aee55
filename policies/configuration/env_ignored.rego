# METADATA
# title: Qdrant does not read an environment variable
# description: |
#   Qdrant takes variables that begin with `QDRANT__`, with two underscores between the parts of a key. A name with single
#   underscores, a wrong path or a key of another release is passed over without a word, so that a key, a TLS switch or
#   the telemetry switch looks set and is not.
# related_resources:
#   - description: Qdrant, environment variables
#     ref: https://qdrant.tech/documentation/guides/configuration/#environment-variables
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: ignored
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Rename the variable to `QDRANT__` and the parts of the key, joined by two underscores.
#   guide: [G53]
#   controls: [change-control]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.configuration.env_ignored

findings contains object.union(
	{
		"at": ["qdrant", "ignored_env", index],
		"label": label(ignored),
		"message": sprintf("Qdrant does not read the variable %s: %s", [ignored.name, ignored.detail]),
		"help": help(ignored),
		"severity": severity(ignored),
	},
	fix(index, ignored),
) if {
	some index, ignored in input.qdrant.ignored_env
}

label(ignored) := sprintf("the name is %s", [ignored.instead]) if {
	ignored.instead
	ignored.reason != "newer"
}

else := "has no effect"

help(ignored) := sprintf("use %s, which comes nearest in this version, or leave it out until the upgrade", [ignored.instead]) if {
	ignored.instead
	ignored.reason == "newer"
}

else := sprintf("rename it to %s", [ignored.instead]) if ignored.instead

else := "leave it out until the upgrade to a release that reads it" if {
	ignored.reason == "newer"
}

else := "leave it out"

severity(ignored) := {"production": "medium", "gcc-sovereign": "medium", "development": "medium"} if {
	not ignored.instead
}

else := "high"

fix(index, ignored) := {"fix": {
	"title": sprintf("rename it to %s", [ignored.instead]),
	"applicability": "unsafe",
	"edits": [{"at": ["qdrant", "ignored_env", index], "set": ignored.instead}],
}} if {
	ignored.instead
	ignored.reason != "newer"
}

else := {}

skipped contains {"kind": "unknown", "reason": concat("; ", hidden)} if {
	count(hidden) > 0
}

hidden contains layer if {
	some layer in input.qdrant.unseen_layers
	startswith(layer, "environment: ")
}
