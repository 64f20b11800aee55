# METADATA
# title: Qdrant reports to its makers
# description: |
#   Unless `telemetry_disabled` is true at the top level of the configuration, every peer posts anonymised usage data to
#   telemetry.qdrant.io each hour, and the text and place of every panic. The switch under `service` or `storage` is not read.
# related_resources:
#   - description: Qdrant, telemetry
#     ref: https://qdrant.tech/documentation/guides/telemetry/
# custom:
#   severity: {production: medium, gcc-sovereign: critical, development: off}
#   consequence: residency
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `telemetry_disabled: true` at the top level of the configuration, or the variable `QDRANT__TELEMETRY_DISABLED=true`.
#   guide: [G53]
#   controls: [out-of-region-egress]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.sovereignty.telemetry_enabled

import data.qdrant.lib.server

enabled if {
	input.qdrant.config.telemetry_disabled == false
	not input.qdrant.telemetry_disabled_by_argument
}

# What looks like the switch and is none.
look_alikes contains {"at": ["qdrant", "ignored_config", index], "message": sprintf("`%s` is not read", [ignored.key])} if {
	some index, ignored in input.qdrant.ignored_config
	ignored.instead == "telemetry_disabled"
}

look_alikes contains {"at": ["qdrant", "ignored_env", index], "message": sprintf("%s is not read", [ignored.name])} if {
	some index, ignored in input.qdrant.ignored_env
	ignored.instead == "QDRANT__TELEMETRY_DISABLED"
}

look_alikes contains {"at": ["dropped_args", index], "message": "the start script drops it"} if {
	some index, dropped in input.dropped_args
	contains(dropped.argument, "--disable-telemetry")
}

# Policies that let nothing out keep the reports in; the attempts go on.
shut_in if {
	input.network.isolated_egress == true
	input.network.internet_egress == "none"
	not foreign_policies
	not input.workload.host_network
}

# Policies of a kind that is not read may let something out.
foreign_policies if count(input.network.foreign_policies) > 0

findings contains object.union(
	{
		"at": ["qdrant", "config", "telemetry_disabled"],
		"label": "telemetry is on",
		"message": message,
		"help": server.setting("telemetry_disabled", "true"),
		"related": [look_alike | some look_alike in look_alikes],
		"fix": {
			"title": "turn telemetry off",
			"applicability": "safe",
			"edits": [edit],
		},
	},
	lowered,
) if {
	enabled
}

edit := {"values": ["config", "telemetry_disabled"], "set": true} if input.chart

else := {"at": ["qdrant", "config", "telemetry_disabled"], "set": true}

lowered := {"severity": {"production": "low", "gcc-sovereign": "high", "development": "low"}} if shut_in

else := {}

message := sprintf("every peer posts usage data and panics to telemetry.qdrant.io; %s", [concat(", ", reasons)]) if {
	reasons := sort([found.message | some found in look_alikes])
	count(reasons) > 0
}

message := "every peer would post usage data and panics to telemetry.qdrant.io; only the network policy holds them back" if {
	count(look_alikes) == 0
	shut_in
}

message := "every peer posts usage data each hour, and panics at once, to telemetry.qdrant.io" if {
	count(look_alikes) == 0
	not shut_in
}

skipped contains skip if {
	not input.qdrant.telemetry_disabled_by_argument
	reason := server.hidden("telemetry_disabled")
	skip := hidden_skip(reason)
}

hidden_skip(reason) := {"kind": "not-applicable", "reason": "configuration/crashes-at-start speaks of it"} if {
	contains(reason, "not one that the server accepts")
}

else := {"kind": "unknown", "reason": sprintf("`telemetry_disabled` is hidden: %s", [reason])}
