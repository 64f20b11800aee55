//! The pod template.

use super::block::Block;
use super::changes::Change;
use super::context::Context;
use super::{container, secret, storage};
use crate::source::Node;

/// Stands for a checksum of another object: only that it changes with it matters.
const CHECKSUM: &str = "computed";

/// `template` of the StatefulSet.
pub(super) fn render(context: &Context<'_>) -> Node {
    let mut annotations = Block::new(context).with_fixed("checksum/config", CHECKSUM);
    if secret::is_made(context) {
        annotations = annotations.with_fixed("checksum/secret", CHECKSUM);
    }
    annotations.paste(&context.value("podAnnotations"));
    let mut labels = context.selector_labels();
    context.add_global_labels(&mut labels);
    labels.paste(&context.value("podLabels"));
    let metadata = Block::new(context).with("annotations", annotations.node()).with("labels", labels.node());
    Block::new(context).with("metadata", metadata.node()).with("spec", spec(context)).node()
}

fn spec(context: &Context<'_>) -> Node {
    let mut spec = Block::new(context);
    if let Some(secrets) = context.value("imagePullSecrets").when_true() {
        spec.put("imagePullSecrets", secrets.yaml());
    }
    if let Some(class) = context.value("priorityClassName").when_true() {
        spec.put("priorityClassName", class.quoted());
    }
    if let Some(share) = context.value("shareProcessNamespace").when_true() {
        spec.put("shareProcessNamespace", share.unquoted());
    }
    let grace = context.value("terminationGracePeriodSeconds");
    if context.has(Change::TerminationGracePeriod) && grace.node.is_some() {
        spec.put("terminationGracePeriodSeconds", grace.unquoted());
    }
    spec.put("initContainers", container::init_containers(context));
    spec.put("containers", container::containers(context));
    for (key, value) in [("securityContext", "podSecurityContext"), ("nodeSelector", "nodeSelector")] {
        if let Some(value) = context.value(value).when_true() {
            spec.put(key, value.yaml());
        }
    }
    if let Some(affinity) = context.value("affinity").when_true() {
        spec.put("affinity", context.evaluated(affinity));
    }
    if let Some(tolerations) = context.value("tolerations").when_true() {
        spec.put("tolerations", tolerations.yaml());
    }
    if let Some(constraints) = context.value("topologySpreadConstraints").when_true() {
        let evaluated = context.has(Change::ConfigIsTemplate);
        spec.put(
            "topologySpreadConstraints",
            if evaluated { context.evaluated(constraints) } else { constraints.yaml() },
        );
    }
    spec.put("serviceAccountName", context.named(""));
    spec.put("volumes", storage::volumes(context));
    spec.node()
}
