//! The StatefulSet.

use super::block::Block;
use super::changes::Change;
use super::context::Context;
use super::{pod, storage};
use crate::source::Node;

/// The StatefulSet of the peers.
pub(super) fn render(context: &Context<'_>) -> Node {
    let mut labels = context.labels();
    if !context.has(Change::LabelsEverywhere) {
        labels.paste(&context.value("additionalLabels"));
    }
    let mut spec = Block::new(context)
        .with("replicas", context.value("replicaCount").unquoted())
        .with("podManagementPolicy", context.value("podManagementPolicy").unquoted());
    if context.has(Change::MinReadySeconds)
        && let Some(seconds) = context.value("minReadySeconds").when_true()
    {
        spec.put("minReadySeconds", seconds.unquoted());
    }
    if context.has(Change::ExplicitRollingUpdate) {
        let rolling = Block::new(context).with("partition", context.fixed_number(0)).node();
        let strategy = Block::new(context).with_fixed("type", "RollingUpdate").with("rollingUpdate", rolling);
        spec.put("updateStrategy", strategy.node());
    }
    let selector = Block::new(context).with("matchLabels", context.selector_labels().node());
    spec.put("selector", selector.node());
    spec.put("serviceName", context.named("-headless"));
    spec.put("template", pod::render(context));
    spec.put("volumeClaimTemplates", storage::claims(context));
    let annotations = context.annotations(None);
    let object = context.object("apps/v1", "StatefulSet", context.named(""), labels, annotations);
    object.with("spec", spec.node()).node()
}
