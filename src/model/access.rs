//! Who may reach into the pods and read their Secrets through the API server.

use super::build::Scope;
use super::facts::cluster::Access;

/// Grants of the input's roles and bindings.
pub fn access(_scope: &Scope<'_>) -> Access {
    Access::default()
}
