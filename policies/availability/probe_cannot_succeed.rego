# METADATA
# title: a probe can never succeed
# description: |
#   The kubelet asks by plain rules: the scheme must be that of the server, the path one that Qdrant has (`/health` is
#   none: it answers 404), it sends no client certificate, no API key unless the probe names the header, and no TLS in
#   gRPC probes. A probe that breaks one of them fails for ever: the peer
#   is never ready, or is restarted for ever. The chart makes probes of the ports: one that is renamed gets a probe without
#   a handler, which the API server refuses, and without `checksEnabled` there is no probe at all.
# related_resources:
#   - description: Kubernetes, liveness, readiness and startup probes
#     ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
#   - description: Qdrant, health endpoints
#     ref: https://qdrant.tech/documentation/guides/monitoring/#kubernetes-health-endpoints
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-start
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     `httpGet` of `/readyz` (readiness) or `/livez` on the REST port, with `scheme: HTTPS` exactly when
#     `service.enable_tls` is true. Where client certificates are required, use a `tcpSocket` probe.
#   controls: [availability]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.availability.probe_cannot_succeed

import data.qdrant.lib.fix
import data.qdrant.lib.workload as peers

probes := {name: probe |
	some name in {"readiness_probe", "liveness_probe", "startup_probe"}
	probe := of_workload(name)
}

of_workload("readiness_probe") := input.workload.readiness_probe

of_workload("liveness_probe") := input.workload.liveness_probe

of_workload("startup_probe") := input.workload.startup_probe

findings contains object.union(
	{
		"at": ["workload", name],
		"label": "no handler",
		"message": "the probe asks nothing: the API server refuses the pod (\"must specify a handler type\")",
		"help": help,
	},
	asked(name),
) if {
	some name, probe in probes
	probe.handler == "none"
	help := peers.key("name the port `http` in `service.ports`: the chart makes the handler only for that name", "add `httpGet: {path: /readyz, port: 6333}`")
}

findings contains {
	"at": ["workload", "dropped_probes", index],
	"label": "no port has `checksEnabled`",
	"message": sprintf("`%s` is on, but the chart leaves it out: no port of `service.ports` has `checksEnabled`", [probe]),
	"help": "add `checksEnabled: true` to the `http` port",
} if {
	some index, probe in input.workload.dropped_probes
}

findings contains object.union(
	{
		"at": ["workload", name],
		"label": "plain HTTP to a TLS port",
		"message": "the probe speaks plain HTTP to a server that takes only TLS: it never succeeds",
		"help": "set `scheme: HTTPS` in the probe; the chart does when `config.service.enable_tls` is true in its values",
		"related": [tls],
	},
	spoken(name, "HTTPS"),
) if {
	some name, probe in probes
	probe.scheme == "HTTP"
	tls_on
	asks_rest(probe)
}

findings contains object.union(
	{
		"at": ["workload", name],
		"label": "HTTPS to a plain port",
		"message": "the probe speaks HTTPS to a server without TLS: it never succeeds",
		"help": "set `scheme: HTTP`, or `service.enable_tls: true` for the server",
	},
	spoken(name, "HTTP"),
) if {
	some name, probe in probes
	probe.scheme == "HTTPS"
	input.qdrant.config.service.enable_tls == false
	count(input.qdrant.unseen_layers) == 0
	asks_rest(probe)
}

findings contains {
	"at": ["workload", name],
	"label": "the kubelet has no client certificate",
	"message": "the server asks for a client certificate, and the kubelet has none: the probe never succeeds",
	"help": "use a `tcpSocket` probe, or leave `verify_https_client_certificate` off",
	"related": [{"at": ["qdrant", "config", "service", "verify_https_client_certificate"], "message": "required here"}],
} if {
	some name, probe in probes
	probe.scheme == "HTTPS"
	tls_on
	input.qdrant.config.service.verify_https_client_certificate == true
	asks_rest(probe)
}

findings contains object.union(
	{
		"at": ["workload", name],
		"label": "needs the API key",
		"message": sprintf("`%s` needs the API key, which the probe does not send: it answers 401", [probe.path]),
		"help": "ask `/readyz` (readiness) or `/livez` (liveness), which need no key",
	},
	asked_at(name),
) if {
	some name, probe in probes
	probe.handler == "http"
	not probe.sends_key
	known(probe.path)
	protected(probe.path)
	closed
	asks_rest(probe)
}

findings contains {
	"at": ["workload", name],
	"label": "gRPC probes speak no TLS",
	"message": "the kubelet's gRPC probe speaks no TLS, and the server takes only TLS: it never succeeds",
	"help": "ask `/readyz` by `httpGet` with `scheme: HTTPS`",
	"related": [tls],
} if {
	some name, probe in probes
	probe.handler == "grpc"
	tls_on
}

findings contains {
	"at": ["workload", name],
	"label": "Qdrant has no such path",
	"message": sprintf("Qdrant has no path `%s` and answers 404: %s", [probe.path, ends[name]]),
	"help": sprintf("ask `%s`", [asks[name]]),
} if {
	some name, probe in probes
	probe.handler == "http"
	not known(probe.path)
	asks_rest(probe)
}

# What comes of a probe that never succeeds.
ends := {
	"readiness_probe": "the peer never gets ready, and no client reaches it",
	"liveness_probe": "the kubelet kills the peer again and again",
	"startup_probe": "the kubelet kills the peer again and again",
}

asks := {"readiness_probe": "/readyz", "liveness_probe": "/livez", "startup_probe": "/readyz"}

# First parts of the paths that the REST API answers, in any version.
known(path) if {
	first := split(trim_prefix(split(path, "?")[0], "/"), "/")[0]
	first in {
		"", "healthz", "livez", "readyz", "dashboard", "metrics", "telemetry", "collections", "aliases", "cluster",
		"snapshots", "locks", "logger", "issues", "stacktrace", "profiler", "debugger", "audit", "quotas", "service",
	}
}

tls_on if input.qdrant.config.service.enable_tls == true

tls := {"at": ["qdrant", "config", "service", "enable_tls"], "message": "TLS is on"}

# The kubelet asks the REST API; other ports are not judged.
asks_rest(probe) if probe.port == object.get(input.qdrant.config, ["service", "http_port"], 6333)

protected(path) if {
	bare := split(path, "?")[0]
	not bare in {"/", "/healthz", "/livez", "/readyz"}
	not startswith(bare, "/dashboard")
}

# Some key is asked for.
closed if {
	some which in {"api_key", "read_only_api_key", "alt_api_key"}
	input.qdrant[which].from in {"secret", "generated", "plain-text", "file"}
}

key := {"readiness_probe": "readinessProbe", "liveness_probe": "livenessProbe", "startup_probe": "startupProbe"}

open_path := {"readiness_probe": "/readyz", "liveness_probe": "/livez", "startup_probe": "/readyz"}

# The chart writes its probes by itself.
asked(name) := {"fix": fix.safe(sprintf("ask `%s`", [open_path[name]]), [{"at": ["workload", name], "container": [key[name], "httpGet"], "set": {"path": open_path[name], "port": 6333}}])} if not input.chart

else := {}

spoken(name, scheme) := {"fix": fix.safe(sprintf("speak %s", [scheme]), [{"at": ["workload", name], "container": [key[name], "httpGet", "scheme"], "set": scheme}])} if not input.chart

else := {}

asked_at(name) := {"fix": fix.safe(sprintf("ask `%s`", [open_path[name]]), [{"at": ["workload", name], "container": [key[name], "httpGet", "path"], "set": open_path[name]}])} if not input.chart

else := {}
