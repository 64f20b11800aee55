# METADATA
# title: anti-affinity or spread misses the pods' own labels
# description: |
#   A term whose selector does not match the labels of the pods it stands on does nothing, and nobody is told: the pods
#   schedule as if it were not there. Chart labels change with `nameOverride` and with an alias of the chart, which is how
#   a copied selector stops matching.
# related_resources:
#   - description: Kubernetes, pod topology spread constraints
#     ref: https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: ignored
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Use the labels of the pods in the selector. In the chart's values a template follows every rename:
#     `app.kubernetes.io/instance: '{{ .Release.Name }}'`.
#   guide: [G21, G22]
#   controls: [availability]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.availability.spread_selects_nothing

import data.qdrant.lib.fix

findings contains {
	"at": ["spread", "selecting_nothing", index],
	"label": "matches none of its own pods",
	"message": sprintf("this term of %s has no effect: it selects %s, and the pods carry %s", [term.term, term.selector, term.pod_labels]),
	"help": "select by the labels of the pods themselves",
	"fix": fix.unsafe("select the pods themselves", [{"at": ["spread", "selecting_nothing", index, "matchLabels"], "set": fix.identity}]),
} if {
	some index, term in input.spread.selecting_nothing
}
