//! Backup jobs, restores, buckets as facts.

use super::build::Scope;
use super::facts::backup::Backup;
use super::facts::network::Route;
use super::network::Peers;
use super::network::clients::Clients;
use super::server::Effective;
use super::tracked::Tracked;

/// What backs the collections up.
pub fn backup(_scope: &Scope<'_>, _effective: &Effective) -> Backup {
    Backup::default()
}

/// Whether anything in the input shows a backup.
pub fn is_shown(backup: &Backup) -> bool {
    !backup.jobs.is_empty() || !backup.other_means.is_empty()
}

/// Declared consumers of the peers: monitors, jobs, ingress controllers, the object store.
pub fn clients(
    _scope: &Scope<'_>,
    _routes: &[Tracked<Route>],
    _peers: Option<&Peers>,
    _effective: &Effective,
) -> Clients {
    Clients::default()
}
