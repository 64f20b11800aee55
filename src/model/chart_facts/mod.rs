//! The release's chart as facts: version, keys that it does not read, why it does not render.

use super::build::Scope;
use super::facts::Chart;

/// The chart; none for manifests.
pub fn chart(_scope: &Scope<'_>) -> Option<Chart> {
    None
}
