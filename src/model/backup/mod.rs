//! Backup jobs, restores, buckets as facts.

mod environment;
pub(crate) mod pods;
mod script;

use super::facts::backup::Backup;
use super::monitoring::Watched;

/// What backs the collections up.
pub(crate) fn backup(_watched: &Watched<'_>) -> Backup {
    Backup::default()
}

/// Whether anything in the input shows a backup.
pub(crate) fn is_shown(backup: &Backup) -> bool {
    !backup.jobs.is_empty() || !backup.other_means.is_empty()
}
