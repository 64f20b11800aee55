# METADATA
# title: people may reach into the pods through the Kubernetes API
# description: |
#   Port-forward, exec and proxy lead past every Service, network policy and Ingress log straight into a pod. Who has them
#   in the namespace can copy the database without a trace in Qdrant's own path. The built-in roles `edit` and `admin` hold
#   all of them.
# related_resources:
#   - description: Kubernetes, RBAC good practices
#     ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [access]
#   inputs: [manifests, live]
#   remediation: |
#     Remove the permission from standing roles and grant it for a time, to named break-glass identities.
#   guide: [G54]
#   controls: [rbac-access]
#   params:
#     break_glass: {default: [], description: "subjects that may have it, for example `Group/break-glass`"}
#   since: 0.1.0
package qdrant.security.port_forward_allowed

import data.qdrant.lib.grants

break_glass := {subject | some subject in input.params["security/port-forward-allowed"].break_glass}

findings contains {
	"at": ["access", "port_forward", index],
	"label": label,
	"message": sprintf("%s may reach into the Qdrant pods by %s: %s", [grants.names(others), grants.by(grant), permission]),
	"help": "remove the permission, or declare the subject under `break_glass` of this rule's parameters",
} if {
	some index, grant in input.access.port_forward
	not grant.system
	others := {subject | some subject in grant.subjects} - break_glass
	count(others) > 0
	permission := grant.permission
	label := label_of(grant)
}

label_of(grant) := sprintf("built-in `%s` holds it", [trim_prefix(grant.role, "ClusterRole/")]) if grant.built_in

else := "granted here"
