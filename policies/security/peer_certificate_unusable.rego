# METADATA
# title: the certificate does not fit the peers
# description: |
#   Peers call each other `<pod>.<headless service>` and verify that name in the certificate. Without it TLS between peers
#   never connects, and with TLS for clients only, shard transfers by snapshot start over without end. Between peers each
#   one is a client too, so a certificate for servers alone is refused. A wildcard such as `*.qdrant-headless` does not
#   count: Qdrant's TLS library wants two labels behind the star.
# custom:
#   severity: {production: high, gcc-sovereign: high, development: off}
#   consequence: outage
#   needs: [certificates, workload, config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Add every peer's name to `dnsNames` of the Certificate, and `server auth` and `client auth` to its `usages`.
#   guide: [G7, G24, G49]
#   controls: [mtls-peers]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.security.peer_certificate_unusable

import data.qdrant.lib.fix

peers if {
	input.qdrant.config.cluster.p2p.enable_tls == true
	input.qdrant.config.cluster.enabled == true
}

by_snapshot if semver.compare(input.qdrant.version, "1.18.0") >= 0

by_snapshot if input.qdrant.config.storage.shard_transfer_method == "snapshot"

verified if peers

verified if {
	input.qdrant.config.service.enable_tls == true
	by_snapshot
}

several if input.deployment.peers > 1

outcome := "peers cannot connect to each other" if peers

else := "shard transfers between peers start over without end"

findings contains {
	"at": ["mesh", "certificates", index],
	"label": sprintf("no name for %s", [names[0]]),
	"message": sprintf("Certificate `%s` does not name %s: %s", [name, concat(", ", array.slice(names, 0, 3)), outcome]),
	"help": sprintf("add to `dnsNames`: %s", [concat(", ", names)]),
	"fix": fix.unsafe("name the peers", [{"at": ["mesh", "certificates", index], "object": ["spec", "dnsNames", "-"], "set": peer} | some peer in names]),
} if {
	several
	verified
	some index, certificate in input.mesh.certificates
	certificate.mounted
	names := certificate.missing_peer_names
	count(names) > 0
	name := certificate.name
}

findings contains {
	"at": ["mesh", "certificates", index],
	"label": "not for clients",
	"message": sprintf("Certificate `%s` has usages %s: peers are each other's clients and refuse one without `client auth`", [name, concat(", ", usages)]),
	"help": "set `usages: [server auth, client auth, digital signature, key encipherment]`",
	"fix": fix.unsafe("make it a certificate for clients too", [{"at": ["mesh", "certificates", index], "object": ["spec", "usages"], "set": ["server auth", "client auth", "digital signature", "key encipherment"]}]),
} if {
	several
	peers
	some index, certificate in input.mesh.certificates
	certificate.mounted
	usages := certificate.usages
	"server auth" in usages
	not "client auth" in usages
	not "any" in usages
	name := certificate.name
}

skipped contains {"kind": "not-applicable", "reason": "there is one peer"} if input.deployment.peers <= 1

skipped contains {"kind": "not-applicable", "reason": "peers do not verify certificates: TLS is off, or shards are not sent as snapshots"} if not verified
