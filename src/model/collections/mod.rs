//! Declared collections as facts: bodies in files, in ConfigMaps and in the scripts of jobs.

use super::build::Scope;
use super::facts::collections::Collection;
use super::server::Effective;
use super::tracked::Tracked;

/// Every collection that the input declares.
pub fn collections(_scope: &Scope<'_>, _effective: &Effective) -> Vec<Tracked<Collection>> {
    Vec::new()
}
