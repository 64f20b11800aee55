package qdrant.lib.declared

# What files declare, beside what runs.

# Nothing is declared beside what runs, or nothing runs.
missing := {"kind": "not-observed", "reason": "what is declared is compared with what runs: give the files beside the audit, `qdrant-lint audit PATH`"} if {
	not input.declared
	is_live
}

missing := {"kind": "not-observed", "reason": "files do not show what runs; `qdrant-lint audit` does"} if {
	not input.declared
	not is_live
}

is_live if "cluster" in input.observed

is_live if "qdrant_api" in input.observed

version := input.declared.qdrant.version if not input.declared.qdrant.version_assumed

running_version := input.qdrant.version

missing_version := {"kind": "unknown", "reason": "one of the two versions cannot be told"} if {
	input.declared
	not both_versions
}

both_versions if {
	version
	running_version
}

# `1.19.2` → [1, 19]
release(text) := [to_number(parts[0]), to_number(parts[1])] if parts := split(text, ".")
