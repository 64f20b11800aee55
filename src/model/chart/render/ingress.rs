//! The Ingress.

use super::block::Block;
use super::context::{Context, Value};
use super::service::list;
use crate::source::Node;

/// The Ingress, when `ingress.enabled`. Every path goes to the chart's own Service: `serviceName` is read without effect.
pub(super) fn render(context: &Context<'_>) -> Option<Node> {
    let ingress = context.value("ingress");
    if !ingress.get("enabled").truth() {
        return None;
    }
    let mut labels = context.labels();
    labels.paste(&ingress.get("additionalLabels"));
    let annotations = context.annotations(Some(&ingress.get("annotations")));
    let mut spec = Block::new(context);
    if let Some(class) = ingress.get("ingressClassName").when_true() {
        spec.put("ingressClassName", class.unquoted());
    }
    if let Some(hosts) = ingress.get("hosts").when_true() {
        let rules = hosts.items().iter().map(|host| rule(context, host)).collect();
        spec.put("rules", list(rules, &hosts.origin()));
    }
    if let Some(tls) = ingress.get("tls").when_true() {
        let items = tls.items().iter().map(|item| tls_item(context, item)).collect();
        spec.put("tls", list(items, &tls.origin()));
    }
    let object = context.object("networking.k8s.io/v1", "Ingress", context.named(""), labels, annotations);
    let spec = if spec.is_empty() { Node::null(ingress.origin()) } else { spec.node_at(ingress.origin()) };
    Some(object.with("spec", spec).node_at(ingress.get("enabled").origin()))
}

fn rule(context: &Context<'_>, host: &Value<'_>) -> Node {
    let paths = host.get("paths");
    let items = paths.items().into_iter().map(|path| {
        let port = Block::new(context).with("number", path.get("servicePort").unquoted()).node_at(path.origin());
        let service = Block::new(context).with("name", context.named("")).with("port", port).node_at(path.origin());
        let kind = path.get("pathType");
        let kind = if kind.truth() { kind.quoted() } else { Node::string("Prefix", kind.origin()) };
        Block::new(context)
            .with("path", path.get("path").quoted())
            .with("pathType", kind)
            .with("backend", Block::new(context).with("service", service).node_at(path.origin()))
            .node_at(path.origin())
    });
    let http = Block::new(context).with("paths", list(items.collect(), &paths.origin())).node_at(paths.origin());
    Block::new(context).with("host", host.get("host").quoted()).with("http", http).node_at(host.origin())
}

fn tls_item(context: &Context<'_>, item: &Value<'_>) -> Node {
    let hosts = item.get("hosts");
    let names = hosts.items().iter().map(Value::quoted).collect();
    Block::new(context)
        .with("hosts", list(names, &hosts.origin()))
        .with("secretName", item.get("secretName").quoted())
        .node_at(item.origin())
}
