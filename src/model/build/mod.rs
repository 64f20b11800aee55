//! Inputs → deployments: releases are rendered, objects joined, and each deployment's facts made.

mod aspects;
mod assemble;
mod duplicates;
mod hidden_values;
mod join;
mod pods;
mod redact;
mod release;
pub mod scope;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

pub use hidden_values::HiddenValues;
pub use pods::{Pods, is_qdrant_container};
pub use release::RenderedRelease;
pub use scope::Scope;

use super::facts::Residency;
use super::input::Inputs;
use super::tracked::Provenance;
use crate::source::{Limits, Path, SourceId, Sources};

/// What the run says of all deployments.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Profile by name.
    pub profile: String,
    /// The date to judge by, `YYYY-MM-DD`.
    pub now: String,
    /// Parameters by rule id.
    pub params: BTreeMap<String, Value>,
    /// Where data may live.
    pub residency: Residency,
    /// Registries that are allowed; none = any.
    pub registries: Option<Vec<String>>,
    /// What the collections will hold.
    pub expected: BTreeMap<String, Value>,
    /// Attestations that have not expired.
    pub evidence: BTreeMap<String, Value>,
    /// Vulnerabilities that the configuration adds to the table.
    pub advisories: Vec<super::advisories::Entry>,
    /// Media by class name.
    pub storage_classes: BTreeMap<String, String>,
    /// Keep the raw objects in the facts.
    pub with_objects: bool,
    /// Bounds on texts inside texts.
    pub limits: Limits,
}

/// A deployment, ready to be judged.
#[derive(Debug)]
pub struct Built {
    /// Which one.
    pub deployment: Deployment,
    /// What rules see.
    pub facts: Value,
    /// Where each fact came from.
    pub provenance: Provenance,
    /// Values of the release that could not be read.
    pub hidden_values: HiddenValues,
}

/// Identity of a deployment.
#[derive(Clone, Debug, Default)]
pub struct Deployment {
    /// `namespace/name`, made unique in the run.
    pub id: String,
    /// Release or workload name.
    pub name: String,
    /// Namespace, when known.
    pub namespace: Option<String>,
    /// `helm-values`, `manifests`, `collections`, `backup`.
    pub source: String,
    /// Every file that contributes, in order.
    pub files: Vec<SourceId>,
    /// Chart version and whether it was assumed.
    pub chart: Option<(String, bool)>,
    /// Version of Qdrant, when known.
    pub qdrant_version: Option<String>,
}

/// Builds every deployment of the inputs, in the order of their ids.
pub fn build(inputs: &Inputs, sources: &Sources, settings: &Settings) -> Vec<Built> {
    let seeds = join::join(inputs, settings);
    let duplicates = duplicates::Duplicates::of(inputs);
    let mut built: Vec<Built> =
        seeds.into_par_iter().map(|seed| assemble::assemble(seed, inputs, &duplicates, sources, settings)).collect();
    // files were read in a fixed order, so a stable sort keeps the output deterministic
    built.sort_by(|left, right| left.deployment.id.cmp(&right.deployment.id));
    tell_twins_apart(&mut built, sources);
    built
}

/// The file that a deployment is named after: that of its workload, else the first.
fn home(built: &Built) -> Option<SourceId> {
    let workload = built.provenance.find(&Path::keys(["workload"])).filter(|(_, covered)| *covered > 0);
    let written = workload.and_then(|(origin, _)| if origin.is_written() { origin.place() } else { None });
    written
        .map(|place| place.source)
        .filter(|source| built.deployment.files.contains(source))
        .or_else(|| built.deployment.files.first().copied())
}

/// Deployments of the same name and namespace are told apart by the file they come from, and inside one file by number.
fn tell_twins_apart(built: &mut [Built], sources: &Sources) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for one in built.iter() {
        *count.entry(one.deployment.id.clone()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for one in built.iter_mut().filter(|one| count.get(&one.deployment.id).is_some_and(|count| *count > 1)) {
        let file = home(one).map_or("", |file| sources.get(file).name.as_str());
        let mut id = format!("{}@{file}", one.deployment.id);
        let number = seen.entry(id.clone()).or_default();
        *number += 1;
        if *number > 1 {
            id = format!("{id}#{number}");
        }
        one.deployment.id = id;
    }
}
