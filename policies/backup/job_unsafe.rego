# METADATA
# title: the backup job loses or leaks data without a word
# description: |
#   A backup script fails on the night it matters. Without `set -e` and `curl --fail` an error page is uploaded as a
#   snapshot and the job ends well; a download through a terminal or a shell variable is no longer the same bytes; a
#   file as large as the volume in the container's own layer gets the pod evicted; a key over http can be read on the
#   way.
# related_resources:
#   - description: curl, fail on errors of the server
#     ref: https://curl.se/docs/manpage.html#-f
#   - description: Qdrant, checksum of a snapshot
#     ref: https://qdrant.tech/documentation/concepts/snapshots/
# custom:
#   severity: {production: medium, gcc-sovereign: medium, development: "off"}
#   consequence: data-loss
#   needs: [backup]
#   inputs: [manifests, backup]
#   remediation: |
#     Begin the script with `set -euo pipefail`; call `curl --fail` and write downloads with `--output`; compare the
#     checksum that Qdrant returns; download to a bounded volume; pin the image; use https.
#   guide: [G40, G58]
#   controls: [backup-exists]
#   since: 0.1.0
package qdrant.backup.job_unsafe

words := {
	"key-over-http": {
		"label": "http: the key travels in plain text",
		"message": "sends the API key over http to `%s`: whoever sees the traffic may read and delete everything",
		"help": "turn TLS on in the server (`service.enable_tls: true` in its configuration) and write `https://` here",
	},
	"no-errexit": {
		"label": "a failure here goes on to the next command",
		"message": "goes on when `%s` fails, and ends well: the backup is missing and nothing says so",
		"help": "begin the script with `set -euo pipefail`",
	},
	"no-pipefail": {
		"label": "only the last command of this pipeline counts",
		"message": "takes the exit code of the last command of a pipeline: when `%s` fails, an empty or cut answer is used as if it were whole",
		"help": "begin the script with `set -euo pipefail`",
	},
	"curl-without-fail": {
		"label": "an error answer counts as success",
		"message": "takes an error answer for success when %s: curl ends well on 401 and 500 unless told otherwise",
		"help": "add `--fail` (`-f`) to this curl",
	},
	"headers-in-file": {
		"label": "`-i` writes the headers into the file",
		"message": "writes the headers of the answer in front of the snapshot (`%s`): it cannot be restored",
		"help": "remove `-i`",
	},
	"no-checksum": {
		"label": "nothing compares this with the server's checksum",
		"message": "never compares a checksum%s: a cut or damaged download passes for a backup, and is found out when it is restored",
		"help": "keep `.result.checksum` of the answer that made the snapshot and check the file with `sha256sum -c`",
	},
	"image-unpinned": {
		"label": "this may be another image tomorrow",
		"message": "runs `%s`, whatever that is on the day: the job changes without a change here",
		"help": "name a version, or a digest",
	},
	"not-an-option": {
		"label": "no option of `aws s3 cp`",
		"message": "calls `aws s3 cp` with `%s`, which it does not know: the upload fails",
		"help": "remove it; `aws s3 cp` always copies bytes as they are",
	},
}

# How a client is told whom to trust.
authority(fault) := ", with `--cacert` for the authority of its certificate" if {
	fault.kind == "key-over-http"
	fault.by_curl
}

else := ", with the authority of its certificate in the client's TLS settings" if {
	fault.kind == "key-over-http"
}

else := ""

spaces := {"container": "the container's own layer", "empty-dir": "an emptyDir without `sizeLimit`"}

ways := {
	"": {
		"message": "writes a downloaded snapshot to the log instead of a file: there is no backup",
		"label": "no `--output`",
	},
	"exec -t": {
		"message": "fetches a snapshot through a terminal (`exec -t`), which turns line ends into others: it cannot be restored",
		"label": "a terminal changes the bytes",
	},
	"$(curl …)": {
		"message": "keeps a downloaded snapshot in a shell variable, which drops zero bytes: it cannot be restored",
		"label": "a shell variable cannot hold these bytes",
	},
}

findings contains {
	"at": ["backup", "jobs", index, "faults", number],
	"label": words[fault.kind].label,
	"message": sprintf("`%s` %s", [job.object, said]),
	"help": sprintf("%s%s", [words[fault.kind].help, authority(fault)]),
	"severity": severity(fault),
} if {
	some index, job in input.backup.jobs
	some number, fault in job.faults
	not hidden_by_mesh(fault)
	said := sprintf(words[fault.kind].message, [fault.subject])
}

findings contains {
	"at": ["backup", "jobs", index, "faults", number],
	"label": "nothing bounds this space",
	"message": sprintf("`%s` downloads snapshots to `%s`, in %s: one as large as the data fills the node, and the pod is evicted in the middle of the backup", [job.object, path, spaces[space]]),
	"help": "mount a claim or an emptyDir with `sizeLimit` there, or stream: `curl -f … | aws s3 cp - s3://…`",
} if {
	some index, job in input.backup.jobs
	some number, fault in job.faults
	fault.kind == "unbounded-space"
	[space, path] := split(fault.subject, ":")
}

findings contains {
	"at": ["backup", "jobs", index, "faults", number],
	"label": sprintf("`%s` is not in `%s`", [program, image]),
	"message": sprintf("`%s` runs `%s`, which the image `%s` does not hold: every run fails", [job.object, program, image]),
	"help": sprintf("use an image with `%s`, or install it first", [program]),
	"severity": {"production": "high", "gcc-sovereign": "high"},
} if {
	some index, job in input.backup.jobs
	some number, fault in job.faults
	fault.kind == "tool-missing"
	at := indexof(fault.subject, ":")
	program := substring(fault.subject, 0, at)
	image := substring(fault.subject, at + 1, -1)
}

findings contains {
	"at": ["backup", "jobs", index, "faults", number],
	"label": ways[fault.subject].label,
	"message": sprintf("`%s` %s", [job.object, ways[fault.subject].message]),
	"help": "write it to a file with `curl --fail --output FILE`, or pipe it straight into the upload",
	"severity": severity(fault),
} if {
	some index, job in input.backup.jobs
	some number, fault in job.faults
	fault.kind == "binary-through-terminal"
}

skipped contains {
	"kind": "unknown",
	"reason": sprintf("the script of `%s` (%s) is not in the input; give the ConfigMap that holds it", [job.object, job.unseen_script]),
} if {
	some job in input.backup.jobs
	job.unseen_script
}

skipped contains {"kind": "not-applicable", "reason": "no job makes snapshots through the API"} if {
	count(input.backup.jobs) == 0
}

# the mesh encrypts what the script sends in the clear
hidden_by_mesh(fault) if {
	fault.kind == "key-over-http"
	input.mesh.clients == "strict"
}

severity(fault) := {"production": "high", "gcc-sovereign": "high"} if fault.silent_loss

severity(fault) := {"production": "medium", "gcc-sovereign": "medium"} if not fault.silent_loss
