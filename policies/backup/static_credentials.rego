# METADATA
# title: the object store is opened with a key that never changes
# description: |
#   An access key in a configuration or a Secret works from anywhere and until someone revokes it. A workload identity is
#   bound to the pod's ServiceAccount and its tokens expire within the hour.
# related_resources:
#   - description: Amazon EKS, IAM roles for service accounts
#     ref: https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: "off"}
#   consequence: exposure
#   inputs: [values, manifests]
#   remediation: |
#     Bind the ServiceAccount to a role of the cloud (IRSA or Pod Identity, Workload Identity, a federated credential) and
#     remove the keys.
#   controls: [key-rotation]
#   since: 0.1.0
package qdrant.backup.static_credentials

findings contains {
	"at": ["backup", "static_credentials", index],
	"label": labels[credential.from],
	"message": sprintf("%s: %s `%s`, an access key that works from anywhere until someone revokes it", [credential.place, verbs[credential.from], credential.name]),
	"help": "bind the ServiceAccount to a role of the cloud (IRSA, Workload Identity, a federated credential) and remove the key",
} if {
	some index, credential in input.backup.static_credentials
	not credential.own_store
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the object store is not the cloud's own, so there is no workload identity to use instead",
} if {
	some credential in input.backup.static_credentials
	credential.own_store
}

labels := {"literal": "in plain text here", "secret": "a long-lived key"}

verbs := {"literal": "the configuration holds", "secret": "a Secret holds"}
