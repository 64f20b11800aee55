//! Where the peers run and what they talk to.

use super::build::Scope;
use super::facts::cluster::Platform;
use super::server::Effective;

/// Regions, endpoints, traces of Qdrant Cloud.
pub fn platform(_scope: &Scope<'_>, _effective: &Effective) -> Platform {
    Platform::default()
}
