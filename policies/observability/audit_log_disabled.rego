# METADATA
# title: nobody can tell later who did what
# description: |
#   Since 1.17 Qdrant writes every request that its access control judged as a line of JSON: who, what, which collection,
#   allowed or not. Without it an auditor has the ingress log at best, which knows neither keys nor collections.
# related_resources:
#   - description: Qdrant, the audit section of the default configuration
#     ref: https://github.com/qdrant/qdrant/blob/master/config/config.yaml
# custom:
#   severity: {production: info, gcc-sovereign: high, development: off}
#   consequence: blind
#   needs: [config]
#   inputs: [values, manifests, live]
#   remediation: |
#     Set `audit.enabled: true` and ship the files below `audit.dir` to the log store.
#   guide: [G51]
#   controls: [ingress-audit-log]
#   params:
#     retention_days:
#       default: 7
#       unit: days
#       description: how long audit lines are kept on the volume at least
#   fixes: [unsafe]
#   since: 0.1.0
package qdrant.observability.audit_log_disabled

import data.qdrant.lib.fix
import data.qdrant.lib.server

audit := input.qdrant.config.audit

findings contains {
	"at": ["qdrant", "config", "audit", "enabled"],
	"label": "no request is recorded",
	"message": "the audit log is off: no request, allowed or refused, can be traced to a key",
	"help": server.setting("audit.enabled", "true"),
	"fix": fix.unsafe("record requests", [fix.setting("audit.enabled", true)]),
} if {
	audit.enabled == false
}

wanted := input.params["observability/audit-log-disabled"].retention_days

days := audit.max_log_files if audit.rotation == "daily"

else := audit.max_log_files / 24 if audit.rotation == "hourly"

findings contains {
	"at": ["qdrant", "config", "audit", "max_log_files"],
	"label": sprintf("%v files, one %s", [audit.max_log_files, audit.rotation]),
	"message": sprintf("audit lines are kept for %v days on the volume, less than the %v that are asked for", [days, wanted]),
	"help": server.setting("audit.max_log_files", sprintf("%v", [ceil(files)])),
	"fix": fix.unsafe("keep them longer", [fix.setting("audit.max_log_files", ceil(files))]),
} if {
	audit.enabled == true
	days < wanted
	files := wanted * {"daily": 1, "hourly": 24}[audit.rotation]
}

skipped contains {"kind": "not-applicable", "reason": sprintf("%s has no audit log; 1.17 is the first that has", [server.named])} if {
	server.before("1.17.0")
}

skipped contains {"kind": "unknown", "reason": sprintf("`audit.enabled` is hidden: %s", [reason])} if {
	reason := server.hidden("audit.enabled")
}
