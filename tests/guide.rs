//! The guide that the rules encode, judged as its reader would: what its own files break, at the line that breaks it.
//! `QDRANT_LINT_GUIDE` names the folder; without it the test skips.

use std::path::PathBuf;

use qdrant_lint::report::Report;

use crate::support::{Flags, judge};

/// Rule, file, and a text on the line that the finding underlines.
const EXPECTED: &[(&str, &str, &str)] = &[
    ("configuration/object-rejected", "values.prod.yaml", "minAvailable: 2"),
    ("configuration/ingress-port-missing", "values.prod.yaml", "path: /"),
    ("configuration/chart-value-ignored", "values.prod.yaml", "className: nginx"),
    ("configuration/chart-value-ignored", "values.prod.yaml", "namespace: monitoring"),
    ("configuration/chart-value-ignored", "values.prod.yaml", "labels:"),
    ("configuration/crashes-at-start", "values.prod.yaml", "indexing_threshold: 20000"),
    ("configuration/server-key-ignored", "values.prod.yaml", "max_optimization_runtime_threads: 2"),
    ("security/client-tls-disabled", "values.prod.yaml", ""),
    ("security/peer-tls-disabled", "values.prod.yaml", ""),
    ("security/tls-misplaced", "values.prod.yaml", ""),
    ("security/pod-security-rejected", "values.prod.yaml", ""),
    ("sovereignty/telemetry-enabled", "values.prod.yaml", ""),
    ("network/peer-traffic-blocked", "networkpolicy.yaml", ""),
    ("network/dns-blocked", "networkpolicy.yaml", ""),
    ("network/declared-client-blocked", "", ""),
    ("network/ingress-protocol-mismatch", "values.prod.yaml", ""),
    ("backup/covers-one-peer", "cronjob.yaml", "value: \"http://qdrant.vectordb.svc"),
    ("backup/not-encrypted-with-own-key", "cronjob.yaml", ""),
    ("backup/job-unsafe", "cronjob.yaml", ""),
    ("backup/unsupported-restore-location", "restore.json", "location"),
    ("versions/known-vulnerability", "values.prod.yaml", "tag: \"v1.12.4\""),
    ("observability/metrics-unauthorized", "values.prod.yaml", ""),
    ("availability/default-replication-factor-one", "values.prod.yaml", ""),
];

/// What the guide does right.
const CLEAN: &[&str] = &[
    "availability/budget-missing",
    "availability/peers-share-node",
    "availability/peers-share-zone",
    "availability/too-few-peers",
    "configuration/cluster-mode-disabled",
    "storage/slow-media",
    "storage/network-filesystem",
    "security/api-key-missing",
    "security/api-key-in-plain-text",
    "collections/replication-factor-one",
    "versions/image-unpinned",
    "resources/memory-unbounded",
    "network/p2p-exposed",
];

fn guide() -> Option<(PathBuf, Report)> {
    let Some(folder) = std::env::var_os("QDRANT_LINT_GUIDE").map(PathBuf::from) else {
        eprintln!("SKIPPED: QDRANT_LINT_GUIDE names no folder with the guide's files");
        return None;
    };
    let flags = Flags {
        chart: Some("1.12.4".to_owned()),
        namespace: Some("vectordb".to_owned()),
        release: Some("qdrant".to_owned()),
        profile: qdrant_lint::policy::Profile::GccSovereign,
        ..Flags::default()
    };
    let judged = judge(std::slice::from_ref(&folder), &flags);
    assert_eq!(judged.errors, Vec::<String>::new());
    assert_eq!(judged.report.deployments.len(), 1, "one deployment");
    Some((folder, judged.report))
}

#[test]
fn what_the_guides_own_files_break_is_found_at_its_line() {
    let Some((folder, report)) = guide() else { return };
    let line_of = |file: &str, line: usize| {
        let name = file.rsplit('/').next().unwrap_or(file);
        let text = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        text.lines().nth(line.saturating_sub(1)).unwrap_or_default().to_owned()
    };
    let found: Vec<(&str, String, String)> = report
        .findings
        .iter()
        .map(|finding| {
            let file = finding.location.file.clone().unwrap_or_default();
            let line = line_of(&file, finding.location.line);
            (finding.rule.as_str(), file, line)
        })
        .collect();
    let missing: Vec<_> = EXPECTED
        .iter()
        .filter(|(rule, file, text)| {
            !found.iter().any(|(of, at, line)| of == rule && at.ends_with(file) && line.contains(text))
        })
        .map(|(rule, file, text)| {
            let instead: Vec<_> = found.iter().filter(|(of, ..)| of == rule).collect();
            let verdict: Vec<_> = report.verdicts.iter().filter(|verdict| verdict.rule == *rule).collect();
            format!("{rule} in {file} at `{text}`; instead {instead:?} {verdict:?}")
        })
        .collect();
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn what_the_guide_does_right_is_not_blamed() {
    let Some((_, report)) = guide() else { return };
    let blamed: Vec<&str> =
        report.findings.iter().map(|finding| finding.rule.as_str()).filter(|rule| CLEAN.contains(rule)).collect();
    assert!(blamed.is_empty(), "{blamed:?}");
    let errored: Vec<_> =
        report.verdicts.iter().filter(|verdict| verdict.verdict == qdrant_lint::report::VerdictKind::Errored).collect();
    assert!(errored.is_empty(), "{errored:?}");
}
