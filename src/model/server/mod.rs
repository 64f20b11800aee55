//! The Qdrant server as it will start: effective configuration over its layers, keys, certificates, bootstrap.

mod effective;

pub use effective::{Effective, Setting};

use super::build::Scope;
use super::facts::server::Server;

/// The facts about the server, and the effective configuration that other facts are made with.
pub fn server(_scope: &Scope<'_>) -> (Option<Server>, Effective) {
    (None, Effective::default())
}
