//! Objects that the API server refuses, in its own words.

use super::build::Scope;
use super::facts::cluster::Rejection;
use super::input::Object;
use super::tracked::Tracked;

/// Every object of the deployment that would be refused.
pub fn rejections(_scope: &Scope<'_>) -> Vec<Tracked<Rejection>> {
    Vec::new()
}

/// Whether the API server refuses an object.
pub fn refuses(_object: &Object) -> bool {
    false
}
