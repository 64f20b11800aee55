//! What is known of the cluster: objects by kind, namespace and name, and which kinds are known completely. Filled by
//! `cluster`; empty with `--no-cluster`. Secrets never get here.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use serde_json::Value;

use super::mode;
use crate::load::live::kinds::Kind;
use crate::load::live::redact;
use crate::model::recorded::{List, ListStatus};

/// Namespace (empty for the cluster) and name.
type Name = (String, String);

/// What is known of one kind.
#[derive(Debug, Default)]
struct Known {
    status: Option<ListStatus>,
    detail: String,
    objects: BTreeMap<Name, Arc<Value>>,
    arriving: BTreeMap<Name, Arc<Value>>,
}

/// The shared memory of a webhook.
#[derive(Debug, Default)]
pub struct Context {
    /// By group and resource.
    known: RwLock<BTreeMap<(&'static str, &'static str), Known>>,
    /// Rises with every change that could change a verdict.
    changes: std::sync::atomic::AtomicU64,
    /// There is a cluster to ask.
    connected: bool,
}

impl Context {
    /// Of a webhook that reads a cluster.
    pub fn connected() -> Self {
        Self { connected: true, ..Self::default() }
    }

    /// Whether there is a cluster at all.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// Says how far a kind can be known.
    pub fn status(&self, kind: &Kind, status: ListStatus, detail: &str) {
        self.with(kind, |known| {
            known.status = Some(status);
            detail.clone_into(&mut known.detail);
        });
    }

    /// A new list begins.
    pub fn begin(&self, kind: &Kind) {
        self.with(kind, |known| known.arriving.clear());
    }

    /// An object of the list that arrives.
    pub fn arrive(&self, kind: &Kind, object: Value) {
        let Some((name, object)) = kept(kind, object) else { return };
        self.with(kind, |known| {
            known.arriving.insert(name, object);
        });
    }

    /// The list is complete.
    pub fn complete(&self, kind: &Kind) {
        self.with(kind, |known| {
            known.objects = std::mem::take(&mut known.arriving);
            known.status = Some(ListStatus::Ok);
        });
    }

    /// An object is there or has changed.
    pub fn apply(&self, kind: &Kind, object: Value) {
        let name = name_of(&object);
        match kept(kind, object) {
            Some((name, object)) => self.with(kind, |known| {
                known.objects.insert(name, object);
            }),
            None => self.with(kind, |known| {
                known.objects.remove(&name);
            }),
        }
    }

    /// An object is gone.
    pub fn remove(&self, kind: &Kind, object: &Value) {
        self.with(kind, |known| {
            known.objects.remove(&name_of(object));
        });
    }

    fn with(&self, kind: &Kind, change: impl FnOnce(&mut Known)) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        change(known.entry((kind.group, kind.resource)).or_default());
        self.changes.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// A number that rises with every change.
    pub fn changes(&self) -> u64 {
        self.changes.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Kinds that are not known yet.
    pub fn missing(&self) -> Vec<String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let missing = known.iter().filter(|(_, known)| known.status.is_none());
        missing.map(|((group, resource), _)| format!("{resource}.{group}").trim_end_matches('.').to_owned()).collect()
    }

    /// How far each kind is known. What is not yet known counts as failed: rules that need it are skipped, not passed.
    pub fn lists(&self) -> Vec<List> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .map(|((group, resource), known)| List {
                group: (*group).to_owned(),
                version: String::new(),
                resource: (*resource).to_owned(),
                status: known.status.unwrap_or(ListStatus::Failed),
                detail: if known.status.is_none() { "not read yet".to_owned() } else { known.detail.clone() },
                ..List::default()
            })
            .collect()
    }

    /// The objects of a namespace, and those of the cluster.
    pub fn around(&self, namespace: &str) -> Vec<Arc<Value>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        for of_kind in known.values() {
            let own = of_kind.objects.range((namespace.to_owned(), String::new())..);
            found.extend(own.take_while(|((of, _), _)| of == namespace).map(|(_, object)| Arc::clone(object)));
            if !namespace.is_empty() {
                let global = of_kind.objects.range((String::new(), String::new())..);
                let global = global.take_while(|((of, _), _)| of.is_empty());
                found.extend(
                    global
                        .filter(|((_, name), object)| object["kind"] != "Namespace" || name == namespace)
                        .map(|(_, object)| Arc::clone(object)),
                );
            }
        }
        found
    }

    /// One object.
    pub fn object(&self, group: &str, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let of_kind = known.iter().find(|((of, named), _)| *of == group && *named == resource)?.1;
        of_kind.objects.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }

    /// Namespaces that hold an object that satisfies.
    pub fn namespaces(&self, wanted: impl Fn(&Value) -> bool) -> Vec<String> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut found: Vec<String> = known
            .values()
            .flat_map(|of_kind| &of_kind.objects)
            .filter(|((namespace, _), object)| !namespace.is_empty() && wanted(object))
            .map(|((namespace, _), _)| namespace.clone())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The mode label of a namespace: outer none = the namespace is not known.
    pub fn label(&self, namespace: &str) -> Option<Option<String>> {
        let object = self.object("", "namespaces", "", namespace)?;
        Some(object["metadata"]["labels"][mode::LABEL].as_str().map(str::to_owned))
    }
}

fn name_of(object: &Value) -> Name {
    let part = |key: &str| object["metadata"][key].as_str().unwrap_or_default().to_owned();
    (part("namespace"), part("name"))
}

/// The object as it is remembered; none when it cannot matter. ConfigMaps are many and large: only those that could be
/// a configuration of Qdrant are kept.
fn kept(kind: &Kind, mut object: Value) -> Option<(Name, Arc<Value>)> {
    if kind.kind == "Secret" {
        return None;
    }
    if kind.kind == "ConfigMap" {
        let is_configuration =
            |name: &String| name.rsplit_once('.').is_some_and(|(_, end)| ["yaml", "yml", "sh"].contains(&end));
        let data = object["data"].as_object()?;
        if !data.keys().any(is_configuration) {
            return None;
        }
    }
    redact(&mut object);
    Some((name_of(&object), Arc::new(object)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::load::live::kinds;

    fn named(kind: &str, namespace: &str, name: &str) -> Value {
        json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}})
    }

    #[test]
    fn a_list_replaces_what_was_known_only_when_it_is_complete() {
        let context = Context::connected();
        let kind = kinds::of("apps", "StatefulSet").unwrap();
        context.apply(kind, named("StatefulSet", "a", "old"));
        context.begin(kind);
        context.arrive(kind, named("StatefulSet", "a", "new"));
        assert!(context.object("apps", "statefulsets", "a", "old").is_some());
        assert_eq!(context.missing(), ["statefulsets.apps"]);
        context.complete(kind);
        assert!(context.object("apps", "statefulsets", "a", "old").is_none());
        assert!(context.object("apps", "statefulsets", "a", "new").is_some());
        assert!(context.missing().is_empty());
    }

    #[test]
    fn a_namespace_sees_its_own_objects_and_those_of_the_cluster() {
        let context = Context::connected();
        context.apply(kinds::of("", "Service").unwrap(), named("Service", "a", "one"));
        context.apply(kinds::of("", "Service").unwrap(), named("Service", "b", "two"));
        for name in ["a", "b"] {
            let namespace = json!({"kind": "Namespace", "metadata": {"name": name}});
            context.apply(kinds::of("", "Namespace").unwrap(), namespace);
        }
        let names: Vec<String> =
            context.around("a").iter().map(|object| object["metadata"]["name"].to_string()).collect();
        assert_eq!(names, ["\"a\"", "\"one\""]);
    }
}
