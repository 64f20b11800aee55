//! Backup jobs, restores, buckets as facts.

mod buckets;
mod calls;
mod endpoint;
mod environment;
mod faults;
mod foreign;
mod images;
mod job;
mod lines;
mod native;
mod other_means;
pub(crate) mod pods;
mod restores;
mod script;
mod shell;
mod stores;
mod uploads;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::facts::backup::Backup;
use super::monitoring::Watched;
use pods::JobPods;

/// What backs the collections up.
pub(crate) fn backup(watched: &Watched<'_>) -> Backup {
    let scope = watched.scope;
    let pods = JobPods::of(watched);
    let mut backup = Backup { restores: restores::of_bodies(scope), ..Backup::default() };
    for one in &pods {
        let reads = job::read(one);
        backup.jobs.extend(job::job(watched, one, &reads));
        backup.restores.extend(restores::of_job(scope, one, &reads));
        backup.drills.extend(restores::drill(scope, one, &reads));
    }
    backup.other_means = other_means::other_means(scope, &pods);
    backup.unknown_kinds = other_means::unknown_kinds(scope);
    backup.native = native::native(watched);
    backup.static_credentials = native::static_credentials(watched, &pods);
    let uploads =
        backup.jobs.iter().flat_map(|job| &job.value.uploads).filter_map(|upload| upload.value.bucket.clone());
    let native = backup.native.as_ref().and_then(|native| native.value.bucket.clone());
    let named: BTreeSet<String> = uploads.chain(native).collect();
    backup.buckets = buckets::buckets(scope, &named);
    backup.stores = stores::stores(&backup);
    backup
}

/// Whether anything in the input shows a backup.
pub(crate) fn is_shown(backup: &Backup) -> bool {
    !backup.jobs.is_empty() || !backup.other_means.is_empty()
}
