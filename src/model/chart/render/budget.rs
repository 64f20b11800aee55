//! The disruption budget.

use super::block::Block;
use super::context::Context;
use crate::source::Node;

/// The budget, when `podDisruptionBudget.enabled`. A zero renders nothing, as the template takes it for "not set".
pub(super) fn render(context: &Context<'_>) -> Option<Node> {
    let budget = context.value("podDisruptionBudget");
    if !budget.get("enabled").truth() {
        return None;
    }
    let mut spec = Block::new(context);
    for key in ["maxUnavailable", "minAvailable", "unhealthyPodEvictionPolicy"] {
        if let Some(value) = budget.get(key).when_true() {
            spec.put(key, value.unquoted());
        }
    }
    let selector = Block::new(context).with("matchLabels", context.selector_labels().node()).node();
    spec.put("selector", selector);
    let annotations = context.annotations(None);
    let object = context.object("policy/v1", "PodDisruptionBudget", context.named(""), context.labels(), annotations);
    Some(object.with("spec", spec.node_at(budget.origin())).node_at(budget.get("enabled").origin()))
}
