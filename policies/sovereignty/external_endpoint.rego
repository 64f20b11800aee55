# METADATA
# title: the peers talk to an endpoint outside the declared regions
# description: |
#   A profiler, an inference service, a tracing collector or a CDN receives queries, payloads or names of collections. What
#   leaves the declared regions that way is not stopped by where the volumes lie.
# related_resources:
#   - description: Qdrant, configuration
#     ref: https://qdrant.tech/documentation/guides/configuration/
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: residency
#   inputs: [values, manifests, live]
#   remediation: |
#     Use an endpoint inside the cluster or in a declared region.
#   guide: [G47, G53]
#   controls: [out-of-region-egress, residency]
#   evidence: [endpoint-location]
#   since: 0.1.0
package qdrant.sovereignty.external_endpoint

import data.qdrant.lib.residency

# Telemetry is sovereignty/telemetry-enabled's, object stores are backup/outside-region's.
judged(endpoint) if not endpoint.kind in {"telemetry", "object-store"}

# Services that are run from abroad and carry no region in their name.
abroad := {
	"embedding": "an embedding service: texts and vectors leave",
	"observability": "an observability service: queries and addresses leave",
	"cdn": "a CDN: TLS ends at its edge, wherever the client is",
}

receives := {
	"profiler": "profiles of the server leave",
	"inference": "texts to embed leave",
	"otlp": "traces with queries leave",
	"other": "requests leave",
}

findings contains {
	"at": ["platform", "endpoints", index],
	"label": "outside the declared regions",
	"message": sprintf("%s lies in %s (%s), outside the declared %s: %s", [endpoint.host, endpoint.region, endpoint.country, residency.declaration, what]),
	"help": sprintf("use an endpoint inside the cluster or in %s", [residency.declaration]),
} if {
	some index, endpoint in input.platform.endpoints
	judged(endpoint)
	residency.declared
	endpoint.country
	not allowed(endpoint)
	what := object.get(receives, endpoint.kind, "data leaves")
}

findings contains {
	"at": ["platform", "endpoints", index],
	"label": "no region of its own",
	"message": sprintf("%s is %s", [endpoint.host, abroad[endpoint.kind]]),
	"help": sprintf("run it inside the cluster, or use one in %s", [residency.declaration]),
} if {
	some index, endpoint in input.platform.endpoints
	residency.declared
	not endpoint.country
	abroad[endpoint.kind]
}

allowed(endpoint) if endpoint.region in input.residency.regions

allowed(endpoint) if endpoint.country in input.residency.countries

skipped contains residency.undeclared

skipped contains {"kind": "needs-evidence", "reason": reason} if {
	residency.declared
	some endpoint in input.platform.endpoints
	judged(endpoint)
	not endpoint.country
	not abroad[endpoint.kind]
	reason := sprintf("nothing in the name of %s tells where it lies; attest `endpoint-location`", [endpoint.host])
}
