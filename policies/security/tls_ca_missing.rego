# METADATA
# title: peers cannot verify each other's certificates
# description: |
#   Peers also fetch snapshots from each other over the client port. With TLS there, they verify the other's certificate
#   against `tls.ca_cert`. Set to null, they accept any certificate. Named but not mounted, they verify against nothing: a
#   shard transfer by snapshot, the default since 1.18, starts over without end.
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: off}
#   consequence: exposure
#   needs: [config, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Mount the certificate of the authority that signed the peers' certificates and name it under `tls.ca_cert`.
#   guide: [G24]
#   controls: [tls-client, mtls-peers]
#   since: 0.1.0
package qdrant.security.tls_ca_missing

clients if input.qdrant.config.service.enable_tls == true

peers if input.qdrant.config.cluster.p2p.enable_tls == true

several if input.deployment.peers > 1

by_snapshot if semver.compare(input.qdrant.version, "1.18.0") >= 0

by_snapshot if input.qdrant.config.storage.shard_transfer_method == "snapshot"

authority[index] := file if {
	some index, file in input.qdrant.tls_files
	file.which == "ca_cert"
}

prefix := "config." if input.chart

else := ""

help := sprintf("mount the authority's certificate and set `%stls.ca_cert` to its path", [prefix])

findings contains {
	"at": ["qdrant", "tls_files", index],
	"label": "any certificate is accepted",
	"message": message,
	"help": help,
	"severity": severity,
} if {
	some index, file in authority
	not file.path
	some [message, severity] in nulls
}

nulls contains ["`tls.ca_cert` is null: peers accept any certificate from each other, also a forged one", "medium"] if {
	clients
	not peers
}

nulls contains ["`tls.ca_cert` is null, but TLS between peers needs an authority: Qdrant exits at start", "high"] if peers

findings contains {
	"at": ["qdrant", "tls_files", index],
	"label": "no authority is mounted here",
	"message": sprintf("no volume holds %s: peers cannot verify each other, and shard transfers by snapshot start over without end", [path]),
	"help": help,
	"severity": "high",
} if {
	some index, file in authority
	path := file.path
	not file.mounted
	clients
	not peers
	several
	by_snapshot
}

skipped contains {"kind": "not-applicable", "reason": "TLS is off"} if {
	not clients
	not peers
}
