# METADATA
# title: the peers run different versions
# description: |
#   Peers of one cluster are equals: each may lead, take a shard over or answer for another. Qdrant keeps peers of
#   neighbouring versions talking while an upgrade rolls over them, and nothing beyond that: what one writes the other may
#   not read.
# related_resources:
#   - description: Qdrant, upgrades
#     ref: https://qdrant.tech/documentation/operations/upgrades/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: outage
#   needs: []
#   inputs: [live, api]
#   remediation: |
#     Finish the upgrade: see why the StatefulSet stopped rolling, and bring every peer to the same version.
#   guide: [G16]
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.mixed_peer_versions

versions := {peer.version | some peer in input.live.peers; peer.version}

findings contains {
	"at": ["live", "peers", index, "version"],
	"label": sprintf("others run %s", [newest]),
	"message": sprintf("%s runs Qdrant %s while others run %s%s", [peer.name, peer.version, newest, meanwhile]),
	"help": "let the upgrade end; when it stands still, look at the pod that is not ready",
	"severity": severity,
} if {
	count(versions) > 1
	some index, peer in input.live.peers
	peer.version != newest
}

newest := version if {
	some version in versions
	every other in versions {
		semver.compare(version, other) >= 0
	}
}

meanwhile := "; a rollout is under way" if {
	input.live.rolling
} else := ""

severity := "medium" if {
	input.live.rolling
} else := "high"

# What a pod was started from, where no peer was asked.
images[index] := pod.image if {
	not asked
	some index, pod in input.live.pods
}

findings contains {
	"at": ["live", "pods", index, "image"],
	"label": sprintf("others run %s", [others[0]]),
	"message": sprintf("%s runs %s while %s%s", [input.live.pods[index].name, image, what, meanwhile]),
	"help": "let the upgrade end; when it stands still, look at the pod that is not ready",
	"severity": severity,
} if {
	some index, image in images
	others := [other | some other in {one | some one in images}; other != image]
	count(others) > 0
	image != wanted
	what := sprintf("others run %s", [concat(", ", others)])
}

# The image that the workload asks for, as its pods have it.
wanted := image if {
	some image in images
	endswith(image, sprintf("%s:%s", [input.workload.image.repository, input.workload.image.tag]))
}

asked if "qdrant_api" in input.observed

skipped contains {"kind": "not-observed", "reason": input.unobserved.qdrant_api} if {
	not asked
	count(images) == 0
}

skipped contains {"kind": "not-observed", "reason": sprintf("%s did not say its version", [peer.name])} if {
	some peer in input.live.peers
	not peer.version
}
