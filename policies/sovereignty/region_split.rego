# METADATA
# title: the data is spread over regions, and not all are declared
# description: |
#   A cache or a copy of the data in another country than the database puts the same data under a second law, often
#   unnoticed, because it is set up for speed. A second region inside the declared set, say for disaster recovery, is fine.
# related_resources:
#   - description: Qdrant, distributed deployment
#     ref: https://qdrant.tech/documentation/guides/distributed_deployment/
# custom:
#   severity: {production: medium, gcc-sovereign: high, development: off}
#   consequence: residency
#   inputs: [values, manifests, live, backup]
#   remediation: |
#     Keep cluster, buckets and caches in the declared regions.
#   guide: [G47]
#   controls: [residency]
#   evidence: [residency]
#   since: 0.1.0
package qdrant.sovereignty.region_split

import data.qdrant.lib.residency

# Places that hold data, by the region they name.
places contains place.region if {
	some place in input.platform.locations
	place.what in {"nodes", "volume", "bucket", "cache"}
}

home contains number if {
	some number, place in input.platform.locations
	place.what in {"nodes", "volume", "bucket"}
	residency.allowed(place)
}

findings contains object.union(finding, related) if {
	some index, place in input.platform.locations
	place.what == "cache"
	residency.outside(place)
	region := residency.in_words(place)
	finding := {
		"at": ["platform", "locations", index],
		"label": sprintf("%s is not among %s", [region, residency.declaration]),
		"message": sprintf("%s keeps copies of the data in %s, outside the declared %s", [place.object, region, residency.declaration]),
		"help": sprintf("use a cache in a region of %s", [residency.declaration]),
	}
}

related := {"related": [{"at": ["platform", "locations", number], "message": "the data itself lies here"}]} if {
	number := min(home)
} else := {}

skipped contains residency.undeclared

skipped contains {"kind": "not-applicable", "reason": reason} if {
	residency.declared
	some place in input.platform.locations
	place.what in {"nodes", "volume", "bucket"}
	residency.outside(place)
	rule := {"nodes": "sovereignty/outside-region", "volume": "sovereignty/outside-region", "bucket": "backup/outside-region"}[place.what]
	reason := sprintf("%s speaks of %s in %s", [rule, place.object, place.region])
}

skipped contains {"kind": "needs-evidence", "reason": "no region of a cluster, bucket or cache can be seen; attest `residency`: that they lie in the declared regions"} if {
	residency.declared
	count(places) == 0
}
