//! Claims of volumes, and volumes that stand by themselves.

use super::place::Place;
use super::{meta, names, resources, volumes};
use crate::model::quantity::Quantity;

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// A PersistentVolumeClaim.
pub(super) fn claim(object: &Place<'_>) {
    let claim = object.get("spec");
    meta::selector(&claim.get("selector"));
    let source = claim.get("dataSource");
    spec(&claim, is_known(&source));
}

/// A claim template of a StatefulSet. Its name becomes that of a volume of the pods; `volumes` are theirs.
pub(super) fn template(template: &Place<'_>, volumes: &Place<'_>) {
    spec(&template.get("spec"), true);
    let name = template.at(&["metadata", "name"]);
    // the server looks at the volume that it becomes
    let volume = name.called(format!("{}[0].name", volumes.path()));
    match name.word() {
        Some("") => volume.required(""),
        Some(_) => volume.check(names::not_a_dotless_label),
        None => {}
    }
}

/// Whether a source is of a kind that the server knows; of a claim it forgets the others.
fn is_known(source: &Place<'_>) -> bool {
    matches!(
        (source.get("apiGroup").word(), source.get("kind").word()),
        (Some(""), Some("PersistentVolumeClaim")) | (Some("snapshot.storage.k8s.io"), Some("VolumeSnapshot"))
    )
}

/// `spec` of a claim.
pub(super) fn spec(spec: &Place<'_>, has_source: bool) {
    modes(&spec.get("accessModes"), "at least 1 access mode is required");
    let storage = spec.at(&["resources", "requests"]);
    let has_storage = storage.keys().contains(&"storage");
    // the names of the lists are left out
    let size = storage.entry("storage").called(format!("{}.resources[storage]", spec.path()));
    if !has_storage {
        size.required("");
    } else if resources::amount(&size, true).is_some_and(|(size, _)| size <= Quantity::default()) {
        size.invalid("must be greater than zero");
    }
    spec.get("storageClassName").check_filled(names::not_a_subdomain);
    spec.get("volumeAttributesClassName").check_filled(names::not_a_subdomain);
    spec.get("volumeMode").set_to_one_of(&["Block", "Filesystem"]);
    let (source, other) = (spec.get("dataSource"), spec.get("dataSourceRef"));
    for (place, counts) in [(&source, has_source), (&other, true)] {
        if place.is_set() && counts {
            data_source(place);
        }
    }
    if other.get("namespace").is_filled() {
        other.get("namespace").check(names::not_a_dotless_label);
    }
    if source.is_set() && has_source && other.is_set() {
        if other.get("namespace").is_filled() {
            spec.refuse(spec.wrong("dataSource may not be specified when dataSourceRef.namespace is specified"));
        } else if identity(&source) != identity(&other) {
            spec.refuse(spec.wrong("dataSource must match dataSourceRef"));
        }
    }
}

fn modes(modes: &Place<'_>, without: &str) {
    if !modes.is_filled() {
        modes.required(without);
    }
    let items = modes.items();
    for mode in &items {
        // which one it is, the server does not say
        mode.called(modes.path()).exactly_one_of(&MODES);
    }
    let alone = |mode: &Place<'_>| mode.text() == Some("ReadWriteOncePod");
    let shares = |mode: &Place<'_>| mode.text().is_some_and(|text| text != "ReadWriteOncePod" && MODES.contains(&text));
    if items.iter().any(alone) && items.iter().any(shares) {
        modes.forbidden("may not use ReadWriteOncePod with other access modes");
    }
}

/// What a source is.
fn identity<'n>(source: &Place<'n>) -> [Option<&'n str>; 3] {
    ["apiGroup", "kind", "name"].map(|field| source.get(field).word())
}

fn data_source(source: &Place<'_>) {
    for field in ["name", "kind"] {
        source.get(field).require();
    }
    let group = source.get("apiGroup");
    if group.word() == Some("") && source.get("kind").word().is_some_and(|kind| kind != "PersistentVolumeClaim") {
        source.refuse(source.wrong("must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
    }
    group.check_filled(names::not_a_subdomain);
}

/// A PersistentVolume.
pub(super) fn volume(object: &Place<'_>) {
    let spec = object.get("spec");
    modes(&spec.get("accessModes"), "");
    let capacity = spec.get("capacity");
    let keys = capacity.keys();
    if keys.is_empty() {
        capacity.required("");
    } else if !keys.contains(&"storage") || keys.len() > 1 {
        capacity.refuse_as("Unsupported value: supported values: \"storage\"".to_owned());
    }
    for key in keys {
        let entry = capacity.entry(key);
        if resources::amount(&entry, true).is_some_and(|(size, _)| size <= Quantity::default()) {
            entry.invalid("must be greater than zero");
        }
    }
    spec.get("persistentVolumeReclaimPolicy").one_of(&["Delete", "Recycle", "Retain"]);
    spec.get("storageClassName").check_filled(names::not_a_subdomain);
    spec.get("volumeMode").set_to_one_of(&["Block", "Filesystem"]);
    let affinity = spec.get("nodeAffinity");
    if affinity.is_set() {
        let required = affinity.get("required");
        if required.is_set() {
            meta::node_terms(&required);
        } else {
            required.required("must specify required node constraints");
        }
    }
    if volumes::has_source(&spec) {
        volumes::source(&spec);
    } else {
        spec.required("must specify a volume type");
    }
    if spec.get("local").is_set() && !affinity.is_set() {
        affinity.required("Local volume requires node affinity");
    }
    let class = spec.get("volumeAttributesClassName");
    if class.is_set() {
        if class.word() == Some("") {
            class.required("an empty string is disallowed");
        } else {
            class.check(names::not_a_subdomain);
        }
        if !spec.get("csi").is_set() {
            spec.get("csi").required("has to be specified when using volumeAttributesClassName");
        }
    }
}
