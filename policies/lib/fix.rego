package qdrant.lib.fix

# What the fixes of rules share.

# It keeps what was meant.
safe(title, edits) := {"title": title, "applicability": "safe", "edits": edits}

# It changes what the deployment does: a person looks at it.
unsafe(title, edits) := {"title": title, "applicability": "unsafe", "edits": edits}

# A key of the server's configuration, wherever it stands or would stand.
setting(key, value) := {"at": array.concat(["qdrant", "config"], split(key, ".")), "set": value}

# A field of the chart's values, else of the object that holds a fact.
of_object(at, values, object, value) := {"values": values, "set": value} if input.chart

else := {"at": at, "object": object, "set": value}

# Likewise of the pods.
of_pod(at, values, pod, value) := {"values": values, "set": value} if input.chart

else := {"at": at, "pod": pod, "set": value}

# Likewise of the container.
of_container(at, values, container, value) := {"values": values, "set": value} if input.chart

else := {"at": at, "container": container, "set": value}

# The labels that tell the pods of this deployment from others.
identity := own if count(own) > 0

else := input.workload.pod_labels

own := {key: value |
	some key, value in input.workload.pod_labels
	key in {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance"}
}

# An amount of memory as Kubernetes writes it, without a remainder.
quantity(bytes) := sprintf("%dGi", [bytes / 1073741824]) if bytes % 1073741824 == 0

else := sprintf("%dMi", [bytes / 1048576]) if bytes % 1048576 == 0

else := sprintf("%d", [bytes])
