# METADATA
# title: roles let more than operators read the Secrets of the namespace
# description: |
#   Who may get, list or watch Secrets knows the API keys and the private keys of the certificates; `list` and `watch` show
#   the contents too. Who may create pods can mount any Secret and read it from there.
# related_resources:
#   - description: Kubernetes, RBAC good practices, listing Secrets
#     ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [access]
#   inputs: [manifests, live]
#   remediation: |
#     Take Secrets out of the role, or narrow it to the Secrets it needs with `resourceNames` and the verb `get`.
#   guide: [G54]
#   controls: [rbac-access]
#   params:
#     readers:
#       default: []
#       description: "subjects that may read Secrets, for example `Group/break-glass`"
#     operators:
#       default: [external-secrets, cert-manager, sealed-secrets, argocd, flux-system, vault, reloader, kube-system]
#       description: "namespaces whose service accounts deliver or deploy Secrets"
#   since: 0.1.0
package qdrant.security.secrets_readable

import data.qdrant.lib.grants

params := input.params["security/secrets-readable"]

trusted(subject) if subject in params.readers

trusted(subject) if {
	some namespace in params.operators
	startswith(subject, sprintf("ServiceAccount/%s/", [namespace]))
}

findings contains {
	"at": ["access", "secrets", index],
	"label": label,
	"message": sprintf("%s can read the Secrets of the namespace by %s: %s", [grants.names(others), grants.by(grant), permission]),
	"help": "take `secrets` out of the role or narrow it with `resourceNames`; declare who may read them under `readers` of this rule's parameters",
} if {
	some index, grant in input.access.secrets
	not grant.system
	others := {subject |
		some subject in grant.subjects
		not trusted(subject)
	}
	count(others) > 0
	permission := grant.permission
	label := label_of(grant)
}

label_of(grant) := sprintf("built-in `%s` holds it", [trim_prefix(grant.role, "ClusterRole/")]) if grant.built_in

else := "granted here"
