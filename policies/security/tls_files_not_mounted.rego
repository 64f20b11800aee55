# METADATA
# title: TLS is on, but its files are not in the container
# description: |
#   Qdrant opens its certificate and key at start and exits when one is missing: "TLS file could not be opened". Peers with
#   TLS need the authority's certificate too. The chart mounts no certificates by itself.
# custom:
#   severity: {production: high, gcc-sovereign: high, development: high}
#   consequence: does-not-start
#   needs: [config, workload]
#   inputs: [values, manifests, live]
#   remediation: |
#     Mount the Secret with the certificate and let `tls.cert`, `tls.key` and `tls.ca_cert` name files inside the mount.
#   guide: [G24]
#   controls: [tls-client, mtls-peers]
#   since: 0.1.0
package qdrant.security.tls_files_not_mounted

clients if input.qdrant.config.service.enable_tls == true

peers if {
	input.qdrant.config.cluster.p2p.enable_tls == true
	input.qdrant.config.cluster.enabled == true
}

needed contains which if {
	some which in ["cert", "key"]
	some_tls
}

needed contains "ca_cert" if peers

needed contains "ca_cert" if {
	clients
	input.qdrant.config.service.verify_https_client_certificate == true
}

some_tls if clients

some_tls if peers

missing contains index if {
	some index, file in input.qdrant.tls_files
	file.which in needed
	file.path
	not file.mounted
}

first := min(missing)

paths := [input.qdrant.tls_files[index].path | some index in sort(missing)]

findings contains {
	"at": ["qdrant", "tls_files", first],
	"label": "nothing is mounted here",
	"message": sprintf("TLS is on, but no volume is mounted at %s: Qdrant exits at start", [concat(", ", paths)]),
	"help": help,
} if {
	count(missing) > 0
}

findings contains {
	"at": ["qdrant", "tls_files", index],
	"label": "no such file in the volume",
	"message": sprintf("TLS is on, but volume `%s` has no file for %s, it has %s: Qdrant exits at start", [volume, path, has]),
	"help": sprintf("let `%stls.%s` name one of these files", [prefix, file.which]),
} if {
	some index, file in input.qdrant.tls_files
	file.which in needed
	path := file.path
	volume := file.volume
	has := file.missing_in_volume
}

prefix := "config." if input.chart

else := ""

help := "mount the Secret with the certificate: `additionalVolumes: [{name: tls, secret: {secretName: …}}]` and `additionalVolumeMounts: [{name: tls, mountPath: /qdrant/tls, readOnly: true}]`" if input.chart

else := "mount the Secret with the certificate under `/qdrant/tls` in the Qdrant container"

skipped contains {"kind": "not-applicable", "reason": "TLS is off"} if not some_tls
