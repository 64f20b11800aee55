//! What lies under the paths where Qdrant keeps data and snapshots.

mod class;
mod table;
mod volume;

use std::collections::BTreeMap;

pub use volume::Paths;

use super::facts::storage::{ClassObject, Storage};
use super::input::Object;
use super::tracked::Origins;
use crate::source::{Node, Origin};

/// The pods whose volumes are looked at.
pub struct Pods<'a> {
    /// StatefulSet, Deployment, …
    pub workload: &'a Object,
    /// Pod spec.
    pub spec: &'a Node,
    /// The Qdrant container.
    pub container: &'a Node,
    /// How many peers.
    pub peers: u64,
    /// Where the server keeps data and snapshots.
    pub paths: Paths,
    /// Objects of the input: claims, volumes, classes.
    pub objects: &'a [&'a Object],
    /// The configuration's word on class names.
    pub configured: &'a BTreeMap<String, String>,
    /// Where a field of an object that is absent would be set: `storageClassName` of a claim, `volumeMounts`.
    pub absent: &'a dyn Fn(&Node, &str) -> Origin,
}

/// The volumes of the pods.
pub fn storage(pods: &Pods<'_>, origins: &Origins) -> Storage {
    let data = volume::under(pods, &pods.paths.data, origins);
    let snapshots = volume::under(pods, &pods.paths.snapshots, origins);
    let used = data.value.class.as_ref().and_then(|class| class.value.name.clone());
    let classes = pods
        .objects
        .iter()
        .filter(|object| object.kind() == "StorageClass")
        .map(|object| {
            let fact = ClassObject {
                name: object.name().to_owned(),
                provisioner: object.node.text(&["provisioner"]).unwrap_or_default().to_owned(),
                used_for_data: used.as_deref() == Some(object.name()),
                class: class::of_object(object, origins),
            };
            origins.track(fact, &object.node.at(&["metadata", "name"]).unwrap_or(&object.node).origin)
        })
        .collect();
    Storage { data: Some(data), snapshots: Some(snapshots), classes }
}
