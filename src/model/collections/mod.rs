//! Declared collections as facts: bodies in files, in ConfigMaps, in the scripts of jobs, and operators' resources.

mod carried;
mod collection;
mod fields;
mod memory;
mod recognise;
mod sizes;
mod vectors;

pub use recognise::{FoundBody, bodies};

use carried::Declared;

use super::build::Scope;
use super::facts::collections::{Collection, MemoryEstimate};
use super::facts::live::Running;
use super::live::{self, Found};
use super::server::Effective;
use super::tracked::Tracked;
use crate::source::{Node, Origin};

/// Every collection that the input declares, or that exists; and why some of those that exist could not be read. What runs
/// is judged in place of the request in the cluster that made it.
pub fn collections(scope: &Scope<'_>, effective: &Effective) -> (Vec<Tracked<Collection>>, Option<String>) {
    let read_at = scope.live.as_ref().map_or("", |live| live.recorded_at.as_str());
    let (found, lacking) = live::collections(&scope.api, &scope.origins, read_at);
    let mut all: Vec<(Declared, Option<Running>)> =
        carried::declared(scope).into_iter().map(|declared| (declared, None)).collect();
    let exists = |declared: &Declared| found.iter().any(|one| declared.name.as_ref() == Some(&one.name));
    all.retain(|(declared, _)| declared.operation != "create" || !exists(declared));
    all.extend(found.into_iter().map(|Found { name, body, state }| {
        let carrier = "Qdrant API".to_owned();
        (Declared { name: Some(name), node: body, operation: "create", carrier }, Some(state))
    }));
    let count = all.len();
    let facts = all
        .into_iter()
        .enumerate()
        .map(|(index, (body, running))| {
            let fact = collection::collection(&body, running, (index, count), scope, effective);
            scope.origins.track(fact, &body.node.origin)
        })
        .collect();
    (facts, lacking)
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
    let declared = Declared { name: None, node, operation: "create", carrier };
    collection::collection(&declared, None, (0, 1), scope, effective).memory
}
