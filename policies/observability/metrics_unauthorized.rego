# METADATA
# title: the monitor is turned away
# description: |
#   With an API key set, Qdrant answers `/metrics` only to those who show one: the monitor gets 401 and every panel and
#   alert stays empty. With TLS on, a monitor that speaks http gets no answer at all.
# related_resources:
#   - description: Qdrant, monitoring and API keys
#     ref: https://qdrant.tech/documentation/guides/monitoring/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   needs: [monitoring]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give the monitor the read-only key as a bearer token: `metrics.serviceMonitor.authorization` in the values from
#     chart 1.16.1 on, `authorization` of the endpoint in a ServiceMonitor of your own. Write `scheme: https` with TLS on.
#   guide: [G31]
#   controls: [monitoring]
#   evidence: [scrape-authorization]
#   since: 0.1.0
package qdrant.observability.metrics_unauthorized

findings contains {
	"at": ["monitoring", "monitors", index, "authorized"],
	"label": "shows no key: 401",
	"message": sprintf("%s `%s` asks for `/metrics` without a key, and the server wants one: it gets 401, and nothing is measured", [monitor.kind, monitor.name]),
	"help": remedy(monitor),
} if {
	some index, monitor in scrapers
	key_wanted
	monitor.authorized == false
	not monitor.metrics_port
}

findings contains {
	"at": ["monitoring", "monitors", index, "scheme"],
	"label": "http, while the server speaks https",
	"message": sprintf("%s `%s` speaks http to a server with TLS on: nothing is measured", [monitor.kind, monitor.name]),
	"help": scheme_remedy(monitor),
} if {
	some index, monitor in scrapers
	input.qdrant.config.service.enable_tls == true
	monitor.scheme == "http"
}

skipped contains {"kind": "not-applicable", "reason": "nothing scrapes the peers: observability/metrics-not-scraped speaks of that"} if {
	count(scrapers) == 0
}

skipped contains {
	"kind": "unknown",
	"reason": "whether the server wants a key is hidden: its configuration cannot be seen whole",
} if {
	count(scrapers) > 0
	not key_wanted
	not key_known
}

skipped contains {
	"kind": "needs-evidence",
	"reason": sprintf("%s `%s` finds the peers by an annotation, which cannot carry a key; whether the collector sends one is set where it runs; attest `scrape-authorization`", [monitor.kind, monitor.name]),
} if {
	some monitor in scrapers
	not has_authorization(monitor)
	key_wanted
}

scrapers[index] := monitor if {
	some index, monitor in input.monitoring.monitors
	monitor.selects in {"yes", "unseen"}
	monitor.kind != "Probe"
}

has_authorization(monitor) if monitor.authorized in {true, false}

key_wanted if {
	some which in ["api_key", "alt_api_key", "read_only_api_key"]
	input.qdrant[which].from in {"secret", "generated", "plain-text", "file"}
}

key_known if input.qdrant.api_key.from in {"none", "empty"}

remedy(monitor) := text if {
	monitor.from_chart
	semver.compare(input.chart.version, "1.16.1") < 0
	text := sprintf("chart %s gives the monitor a key only when it holds one itself (`readOnlyApiKey`); with keys from the environment upgrade to 1.16.1 and set `metrics.serviceMonitor.authorization: {type: Bearer, credentials: {name: <Secret>, key: <read-only key>}}`, or write a `kind: ServiceMonitor` of your own with that `authorization`", [input.chart.version])
} else := "set `metrics.serviceMonitor.authorization: {type: Bearer, credentials: {name: <Secret>, key: <read-only key>}}`" if {
	monitor.from_chart
} else := "add `authorization: {type: Bearer, credentials: {name: <Secret>, key: <read-only key>}}` to the endpoint" if {
	monitor.kind in {"ServiceMonitor", "PodMonitor", "ScrapeConfig"}
} else := "add the read-only key as `authorization: {type: Bearer, credentials_file: …}`"

scheme_remedy(monitor) := "the chart writes `scheme: http` in every version: write a ServiceMonitor of your own with `scheme: https` and `tlsConfig`" if {
	monitor.from_chart
} else := "write `scheme: https` and `tlsConfig` with the authority of the certificate"
