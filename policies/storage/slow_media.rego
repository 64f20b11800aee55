# METADATA
# title: data lies on slow disks
# description: |
#   Search reads vectors, graph and payload at random places of the disk, and the optimizer rewrites whole segments. On
#   spinning disks one query waits for thousands of seeks, optimizations never catch up with writes, and a restarted peer
#   takes hours to come back.
# related_resources:
#   - description: Qdrant, storage requirements
#     ref: https://qdrant.tech/documentation/guides/installation/#storage
# custom:
#   severity: {production: high, gcc-sovereign: high, development: "off"}
#   consequence: outage
#   needs: [storage]
#   inputs: [values, manifests, live]
#   remediation: |
#     Use a class of SSD or NVMe block storage: gp3 or io2 on AWS, Premium or Ultra disks on Azure, pd-ssd or Hyperdisk on GCP.
#   guide: [G11, G19, G62]
#   controls: [storage-media]
#   since: 0.1.0
package qdrant.storage.slow_media

findings contains {
	"at": ["storage", "data", "class"],
	"label": because,
	"message": sprintf("the data volume is on spinning disks (%s): search and optimizations crawl", [because]),
	"help": help,
} if {
	judged
	class.media == "hdd"
	class.certain
	because := class.because
}

findings contains {
	"at": ["storage", "data", "class"],
	"severity": "medium",
	"label": because,
	"message": sprintf("the class `%s` is most likely on spinning disks (%s)", [name, because]),
	"help": sprintf("use an SSD class; if `%s` is one, say so: `storage_classes: {%s: ssd}` in .qdrant-lint.yaml", [name, name]),
} if {
	judged
	class.media == "hdd"
	not class.certain
	because := class.because
	name := class.name
}

findings contains {
	"at": ["storage", "data", "class"],
	"label": "no such disk type",
	"message": sprintf("the class names a disk type that does not exist (%s): no volume is ever provisioned", [because]),
	"help": "write a type that exists, e.g. `skuName: UltraSSD_LRS` or `Premium_LRS`",
} if {
	judged
	class.media == "invalid"
	because := class.because
}

findings contains {
	"at": ["storage", "data", "class"],
	"severity": "low",
	"label": because,
	"message": sprintf("the data volume is on the slowest SSD tier (%s): its few IOPS are soon used up", [because]),
	"help": "use a premium SSD class for data",
} if {
	judged
	class.slow_ssd
	class.certain
	because := class.because
}

class := input.storage.data.class

default help := "use a StorageClass of SSD or NVMe block storage"

help := "set `persistence.storageClassName` to a class of SSD or NVMe block storage" if input.chart

hidden if {
	some unknown in input.unknown
	unknown.path == ["storage", "data", "class"]
}

# other attributes decide, and they are not in the input
overridden if {
	input.storage.data.attributes_class
	class.decided_by != "VolumeAttributesClass in the input"
	not startswith(class.decided_by, "PersistentVolume")
}

judged if {
	input.storage.data.kind in {"claim-template", "claim", "csi", "other"}
	not class.network_filesystem
	not hidden
	not overridden
}

skipped contains {
	"kind": "not-applicable",
	"reason": sprintf("the data lies on a %s: storage/ephemeral speaks of it", [kind]),
} if {
	kind := input.storage.data.kind
	kind in {"empty-dir", "host-path", "container-layer", "generic-ephemeral"}
}

skipped contains {
	"kind": "not-applicable",
	"reason": "the data lies on a network file system: storage/network-filesystem speaks of it",
} if {
	class.network_filesystem
}

skipped contains {"kind": "unknown", "reason": sprintf("the claim `%s` is not in the input; give it too", [name])} if {
	input.storage.data.kind == "claim"
	not input.storage.data.seen
	name := input.storage.data.name
}

skipped contains {"kind": "unknown", "reason": sprintf("the storage class is hidden: %s", [reason])} if {
	some unknown in input.unknown
	unknown.path == ["storage", "data", "class"]
	reason := unknown.reason
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("the VolumeAttributesClass `%s` is not in the input; give it too", [name]),
} if {
	overridden
	name := input.storage.data.attributes_class
}

skipped contains {
	"kind": "not-applicable",
	"reason": "no class is named, the cluster's default decides: storage/class-unset speaks of it",
} if {
	judged
	not class.name
	class.decided_by == "nothing"
}

skipped contains {
	"kind": "unknown",
	"reason": "the class is empty, so an existing PersistentVolume is bound; give it too",
} if {
	judged
	class.name == ""
	class.decided_by != "PersistentVolume in the input"
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("the class `%s` is SSD on some platforms and not on others; give the StorageClass", [name]),
} if {
	judged
	class.media == "ambiguous"
	name := class.name
}

skipped contains {
	"kind": "needs-evidence",
	"reason": sprintf("what disks lie below is not written in any file (%s); say it under `storage_classes`", [because]),
} if {
	judged
	class.media == "unknown"
	class.decided_by != "nothing"
	class.name != ""
	because := class.because
}

skipped contains {
	"kind": "needs-evidence",
	"reason": sprintf("no table knows the class `%s`; give the StorageClass, or set it under `storage_classes`", [name]),
} if {
	judged
	class.media == "unknown"
	class.decided_by == "nothing"
	name := class.name
	name != ""
}
