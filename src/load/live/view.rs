//! Objects of a cluster as inputs of the model. Each namespace that holds Qdrant is a view of its own: what a deployment
//! is judged by does not depend on how many others were found.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::recording::Cluster;
use super::{chart_secret, kinds};
use crate::load::LoadError;
use crate::load::sniff::kubernetes;
use crate::model::build::Pods;
use crate::model::input::{Inputs, Object};
use crate::model::recorded::Live;
use crate::source::{Document, Limits, LiveObject, Source, Sources, parse, print};

/// One namespace that holds Qdrant, ready for the model.
#[derive(Debug, Default)]
pub struct View {
    /// The namespace.
    pub namespace: String,
    /// What the model judges.
    pub inputs: Inputs,
}

/// Everything that was made of a cluster.
#[derive(Debug, Default)]
pub struct Views {
    /// The namespaces, by name.
    pub views: Vec<View>,
    /// Every object as a document, so that findings know their path.
    pub documents: Vec<Arc<Document>>,
    /// Objects that could not be read.
    pub errors: Vec<LoadError>,
}

/// What holds for all objects of a cluster.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// When they were read, RFC 3339.
    pub recorded_at: &'a str,
    /// Other clusters are judged in the same run, so names need the context.
    pub among_others: bool,
    /// Bounds on one object.
    pub limits: &'a Limits,
}

/// Makes inputs of the objects. Secrets that are no Secret any more (their data is gone) are dropped here, once more.
pub fn views(cluster: &Cluster, taken: Taken<'_>, sources: &mut Sources) -> Views {
    let mut made = Views::default();
    let mut objects = Vec::new();
    let of_charts: Vec<Value> = cluster.objects.iter().filter_map(chart_secret::of_workload).collect();
    for value in of_charts.iter().chain(cluster.objects.iter().filter(|object| !is_secret(object))) {
        match read(value, cluster, taken, sources) {
            Ok((object, _)) if kubernetes::is_test_hook(&object.node) => {}
            Ok((object, document)) => {
                objects.push(object);
                made.documents.push(document);
            }
            Err(error) => made.errors.push(error),
        }
    }
    let live = Arc::new(Live {
        context: cluster.context.clone(),
        kubernetes: cluster.kubernetes.clone(),
        recorded_at: taken.recorded_at.to_owned(),
        among_others: taken.among_others,
        lists: cluster.lists.clone(),
        qdrant: cluster.qdrant.clone(),
    });
    let homes: BTreeSet<String> = objects
        .iter()
        .filter(|object| is_asked_for(cluster, object) && Pods::of(object).is_some())
        .filter_map(|object| object.namespace().map(str::to_owned))
        .collect();
    for home in &homes {
        let seen = objects.iter().filter(|object| is_seen_from(home, object, &homes, &live));
        let inputs = Inputs {
            objects: seen.cloned().collect(),
            namespace: Some(home.clone()),
            live: Some(Arc::clone(&live)),
            only: cluster.only.clone(),
            ..Inputs::default()
        };
        made.views.push(View { namespace: home.clone(), inputs });
    }
    made
}

/// Of a Secret that was asked for nothing is known but its name and keys.
fn is_secret(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("Secret")
}

/// `namespace/Kind/name`, as [`Cluster::only`] has it.
fn is_asked_for(cluster: &Cluster, object: &Object) -> bool {
    cluster.only.is_empty() || cluster.only.contains(&object.id())
}

/// Whether a deployment of a namespace is judged by an object: its own namespace's, the cluster's, and of the others what
/// is read from all of them.
fn is_seen_from(home: &str, object: &Object, homes: &BTreeSet<String>, live: &Live) -> bool {
    let Some(namespace) = object.namespace() else { return object.kind() != "Namespace" || object.name() == home };
    namespace == home
        || !homes.contains(namespace)
        || kinds::of(object.group(), object.kind()).is_some_and(|kind| {
            kind.reach == kinds::Reach::Everywhere
                && live.list(kind.group, kind.resource, None).is_some_and(|list| list.namespace.is_none())
        })
}

fn read(
    value: &Value,
    cluster: &Cluster,
    taken: Taken<'_>,
    sources: &mut Sources,
) -> Result<(Object, Arc<Document>), LoadError> {
    let part = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let about = LiveObject {
        api_version: part("/apiVersion").unwrap_or_default(),
        kind: part("/kind").unwrap_or_default(),
        namespace: part("/metadata/namespace"),
        name: part("/metadata/name").unwrap_or_default(),
    };
    let shown = about.to_string();
    let shown = if taken.among_others { format!("{}:{shown}", cluster.context) } else { shown };
    let source = sources.add(Source::live(about, shown.clone(), print(value)));
    let parsed = parse(sources, source, taken.limits);
    if let Some(error) = parsed.errors.first() {
        return Err(LoadError::whole(shown, format!("this object cannot be read: {}", error.message), None));
    }
    let document = parsed.documents.into_iter().next();
    let document = document.ok_or_else(|| LoadError::whole(shown, "this object is empty", None))?;
    let rendered_by_helm = kubernetes::is_rendered_by_helm(&document.root);
    let node = document.root.clone();
    let object = Object { node, source, folder: String::new(), rendered_by_helm, live: true };
    Ok((object, Arc::new(document)))
}
