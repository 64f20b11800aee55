//! Declared collections as facts: bodies in files, in ConfigMaps, in the scripts of jobs, and operators' resources.

mod carried;
mod collection;
mod fields;
mod memory;
mod recognise;
mod sizes;
mod vectors;

pub use recognise::{FoundBody, bodies};

use super::build::Scope;
use super::facts::collections::{Collection, MemoryEstimate};
use super::server::Effective;
use super::tracked::Tracked;
use crate::source::{Node, Origin};

/// Every collection that the input declares.
pub fn collections(scope: &Scope<'_>, effective: &Effective) -> Vec<Tracked<Collection>> {
    let declared = carried::declared(scope);
    let count = declared.len();
    declared
        .iter()
        .enumerate()
        .map(|(index, body)| {
            let fact = collection::collection(body, index, count, scope, effective);
            scope.origins.track(fact, &body.node.origin)
        })
        .collect()
}

/// Memory of what the configuration expects (`expected: {vectors, dimension}`) where no collection is declared: one
/// collection with the server's defaults, `replication_factor` and `quantization` as expected.
pub fn expected_memory(scope: &Scope<'_>, effective: &Effective) -> Option<MemoryEstimate> {
    let expected = &scope.settings.expected;
    let mut body = serde_json::json!({"vectors": {"size": expected.get("dimension")?, "distance": "Cosine"}});
    if let Some(copies) = expected.get("replication_factor") {
        body["replication_factor"] = copies.clone();
    }
    if let Some(kind) = expected.get("quantization").and_then(serde_json::Value::as_str) {
        body["quantization_config"] = serde_json::json!({kind: {"always_ram": true}});
    }
    let node = Node::from_json(&body, &Origin::Derived);
    let carrier = "configuration".to_owned();
    let declared = carried::Declared { name: None, node, operation: "create", carrier };
    collection::collection(&declared, 0, 1, scope, effective).memory
}
