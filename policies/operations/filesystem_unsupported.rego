# METADATA
# title: Qdrant does not trust the file system under its data
# description: |
#   At its start Qdrant looks at the file system of its storage. On NFS, SMB or FUSE it goes on and says so once in its log:
#   writes may be lost or torn there, and it shows as corruption weeks later.
# related_resources:
#   - description: Qdrant, installation, storage
#     ref: https://qdrant.tech/documentation/guides/installation/#storage
# custom:
#   severity: {production: critical, gcc-sovereign: critical, development: high}
#   consequence: data-loss
#   needs: [cluster]
#   inputs: [live]
#   remediation: |
#     Move the data to block storage with ext4 or xfs: a StorageClass of local or network block devices.
#   guide: [G11]
#   controls: [availability]
#   since: 0.1.0
package qdrant.operations.filesystem_unsupported

findings contains {
	"at": ["live", "pods", index],
	"label": "its own check failed",
	"message": sprintf("%s said at its start: %s", [pod.name, pod.filesystem_fault]),
	"help": "move the data to block storage with ext4 or xfs; snapshots carry the collections over",
} if {
	some index, pod in input.live.pods
	pod.filesystem_fault
}

skipped contains {"kind": "not-observed", "reason": "no pod of the peers runs, or pods may not be listed"} if {
	count(input.live.pods) == 0
}

skipped contains {"kind": "not-observed", "reason": sprintf("how %s started is not known: %s", [pod.name, pod.unread_log])} if {
	some pod in input.live.pods
	pod.unread_log
}
