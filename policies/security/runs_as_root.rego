# METADATA
# title: a container may run as root or write to its own image
# description: |
#   A process that is root in the container is root on the node as soon as it leaves the container. A writable root
#   filesystem lets whoever got in change the binary that runs. The chart runs Qdrant itself as user 1000, but gives its
#   `ensure-dir-ownership` init container no security context at all.
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
#   since: 0.1.0
package qdrant.security.runs_as_root

rootless(container) if container.run_as_user > 0

rootless(container) if {
	container.run_as_non_root == true
	not container.run_as_user
}

rootless(container) if {
	container.image_unprivileged
	not container.run_as_user == 0
}

findings contains {
	"at": ["workload", "containers", index],
	"label": "may run as root",
	"message": sprintf("container `%s` may run as root: %s", [name, why(container)]),
	"help": help_of(container),
	"severity": severity_of(container),
} if {
	some index, container in input.workload.containers
	not container.privileged
	not rootless(container)
	name := container.name
}

findings contains {
	"at": ["workload", "containers", index],
	"label": "privileged",
	"message": sprintf("container `%s` is privileged: it is root on the node", [name]),
	"help": "remove `privileged: true`",
} if {
	some index, container in input.workload.containers
	container.privileged
	name := container.name
}

findings contains {
	"at": ["workload", "containers", index],
	"label": "the root filesystem is writable",
	"message": sprintf("container `%s` can change its own image's files", [name]),
	"help": help,
	"severity": {"production": "low", "gcc-sovereign": "low"},
} if {
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
