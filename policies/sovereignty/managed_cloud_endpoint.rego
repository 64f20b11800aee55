# METADATA
# title: Qdrant Cloud is used
# description: |
#   Clusters of Qdrant Cloud run in regions of its choice, none of them in the Gulf; the agent of its hybrid offering keeps a
#   connection to the control plane abroad. Whoever promised that the data stays in the country cannot use either. Images
#   pulled from its registry carry no data, yet tie the supply to it.
# related_resources:
#   - description: Qdrant Hybrid Cloud, setup
#     ref: https://qdrant.tech/documentation/hybrid-cloud/hybrid-cloud-setup/
# custom:
#   severity: {production: low, gcc-sovereign: critical, development: off}
#   consequence: residency
#   inputs: [values, manifests, live, collection]
#   remediation: |
#     Point clients and jobs at the cluster's own Service; pull images from a registry of your own.
#   guide: [G53]
#   controls: [out-of-region-egress]
#   since: 0.1.0
package qdrant.sovereignty.managed_cloud_endpoint

findings contains object.union(finding, severity(trace)) if {
	some index, trace in input.platform.managed_cloud
	finding := {
		"at": ["platform", "managed_cloud", index],
		"label": labels[trace.kind],
		"message": sprintf("%s: %s", [trace.host, consequences[trace.kind]]),
		"help": steps[trace.kind],
	}
}

labels := {
	"endpoint": "a cluster of Qdrant Cloud",
	"registry": "the registry of Qdrant Cloud",
	"agent": "the agent of Qdrant Hybrid Cloud",
}

consequences := {
	"endpoint": "data goes to Qdrant Cloud, outside this cluster and its region",
	"registry": "images come from Qdrant Cloud's registry; no data leaves, but without it no pod starts anew",
	"agent": "the agent is driven by the control plane of Qdrant Cloud and reports to it",
}

steps := {
	"endpoint": "use the Service of the cluster: `http://<release>.<namespace>.svc:6333`",
	"registry": "mirror the images into a registry of your own, or use docker.io/qdrant/qdrant",
	"agent": "run the open-source server without the agent",
}

severity(trace) := {"severity": {"production": "info", "gcc-sovereign": "medium"}} if {
	trace.kind == "registry"
} else := {}
