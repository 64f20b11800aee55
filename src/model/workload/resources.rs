//! Requests and limits of the Qdrant container.

use crate::model::build::Scope;
use crate::model::facts::workload::Resources;
use crate::model::quantity::Quantity;
use crate::model::tracked::Settable;
use crate::source::{Node, Path};

use super::hidden;

/// The default that a LimitRange of the peers' namespace gives to containers that say nothing; a default limit is the
/// default request too.
fn of_limit_range<'s>(scope: &'s Scope<'_>, kind: &str, resource: &str) -> Option<&'s Node> {
    let fields: &[&str] = if kind == "limits" { &["default"] } else { &["defaultRequest", "default"] };
    let ranges = scope.of_kind("LimitRange").filter(|object| match (&scope.namespace, object.namespace()) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    });
    ranges
        .flat_map(|object| object.node.items(&["spec", "limits"]))
        .filter(|limits| limits.text(&["type"]) == Some("Container"))
        .find_map(|limits| fields.iter().find_map(|field| limits.at(&[*field, resource])))
}

/// The resources. Like the API server, a limit without a request is taken over as the request.
pub(super) fn of_container(container: &Node, scope: &Scope<'_>) -> Resources {
    let amount = |kind: &str, resource: &str, name: &str, read: fn(Quantity) -> Option<u64>| {
        let written = container.at(&["resources", kind, resource]);
        let read = written.and_then(|node| {
            let text = node.scalar_text()?;
            let value = Quantity::parse(&text).and_then(read);
            if value.is_none() && hidden::is_templated(&text) {
                scope.hide(Path::keys(["workload", "resources", name]), hidden::reason(&text));
            }
            value
        });
        (read, written.map(|node| node.origin.clone()))
    };
    let settle = |kind: &str, resource: &str, name: &str, fallback: Option<&str>, read: fn(Quantity) -> Option<u64>| {
        let (own, origin) = amount(kind, resource, name, read);
        let given = || of_limit_range(scope, kind, resource);
        let nobody_else =
            origin.is_none() && fallback.is_none_or(|from| amount(from, resource, name, read).1.is_none());
        if let Some(node) = nobody_else.then(given).flatten()
            && let Some(value) = node.scalar_text().and_then(|text| Quantity::parse(&text)).and_then(read)
        {
            return Some(scope.origins.track(Some(value), &node.origin));
        }
        let taken = fallback.filter(|_| origin.is_none()).map(|from| amount(from, resource, name, read));
        let (value, origin) = match taken {
            Some((Some(value), Some(origin))) => (Some(value), Some(origin)),
            _ => (own, origin),
        };
        let origin = origin
            .unwrap_or_else(|| scope.absent(&["resources", kind, resource], container, &["resources", kind, resource]));
        let tracked: Settable<u64> = Some(scope.origins.track(value, &origin));
        tracked
    };
    Resources {
        memory_request_bytes: settle("requests", "memory", "memory_request_bytes", Some("limits"), Quantity::units),
        memory_limit_bytes: settle("limits", "memory", "memory_limit_bytes", None, Quantity::units),
        cpu_request_millis: settle("requests", "cpu", "cpu_request_millis", Some("limits"), Quantity::millis),
        cpu_limit_millis: settle("limits", "cpu", "cpu_limit_millis", None, Quantity::millis),
        memory_request_written: container.at(&["resources", "requests", "memory"]).is_some(),
    }
}
