//! The two Services, and the service account.

use super::block::Block;
use super::changes::Change;
use super::context::Context;
use crate::source::Node;

/// The Service for clients. It publishes every port of `service.ports`, that of the peers too.
pub(super) fn render(context: &Context<'_>) -> Node {
    let service = context.value("service");
    let mut labels = context.labels();
    labels.paste(&service.get("additionalLabels"));
    let annotations = context.annotations(Some(&service.get("annotations")));
    let kind = service.get("type");
    let mut spec = Block::new(context).with("type", kind.unquoted_or("ClusterIP"));
    if let Some(address) = service.get("loadBalancerIP").when_true() {
        spec.put("loadBalancerIP", address.unquoted());
    }
    spec.put("ports", ports(context, true));
    spec.put("selector", context.selector_labels().node());
    context.object("v1", "Service", context.named(""), labels, annotations).with("spec", spec.node()).node()
}

/// The headless Service, by which peers find each other.
pub(super) fn render_headless(context: &Context<'_>) -> Node {
    let service = context.value("service");
    let mut labels = context.labels().with_fixed("app.kubernetes.io/component", "cluster-discovery");
    labels.paste(&service.get("additionalLabels"));
    let annotations = if context.has(Change::HeadlessAnnotations) {
        context.annotations(Some(&service.get("annotations")))
    } else {
        None
    };
    let spec = Block::new(context)
        .with_fixed("clusterIP", "None")
        .with("publishNotReadyAddresses", context.fixed_bool(true))
        .with("ports", ports(context, false))
        .with("selector", context.selector_labels().node());
    context.object("v1", "Service", context.named("-headless"), labels, annotations).with("spec", spec.node()).node()
}

/// `service.ports` as the ports of a Service; node ports only for the kinds of Service that have them.
fn ports(context: &Context<'_>, node_ports: bool) -> Node {
    let values = context.value("service.ports");
    let items: Vec<_> = values
        .items()
        .iter()
        .map(|port| {
            let mut item = Block::new(context)
                .with("name", port.get("name").unquoted())
                .with("port", port.get("port").unquoted())
                .with("targetPort", port.get("targetPort").unquoted());
            let kind = context.value("service.type");
            if node_ports
                && (kind.equals("NodePort") || kind.equals("LoadBalancer"))
                && let Some(number) = port.get("nodePort").when_true()
            {
                item.put("nodePort", number.unquoted());
            }
            item.put("protocol", port.get("protocol").unquoted_or("TCP"));
            if context.has(Change::AppProtocol)
                && let Some(protocol) = port.get("appProtocol").when_true()
            {
                item.put("appProtocol", protocol.unquoted());
            }
            item.node_at(port.origin())
        })
        .collect();
    list(items, &values.origin())
}

/// A list that a template writes item by item: without items nothing stands behind the key.
pub(super) fn list(items: Vec<Node>, origin: &crate::source::Origin) -> Node {
    if items.is_empty() { Node::null(origin.clone()) } else { Node::sequence(items, origin.clone()) }
}

/// The service account that the pods run under; its name is always the full name.
pub(super) fn render_account(context: &Context<'_>) -> Node {
    let own = context.value("serviceAccount").get("annotations");
    let annotations = context.annotations(Some(&own));
    context.object("v1", "ServiceAccount", context.named(""), context.labels(), annotations).node()
}
