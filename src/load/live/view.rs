//! Objects of a cluster as inputs of the model. Each namespace that holds Qdrant is a view of its own: what a deployment
//! is judged by does not depend on how many others were found.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::recording::{Cluster, Endpoint, List};
use super::{answers, chart_secret, kinds};
use crate::load::LoadError;
use crate::load::sniff::kubernetes;
use crate::model::build::Pods;
use crate::model::input::{Inputs, Object};
use crate::model::platform::Words;
use crate::model::recorded::Live;
use crate::source::{Document, Limits, LiveObject, Source, SourceId, Sources, parse, print};

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

/// What the namespaces of a cluster share, read once for all of them.
#[derive(Debug, Default)]
pub struct Common {
    /// Every object as a document.
    pub documents: BTreeMap<SourceId, Arc<Document>>,
    /// Objects that could not be read.
    pub errors: Vec<LoadError>,
    objects: Vec<Object>,
    lists: Vec<List>,
}

impl Common {
    /// Reads what the namespaces share.
    pub fn of(cluster: &Cluster, taken: Taken<'_>, sources: &mut Sources) -> Self {
        let (objects, documents, errors) = objects(cluster, taken, sources);
        let documents = documents.into_iter().map(|document| (document.source, document)).collect();
        Self { documents, errors, objects, lists: cluster.lists.clone() }
    }
}

/// Makes inputs of the objects, and of those that came before for all namespaces.
pub fn views(cluster: &Cluster, common: &Common, taken: Taken<'_>, sources: &mut Sources) -> Views {
    let (own, documents, errors) = objects(cluster, taken, sources);
    let mut made = Views { views: Vec::new(), documents, errors };
    let objects: Vec<&Object> = common.objects.iter().chain(&own).collect();
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
    let qdrant = Arc::new(cluster.qdrant.clone());
    let seen = Seen::of(&objects, &homes, [&common.lists, &cluster.lists]);
    for home in &places {
        let is_own =
            |endpoint: &Endpoint| endpoint.namespace == *home || (endpoint.namespace.is_empty() && homes.len() == 1);
        let own: Vec<usize> = (0..cluster.qdrant.len()).filter(|index| is_own(&cluster.qdrant[*index])).collect();
        let live = Live {
            context: cluster.context.clone(),
            kubernetes: cluster.kubernetes.clone(),
            recorded_at: taken.recorded_at.to_owned(),
            among_others: taken.among_others,
            lists: seen.lists(home).cloned().collect(),
            qdrant: Arc::clone(&qdrant),
            logs: cluster.logs.iter().filter(|log| log.namespace == *home).cloned().collect(),
        };
        let inputs = Inputs {
            objects: seen.objects(home).cloned().collect(),
            namespace: Some(home.clone()).filter(|home| !home.is_empty()),
            answers: own.iter().flat_map(|index| bodies[*index].clone()).collect(),
            endpoints: own,
            live: Some(Arc::new(live)),
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

/// By what a deployment of a namespace is judged: its own namespace's objects and its volumes, the cluster's, and of the
/// others what is read from all of them. In the order in which they came.
struct Seen<'a> {
    objects: &'a [&'a Object],
    lists: Vec<&'a List>,
    of_all: Parts,
    of_home: BTreeMap<&'a str, Parts>,
}

/// Positions of objects and of lists.
#[derive(Default)]
struct Parts {
    objects: Vec<usize>,
    lists: Vec<usize>,
}

impl<'a> Seen<'a> {
    fn of(objects: &'a [&'a Object], homes: &'a BTreeSet<String>, lists: [&'a [List]; 2]) -> Self {
        let lists: Vec<&List> = lists.into_iter().flatten().collect();
        let mut seen = Self { objects, lists, of_all: Parts::default(), of_home: BTreeMap::new() };
        let is_whole = |list: &&List| list.namespace.is_none() && list.name.is_none();
        let everywhere: BTreeSet<(&str, &str)> = seen
            .lists
            .iter()
            .filter(|list| is_whole(list))
            .filter_map(|list| kinds::of_resource(&list.group, &list.resource))
            .filter(|kind| kind.reach == kinds::Reach::Everywhere)
            .map(|kind| (kind.group, kind.kind))
            .collect();
        for (position, object) in objects.iter().enumerate() {
            let is_own =
                |place: &&str| homes.contains(*place) && !everywhere.contains(&(object.group(), object.kind()));
            let home = match object.kind() {
                "Namespace" => Some(object.name()),
                "PersistentVolume" => object.node.text(&["spec", "claimRef", "namespace"]),
                _ => object.namespace().filter(is_own),
            };
            seen.part(home).objects.push(position);
        }
        for position in 0..seen.lists.len() {
            let list = seen.lists[position];
            // a Namespace is asked for by its name
            let of_itself = list.name.as_deref().filter(|_| list.resource == "namespaces");
            let place = list.namespace.as_deref().or(of_itself).filter(|place| homes.contains(*place));
            seen.part(place).lists.push(position);
        }
        seen
    }

    fn part(&mut self, home: Option<&'a str>) -> &mut Parts {
        home.map_or(&mut self.of_all, |home| self.of_home.entry(home).or_default())
    }

    fn objects(&self, home: &str) -> impl Iterator<Item = &'a Object> {
        self.merged(home, |parts| &parts.objects).into_iter().map(|position| self.objects[position])
    }

    fn lists(&self, home: &str) -> impl Iterator<Item = &'a List> {
        self.merged(home, |parts| &parts.lists).into_iter().map(|position| self.lists[position])
    }

    fn merged(&self, home: &str, of: impl Fn(&Parts) -> &Vec<usize>) -> Vec<usize> {
        let mut all = of(&self.of_all).clone();
        all.extend(self.of_home.get(home).map(of).into_iter().flatten());
        all.sort_unstable();
        all
    }
}

/// Objects, their documents, and those that could not be read. Secrets that are no Secret any more (their data is gone) are
/// dropped here, once more.
fn objects(
    cluster: &Cluster,
    taken: Taken<'_>,
    sources: &mut Sources,
) -> (Vec<Object>, Vec<Arc<Document>>, Vec<LoadError>) {
    let (mut objects, mut documents, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    let of_charts: Vec<Value> = cluster.objects.iter().filter_map(chart_secret::of_workload).collect();
    for value in of_charts.iter().chain(cluster.objects.iter().filter(|object| !is_secret(object))) {
        match read(value, cluster, taken, sources) {
            Ok((object, _)) if kubernetes::is_test_hook(&object.node) => {}
            Ok((object, document)) => {
                objects.push(object);
                documents.push(document);
            }
            Err(error) => errors.push(error),
        }
    }
    (objects, documents, errors)
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
    let (folder, words) = (String::new(), Words::default());
    let object = Object { node, source, folder, rendered_by_helm, live: true, words };
    Ok((object, Arc::new(document)))
}
