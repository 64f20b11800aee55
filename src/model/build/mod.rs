//! Inputs → deployments: releases are rendered, objects joined, and each deployment's facts made.

mod aspects;
mod assemble;
mod drift;
mod duplicates;
mod hidden_values;
mod join;
mod live_aspects;
mod pods;
mod redact;
mod release;
pub mod scope;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde_json::Value;

pub use hidden_values::HiddenValues;
pub(crate) use join::is_cluster_scoped;
pub(super) use join::speaks_of_qdrant;
pub use pods::{Pods, is_qdrant_container};
pub use release::RenderedRelease;
pub use scope::Scope;

use super::facts::Residency;
use super::input::Inputs;
use super::tracked::Provenance;
use crate::source::{Limits, Node, Path, SourceId, Sources};

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
    /// The merged values of a release that has any: where fixes are written.
    pub values: Option<Node>,
    /// Values of the release that could not be read.
    pub hidden_values: HiddenValues,
}

impl Built {
    /// Puts the facts of the same deployment as it is declared in files beside those of the cluster, under `declared`.
    pub fn declare(&mut self, declared: &[Self]) {
        let workload = |built: &Self| built.facts.pointer("/workload/name").and_then(Value::as_str).map(str::to_owned);
        let Some(own) = workload(self) else { return };
        let fits = |other: &&Self| {
            let namespace = other.deployment.namespace.as_ref();
            workload(other).as_ref() == Some(&own)
                && namespace.is_none_or(|namespace| self.deployment.namespace.as_ref() == Some(namespace))
        };
        // one that names the namespace is meant rather than one that fits any
        let fitting = || declared.iter().filter(fits);
        let Some(found) = fitting().find(|other| other.deployment.namespace.is_some()).or_else(|| fitting().next())
        else {
            return;
        };
        if let Some(facts) = self.facts.as_object_mut() {
            let drift = drift::differences(&found.facts, &Value::Object(facts.clone()));
            facts.insert("drift".to_owned(), serde_json::to_value(drift).unwrap_or_default());
            facts.insert("declared".to_owned(), found.facts.clone());
            self.provenance.graft("declared", &found.provenance);
        }
    }
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

/// The deployments that the inputs make, before their facts are.
pub struct Seeds<'a> {
    seeds: Vec<join::Seed>,
    duplicates: duplicates::Duplicates<'a>,
    inputs: &'a Inputs,
    sources: &'a Sources,
    settings: &'a Settings,
    declared: &'a [Built],
    /// What is declared is judged in the same run.
    has_twins: bool,
}

impl<'a> Seeds<'a> {
    /// Joins what belongs together.
    pub fn of(inputs: &'a Inputs, sources: &'a Sources, settings: &'a Settings) -> Self {
        let seeds = join::join(inputs, settings);
        let duplicates = duplicates::Duplicates::of(inputs);
        Self { seeds, duplicates, inputs, sources, settings, declared: &[], has_twins: false }
    }

    /// Compares each deployment with what files declare of it.
    #[must_use]
    pub fn compared_with(self, declared: &'a [Built]) -> Self {
        Self { declared, ..self }
    }

    /// Likewise, where what the files declare is judged too: of two of one name that which runs is called otherwise.
    #[must_use]
    pub fn beside(self, declared: &'a [Built]) -> Self {
        Self { has_twins: true, ..self.compared_with(declared) }
    }

    /// How many deployments there are.
    pub fn len(&self) -> usize {
        self.seeds.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.seeds.is_empty()
    }

    /// Makes each deployment's facts and gives them away, in parallel. Facts are the bulk of the memory, so a caller that
    /// only wants the verdicts need not hold them all. The results come in the order of the ids, which are unique only
    /// here: a deployment's own id may have grown a suffix since it was given away.
    pub fn each<T: Send>(self, take: impl Fn(Built) -> T + Sync + Send) -> Vec<(Deployment, T)> {
        let Self { seeds, duplicates, inputs, sources, settings, declared, has_twins } = self;
        let made = seeds
            .into_par_iter()
            .map(|seed| {
                let mut built = assemble::assemble(seed, inputs, &duplicates, sources, settings);
                built.declare(declared);
                (built.deployment.clone(), home(&built), take(built))
            })
            .collect();
        named(made, inputs, sources, if has_twins { declared } else { &[] })
    }

    /// Likewise, keeping them all.
    pub fn built(self) -> Vec<Built> {
        self.each(|built| built).into_iter().map(|(deployment, built)| Built { deployment, ..built }).collect()
    }

    /// Makes them one after the other on this thread: for who has as many threads as there are questions.
    pub fn each_here<T>(self, mut take: impl FnMut(Built) -> T) -> Vec<(Deployment, T)> {
        let Self { seeds, duplicates, inputs, sources, settings, declared, has_twins } = self;
        let made = seeds
            .into_iter()
            .map(|seed| {
                let mut built = assemble::assemble(seed, inputs, &duplicates, sources, settings);
                built.declare(declared);
                (built.deployment.clone(), home(&built), take(built))
            })
            .collect();
        named(made, inputs, sources, if has_twins { declared } else { &[] })
    }
}

/// Deployments in the order of their ids, which are unique from here on.
fn named<T>(
    mut made: Vec<(Deployment, Option<SourceId>, T)>,
    inputs: &Inputs,
    sources: &Sources,
    declared: &[Built],
) -> Vec<(Deployment, T)> {
    // what runs is called after its context where what is declared is judged beside it
    let taken: BTreeSet<&str> = declared.iter().map(|built| built.deployment.id.as_str()).collect();
    let context = inputs.live.as_ref().map_or("", |live| &live.context);
    for (deployment, ..) in made.iter_mut().filter(|(deployment, ..)| taken.contains(deployment.id.as_str())) {
        deployment.id = format!("{}:{}", if context.is_empty() { "live" } else { context }, deployment.id);
    }
    // files were read in a fixed order, so a stable sort keeps the output deterministic
    made.sort_by(|(left, ..), (right, ..)| left.id.cmp(&right.id));
    tell_twins_apart(&mut made, sources);
    if let Some(name) = &inputs.called {
        let alone = made.len() == 1;
        for (deployment, ..) in &mut made {
            deployment.id = if alone { name.clone() } else { format!("{name}/{}", deployment.id) };
        }
    }
    made.into_iter().map(|(deployment, _, taken)| (deployment, taken)).collect()
}

/// Builds every deployment of the inputs, in the order of their ids.
pub fn build(inputs: &Inputs, sources: &Sources, settings: &Settings) -> Vec<Built> {
    Seeds::of(inputs, sources, settings).built()
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
fn tell_twins_apart<T>(made: &mut [(Deployment, Option<SourceId>, T)], sources: &Sources) {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (deployment, ..) in made.iter() {
        *count.entry(deployment.id.clone()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (deployment, home, _) in made.iter_mut() {
        if count.get(&deployment.id).is_none_or(|count| *count < 2) {
            continue;
        }
        let file = home.map_or("", |file| sources.get(file).name.as_str());
        let mut id = format!("{}@{file}", deployment.id);
        let number = seen.entry(id.clone()).or_default();
        *number += 1;
        if *number > 1 {
            id = format!("{id}#{number}");
        }
        deployment.id = id;
    }
}
