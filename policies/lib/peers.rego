package qdrant.lib.peers

# Nothing listens on the port between peers.
cluster_off if input.qdrant.config.cluster.enabled == false

# One peer talks to nobody.
alone if input.deployment.peers == 1

# Network policies do not apply to pods on the host's network.
on_host_network if input.workload.host_network == true

# A stranger's connection to the port between peers is refused for want of a certificate.
mutual_tls if input.qdrant.config.cluster.p2p.enable_tls == true

mutual_tls if input.mesh.peers == "strict"

# The port between peers asks for the API key; before 1.19.2 a read-only key passed for it.
internal_auth if {
	input.qdrant.config.service.enforce_internal_auth == true
	semver.compare(input.qdrant.version, "1.19.2") >= 0
}

# The ports as configured.
ports := {"rest": rest_port, "grpc": grpc_port, "p2p": p2p_port}

default rest_port := 6333

rest_port := input.qdrant.config.service.http_port

default grpc_port := 6334

grpc_port := input.qdrant.config.service.grpc_port

default p2p_port := 6335

p2p_port := input.qdrant.config.cluster.p2p.port

# Why a fact below one of these dotted paths is hidden: the first reason.
hidden(paths) := reasons[0] if {
	reasons := [reason |
		some fact in input.unknown
		dotted := concat(".", [sprintf("%v", [step]) | some step in fact.path])
		some path in paths
		startswith(sprintf("%s.", [dotted]), sprintf("%s.", [path]))
		reason := sprintf("`%s` is hidden: %s", [dotted, fact.reason])
	]
}
