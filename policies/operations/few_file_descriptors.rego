# METADATA
# title: Qdrant may open too few files
# description: |
#   Every segment of every shard is a handful of files, and every client a socket. With a limit of 1024 or 4096 a growing
#   collection ends in `Too many open files`: optimizers fail, and the collection turns red.
# related_resources:
#   - description: Qdrant, common errors, too many open files
#     ref: https://qdrant.tech/documentation/guides/common-errors/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: outage
#   needs: [qdrant_api]
#   inputs: [api]
#   params:
#     least: {default: 65536, unit: files, description: "open files that a peer should be allowed"}
#   remediation: |
#     Raise the limit of the container runtime, or use chart 1.15.0 or later, which raises the soft limit to the hard one.
#   guide: []
#   controls: [capacity]
#   since: 0.1.0
package qdrant.operations.few_file_descriptors

least := input.params["operations/few-file-descriptors"].least

findings contains {
	"at": ["live", "peers", index, "max_open_files"],
	"label": sprintf("%d of them are open", [object.get(peer, "open_files", 0)]),
	"message": sprintf("%s may open %d files: a growing collection ends in `Too many open files`", [peer.name, peer.max_open_files]),
	"help": "raise the runtime's limit of open files to 65536 or more; chart 1.15.0 and later raise the soft limit to the hard one",
} if {
	some index, peer in input.live.peers
	peer.max_open_files < least
}

skipped contains {"kind": "not-observed", "reason": sprintf("the metrics of %s show no limit; Qdrant 1.16 and later export `process_max_fds`", [peer.name])} if {
	some peer in input.live.peers
	not peer.max_open_files
}
