//! Judges what is in the cluster already: soon after something has changed, and now and then because days pass. One
//! replica does it. What it finds becomes metrics, an event on each workload whose findings changed, and reports where
//! their kind is served.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use super::context::Context;
use super::judging::{Case, Rules};
use super::lease::Lease;
use super::message::clean;
use super::metrics::{AuditLabels, Metrics};
use super::view::View;
use crate::finding::{Finding, Status};
use crate::load::live::client::{ApiError, Asker};
use crate::load::live::reports;
use crate::policy::Severity;
use crate::report::{DeploymentSummary, Report, policyreport};

/// Between two looks at what has changed.
const LOOK: Duration = Duration::from_secs(1);
/// Changes come in flocks: the audit waits until it has been quiet for so long.
const QUIET: Duration = Duration::from_secs(5);
/// Where it is never quiet, it waits no longer.
const LONGEST: Duration = Duration::from_mins(1);
/// Rules named in an event; its note takes 1 KiB.
const NAMED: usize = 8;

/// Every severity is a series, or a finding that is mended would only vanish.
const SEVERITIES: [Severity; 5] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Info];

/// What audits.
pub struct Auditor {
    rules: Arc<Rules>,
    context: Arc<Context>,
    metrics: Arc<Metrics>,
    asker: Asker,
    interval: Duration,
    /// What was told last of each workload.
    told: BTreeMap<String, String>,
}

/// A workload that was judged.
struct Workload {
    summary: DeploymentSummary,
    /// As references to objects have it, with `uid`.
    reference: Value,
}

/// What one audit found.
#[derive(Default)]
struct Found {
    report: Report,
    workloads: Vec<Workload>,
}

/// When the next audit is due.
struct Due {
    interval: Duration,
    audited: Option<(Instant, u64)>,
    /// The state that was seen last, since when it is so, and since when it differs from the one that was audited.
    seen: Option<(u64, Instant, Instant)>,
}

impl Due {
    fn new(interval: Duration) -> Self {
        Self { interval, audited: None, seen: None }
    }

    /// Whether to audit the state of this number now.
    fn is_now(&mut self, changes: u64, now: Instant) -> bool {
        let (since, first) = match self.seen {
            Some((seen, since, first)) if seen == changes => (since, first),
            Some((_, _, first)) if self.audited.is_none_or(|(_, audited)| audited != changes) => (now, first),
            _ => (now, now),
        };
        self.seen = Some((changes, since, first));
        match self.audited {
            Some((at, audited)) if audited == changes => now.duration_since(at) >= self.interval,
            _ => now.duration_since(since) >= QUIET || now.duration_since(first) >= LONGEST,
        }
    }

    fn done(&mut self, changes: u64, now: Instant) {
        self.audited = Some((now, changes));
        self.seen = None;
    }
}

impl Auditor {
    /// An auditor that begins when it holds the lease.
    pub fn new(
        rules: Arc<Rules>,
        context: Arc<Context>,
        metrics: Arc<Metrics>,
        asker: Asker,
        interval: Duration,
    ) -> Self {
        Self { rules, context, metrics, asker, interval, told: BTreeMap::new() }
    }

    /// Audits while it holds the lease, until `stop` ends; then gives the lease back.
    pub async fn run(self, mut lease: Lease, stop: impl Future<Output = ()>) {
        let (tell, leads) = watch::channel(false);
        let metrics = Arc::clone(&self.metrics);
        tokio::select! {
            () = stop => {}
            // a long audit must not lose the lease, so both go on side by side
            () = lease.keep(&tell) => {}
            () = self.work(leads) => {}
        }
        metrics.leader.set(0);
        lease.release().await;
    }

    async fn work(mut self, leads: watch::Receiver<bool>) {
        let mut due = Due::new(self.interval);
        loop {
            tokio::time::sleep(LOOK).await;
            let is_leader = *leads.borrow();
            self.metrics.leader.set(i64::from(is_leader));
            if !is_leader {
                due = Due::new(self.interval);
                self.metrics.audited.clear();
                self.told.clear();
                continue;
            }
            let changes = self.context.changes();
            if self.context.missing().is_empty() && due.is_now(changes, Instant::now()) {
                self.audit(&leads).await;
                due.done(changes, Instant::now());
            }
        }
    }

    async fn audit(&mut self, leads: &watch::Receiver<bool>) {
        let started = Instant::now();
        let mut found = Found::default();
        for namespace in self.context.homes() {
            let (rules, context) = (Arc::clone(&self.rules), Arc::clone(&self.context));
            let judged = tokio::task::spawn_blocking(move || of_namespace(&rules, &context, &namespace)).await;
            match judged {
                Ok(judged) => found.absorb(judged),
                Err(error) => tracing::error!(%error, "an audit failed"),
            }
            if !*leads.borrow() {
                return;
            }
        }
        found.report.profile = self.rules.profile;
        found.report.settle();
        // as the report has its deployments
        found.workloads.sort_by(|one, other| one.summary.id.cmp(&other.summary.id));
        self.count(&found.report);
        for workload in &found.workloads {
            self.tell(workload, &found.report).await;
        }
        let count = found.workloads.len();
        self.write_reports(found).await;
        self.metrics.audits.inc();
        self.metrics.audit_last_run.set(Timestamp::now().as_second());
        tracing::info!(deployments = count, milliseconds = started.elapsed().as_millis() as u64, "audited");
    }

    fn count(&self, report: &Report) {
        self.metrics.audited.clear();
        let mut counts: BTreeMap<(&str, Severity), i64> = BTreeMap::new();
        for deployment in &report.deployments {
            let namespace = deployment.namespace.as_deref().unwrap_or_default();
            // a namespace without findings is known to have none
            for severity in SEVERITIES {
                counts.entry((namespace, severity)).or_default();
            }
            for finding in open(report, &deployment.id) {
                *counts.entry((namespace, finding.severity)).or_default() += 1;
            }
        }
        for ((namespace, severity), count) in counts {
            let labels = AuditLabels { namespace: namespace.to_owned(), severity: severity.as_str() };
            self.metrics.audited.get_or_create(&labels).set(count);
        }
    }

    /// An event on the workload, when its findings are others than those that were told last.
    async fn tell(&mut self, workload: &Workload, report: &Report) {
        let id = &workload.summary.id;
        let findings: Vec<&Finding> = open(report, id)
            .filter(|finding| self.rules.threshold.is_some_and(|threshold| finding.severity >= threshold))
            .collect();
        let mut digest = Sha256::new();
        for finding in &findings {
            digest.update(&finding.fingerprint);
            digest.update([0]);
        }
        let digest = digest.finalize().iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let before = self.told.insert(id.clone(), digest.clone());
        if before.as_ref() == Some(&digest) || (before.is_none() && findings.is_empty()) {
            return;
        }
        let event = event(workload, &findings, &digest);
        let path = format!(
            "/apis/events.k8s.io/v1/namespaces/{}/events",
            workload.summary.namespace.as_deref().unwrap_or_default()
        );
        match self.asker.send(Method::POST, &path, &event).await {
            // the leader before this one has told it
            Ok(_) | Err(ApiError::Refused { code: 409, .. }) => {}
            Err(error) => tracing::warn!(%error, "an event could not be written"),
        }
    }

    async fn write_reports(&self, found: Found) {
        let kind = match reports::served(&self.asker).await {
            Ok(Some(kind)) => kind,
            Ok(None) => return,
            Err(error) => return tracing::warn!(%error, "the kind of reports cannot be looked for"),
        };
        let Some(api) = policyreport::Api::of(kind.api_version) else { return };
        let items = policyreport::items(&found.report, api, self.rules.threshold).zip(&found.workloads);
        let items = items.map(|(mut item, workload)| {
            reports::belongs_to(&mut item, &workload.reference);
            item
        });
        match reports::write(&self.asker, kind, items, None).await {
            Ok(written) => tracing::info!(applied = written.applied, removed = written.removed, "reports written"),
            Err(error) => tracing::warn!(%error, "the reports could not be written"),
        }
    }
}

impl Found {
    fn absorb(&mut self, mut other: Self) {
        self.report.absorb(std::mem::take(&mut other.report));
        self.workloads.append(&mut other.workloads);
    }
}

fn of_namespace(rules: &Rules, context: &Context, namespace: &str) -> Found {
    let view = context.view(namespace);
    let case = Case { view: &view, company: &|_| true, reviewed: None, alone: false, lists: &view.lists, namespace };
    let report = case.report(rules);
    let workloads = report
        .deployments
        .iter()
        .filter_map(|summary| Some(Workload { summary: summary.clone(), reference: reference(&view, summary)? }));
    let workloads: Vec<Workload> = workloads.collect();
    // one report, one workload
    if workloads.len() != report.deployments.len() {
        tracing::warn!(namespace, "a workload went away while it was audited");
        return Found::default();
    }
    Found { report, workloads }
}

fn reference(view: &View, summary: &DeploymentSummary) -> Option<Value> {
    let known = view.known.iter().find(|known| known.runs_qdrant && known.named.name == summary.name)?;
    Some(json!({"apiVersion": known.object.api_version(), "kind": known.named.kind, "name": known.named.name,
        "namespace": known.named.namespace, "uid": known.object.node.text(&["metadata", "uid"])?}))
}

fn open<'a>(report: &'a Report, deployment: &'a str) -> impl Iterator<Item = &'a Finding> {
    report.findings.iter().filter(move |finding| finding.deployment == deployment && finding.status == Status::Open)
}

fn event(workload: &Workload, findings: &[&Finding], digest: &str) -> Value {
    let namespace = workload.summary.namespace.as_deref().unwrap_or_default();
    let (kind, reason, note) = if findings.is_empty() {
        ("Normal", "QdrantCompliant", "qdrant-lint finds nothing any more that would fail".to_owned())
    } else {
        let mut rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
        rules.dedup();
        let more = rules.len().saturating_sub(NAMED);
        let named = rules.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let count = findings.len();
        let many = if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") };
        let note = format!("{many}: {named}{more}; all of them: `qdrant-lint audit -n {namespace}`");
        ("Warning", "QdrantFindings", clean(&note))
    };
    json!({"apiVersion": "events.k8s.io/v1", "kind": "Event",
        "metadata": {"name": format!("{}.{digest}", workload.summary.name), "namespace": namespace},
        "eventTime": format!("{:.6}", Timestamp::now()), "type": kind, "reason": reason, "action": "Audited", "note": note,
        "regarding": workload.reference, "reportingController": "qdrant-lint.dev/audit",
        "reportingInstance": "qdrant-lint"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_waits_for_quiet_but_not_for_ever() {
        let mut due = Due::new(Duration::from_mins(10));
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        assert!(!due.is_now(1, at(0)));
        assert!(!due.is_now(2, at(3)));
        assert!(!due.is_now(2, at(6)));
        assert!(due.is_now(2, at(8)));
        due.done(2, at(8));
        assert!(!due.is_now(2, at(300)));
        assert!(due.is_now(2, at(608)), "days pass");
        due.done(2, at(608));
        let restless = (0..100).map(|step| 610 + 3 * step).find(|second| due.is_now(*second, at(*second)));
        assert!(restless.is_some_and(|second| (668..674).contains(&second)), "{restless:?}");
    }
}
