# METADATA
# title: an older version is declared than the one that runs
# description: |
#   Qdrant reads what older versions wrote and not what newer ones did. Rolling out the declared version over these data
#   leaves peers that do not start, or collections that do not load.
# related_resources:
#   - description: Qdrant, upgrades
#     ref: https://qdrant.tech/documentation/operations/upgrades/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: outage
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Declare at least the version that runs. To go back, restore snapshots that the older version made.
#   guide: [G16]
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.downgrade

import data.qdrant.lib.declared

findings contains {
	"at": ["declared", "qdrant", "version"],
	"label": sprintf("%s runs", [declared.running_version]),
	"message": sprintf("Qdrant %s is declared and %s runs: an older server does not read what a newer one wrote", [declared.version, declared.running_version]),
	"help": sprintf("declare v%s or later", [declared.running_version]),
} if {
	semver.compare(declared.version, declared.running_version) < 0
}

skipped contains declared.missing

skipped contains declared.missing_version
