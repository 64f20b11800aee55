# METADATA
# title: arguments of the container never reach Qdrant
# description: |
#   The chart starts `bash -c` with its own script, and the script starts Qdrant with arguments that it makes itself: what
#   stands behind it in `args` is lost. A `--disable-telemetry` or `--config-path` there looks set and is not. An option in
#   place of the script is taken by the shell, which exits, and the pod never starts.
# related_resources:
#   - description: The start script of the Qdrant Helm chart
#     ref: https://github.com/qdrant/qdrant-helm/blob/main/charts/qdrant/templates/configmap.yaml
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: ignored
#   needs: [workload]
#   inputs: [values, manifests]
#   remediation: |
#     Set it by the configuration or by an environment variable instead.
#   controls: [change-control]
#   since: 0.1.0
package qdrant.configuration.arguments_dropped

findings contains {
	"at": ["dropped_args", index],
	"label": "the start script passes nothing on",
	"message": sprintf("`%s` never reaches Qdrant: the chart's start script passes no arguments on", [dropped.argument]),
	"help": instead(dropped.argument),
} if {
	some index, dropped in input.dropped_args
	dropped.how == "ignored"
}

findings contains {
	"at": ["dropped_args", index],
	"label": "the shell takes it for an option of its own",
	"message": sprintf("the container runs `bash -c %s`: the shell takes it for an option of its own and exits, so the pod never starts", [dropped.argument]),
	"help": sprintf("leave the start script in place; %s", [instead(dropped.argument)]),
	"severity": "high",
} if {
	some index, dropped in input.dropped_args
	dropped.how == "taken-by-shell"
}

replacements := {
	"--disable-telemetry": "`telemetry_disabled: true` in the server's configuration, or the environment variable QDRANT__TELEMETRY_DISABLED=true",
	"--config-path": "the keys of that file in the server's configuration (`config` in the chart's values)",
	"--storage-snapshot": "`snapshotRestoration` in the chart's values",
	"--snapshot": "`snapshotRestoration` in the chart's values",
	"--uri": "nothing: the start script tells every peer its own address",
	"--bootstrap": "nothing: the start script tells every peer where to join",
}

named(argument) := {option | some option, _ in replacements; startswith(argument, option)}

instead(argument) := sprintf("write %s", [concat("; ", sort([replacements[option] | some option in named(argument)]))]) if count(named(argument)) > 0

instead(argument) := "set it by the server's configuration or an environment variable `QDRANT__…`" if count(named(argument)) == 0
