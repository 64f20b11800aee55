# METADATA
# title: a query asks for a metric that Qdrant does not export
# description: |
#   Prometheus answers a query for an unknown name with nothing: the panel is empty and the alert never fires. Qdrant's names
#   carry no `qdrant_` prefix unless `service.metrics_prefix` sets one, and many exist only from 1.16 on.
# related_resources:
#   - description: Qdrant, monitoring
#     ref: https://qdrant.tech/documentation/guides/monitoring/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   inputs: [manifests]
#   remediation: |
#     Use the names that the running version exports; `curl -H "api-key: …" http://<peer>:6333/metrics` lists them.
#   guide: [G46]
#   controls: [monitoring]
#   since: 0.1.0
package qdrant.observability.unknown_metric

findings contains {
	"at": ["monitoring", "unknown_metrics", index],
	"label": label(metric),
	"message": sprintf("`%s` asks for `%s`, which %s: the panel stays empty, the alert never fires", [metric.object, metric.name, why(metric)]),
	"help": help(metric),
} if {
	some index, metric in input.monitoring.unknown_metrics
}

reasons := {
	"prefix": "does not exist, because the server adds no prefix",
	"no-prefix": "does not exist, because `service.metrics_prefix` puts a prefix before it",
	"unknown": "Qdrant does not export",
	"histogram": "is a histogram and no series by itself",
}

why(metric) := reasons[metric.reason] if metric.reason != "newer"

why(metric) := sprintf("Qdrant exports only from %s on", [object.get(metric, "since", "a later version")]) if metric.reason == "newer"

label(metric) := sprintf("here `%s`", [metric.instead]) if metric.instead

label(metric) := "no such metric" if not metric.instead

help(metric) := sprintf("write `%s`", [metric.instead]) if metric.instead

help(metric) := sprintf("upgrade to %s, or ask for something that this version exports", [object.get(metric, "since", "a later version")]) if {
	not metric.instead
	metric.reason == "newer"
}

help(metric) := "remove it, or ask for a metric that the server lists on `/metrics`" if {
	not metric.instead
	metric.reason != "newer"
}
