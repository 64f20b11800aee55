# METADATA
# title: chart and server read different settings
# description: |
#   The chart writes the addresses of the peers and mounts the configuration by the values, the server obeys the environment
#   too. A variable that turns TLS between peers on, moves its port, or names another `RUN_MODE` reaches only the server: the
#   peers then call each other with the wrong scheme or port and exit, or the whole `production.yaml` is left unread and
#   Qdrant starts with its open defaults.
# related_resources:
#   - description: Qdrant, order and priority of the configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/#order-and-priority
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-start
#   needs: [chart, config]
#   inputs: [values]
#   remediation: |
#     Set it under `config` in the chart's values, as a boolean without quotes, and leave the variable out.
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.configuration.chart_and_server_disagree

import data.qdrant.lib.fix
import data.qdrant.lib.server

clustered if {
	input.qdrant.config.cluster.enabled == true
	input.deployment.peers > 1
}

p2p := input.qdrant.config.cluster.p2p

bootstrap := input.qdrant.bootstrap

# before 1.13.5 the script knows neither TLS nor ports: security/tls-needs-newer-chart speaks
follows if {
	bootstrap.how == "chart-script"
	semver.compare(input.chart.version, "1.13.5") >= 0
}

scheme := "https" if p2p.enable_tls == true

else := "http" if {
	p2p.enable_tls == false
}

findings contains object.union(
	{
		"at": ["qdrant", "config", "cluster", "p2p", "enable_tls"],
		"label": sprintf("the server speaks %s, the chart writes %s", [scheme, bootstrap.scheme]),
		"message": sprintf("the chart's start script gives the peers %s addresses while the server speaks %s on its port between peers: they never join and exit", [bootstrap.scheme, scheme]),
		"help": sprintf("write `config.cluster.p2p.enable_tls: %v` in the chart's values, a boolean without quotes, and leave the variable out", [p2p.enable_tls]),
	},
	{"fix": fix.unsafe("tell the chart too", [{"values": ["config", "cluster", "p2p", "enable_tls"], "set": p2p.enable_tls}])},
) if {
	follows
	clustered
	scheme != bootstrap.scheme
}

findings contains object.union(
	{
		"at": ["qdrant", "config", "cluster", "p2p", "port"],
		"label": sprintf("the chart tells the peers port %d", [bootstrap.port]),
		"message": sprintf("the server listens for peers on port %d, the chart's start script sends them to %d: they never join and exit", [p2p.port, bootstrap.port]),
		"help": sprintf("write `config.cluster.p2p.port: %d` in the chart's values and leave the variable out", [p2p.port]),
	},
	{"fix": fix.unsafe("tell the chart too", [{"values": ["config", "cluster", "p2p", "port"], "set": p2p.port}])},
) if {
	follows
	clustered
	p2p.port != bootstrap.port
}

findings contains {
	"at": ["qdrant", "run_mode"],
	"label": "production.yaml is not read",
	"message": sprintf("with RUN_MODE %s Qdrant reads config/%s.yaml, and the chart writes production.yaml: nothing under `config` takes effect, %s", [input.qdrant.run_mode, input.qdrant.run_mode, consequence]),
	"help": "leave out the variable RUN_MODE",
	"severity": severity,
} if {
	input.qdrant.run_mode != "production"
	unread
}

unread if {
	some file in input.qdrant.unread_files
	endswith(file.path, "/production.yaml")
}

loses_key if {
	some file in input.qdrant.unread_files
	endswith(file.path, "/production.yaml")
	file.holds_key
	input.qdrant.api_key.from == "none"
}

severity := "critical" if loses_key

else := "high"

consequence := "and the API is open" if loses_key

else := "cluster mode included"

skipped contains {"kind": "unknown", "reason": sprintf("`cluster.p2p.enable_tls` is hidden: %s", [reason])} if {
	reason := server.hidden("cluster.p2p.enable_tls")
}
