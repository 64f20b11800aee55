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
use super::facts::collections::Collection;
use super::server::Effective;
use super::tracked::Tracked;

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
