//! The deployments that the configuration names: each is loaded by itself, with paths relative to the configuration.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::plan::Plan;
use crate::load::{self, LoadOptions, Loaded};
use crate::source::Sources;

/// Loads every deployment of the matrix. What the command line says of the chart, the release and the namespace has the
/// last word for all of them.
pub(super) fn load(options: &LoadOptions, plan: &Plan, sources: &mut Sources) -> Loaded {
    let mut all = Loaded::default();
    let mut seen = BTreeSet::new();
    for (name, setting) in &plan.config.deployments {
        let below =
            |paths: &[String]| -> Vec<PathBuf> { paths.iter().map(|path| plan.governing.folder.join(path)).collect() };
        let one = LoadOptions {
            values_files: below(&setting.values),
            paths: [below(&setting.manifests), below(&setting.collections)].concat(),
            chart_version: options.chart_version.clone().or_else(|| setting.chart_version.clone()),
            release: options.release.clone().or_else(|| setting.release.clone()),
            namespace: options.namespace.clone().or_else(|| setting.namespace.clone()),
            ..options.clone()
        };
        let mut loaded = load::load(&one, sources);
        loaded.inputs.called = Some(name.clone());
        all.live.push(loaded.inputs);
        all.live.append(&mut loaded.live);
        // a base file of several deployments is told once
        let new = loaded.listing.into_iter().filter(|entry| seen.insert((entry.file.clone(), entry.document)));
        all.listing.extend(new);
        for error in loaded.errors {
            if !all.errors.contains(&error) {
                all.errors.push(error);
            }
        }
        all.documents.append(&mut loaded.documents);
    }
    all
}
