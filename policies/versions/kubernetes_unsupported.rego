# METADATA
# title: this version of Kubernetes is out of support
# description: |
#   A minor version of Kubernetes gets fixes for about fourteen months. After that known holes in the API server and the
#   kubelet stay open, and the next upgrade has to pass through versions that nobody tests together any more.
# related_resources:
#   - description: Kubernetes, patch releases and end of life
#     ref: https://kubernetes.io/releases/patch-releases/
# custom:
#   severity: {production: low, gcc-sovereign: low, development: "off"}
#   consequence: exposure
#   needs: [cluster, live.kubernetes]
#   inputs: [live]
#   remediation: |
#     Upgrade the cluster to a supported minor version; a provider's extended support is a reason for a waiver with a date.
#   guide: [G6]
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.kubernetes_unsupported

# End of life by minor version of 1, from the releases page.
ends := {
	28: "2024-10-28",
	29: "2025-02-28",
	30: "2025-06-28",
	31: "2025-10-28",
	32: "2026-02-28",
	33: "2026-06-28",
	34: "2026-10-27",
	35: "2027-02-28",
}

parts := regex.find_all_string_submatch_n(`^v?(\d+)\.(\d+)`, input.live.kubernetes, 1)[0]

minor := to_number(parts[2]) if parts[1] == "1"

findings contains {
	"at": ["live", "kubernetes"],
	"label": "out of support",
	"message": sprintf("Kubernetes %s has had no fixes since %s", [input.live.kubernetes, ended]),
	"help": "upgrade the cluster, one minor version at a time",
} if {
	ended := ends[minor]
	input.now > ended
}

findings contains {
	"at": ["live", "kubernetes"],
	"label": "long out of support",
	"message": sprintf("Kubernetes %s is older than any that is tested with Qdrant's chart, and has had no fixes for years", [input.live.kubernetes]),
	"help": "upgrade the cluster, one minor version at a time",
} if {
	minor < 28
}

skipped contains {"kind": "unknown", "reason": sprintf("nothing is known of Kubernetes %s", [input.live.kubernetes])} if not minor
