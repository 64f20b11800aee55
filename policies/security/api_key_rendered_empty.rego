# METADATA
# title: the chart cannot keep this API key when it renders without a cluster
# description: |
#   The chart looks `apiKey.valueFrom` up in the cluster while it renders, and for `apiKey: true` it looks for the key it
#   made before. Argo CD and `helm template` render without a cluster: the looked-up key is empty, so Qdrant starts open,
#   and the generated one is another with every sync, so clients are locked out.
# related_resources:
#   - description: qdrant-helm 249, lookup and Argo CD
#     ref: https://github.com/qdrant/qdrant-helm/issues/249
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [chart]
#   inputs: [values]
#   remediation: |
#     Leave `apiKey` out of the values and pass the key as the variable `QDRANT__SERVICE__API_KEY` from a Secret.
#   guide: [G23]
#   controls: [authn]
#   since: 0.1.0
package qdrant.security.api_key_rendered_empty

values_key := {"api_key": "apiKey", "read_only_api_key": "readOnlyApiKey"}

variable := {"api_key": "QDRANT__SERVICE__API_KEY", "read_only_api_key": "QDRANT__SERVICE__READ_ONLY_API_KEY"}

findings contains {
	"at": ["qdrant", which],
	"label": "looked up in a cluster that is not there",
	"message": sprintf("`%s.valueFrom` is looked up while the chart renders, and here it renders without a cluster: the Secret is empty and Qdrant starts without this key", [name]),
	"help": sprintf("replace it by `env: [{name: %s, valueFrom: {secretKeyRef: {name: …, key: …}}}]`, which Kubernetes resolves", [variable[which]]),
	"severity": severity_of(which),
} if {
	some which, name in values_key
	input.qdrant[which].from == "lost"
}

findings contains {
	"at": ["qdrant", which],
	"label": "another key with every rendering",
	"message": sprintf("`%s: true` makes a new random key with every rendering, and here none is remembered: each sync locks all clients out", [name]),
	"help": sprintf("replace it by `env: [{name: %s, valueFrom: {secretKeyRef: {name: …, key: …}}}]`", [variable[which]]),
} if {
	some which, name in values_key
	input.qdrant[which].from == "generated"
	input.chart.rendered_offline == true
}

severity_of(which) := {"production": "critical", "gcc-sovereign": "critical"} if which == "api_key"

else := {"production": "high", "gcc-sovereign": "high"}
