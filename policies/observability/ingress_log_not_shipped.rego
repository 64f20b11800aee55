# METADATA
# title: nobody outside can see who called
# description: |
#   The ingress controller's access log is the only record of which client called Qdrant from outside. Turned off, or kept on
#   the node only, an incident cannot be reconstructed.
# related_resources:
#   - description: ingress-nginx, access log settings
#     ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/
# custom:
#   severity: {production: info, gcc-sovereign: medium, development: "off"}
#   consequence: blind
#   inputs: [manifests]
#   remediation: |
#     Leave the access log of the controller on, and ship it to the SIEM; attest the arrival as `ingress-audit-log`.
#   guide: [G51]
#   controls: [ingress-audit-log]
#   evidence: [ingress-audit-log]
#   since: 0.1.0
package qdrant.observability.ingress_log_not_shipped

findings contains {
	"at": ["monitoring", "ingress_log", "disabled"],
	"label": "the access log is off",
	"message": "the ingress controller logs no requests: who called Qdrant from outside cannot be told afterwards",
	"help": "turn the access log on and ship it to the SIEM",
} if {
	input.monitoring.ingress_log.disabled == true
}

skipped contains {"kind": "not-applicable", "reason": "no Ingress or route leads to the peers"} if {
	count(input.routes) == 0
}

skipped contains {
	"kind": "needs-evidence",
	"reason": "that the ingress log arrives at the SIEM cannot be seen in files; attest `ingress-audit-log`",
} if {
	count(input.routes) > 0
	not input.evidence["ingress-audit-log"]
}
