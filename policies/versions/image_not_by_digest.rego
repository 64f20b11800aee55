# METADATA
# title: the image is not pinned by digest
# description: |
#   A tag is a pointer that its registry may move; only a digest names the bytes that were tested and scanned.
# related_resources:
#   - description: Kubernetes, image digests
#     ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
# custom:
#   severity: {production: info, gcc-sovereign: low, development: "off"}
#   consequence: exposure
#   needs: [workload.image]
#   inputs: [manifests, live]
#   remediation: |
#     Write the digest behind the tag: `qdrant/qdrant:v1.19.2@sha256:…`.
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.image_not_by_digest

findings contains {
	"at": ["workload", "image"],
	"label": "a tag can be moved",
	"message": sprintf("the image `%s` is named by its tag: what it points to may change", [reference]),
	"help": sprintf("write `%s@sha256:<digest>`; `crane digest %s` prints it", [reference, reference]),
} if {
	not input.chart
	image := input.workload.image
	not image.digest
	not moves(object.get(image, "tag", ""))
	reference := image.reference
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the chart takes no digest in its values; pin it after rendering or in the registry's policy",
} if {
	input.chart
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the image names no version at all: versions/image-unpinned speaks of it",
} if {
	not input.chart
	not input.workload.image.digest
	moves(object.get(input.workload.image, "tag", ""))
}

moves(tag) if not regex.match(`^v?\d+\.\d+\.\d+([-+].*)?$`, trim_prefix(trim_prefix(tag, "gpu-nvidia-"), "gpu-amd-"))
