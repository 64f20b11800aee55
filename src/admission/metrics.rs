//! What operators see of the webhook, in the OpenMetrics text format.

use std::sync::atomic::AtomicI64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds; a review takes milliseconds, and the API server waits at most 30 seconds.
const BUCKETS: [f64; 13] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Labels of a judged review. None of them comes from the text of an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReviewLabels {
    /// `CREATE`, …
    pub operation: &'static str,
    /// `statefulsets`, … or `other`.
    pub resource: &'static str,
    /// `allowed`, `warned`, `denied`, `unjudged`.
    pub verdict: &'static str,
    /// Mode of the namespace.
    pub mode: &'static str,
    /// Nothing was stored.
    pub dry_run: &'static str,
}

/// Labels of a review that was not judged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RefusalLabels {
    /// `overloaded`, `deadline`, `bad-request`, `too-large`, `failed`.
    pub reason: &'static str,
}

/// Labels of findings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct FindingLabels {
    /// Id of the rule.
    pub rule: String,
    /// Severity.
    pub severity: &'static str,
}

/// Labels of what the background audit found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AuditLabels {
    /// Namespace that holds Qdrant.
    pub namespace: String,
    /// Severity.
    pub severity: &'static str,
}

/// Labels of the rules in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BundleLabels {
    version: &'static str,
    digest: String,
}

/// All metrics.
pub struct Metrics {
    registry: Registry,
    /// Reviews by outcome.
    pub reviews: Family<ReviewLabels, Counter>,
    /// Reviews that were not judged.
    pub refusals: Family<RefusalLabels, Counter>,
    /// Time from the first byte to the answer.
    pub duration: Histogram,
    /// Findings at the door.
    pub findings: Family<FindingLabels, Counter>,
    /// End of the serving certificate, Unix time.
    pub certificate_expiry: Gauge<i64, AtomicI64>,
    /// Times the certificate was exchanged.
    pub certificate_reloads: Counter,
    /// 1 when every kind of the context is known.
    pub cache_synced: Gauge,
    /// Open findings of the last background audit.
    pub audited: Family<AuditLabels, Gauge>,
    /// Background audits that came to their end.
    pub audits: Counter,
    /// End of the last background audit, Unix time.
    pub audit_last_run: Gauge<i64, AtomicI64>,
    /// 1 on the replica that audits in the background.
    pub leader: Gauge,
}

impl Metrics {
    /// Metrics at zero. `digest` is that of the rules.
    pub fn new(digest: &str) -> Self {
        let mut registry = Registry::with_prefix("qdrant_lint");
        let reviews = Family::default();
        let refusals = Family::default();
        let duration = Histogram::new(BUCKETS);
        let findings = Family::default();
        let certificate_expiry: Gauge<i64, AtomicI64> = Gauge::default();
        let certificate_reloads = Counter::default();
        let cache_synced: Gauge = Gauge::default();
        let audited: Family<AuditLabels, Gauge> = Family::default();
        let audits = Counter::default();
        let audit_last_run: Gauge<i64, AtomicI64> = Gauge::default();
        let leader: Gauge = Gauge::default();
        let bundle: Family<BundleLabels, Gauge> = Family::default();
        bundle.get_or_create(&BundleLabels { version: env!("CARGO_PKG_VERSION"), digest: digest.to_owned() }).set(1);
        registry.register("admission_requests", "Reviews that were judged, by outcome", reviews.clone());
        registry.register("admission_refusals", "Reviews that were not judged, by reason", refusals.clone());
        registry.register("admission_duration_seconds", "Time a review took at the hook", duration.clone());
        registry.register("findings", "Findings in reviews, by rule", findings.clone());
        registry.register(
            "tls_certificate_expiry_timestamp_seconds",
            "End of the serving certificate",
            certificate_expiry.clone(),
        );
        registry.register(
            "tls_certificate_reloads",
            "Times the certificate was exchanged",
            certificate_reloads.clone(),
        );
        registry.register("cache_synced", "1 when every kind of the context is known", cache_synced.clone());
        registry.register("audit_findings", "Open findings of the last background audit", audited.clone());
        registry.register("audits", "Background audits that came to their end", audits.clone());
        registry.register(
            "audit_last_run_timestamp_seconds",
            "End of the last background audit",
            audit_last_run.clone(),
        );
        registry.register("leader", "1 on the replica that audits in the background", leader.clone());
        registry.register("policy_bundle_info", "The rules in use", bundle);
        Self {
            registry,
            reviews,
            refusals,
            duration,
            findings,
            certificate_expiry,
            certificate_reloads,
            cache_synced,
            audited,
            audits,
            audit_last_run,
            leader,
        }
    }

    /// Counts a review that was not judged.
    pub fn refuse(&self, reason: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    /// The exposition.
    pub fn render(&self) -> String {
        let mut text = String::new();
        encode(&mut text, &self.registry).expect("a String takes all text");
        text
    }
}

/// A word of a closed set, so that no caller can make up series.
pub fn known(word: &str, words: &[&'static str]) -> &'static str {
    words.iter().copied().find(|known| *known == word).unwrap_or("other")
}
