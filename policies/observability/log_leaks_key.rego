# METADATA
# title: the access log prints the API key
# description: |
#   Clients send their key in the header `api-key` or `Authorization`. A log format with that header copies the key into every
#   line, and from there to everyone who may read logs.
# related_resources:
#   - description: NGINX, variables with request headers
#     ref: https://nginx.org/en/docs/http/ngx_http_core_module.html#var_http_
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: exposure
#   inputs: [manifests]
#   remediation: |
#     Remove the header from the log format, and rotate the keys that were logged.
#   guide: [G51]
#   controls: [ingress-audit-log, authn]
#   since: 0.1.0
package qdrant.observability.log_leaks_key

findings contains {
	"at": ["monitoring", "ingress_log", "leaks_key"],
	"label": "the client's key, in every line",
	"message": sprintf("the log format prints `%s`: every line holds the API key of the caller", [leak]),
	"help": "remove it from the format, then rotate the keys that were logged",
} if {
	leak := input.monitoring.ingress_log.leaks_key
}

skipped contains {
	"kind": "not-observed",
	"reason": "the log settings of the ingress controller cannot be seen; give its ConfigMap too",
} if {
	not input.monitoring.ingress_log
}
