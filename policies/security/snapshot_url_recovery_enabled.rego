# METADATA
# title: anyone with a key can make a peer fetch any address
# description: |
#   A request to recover a snapshot names the address to fetch it from, and the peer fetches it: inside the network of the
#   cluster, with the peer's rights. Since 1.18 `service.enable_snapshot_url_recovery: false` closes that door; uploads and
#   recovery from local files go on.
# related_resources:
#   - description: Qdrant, snapshots
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: low, gcc-sovereign: medium, development: off}
#   consequence: exposure
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `service.enable_snapshot_url_recovery: false`, or close the egress of the peers.
#   controls: [out-of-region-egress]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.snapshot_url_recovery_enabled

import data.qdrant.lib.fix
import data.qdrant.lib.server

enabled if input.qdrant.config.service.enable_snapshot_url_recovery == true

closed if {
	input.network.isolated_egress == true
	input.network.internet_egress == "none"
	not input.workload.host_network
}

# A drill that recovers from an address needs it.
needed if count(input.backup.restores) > 0

findings contains {
	"at": ["qdrant", "config", "service", "enable_snapshot_url_recovery"],
	"label": "peers fetch what a request names",
	"message": "whoever holds a key for writing can make a peer fetch any address it reaches, inside the cluster too",
	"help": server.setting("service.enable_snapshot_url_recovery", "false"),
	"fix": fix.unsafe("recover from no address", [fix.setting("service.enable_snapshot_url_recovery", false)]),
} if {
	enabled
	not closed
	not needed
}

skipped contains {"kind": "not-applicable", "reason": "the peers' egress is closed, or a restore needs it"} if enabled

skipped contains {"kind": "not-applicable", "reason": sprintf("%s has no such switch; 1.18 is the first that has", [server.named])} if {
	server.before("1.18.0")
}

skipped contains {"kind": "unknown", "reason": sprintf("`service.enable_snapshot_url_recovery` is hidden: %s", [reason])} if {
	reason := server.hidden("service.enable_snapshot_url_recovery")
}
