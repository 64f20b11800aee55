# METADATA
# title: the pods carry a token of the Kubernetes API that Qdrant does not need
# description: |
#   Qdrant never talks to the Kubernetes API. The token that Kubernetes mounts by default only serves whoever breaks into
#   the container.
# related_resources:
#   - description: Kubernetes, opt out of API credential automounting
#     ref: https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: off}
#   consequence: exposure
#   needs: [workload, workload.token_mounted]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `automountServiceAccountToken: false` in the pod's specification.
#   controls: [serviceaccount-token]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.service_account_token_mounted

import data.qdrant.lib.fix

# no value of the chart reaches this field, so for values it is a note
findings contains {
	"at": ["workload", "token_mounted"],
	"label": "a token is mounted",
	"message": "the pods carry a token of the Kubernetes API, and Qdrant needs none; no value of the chart turns it off",
	"help": "patch `spec.template.spec.automountServiceAccountToken: false` into the rendered StatefulSet (post-renderer, Kustomize)",
	"severity": {"production": "info", "gcc-sovereign": "info"},
} if {
	input.workload.token_mounted == true
	input.chart
}

findings contains {
	"at": ["workload", "token_mounted"],
	"label": "a token is mounted",
	"message": "the pods carry a token of the Kubernetes API, and Qdrant needs none",
	"help": "set `automountServiceAccountToken: false` in the pod's `spec`",
	"fix": fix.unsafe("mount no token", [{"at": ["workload", "token_mounted"], "pod": ["automountServiceAccountToken"], "set": false}]),
} if {
	input.workload.token_mounted == true
	not input.chart
}
