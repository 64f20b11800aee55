# METADATA
# title: a container may run as root or write to its own image
# description: |
#   A process that is root in the container is root on the node as soon as it leaves the container. A writable root
#   filesystem lets whoever got in change the binary that runs. The chart runs Qdrant itself as user 1000, but gives its
#   `ensure-dir-ownership` init container no security context at all. `runAsNonRoot` alone is no cure: the image
#   `qdrant/qdrant` names root as its user, and the kubelet then refuses to start the container.
# related_resources:
#   - description: Kubernetes, security context
#     ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: exposure
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `runAsNonRoot: true`, `runAsUser: 1000` and `readOnlyRootFilesystem: true` in the container's `securityContext`.
#   guide: [G15]
#   controls: [pod-hardening]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.runs_as_root

import data.qdrant.lib.fix

rootless(container) if container.run_as_user > 0

rootless(container) if {
	container.run_as_non_root == true
	not container.run_as_user
}

rootless(container) if {
	container.image_unprivileged
	not container.run_as_user == 0
}

findings contains object.union(
	{
		"at": ["workload", "containers", index],
		"label": "may run as root",
		"message": sprintf("container `%s` may run as root: %s", [name, why(container)]),
		"help": help_of(container),
		"severity": severity_of(container),
	},
	as_a_user(index, container),
) if {
	some index, container in input.workload.containers
	not container.privileged
	not rootless(container)
	name := container.name
}

findings contains object.union(
	{
		"at": ["workload", "containers", index],
		"label": "no `runAsUser`: the kubelet refuses to start it",
		"message": sprintf("container `%s` never starts: `runAsNonRoot` is true, nothing sets `runAsUser`, and the user of the image `qdrant/qdrant` is root", [name]),
		"help": help,
		"severity": {"production": "high", "gcc-sovereign": "high", "development": "high"},
	},
	{"fix": fix.unsafe("run it as user 1000", user(index))},
) if {
	some index, container in input.workload.containers
	refused(container)
	name := container.name
	help := sprintf("add `runAsUser: 1000` and `runAsGroup: 1000` to `%s` and `fsGroup: 1000` to the pod's `securityContext` (only OpenShift chooses a user by itself)", [context])
}

# a running pod has its user from the cluster; a copy of the image may name another
refused(container) if {
	container.is_qdrant
	container.run_as_non_root == true
	container.user_unset
	not container.image_unprivileged
	input.workload.image.repository == "qdrant/qdrant"
	not input.deployment.source == "live"
}

findings contains object.union(
	{
		"at": ["workload", "containers", index],
		"label": "privileged",
		"message": sprintf("container `%s` is privileged: it is root on the node", [name]),
		"help": "remove `privileged: true`",
	},
	{"fix": fix.unsafe("take the privileges away", [{"at": ["workload", "containers", index], "container": ["securityContext", "privileged"], "set": false}])},
) if {
	some index, container in input.workload.containers
	container.privileged
	name := container.name
}

findings contains object.union(
	{
		"at": ["workload", "containers", index],
		"label": "the root filesystem is writable",
		"message": sprintf("container `%s` can change its own image's files", [name]),
		"help": help,
		"severity": {"production": "low", "gcc-sovereign": "low"},
	},
	sealed(index),
) if {
	some index, container in input.workload.containers
	container.is_qdrant
	rootless(container)
	not container.privileged
	not container.read_only_root
	name := container.name
	help := sprintf("set `%s.readOnlyRootFilesystem: true` and mount volumes at /qdrant/storage and /qdrant/snapshots", [context])
}

context := "containerSecurityContext" if input.chart

else := "securityContext"

why(container) := "`runAsUser` is 0" if container.run_as_user == 0

else := "the chart gives it no security context" if container.is_chart_init

else := "nothing sets `runAsNonRoot` or `runAsUser`, and the image's user is root" if container.is_qdrant

else := "nothing sets `runAsNonRoot` or `runAsUser`"

severity_of(container) := {"production": "high", "gcc-sovereign": "high"} if container.is_qdrant

else := {"production": "medium", "gcc-sovereign": "medium"}

help_of(container) := "set `updateVolumeFsOwnership: false`; `podSecurityContext.fsGroup` already gives Qdrant its volumes" if container.is_chart_init

else := "set `containerSecurityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 2000}`" if {
	container.is_qdrant
	input.chart
}

else := "set `securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000}` and `fsGroup: 1000` on the pod, so that Qdrant may write its volumes" if container.is_qdrant

else := "set `runAsNonRoot: true` and a `runAsUser` other than 0 in its `securityContext`"

# The chart's own group of the volumes stays.
user(index) := [
	fix.of_container(["workload", "containers", index], ["containerSecurityContext", "runAsNonRoot"], ["securityContext", "runAsNonRoot"], true),
	fix.of_container(["workload", "containers", index], ["containerSecurityContext", "runAsUser"], ["securityContext", "runAsUser"], 1000),
] if {
	input.chart
}

else := [
	{"at": ["workload", "containers", index], "container": ["securityContext", "runAsNonRoot"], "set": true},
	{"at": ["workload", "containers", index], "container": ["securityContext", "runAsUser"], "set": 1000},
	{"at": ["workload", "containers", index], "container": ["securityContext", "runAsGroup"], "set": 1000},
	{"at": ["workload", "containers", index], "pod": ["securityContext", "fsGroup"], "set": 1000},
]

as_a_user(index, container) := {"fix": fix.unsafe("leave the container out that changes owners as root", [{"values": ["updateVolumeFsOwnership"], "set": false}])} if {
	container.is_chart_init
}

else := {} if {
	not container.is_qdrant
}

else := {"fix": fix.unsafe("run it as user 1000", user(index))}

# What Qdrant writes must lie on volumes.
sealed(index) := {} if input.storage.data.kind == "container-layer"

else := {} if {
	input.storage.snapshots.kind == "container-layer"
}

else := {"fix": fix.unsafe("make its root filesystem read-only", [fix.of_container(
	["workload", "containers", index],
	["containerSecurityContext", "readOnlyRootFilesystem"],
	["securityContext", "readOnlyRootFilesystem"],
	true,
)])}
