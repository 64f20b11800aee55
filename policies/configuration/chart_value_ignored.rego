# METADATA
# title: the chart does not read a value
# description: |
#   The chart ships no schema, so Helm accepts any key and drops what no template reads, without a word. The file says one
#   thing and the cluster runs another: a misspelt storage class falls back to the cluster's default, a label that
#   Prometheus selects by never arrives. The keys of every chart version are known, and so is the version that reads a key
#   first.
# related_resources:
#   - description: Values of the Qdrant Helm chart
#     ref: https://github.com/qdrant/qdrant-helm/blob/main/charts/qdrant/values.yaml
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: medium}
#   consequence: ignored
#   needs: [chart]
#   inputs: [values]
#   remediation: |
#     Write the key that the chart reads, or remove this one.
#   guide: [G30, G31]
#   controls: [change-control]
#   fixes: [safe]
#   since: 0.1.0
package qdrant.configuration.chart_value_ignored

findings contains object.union(finding, fix(value, index)) if {
	some index, value in input.chart.ignored_values
	certain(value)
	finding := {
		"at": ["chart", "ignored_values", index],
		"label": label(value),
		"message": sprintf("chart %s does not read `%s`: %s", [input.chart.version, value.key, value.effect]),
		"help": help(value),
		"severity": severity(value),
	}
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("chart %s is newer than any this tool knows: it may read `%s`", [input.chart.version, value.key]),
} if {
	input.chart.newer_than_modelled
	some value in input.chart.ignored_values
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("some chart versions read `%s`, and nothing says which one is used; give --chart-version", [value.key]),
} if {
	input.chart.assumed
	some value in input.chart.ignored_values
	depends_on_version(value)
}

certain(value) if {
	not input.chart.newer_than_modelled
	not version_open(value)
}

version_open(value) if {
	input.chart.assumed
	depends_on_version(value)
}

# the key itself comes or went with a version; the successor's version does not matter here
depends_on_version(value) if {
	value.since
	not value.instead
}

depends_on_version(value) if value.once

label(value) := "the chart does this anyway" if value.harmless

label(value) := sprintf("the chart reads `%s`", [value.instead]) if {
	not value.harmless
	value.instead
}

label(value) := sprintf("read from chart %s on", [value.since]) if {
	not value.harmless
	not value.instead
	value.since
}

label(value) := "no template reads it" if {
	not value.harmless
	not value.instead
	not value.since
}

help(value) := "remove it" if value.harmless

help(value) := sprintf("write `%s`", [value.instead]) if {
	not value.harmless
	value.instead
	not value.since
}

help(value) := sprintf("write `%s`, which charts from %s on read", [value.instead, value.since]) if {
	not value.harmless
	value.instead
	value.since
}

help(value) := sprintf("use chart %s or later, or remove it", [value.since]) if {
	not value.harmless
	not value.instead
	value.since
}

help(value) := sprintf("remove `%s`; what it asks for must come from elsewhere (an object of your own, a post-renderer)", [value.key]) if {
	not value.harmless
	not value.instead
	not value.since
}

severity(value) := "info" if value.harmless

severity(value) := {"production": "high", "gcc-sovereign": "high"} if {
	not value.harmless
	value.severe
}

severity(value) := "medium" if {
	not value.harmless
	not value.severe
}

fix(value, index) := {"fix": {
	"title": sprintf("rename it to `%s`", [value.rename]),
	"applicability": "safe",
	"edits": [{"at": ["chart", "ignored_values", index], "rename": value.rename}],
}} if {
	value.rename
	not value.since
}

fix(value, index) := {"fix": {
	"title": "remove it, the chart does this anyway",
	"applicability": "safe",
	"edits": [{"at": ["chart", "ignored_values", index], "remove": true}],
}} if {
	value.harmless
	not renamable(value)
}

fix(value, _) := {} if {
	not value.harmless
	not renamable(value)
}

renamable(value) if {
	value.rename
	not value.since
}
