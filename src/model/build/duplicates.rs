//! Keys that stand twice, by where they stand: each deployment is told of those in its own documents, once.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::model::facts;
use crate::model::input::{DuplicateKey, Inputs, Object};
use crate::model::tracked::Tracked;
use crate::source::{Origin, SourceId, Written};

/// The duplicates of a run, in the order of their places.
pub(super) struct Duplicates<'a>(BTreeMap<SourceId, Vec<&'a DuplicateKey>>);

impl<'a> Duplicates<'a> {
    pub(super) fn of(inputs: &'a Inputs) -> Self {
        let mut by_source: BTreeMap<SourceId, Vec<&DuplicateKey>> = BTreeMap::new();
        for duplicate in &inputs.duplicates {
            by_source.entry(duplicate.last.source).or_default().push(duplicate);
        }
        for duplicates in by_source.values_mut() {
            duplicates.sort_by_key(|duplicate| duplicate.last.start);
        }
        Self(by_source)
    }

    /// Those in the files of the release, in files by themselves, and in the objects that somebody wrote: what Helm
    /// printed twice its user cannot mend.
    pub(super) fn facts(&self, scope: &Scope<'_>) -> Vec<Tracked<facts::DuplicateKey>> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut files: BTreeSet<SourceId> =
            scope.release.iter().flat_map(|release| release.release.files.iter().copied()).collect();
        files.extend(scope.bodies.iter().map(|body| body.source));
        files.extend(scope.server_configs.iter().map(|config| config.source));
        let written = scope.objects[scope.made_by_chart..].iter().filter(|object| !object.rendered_by_helm);
        let of_objects =
            written.filter(|object| !files.contains(&object.source)).flat_map(|object| self.inside(object));
        let of_files = files.iter().filter_map(|file| self.0.get(file)).flatten().copied();
        let mut found: Vec<&DuplicateKey> = of_files.chain(of_objects).collect();
        found.sort_by_key(|duplicate| (duplicate.last.source, duplicate.last.start));
        found.dedup_by_key(|duplicate| (duplicate.last.source, duplicate.last.start));
        found.into_iter().map(|duplicate| fact(duplicate, scope)).collect()
    }

    fn inside(&self, object: &Object) -> impl Iterator<Item = &'a DuplicateKey> {
        let all = self.0.get(&object.source).map(Vec::as_slice).unwrap_or_default();
        let (start, end) = object.node.origin.place().map_or((0, 0), |written| written.value);
        let first = all.partition_point(|duplicate| duplicate.last.start < start);
        all[first..].iter().copied().take_while(move |duplicate| duplicate.last.start < end)
    }
}

fn fact(duplicate: &DuplicateKey, scope: &Scope<'_>) -> Tracked<facts::DuplicateKey> {
    let source = scope.sources.get(duplicate.last.source);
    let fact = facts::DuplicateKey {
        key: duplicate.path.to_string(),
        first_line: source.position(duplicate.first.start).line,
        last_line: source.position(duplicate.last.start).line,
        file: source.name.clone(),
    };
    let key = (duplicate.last.start, duplicate.last.end);
    let origin = Origin::Written(Written { source: duplicate.last.source, key, value: (key.1, key.1) });
    scope.origins.track(fact, &origin)
}
