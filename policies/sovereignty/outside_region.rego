# METADATA
# title: a part of the deployment lies outside the declared regions
# description: |
#   The declared residency says in which countries or regions the data may live. Nodes hold it in memory, volumes on disk,
#   keys and secret stores decide who can read it: each of them binds the data to a place and to its law. Region ids are
#   read together with their cloud, because the same id is another country elsewhere.
# related_resources:
#   - description: Kubernetes, well-known labels of nodes
#     ref: https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesioregion
#   - description: Central Bank of the UAE, outsourcing, article 6
#     ref: https://rulebook.centralbank.ae/en/rulebook/article-6-outsourcing-outside-uae
# custom:
#   severity: {production: medium, gcc-sovereign: critical, development: off}
#   consequence: residency
#   inputs: [values, manifests, live]
#   remediation: |
#     Move it into a declared region, or declare the region in `residency` if it is meant.
#   guide: [G47, G63]
#   controls: [residency]
#   evidence: [residency]
#   since: 0.1.0
package qdrant.sovereignty.outside_region

import data.qdrant.lib.residency

# Buckets are backup/outside-region's, caches sovereignty/region-split's.
judged := {"nodes", "volume", "key", "secret-store", "registry"}

consequence := {
	"nodes": "vectors and payloads are held and searched there",
	"volume": "vectors and payloads are stored there",
	"key": "who holds the key there reads what it encrypts",
	"secret-store": "the API keys lie there",
	"registry": "images are pulled from there",
}

findings contains object.union(finding, severity(place)) if {
	some index, place in input.platform.locations
	place.what in judged
	residency.outside(place)
	region := residency.in_words(place)
	finding := {
		"at": ["platform", "locations", index],
		"label": sprintf("%s is not among %s", [region, residency.declaration]),
		"message": sprintf("%s names %s, outside the declared %s: %s", [place.object, region, residency.declaration, consequence[place.what]]),
		"help": sprintf("use a region of %s, or declare this one in `residency` of .qdrant-lint.yaml", [residency.declaration]),
	}
}

# No customer data passes through a registry.
severity(place) := {"severity": "low"} if {
	place.what == "registry"
} else := {}

skipped contains residency.undeclared

located contains place if {
	some place in input.platform.locations
	place.what in {"nodes", "volume"}
}

skipped contains {"kind": "needs-evidence", "reason": reason} if {
	residency.declared
	some place in input.platform.locations
	place.what in judged
	residency.unlocated(place)
	reason := sprintf("%s names %s, and no table knows its country; declare it as `residency.regions: [\"<cloud>:%s\"]` if it is yours", [place.object, place.region, place.region])
}

skipped contains {"kind": "needs-evidence", "reason": "nothing in the input says where the nodes and volumes lie: pin them by `nodeSelector: {topology.kubernetes.io/region: <region>}`, or attest `residency`"} if {
	residency.declared
	count(located) == 0
}
