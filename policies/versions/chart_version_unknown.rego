# METADATA
# title: the chart's version does not exist, is not pinned, or does not fit the image
# description: |
#   A version that was never released does not install. A range takes whatever is newest at the next sync, with new defaults.
#   An image of another minor version than the chart's meets probes, keys and scripts that were written for another server.
# related_resources:
#   - description: Releases of the Qdrant chart
#     ref: https://github.com/qdrant/qdrant-helm/releases
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: does-not-install
#   needs: [chart]
#   inputs: [values]
#   remediation: |
#     Name one released version of the chart, and leave `image.tag` out or set it to a version of the same minor.
#   guide: [G32]
#   controls: [version-hygiene]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.versions.chart_version_unknown

import data.qdrant.lib.fix

findings contains {
	"at": ["chart", "requested"],
	"label": "never released",
	"message": sprintf("version %s of the chart was never released: Helm does not find it", [requested]),
	"help": sprintf("name one that exists, e.g. `%s`", [version]),
	"fix": fix.unsafe(sprintf("take version %s", [version]), [{"at": ["chart", "requested"], "set": version}]),
} if {
	not input.chart.assumed
	input.chart.exists == false
	requested := input.chart.requested
	version := input.chart.version
}

findings contains {
	"at": ["chart", "requested"],
	"label": "takes whatever is newest",
	"message": sprintf("the chart is asked for as `%s`: the next sync may bring another version and its defaults", [requested]),
	"help": sprintf("pin it, e.g. `%s`", [version]),
	"fix": fix.unsafe(sprintf("pin it to %s", [version]), [{"at": ["chart", "requested"], "set": version}]),
} if {
	not input.chart.assumed
	input.chart.exists
	not input.chart.pinned
	not hidden
	requested := input.chart.requested
	version := input.chart.version
}

findings contains {
	"at": ["qdrant", "version"],
	"label": sprintf("the chart ships %s", [shipped]),
	"message": sprintf("Qdrant %s runs in a chart made for %s: its probes, keys and scripts are for another minor", [version, shipped]),
	"help": sprintf("take a chart of the same minor (`helm upgrade --version '~%s.0'` finds the newest), or remove `image.tag`: the chart then runs `v%s`", [minor(version), shipped]),
} if {
	not input.chart.assumed
	not input.chart.newer_than_modelled
	version := input.qdrant.version
	shipped := input.chart.app_version
	minor(version) != minor(shipped)
}

minor(version) := concat(".", array.slice(split(version, "."), 0, 2))

hidden if contains(input.chart.requested, "{{")

hidden if contains(input.chart.requested, "${")

skipped contains {
	"kind": "not-observed",
	"reason": "nothing names the chart's version; give --chart-version, or the carrier of the release",
} if {
	input.chart.assumed
}

skipped contains {"kind": "unknown", "reason": "the chart's version is filled in later"} if hidden

skipped contains {
	"kind": "unknown",
	"reason": sprintf("version %s of the chart is newer than the tables of this tool", [version]),
} if {
	input.chart.newer_than_modelled
	version := input.chart.version
}
