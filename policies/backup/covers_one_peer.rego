# METADATA
# title: the backup asks only one peer
# description: |
#   A snapshot holds the shards of the peer that made it, and no others. Behind a Service each request meets some peer:
#   the job then saves the shards of one peer, chosen by chance, and looks as if it had saved the collection. Such a
#   snapshot cannot even be restored on a single node, because shards are missing. A download through the Service may
#   also meet a peer that does not have the file.
# related_resources:
#   - description: Qdrant, snapshots of a cluster are made on every node
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: unrecoverable
#   needs: [backup]
#   inputs: [manifests, backup]
#   remediation: |
#     Run the same steps once for every peer, through the headless Service:
#     `for i in 0 1 2; do curl … "http://<name>-$i.<name>-headless:6333/collections/…"; done`.
#   guide: [G40]
#   controls: [backup-exists]
#   since: 0.1.0
package qdrant.backup.covers_one_peer

findings contains {
	"at": ["backup", "jobs", index, "endpoint"],
	"label": sprintf("any one of %v peers answers here", [peers]),
	"message": sprintf("`%s` asks for snapshots through a Service: each run saves the shards of one of %v peers, and the rest is in no backup", [job.object, peers]),
	"help": sprintf("loop over the peers and ask each by its own name: `http://%s-$i.%s:6333` for i from 0 to %v", [workload, headless, peers - 1]),
} if {
	some index, job in input.backup.jobs
	job.endpoint == "service"
	peers := input.deployment.peers
	peers > 1
}

findings contains {
	"at": ["backup", "jobs", index, "endpoint"],
	"label": sprintf("one of %v peers", [peers]),
	"message": sprintf("`%s` asks only `%s` for snapshots: the shards of the other peers (%v in all) are in no backup", [job.object, host, peers]),
	"help": sprintf("loop over the peers: `http://%s-$i.%s:6333` for i from 0 to %v", [workload, headless, peers - 1]),
} if {
	some index, job in input.backup.jobs
	job.endpoint == "one-peer"
	host := object.get(job, "host", "one peer")
	peers := input.deployment.peers
	peers > 1
}

# without the workload the number of peers is not known; a headless Service or a cluster of one are then alike
skipped contains {
	"kind": "not-observed",
	"reason": "how many peers there are cannot be seen; give the StatefulSet or the Helm values too",
} if {
	not input.deployment.peers
	some job in input.backup.jobs
	job.endpoint in {"service", "one-peer"}
}

skipped contains {"kind": "not-applicable", "reason": "one peer holds everything"} if {
	input.deployment.peers == 1
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("whom `%s` asks for snapshots cannot be read from its script", [job.object]),
} if {
	some job in input.backup.jobs
	job.endpoint in {"unknown", "localhost"}
}

workload := input.workload.name

workload := input.deployment.name if not input.workload.name

headless := first_headless

headless := sprintf("%s-headless", [workload]) if not first_headless

first_headless := sort([service.name | some service in input.services; service.headless])[0]
