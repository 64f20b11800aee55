//! Verdicts on one object: the API server's, and the tool's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use qdrant_lint::model::build::{self, Settings};
use qdrant_lint::model::input::{Inputs, Object};
use qdrant_lint::source::Sources;
use serde_json::{Value, json};

use crate::support::apiserver::ApiServer;

/// What is said of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// Each fault by the path of its field.
    Refused(BTreeSet<String>),
    /// It cannot be read into its type: the decoder tells of the first fault, without indices or not at all.
    Unreadable(Option<String>),
    /// It depends on what else the cluster holds.
    Depends,
}

/// The namespace that objects without one are created in.
pub(crate) const NAMESPACE: &str = "rejections";

/// Asks the server. The text is what it said.
pub(crate) fn of_server(server: &ApiServer, resources: &Resources, object: &Value) -> (Verdict, String) {
    let Some(path) = resources.path(server, object) else {
        return (Verdict::Refused(BTreeSet::from(["apiVersion".to_owned()])), "no such kind".to_owned());
    };
    if takes_a_node_port_that_is_none(object) {
        // a dry run takes no port of the nodes, and does not look at it
        return (Verdict::Depends, String::new());
    }
    let (code, answer) = server.try_create(&path, object);
    let message = answer["message"].as_str().unwrap_or_default().to_owned();
    let verdict = match code {
        200..=299 => Verdict::Accepted,
        422 => {
            let causes = answer["details"]["causes"].as_array().cloned().unwrap_or_default();
            let fields: BTreeSet<String> =
                causes.iter().map(|cause| cause["field"].as_str().unwrap_or_default().to_owned()).collect();
            assert!(!fields.is_empty(), "no cause: {answer}");
            Verdict::Refused(fields.iter().map(|field| in_the_file(field, object)).collect())
        }
        400 => unreadable(&message),
        403 => Verdict::Depends,
        // admission stumbles before validation does
        500 => Verdict::Unreadable(None),
        _ => panic!("{code}: {answer} of {object}"),
    };
    (verdict, message)
}

fn takes_a_node_port_that_is_none(object: &Value) -> bool {
    let ports = object["spec"]["ports"].as_array().into_iter().flatten();
    let numbers = ports.filter_map(|port| port["nodePort"].as_i64());
    object["kind"] == "Service" && numbers.into_iter().any(|number| !(0..=65535).contains(&number))
}

fn unreadable(message: &str) -> Verdict {
    if let Some((_, faults)) = message.split_once("strict decoding error: ") {
        let fields = faults.split(", ").filter_map(|fault| fault.strip_prefix("unknown field \"")?.strip_suffix('"'));
        return Verdict::Refused(fields.map(str::to_owned).collect());
    }
    let field = message.split_once("into Go struct field ").and_then(|(_, rest)| rest.split_once(" of type "));
    Verdict::Unreadable(field.and_then(|(field, _)| Some(field.split_once('.')?.1.to_owned())))
}

/// What the tool says, and in which words: rejections that other rules speak of count too.
pub(crate) fn of_tool(object: &Value) -> (Verdict, Vec<String>) {
    let own = format!(
        "{}/{}",
        object["kind"].as_str().unwrap_or_default(),
        object["metadata"]["name"].as_str().unwrap_or_default()
    );
    // what makes a deployment of it; a workload that runs Qdrant makes one itself, and those of others would be none of ours
    // beside it
    let beside = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "qdrant-beside"},
        "spec": {"selector": {"app": "qdrant"}, "ports": [{"port": 6333}]}});
    let inputs = Inputs { objects: vec![Object::derived(&beside), Object::derived(object)], ..Inputs::default() };
    let built = build::build(&inputs, &Sources::default(), &Settings::default());
    let said: BTreeSet<(String, String)> = built
        .iter()
        .flat_map(|built| built.facts["rejections"].as_array().cloned().unwrap_or_default())
        .filter(|rejection| rejection["object"] == own.as_str())
        .map(|rejection| {
            let text = |key: &str| rejection[key].as_str().unwrap_or_default().to_owned();
            (text("field"), text("message"))
        })
        .collect();
    let words = said.iter().map(|(field, message)| format!("{field}: {message}")).collect();
    let verdict = if said.is_empty() {
        Verdict::Accepted
    } else {
        Verdict::Refused(said.into_iter().map(|(field, _)| field).collect())
    };
    (verdict, words)
}

/// The server puts the volumes of claim templates before those of the file, and counts from there.
fn in_the_file(field: &str, object: &Value) -> String {
    const VOLUMES: &str = "spec.template.spec.volumes[";
    let templates = object["spec"]["volumeClaimTemplates"].as_array().map_or(0, Vec::len);
    let counted = || {
        let (index, rest) = field.strip_prefix(VOLUMES)?.split_once(']')?;
        let index = index.parse::<usize>().ok()?.checked_sub(templates)?;
        Some(format!("{VOLUMES}{index}]{rest}"))
    };
    counted().unwrap_or_else(|| field.to_owned())
}

/// A fault that the server tells of because of another: of a volume that is refused it says that mounts do not find it, of a
/// selector that is refused that it selects nothing.
fn is_consequence(field: &str, all: &BTreeSet<String>) -> bool {
    let is_mount = field.contains(".volumeMounts[") && field.ends_with("].name");
    let of_labels = field.ends_with(".template.metadata.labels");
    let key = |field: &str| field.rsplit_once('[').map(|(_, key)| key.to_owned()).filter(|key| key.ends_with(']'));
    all.iter().filter(|other| *other != field).any(|other| {
        is_mount && (other.contains(".volumes[") || other.contains("volumeClaimTemplates"))
            || of_labels && (other.contains("spec.selector") || other.ends_with(".template.labels"))
            || field == "spec.selector" && other.starts_with("spec.selector.")
            // defaults that are made of what is wrong
            || field.strip_suffix(".targetPort").is_some_and(|port| *other == format!("{port}.port"))
            || field.strip_suffix(".persistentVolumeClaim.claimName").is_some_and(|volume| *other == format!("{volume}.name"))
            || matches!(field, "metadata.labels" | "spec.template.labels") && other == "metadata.name"
            || field.starts_with("spec.dataSource") && other.starts_with("spec.dataSource")
            || field == "spec.metrics" && other == "spec.minReplicas"
            || ["resources.limits", "resources.requests"].iter().any(|list| field.ends_with(list)) && other.contains(".resources.")
            || ["requests[", "default[", "defaultRequest["].iter().any(|list| field.contains(list)) && key(field) == key(other)
    })
}

/// Whether the tool says what the server says.
pub(crate) fn agree(server: &Verdict, tool: &Verdict) -> bool {
    match (server, tool) {
        (Verdict::Depends, _) | (Verdict::Unreadable(None), Verdict::Refused(_)) => true,
        (Verdict::Unreadable(Some(field)), Verdict::Refused(fields)) => {
            fields.iter().any(|found| without_indices(found) == *field)
        }
        (Verdict::Refused(all), Verdict::Refused(found)) => {
            found.is_subset(all) && all.difference(found).all(|field| is_consequence(field, all))
        }
        (server, tool) => server == tool,
    }
}

/// The decoder names neither places in lists nor keys of mappings.
fn without_indices(path: &str) -> String {
    path.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect()
}

/// Where objects of a kind are created, as the server tells.
#[derive(Default)]
pub(crate) struct Resources(Mutex<BTreeMap<String, Value>>);

impl Resources {
    fn path(&self, server: &ApiServer, object: &Value) -> Option<String> {
        let version = object["apiVersion"].as_str()?;
        let root = format!("{}/{version}", if version.contains('/') { "/apis" } else { "/api" });
        let mut known = self.0.lock().unwrap();
        let list = known.entry(root.clone()).or_insert_with(|| server.try_get(&root).unwrap_or_default());
        let of_kind = |resource: &&Value| {
            resource["kind"] == object["kind"] && !resource["name"].as_str().unwrap_or_default().contains('/')
        };
        let resource = list["resources"].as_array()?.iter().find(of_kind)?;
        let name = resource["name"].as_str()?;
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or(NAMESPACE);
        Some(match resource["namespaced"].as_bool() {
            Some(true) => format!("{root}/namespaces/{namespace}/{name}"),
            _ => format!("{root}/{name}"),
        })
    }
}
