//! The peers' workload as facts.

use super::build::Scope;
use super::facts::workload::Workload;
use super::tracked::Tracked;

/// The workload of the peers; none when the input holds none.
pub fn workload(_scope: &Scope<'_>) -> Option<Tracked<Workload>> {
    None
}
