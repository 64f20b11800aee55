# METADATA
# title: an environment variable overrides the configuration file
# description: |
#   Variables have the last word over every file. When both set a key differently, whoever changes the file later sees no
#   effect and looks for the reason in the wrong place.
# related_resources:
#   - description: Qdrant, order and priority of the configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/#order-and-priority
# custom:
#   severity: {production: info, gcc-sovereign: info, development: off}
#   consequence: ignored
#   needs: [workload, config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set the key in one place.
#   controls: [change-control]
#   since: 0.1.0
package qdrant.configuration.env_overrides_file

import data.qdrant.lib.server

findings contains {
	"at": ["qdrant", "overridden", index],
	"label": sprintf("wins over %s", [overridden.layer]),
	"message": sprintf("%s sets `%s` to %s; the %s in %s has no effect", [overridden.env, overridden.key, value, overridden.file_value, overridden.layer]),
	"help": sprintf("leave out the variable or `%s`", [server.written(overridden.key)]),
} if {
	some index, overridden in input.qdrant.overridden
	value := object.get(overridden, "env_value", "a value of its own")
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("a part of the configuration cannot be seen: %s", [concat("; ", input.qdrant.unseen_layers)]),
} if {
	count(input.qdrant.unseen_layers) > 0
}
