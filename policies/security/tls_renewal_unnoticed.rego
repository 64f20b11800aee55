# METADATA
# title: nothing restarts the peers when their certificate is renewed
# description: |
#   Qdrant reloads certificates only for REST (`tls.cert_ttl`). gRPC and the port between peers keep the one they started
#   with: after cert-manager has renewed it, they serve the old one until it expires, and then every connection fails.
# custom:
#   severity: {production: low, gcc-sovereign: low, development: off}
#   consequence: outage
#   needs: [certificates, workload, config]
#   inputs: [manifests, live]
#   remediation: |
#     Let a controller restart the pods when the Secret changes, for example Reloader with the annotation
#     `secret.reloader.stakater.com/reload`.
#   guide: [G7]
#   controls: [tls-client, mtls-peers]
#   since: 0.1.0
package qdrant.security.tls_renewal_unnoticed

on if input.qdrant.config.service.enable_tls == true

on if input.qdrant.config.cluster.p2p.enable_tls == true

findings contains {
	"at": ["mesh", "certificates", index],
	"label": "renewed by cert-manager, read once by Qdrant",
	"message": sprintf("gRPC and peers keep certificate `%s` until a restart, and nothing restarts them when it is renewed: they fail when it expires", [name]),
	"help": help,
} if {
	on
	some index, certificate in input.mesh.certificates
	certificate.mounted
	not certificate.restarts_on_change
	name := certificate.name
}

help := "add the annotation `secret.reloader.stakater.com/reload` with the name of the Secret to the StatefulSet (chart: `additionalAnnotations`) and install Reloader"

skipped contains {"kind": "not-applicable", "reason": "TLS is off"} if not on
