# METADATA
# title: the namespace's Pod Security level refuses the pods
# description: |
#   The label `pod-security.kubernetes.io/enforce` makes the API server refuse pods that break its level. The StatefulSet or
#   CronJob itself is accepted, so the installation looks fine, but no pod appears. Init containers count too; the chart's
#   own ones break `restricted`.
# related_resources:
#   - description: Kubernetes, Pod Security Standards
#     ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-start
#   needs: [namespace]
#   inputs: [values, manifests, live]
#   remediation: |
#     Give every container what the message names: `allowPrivilegeEscalation: false`, `capabilities.drop: [ALL]`,
#     `runAsNonRoot: true` and `seccompProfile.type: RuntimeDefault` pass `restricted`.
#   guide: [G15]
#   controls: [pod-hardening]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.pod_security_rejected

import data.qdrant.lib.fix

level := input.pod_security.enforces

refused(violation) if {
	level == "restricted"
	not violation.superseded
}

refused(violation) if {
	level == "baseline"
	violation.level == "baseline"
}

objects contains violation.object if {
	some violation in input.pod_security.violations
	violation.role in {"peers", "backup"}
	refused(violation)
}

indices_of(object) := [index |
	some index, violation in input.pod_security.violations
	violation.object == object
	refused(violation)
]

findings contains object.union(
	{
		"at": ["pod_security", "violations", first],
		"label": sprintf("breaks `%s`", [level]),
		"message": sprintf("the namespace enforces `%s`, so no pod of %s is created: %s", [level, owner, concat(", ", controls)]),
		"help": help_of(owner),
		"related": [related |
			some index in sorted
			violation := input.pod_security.violations[index]
			related := {"at": ["pod_security", "violations", index], "message": violation.message}
		],
	},
	admitted(owner),
) if {
	some owner in objects
	sorted := indices_of(owner)
	first := sorted[0]
	controls := [input.pod_security.violations[index].control | some index in sorted]
}

of_chart(object) if {
	input.chart
	some index in indices_of(object)
	input.pod_security.violations[index].role == "peers"
}

help_of(object) := sprintf("set `%s`, `containerSecurityContext.capabilities.drop: [ALL]` and `podSecurityContext.seccompProfile.type: RuntimeDefault`", [without_chown]) if of_chart(object)

else := "set on every container `allowPrivilegeEscalation: false`, `capabilities: {drop: [ALL]}`, `runAsNonRoot: true` and `seccompProfile: {type: RuntimeDefault}`"

# from 1.14.0 on the unprivileged image removes the root init container; before, only the switch does
without_chown := "updateVolumeFsOwnership: false" if semver.compare(input.chart.version, "1.14.0") < 0

else := "image.useUnprivilegedImage: true"

# Controls that a field of a container satisfies, whatever it runs.
fields := {
	"allowPrivilegeEscalation != false": [[["allowPrivilegeEscalation"], false]],
	"unrestricted capabilities": [[["capabilities", "drop"], ["ALL"]]],
	"runAsNonRoot != true": [[["runAsNonRoot"], true], [["runAsUser"], 1000]],
	"seccompProfile": [[["seccompProfile", "type"], "RuntimeDefault"]],
}

mendable(object) if {
	indices := indices_of(object)
	count(indices) > 0
	count([index | some index in indices; fields[input.pod_security.violations[index].control]]) == count(indices)
}

# The chart's own container that changes owners as root takes no security context: it goes.
admitted(object) := {"fix": fix.unsafe("run the pods as `restricted` asks", array.concat([{"values": without_root[0], "set": without_root[1]}], edits))} if {
	of_chart(object)
	mendable(object)
	edits := [{"values": array.concat(["containerSecurityContext"], field[0]), "set": field[1]} |
		some index in indices_of(object)
		violation := input.pod_security.violations[index]
		"qdrant" in violation.containers
		some field in fields[violation.control]
	]
}

else := {"fix": fix.unsafe("run the container as `restricted` asks", edits)} if {
	not of_chart(object)
	mendable(object)
	containers := {container |
		some index in indices_of(object)
		some container in input.pod_security.violations[index].containers
	}
	count(containers) == 1
	edits := [{"at": ["pod_security", "violations", index], "container": array.concat(["securityContext"], field[0]), "set": field[1]} |
		some index in indices_of(object)
		some field in fields[input.pod_security.violations[index].control]
	]
}

else := {}

without_root := [["updateVolumeFsOwnership"], false] if semver.compare(input.chart.version, "1.14.0") < 0

else := [["image", "useUnprivilegedImage"], true]
