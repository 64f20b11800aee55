//! Autoscalers that target the peers.

use super::build::Scope;
use super::facts::cluster::Autoscaler;
use super::tracked::Tracked;

/// HorizontalPodAutoscalers, ScaledObjects and VerticalPodAutoscalers of the peers.
pub fn autoscalers(_scope: &Scope<'_>) -> Vec<Tracked<Autoscaler>> {
    Vec::new()
}
