# METADATA
# title: the namespace does not enforce the restricted Pod Security level
# description: |
#   Without `pod-security.kubernetes.io/enforce: restricted` anyone who may create pods in the namespace can start one as
#   root with the host's files, and read Qdrant's volumes and Secrets from there.
# related_resources:
#   - description: Kubernetes, Pod Security admission
#     ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: off}
#   consequence: exposure
#   needs: [namespace]
#   inputs: [manifests, live]
#   remediation: |
#     Label the namespace `pod-security.kubernetes.io/enforce: restricted`, and give the pods what that level asks for.
#   guide: [G15]
#   controls: [pod-hardening]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.namespace_not_restricted

import data.qdrant.lib.fix

help := "add the label `pod-security.kubernetes.io/enforce: restricted`; try it first with `…/warn: restricted`"

findings contains {
	"at": ["namespace"],
	"label": "no Pod Security level",
	"message": sprintf("namespace `%s` enforces no Pod Security level: pods may run as root and mount the host", [name]),
	"help": help,
	"fix": restricted,
} if {
	name := input.namespace.name
	not input.namespace.enforce
}

findings contains {
	"at": ["namespace", "enforce"],
	"label": "weaker than `restricted`",
	"message": sprintf("namespace `%s` enforces `%s`: pods may still run as root", [name, enforce]),
	"help": help,
	"fix": restricted,
} if {
	name := input.namespace.name
	enforce := input.namespace.enforce
	enforce != "restricted"
}

restricted := fix.unsafe("enforce `restricted`", [{
	"at": ["namespace"],
	"object": ["metadata", "labels", "pod-security.kubernetes.io/enforce"],
	"set": "restricted",
}])
