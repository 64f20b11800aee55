# METADATA
# title: the upgrade skips a minor version
# description: |
#   Qdrant reads the storage of the minor version before its own and talks to peers of it. What is declared is more than
#   one minor version ahead of what runs: the new server may refuse the data or leave the cluster, and there is no way
#   back but the last snapshot.
# related_resources:
#   - description: Qdrant, upgrades
#     ref: https://qdrant.tech/documentation/operations/upgrades/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: data-loss
#   needs: []
#   inputs: [values, manifests, live, api]
#   remediation: |
#     Upgrade one minor version at a time: the last patch of each, all peers, then the next.
#   guide: [G16]
#   controls: [version-hygiene]
#   since: 0.1.0
package qdrant.versions.upgrade_skips_minor

import data.qdrant.lib.declared

findings contains {
	"at": ["declared", "qdrant", "version"],
	"label": sprintf("%s runs", [running]),
	"message": sprintf("Qdrant %s is declared and %s runs: the upgrade skips %s", [wanted, running, between]),
	"help": sprintf("go to the last patch of %d.%d first", [major, minor + 1]),
} if {
	wanted := declared.version
	running := declared.running_version
	[major, minor] := declared.release(running)
	[next, ahead] := declared.release(wanted)
	next == major
	ahead - minor > 1
	between := concat(", ", [sprintf("%d.%d", [major, minor + step]) | some step in numbers.range(1, (ahead - minor) - 1)])
}

skipped contains declared.missing

skipped contains declared.missing_version
