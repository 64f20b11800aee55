//! Objects of a cluster as inputs of the model. Each namespace that holds Qdrant is a view of its own: what a deployment
//! is judged by does not depend on how many others were found.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::recording::{Cluster, Endpoint};
use super::{answers, chart_secret, kinds};
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
        logs: cluster.logs.clone(),
    });
    let homes: BTreeSet<String> = objects
        .iter()
        .filter(|object| is_asked_for(cluster, object) && Pods::of(object).is_some())
        .filter_map(|object| object.namespace().map(str::to_owned))
        .collect();
    let mut bodies = Vec::new();
    for (index, endpoint) in cluster.qdrant.iter().enumerate() {
        let (own, documents) = answers::bodies(index, endpoint, taken, sources);
        bodies.push(own);
        made.documents.extend(documents);
        made.errors.extend(lost(endpoint));
    }
    // an address that leads to no workload of the cluster is judged by itself
    let mut places = homes.clone();
    if homes.is_empty() {
        places.extend(cluster.qdrant.iter().map(|endpoint| endpoint.namespace.clone()));
    }
    for home in &places {
        let is_own =
            |endpoint: &Endpoint| endpoint.namespace == *home || (endpoint.namespace.is_empty() && homes.len() == 1);
        let own: Vec<usize> = (0..cluster.qdrant.len()).filter(|index| is_own(&cluster.qdrant[*index])).collect();
        let seen = objects.iter().filter(|object| is_seen_from(home, object, &homes, &live));
        let inputs = Inputs {
            objects: seen.cloned().collect(),
            namespace: Some(home.clone()).filter(|home| !home.is_empty()),
            answers: own.iter().flat_map(|index| bodies[*index].clone()).collect(),
            endpoints: own,
            live: Some(Arc::clone(&live)),
            only: cluster.only.clone(),
            ..Inputs::default()
        };
        made.views.push(View { namespace: home.clone(), inputs });
    }
    made
}

/// A peer that could not be asked, or not to the end: what is judged of it is not all.
fn lost(endpoint: &Endpoint) -> Option<LoadError> {
    let name = endpoint.pod.as_deref().map_or_else(String::new, |pod| format!(" ({pod})"));
    let Some(error) = &endpoint.error else { return refused(endpoint, &name) };
    let good = endpoint.answers.iter().filter(|answer| answer.status.is_some()).count();
    let message = if good == 0 {
        format!("Qdrant at {}{name} could not be asked: {error}", endpoint.url)
    } else {
        format!("Qdrant at {}{name} was lost after {good} answers: {error}", endpoint.url)
    };
    let help = "what was read before is judged; what was not is reported as not judged. Run it again when it answers";
    Some(LoadError::whole(endpoint.url.clone(), message, Some(help)))
}

/// A peer that shows nothing without a key, or not with this one.
fn refused(endpoint: &Endpoint, name: &str) -> Option<LoadError> {
    let listing = endpoint.answers.iter().find(|answer| answer.path == "/collections" && answer.probe.is_none())?;
    let why = match (&listing.error, listing.status) {
        (Some(error), _) => error.clone(),
        (None, Some(status @ (401 | 403))) => {
            format!("it answers {status}: {}", listing.body.as_str().unwrap_or_default())
        }
        _ => return None,
    };
    let message = format!("Qdrant at {}{name} does not show its collections: {why}", endpoint.url);
    let help = "give a read-only key in QDRANT_API_KEY or with --api-key-file; the audit never writes";
    Some(LoadError::whole(endpoint.url.clone(), message, Some(help)))
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
    let about = LiveObject::of(value);
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
