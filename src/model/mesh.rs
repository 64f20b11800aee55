//! Service mesh and certificates.

use super::build::Scope;
use super::facts::cluster::Mesh;

/// Whether a mesh encrypts the peers' traffic, and the certificates they mount.
pub fn mesh(_scope: &Scope<'_>) -> Mesh {
    Mesh { mutual_tls: "none".to_owned(), ..Mesh::default() }
}
