//! What an audit would record of a cluster to which the manifests of a case were applied.

use std::path::{Path, PathBuf};

use qdrant_lint::load::live::kinds::{self, Kind, Reach};
use qdrant_lint::load::live::recording::{List, ListStatus, SCHEMA};
use qdrant_lint::source::{self, Limits, Source, Sources};
use serde_json::{Value, json};

/// Where an object goes that names no namespace.
const NAMESPACE: &str = "vectordb";

/// The recording; none when a file holds anything but objects.
pub(crate) fn recording(files: &[PathBuf]) -> Option<Value> {
    let mut objects = Vec::new();
    for file in files {
        objects.extend(objects_of(file)?);
    }
    let named = objects.iter().filter(|(kind, _)| is_at_home(kind)).find_map(|(_, object)| namespace(object));
    let home = named.unwrap_or_else(|| NAMESPACE.to_owned());
    for (kind, object) in &mut objects {
        if !matches!(kind.reach, Reach::Cluster | Reach::ClusterNamed) && namespace(object).is_none() {
            object["metadata"]["namespace"] = home.as_str().into();
        }
    }
    let mut lists: Vec<List> = kinds::all().filter(|kind| kind.reach != Reach::ClusterNamed).map(list).collect();
    let by_name = objects.iter().filter(|(kind, _)| kind.reach == Reach::ClusterNamed);
    lists.extend(by_name.map(|(kind, object)| {
        let name = object.pointer("/metadata/name").and_then(Value::as_str).map(str::to_owned);
        List { name, ..list(kind) }
    }));
    let objects: Vec<Value> = objects.into_iter().map(|(_, object)| object).collect();
    Some(json!({
        "schema": SCHEMA, "tool": "0.1.0", "recorded_at": "2026-11-22T12:00:00Z",
        "clusters": [{"context": "prod", "kubernetes": "v1.34.4", "lists": lists, "objects": objects}],
    }))
}

/// The objects of a file that an audit reads: never Secrets.
fn objects_of(file: &Path) -> Option<Vec<(&'static Kind, Value)>> {
    let text = std::fs::read_to_string(file).ok()?;
    let mut sources = Sources::default();
    let id = sources.add(Source::new("case", text));
    let mut objects = Vec::new();
    for document in source::parse(&sources, id, &Limits::default()).documents {
        let object = document.root.to_json();
        if object.is_null() {
            continue;
        }
        let kind = object.get("kind")?.as_str()?;
        let version = object.get("apiVersion")?.as_str()?;
        let group = version.split_once('/').map_or("", |(group, _)| group);
        match kinds::of(group, kind) {
            Some(kind) => objects.push((kind, object)),
            None if group.is_empty() && kind == "Secret" => {}
            None => return None,
        }
    }
    Some(objects)
}

fn is_at_home(kind: &Kind) -> bool {
    matches!(kind.reach, Reach::Home | Reach::Selected | Reach::Named)
}

fn namespace(object: &Value) -> Option<String> {
    object.pointer("/metadata/namespace").and_then(Value::as_str).map(str::to_owned)
}

/// A list that succeeded: whatever a cluster may serve is served, so that absence is a fact.
fn list(kind: &Kind) -> List {
    List {
        group: kind.group.to_owned(),
        version: "v1".to_owned(),
        resource: kind.resource.to_owned(),
        status: ListStatus::Ok,
        ..List::default()
    }
}
