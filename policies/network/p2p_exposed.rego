# METADATA
# title: the port between peers is reachable from outside the cluster
# description: |
#   Peers trust whoever speaks to them on 6335: the API key is not asked for there. A client that reaches the port reads,
#   changes and deletes points of every collection and can join the cluster as a peer. The official chart publishes every
#   entry of `service.ports`, so `service.type: LoadBalancer` or `NodePort` hands 6335 to the outside together with 6333.
# related_resources:
#   - description: Qdrant, security of internal communication
#     ref: https://qdrant.tech/documentation/guides/security/
#   - description: official chart, template of the Service
#     ref: https://github.com/qdrant/qdrant-helm/blob/main/charts/qdrant/templates/service.yaml
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: high}
#   consequence: exposure
#   inputs: [values, manifests, live]
#   remediation: |
#     Publish 6333 and 6334 only: a Service of its own or an Ingress for clients, ClusterIP for everything that carries 6335.
#   guide: [G5, G29, G44]
#   controls: [exposure, network-segmentation]
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.network.p2p_exposed

import data.qdrant.lib.peers

findings contains object.union_n([finding, severity(way), fix(index, way)]) if {
	some index, way in input.exposure
	way.role == "p2p"
	finding := {
		"at": ["exposure", index],
		"label": sprintf("carries %d out of the cluster", [way.port]),
		"message": sprintf("%s %s, where peers talk to each other%s", [way.object, does(way), consequence(way)]),
		"help": help(way),
	}
}

does(way) := sprintf("publishes port %d", [way.port]) if {
	way.how in {"LoadBalancer", "NodePort", "ExternalIP"}
} else := sprintf("opens port %d of its nodes", [way.port]) if {
	way.how in {"hostPort", "hostNetwork"}
} else := sprintf("routes to port %d", [way.port])

severity(way) := {"severity": "low"} if {
	peers.cluster_off
} else := {"severity": "medium"} if {
	peers.mutual_tls
} else := {"severity": "high"} if {
	peers.internal_auth
} else := {"severity": "high"} if {
	way.policy_blocks == true
} else := {"severity": "high"} if {
	way.source_ranges == true
} else := {}

consequence(way) := "; cluster mode is off, so nothing listens there yet" if {
	peers.cluster_off
} else := "; only the certificates of the peers keep strangers out" if {
	peers.mutual_tls
} else := "; only the API key keeps strangers out" if {
	peers.internal_auth
} else := ": no key is asked for there; only the network policies keep strangers out" if {
	way.policy_blocks == true
} else := ": no key is asked for there; whoever sits in the source ranges reads and deletes every collection" if {
	way.source_ranges == true
} else := ": no key is asked for there, so whoever connects reads and deletes every collection and may join the cluster"

help(way) := "set `service.type: ClusterIP`: the chart publishes every entry of `service.ports`. For clients add a Service of your own with 6333 and 6334, or an Ingress" if {
	made_by_chart(way)
} else := sprintf("take port %d out of this Service; peers find each other through the headless one", [way.port]) if {
	way.how in {"LoadBalancer", "NodePort", "ExternalIP"}
} else := "remove `hostNetwork: true`: peers reach each other through the headless Service" if {
	way.how == "hostNetwork"
} else := "remove `hostPort`: peers reach each other through the headless Service" if {
	way.how == "hostPort"
} else := sprintf("take the backend with port %d out of this %s; clients need 6333 and 6334 only", [way.port, way.how])

made_by_chart(way) if {
	some service in input.services
	service.from_chart
	sprintf("Service/%s", [service.name]) == way.object
}

fix(index, way) := {"fix": {
	"title": "make the Service a ClusterIP",
	"applicability": "unsafe",
	"edits": [{"at": ["exposure", index], "set": "ClusterIP"}],
}} if {
	way.how in {"LoadBalancer", "NodePort"}
	made_by_chart(way)
} else := {}

skipped contains {"kind": "unknown", "reason": reason} if reason := peers.hidden({"services", "routes"})

skipped contains {"kind": "not-observed", "reason": reason} if {
	not "services" in input.observed
	reason := input.unobserved.services
}
