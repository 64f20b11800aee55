# METADATA
# title: an image comes from a registry that is not allowed
# description: |
#   The configuration names the registries that images may come from. Others are neither scanned nor mirrored: an image may
#   change or vanish, and a pull leaves the country.
# related_resources:
#   - description: Kubernetes, container images
#     ref: https://kubernetes.io/docs/concepts/containers/images/
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: "off"}
#   consequence: exposure
#   needs: [workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Mirror the image into an allowed registry and name it there: `image.repository` in the values.
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.registry_not_allowed

findings contains {
	"at": ["workload", "images", index],
	"label": sprintf("from %s", [registry]),
	"message": sprintf("the image `%s` comes from %s, which is not among the allowed registries", [reference, registry]),
	"help": sprintf("mirror it into one of %s", [concat(", ", allowed)]),
} if {
	allowed := input.registries
	some index, image in input.workload.images
	not is_allowed(image, allowed)
	registry := image.registry
	reference := image.reference
}

is_allowed(image, allowed) if {
	some entry in allowed
	start := trim_suffix(entry, "/")
	name := sprintf("%s/%s", [image.registry, image.repository])
	within(name, start)
}

within(name, start) if name == start

within(name, start) if startswith(name, sprintf("%s/", [start]))

skipped contains {
	"kind": "not-applicable",
	"reason": "no registries are configured; set `registries: {allowed: [...]}` in .qdrant-lint.yaml",
} if {
	not input.registries
}
