//! Monitors, alerts and logs.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// What watches the peers.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Monitoring {
    /// ServiceMonitors, PodMonitors, scrape annotations.
    pub monitors: Vec<Tracked<Monitor>>,
    /// The chart could make a ServiceMonitor (its switch was seen).
    pub switch: Option<Tracked<bool>>,
    /// Metric names in rules and dashboards that the version does not export.
    pub unknown_metrics: Vec<Tracked<UnknownMetric>>,
    /// What alerts cover: `latency`, `memory`, `consensus`, `replicas`, `indexing`, `disk`.
    pub alerts_cover: Vec<String>,
    /// PrometheusRules that mention Qdrant.
    pub rules: Vec<Tracked<String>>,
    /// Ingress controller settings that concern the log.
    pub ingress_log: Option<IngressLog>,
    /// Something ships logs to a collector outside (forwarder outputs); in words.
    pub log_shippers: Vec<Tracked<String>>,
}

/// A monitor.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Monitor {
    /// `ServiceMonitor`, `PodMonitor`, `annotation`, `ScrapeConfig`, `scrape job`, `Probe` (which only asks whether the
    /// peers answer), …
    pub kind: String,
    /// Name.
    pub name: String,
    /// It selects the Qdrant Service or pods: `yes`, `no`, `no-port` (it selects them and names a port they lack),
    /// `unseen`.
    pub selects: String,
    /// `http`, `https`.
    pub scheme: Option<Tracked<String>>,
    /// It sends a key (authorization, bearer token or header); absent where its collector's configuration decides.
    pub authorized: Option<Tracked<bool>>,
    /// It scrapes through the load-balanced Service.
    pub through_service: bool,
    /// Port number or name.
    pub port: Option<String>,
    /// It scrapes the separate metrics port, which needs no key.
    pub metrics_port: bool,
    /// The chart made it.
    pub from_chart: bool,
}

/// A metric name that Qdrant does not export.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct UnknownMetric {
    /// As written.
    pub name: String,
    /// `PrometheusRule/x`, `ConfigMap/dashboard`.
    pub object: String,
    /// The right name.
    pub instead: Option<String>,
    /// `prefix` (the server adds none), `no-prefix` (the server is told to add one), `unknown`, `newer`, `histogram`
    /// (only its `_bucket`, `_sum` and `_count` are series).
    pub reason: String,
    /// First version that exports it.
    pub since: Option<String>,
}

/// Log settings of the ingress controller.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct IngressLog {
    /// The access log is off.
    pub disabled: Option<Tracked<bool>>,
    /// The format prints the API key header.
    pub leaks_key: Option<Tracked<String>>,
}
