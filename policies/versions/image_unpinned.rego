# METADATA
# title: the image is not pinned to one version
# description: |
#   A tag that moves gives the peers different versions after the next restart, and an upgrade that nobody decided. Qdrant
#   supports one minor version at a time: a jump may leave storage that the old version can no longer read.
# related_resources:
#   - description: Kubernetes, container images
#     ref: https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [workload.image]
#   inputs: [values, manifests, live]
#   remediation: |
#     Write the exact version, e.g. `v1.19.2`: `image.tag` in the values, the tag of the image in a manifest.
#   guide: [G16]
#   controls: [version-hygiene]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.versions.image_unpinned

import data.qdrant.lib.fix

findings contains {
	"at": ["workload", "image"],
	"label": "no tag: `latest` is taken",
	"message": sprintf("the image `%s` has no tag: each restart may bring another version of Qdrant", [reference]),
	"help": sprintf("write `image: %s:v1.19.2`, or the version that you run", [reference]),
} if {
	not image.tag
	not image.digest
	reference := image.reference
}

findings contains {
	"at": ["workload", "image"],
	"label": "the tag moves",
	"message": sprintf("the tag `%s` moves: each restart may bring another version of Qdrant", [tag]),
	"help": "write the exact version, e.g. `v1.19.2`",
} if {
	not image.digest
	not image.from_chart
	tag := image.tag
	moves(tag)
}

findings contains {
	"at": ["workload", "image"],
	"label": "the chart wants a whole version",
	"message": sprintf("the chart compares `image.tag` as a version and cannot read `%s`: it does not render", [tag]),
	"help": "write `image.tag: v1.19.2`, or leave it out: the chart then takes its own version",
} if {
	not image.digest
	image.from_chart
	tag := image.tag
	moves(tag)
}

findings contains {
	"at": ["workload", "image"],
	"label": "the chart cannot take a digest",
	"message": "the chart puts `image.tag` behind a colon and compares it as a version: a digest there does not render",
	"help": "write the plain tag, and pin the digest after rendering (Kustomize `images`) or in the registry's policy",
} if {
	image.from_chart
	image.digest
}

findings contains object.union(
	{
		"at": ["workload", "image"],
		"label": "a pre-release to the chart",
		"message": sprintf(
			"the chart takes `%s` for a pre-release: it probes `/` instead of `/readyz`, and its chown container fails",
			[tag],
		),
		"help": sprintf("write `image.tag: %s` and `image.useUnprivilegedImage: true`", [plain]),
	},
	{"fix": fix.safe("let the chart choose the unprivileged image", [{"values": ["image", "tag"], "set": plain}, {"values": ["image", "useUnprivilegedImage"], "set": true}])},
) if {
	image.from_chart
	not image.digest
	tag := image.tag
	endswith(tag, "-unprivileged")
	not image.chart_unprivileged
	plain := trim_suffix(tag, "-unprivileged")
	not moves(tag)
}

image := input.workload.image

moves(tag) if not regex.match(`^v?\d+\.\d+\.\d+([-+].*)?$`, trim_prefix(trim_prefix(tag, "gpu-nvidia-"), "gpu-amd-"))
