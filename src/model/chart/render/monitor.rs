//! The ServiceMonitor.

use super::block::Block;
use super::changes::Change;
use super::context::Context;
use crate::source::{Node, Origin};

/// The ServiceMonitor, when `metrics.serviceMonitor.enabled`. It scrapes over plain http in every version, and only in
/// the namespace of the release.
pub(super) fn render(context: &Context<'_>) -> Option<Node> {
    let monitor = context.value("metrics.serviceMonitor");
    if !monitor.get("enabled").truth() {
        return None;
    }
    let mut labels = context.labels();
    labels.paste(&monitor.get("additionalLabels"));
    let mut endpoint = Block::new(context)
        .with("honorLabels", context.fixed_bool(true))
        .with("interval", monitor.get("scrapeInterval").unquoted())
        .with("path", monitor.get("targetPath").unquoted())
        .with("port", monitor.get("targetPort").unquoted())
        .with_fixed("scheme", "http")
        .with("scrapeTimeout", monitor.get("scrapeTimeout").unquoted());
    for key in ["metricRelabelings", "relabelings"] {
        if let Some(value) = monitor.get(key).when_true() {
            endpoint.put(key, context.evaluated(value));
        }
    }
    if let Some(value) = authorization(context) {
        endpoint.put("authorization", value);
    }
    let selected = context.common_labels().with_fixed("app.kubernetes.io/component", "cluster-discovery");
    let spec = Block::new(context)
        .with("endpoints", Node::sequence(vec![endpoint.node_at(monitor.origin())], monitor.origin()))
        .with("selector", Block::new(context).with("matchLabels", selected.node()).node());
    let annotations = context.annotations(None);
    let name = context.named("");
    let object = context.object("monitoring.coreos.com/v1", "ServiceMonitor", name, labels, annotations);
    Some(object.with("spec", spec.node_at(monitor.origin())).node_at(monitor.get("enabled").origin()))
}

/// What the scraper shows: the value for it, else the read-only key, else the key.
fn authorization(context: &Context<'_>) -> Option<Node> {
    if context.has(Change::MonitorAuthorization) {
        let own = context.value("metrics.serviceMonitor").get("authorization");
        if own.truth() {
            return Some(context.evaluated(&own));
        }
    }
    let bearer = |key: &str, at: Origin| {
        let credentials = Block::new(context).with("name", context.named("-apikey")).with_fixed("key", key);
        Block::new(context)
            .with_fixed("type", "Bearer")
            .with("credentials", credentials.node_at(at.clone()))
            .node_at(at)
    };
    let (read_only, key) = (context.value("readOnlyApiKey"), context.value("apiKey"));
    if read_only.truth() {
        Some(bearer("read-only-api-key", read_only.origin()))
    } else {
        key.truth().then(|| bearer("api-key", key.origin()))
    }
}
