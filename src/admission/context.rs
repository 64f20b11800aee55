//! What is known of the cluster: objects by kind, namespace and name, and which kinds are known completely. Filled by
//! `cluster`; empty with `--no-cluster`. Secrets never get here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::Value;

use super::mode;
use super::view::{self, View};
use crate::load::live::kinds::{self, Kind, Reach};
use crate::load::live::redact;
use crate::model::recorded::{List, ListStatus};

/// Namespaces whose views are kept.
const VIEWS: usize = 64;

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
    state: RwLock<State>,
    views: Mutex<BTreeMap<String, Made>>,
    /// There is a cluster to ask.
    connected: bool,
}

/// A view, and the stamps of its namespace and of the cluster when it was made.
#[derive(Debug)]
struct Made {
    stamps: (u64, u64),
    view: Arc<View>,
}

#[derive(Debug, Default)]
struct State {
    /// By group and resource.
    known: BTreeMap<(&'static str, &'static str), Known>,
    /// How often what a namespace holds has changed; the empty name is for what all of them see.
    stamps: BTreeMap<String, u64>,
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
        self.with(kind, |known, changed| {
            known.status = Some(status);
            detail.clone_into(&mut known.detail);
            changed.push(String::new());
        });
    }

    /// A new list begins.
    pub fn begin(&self, kind: &Kind) {
        self.with(kind, |known, _| known.arriving.clear());
    }

    /// An object of the list that arrives.
    pub fn arrive(&self, kind: &Kind, object: Value) {
        let Some((name, object)) = kept(kind, object) else { return };
        self.with(kind, |known, _| {
            known.arriving.insert(name, object);
        });
    }

    /// The list is complete.
    pub fn complete(&self, kind: &Kind) {
        self.with(kind, |known, changed| {
            let before = std::mem::replace(&mut known.objects, std::mem::take(&mut known.arriving));
            let names = before.keys().chain(known.objects.keys());
            changed
                .extend(names.filter(|name| before.get(*name) != known.objects.get(*name)).map(|(of, _)| of.clone()));
            if known.status.replace(ListStatus::Ok) != Some(ListStatus::Ok) {
                changed.push(String::new());
            }
        });
    }

    /// An object is there or has changed.
    pub fn apply(&self, kind: &Kind, object: Value) {
        let name = name_of(&object);
        let Some((_, object)) = kept(kind, object) else { return self.forget(kind, &name) };
        self.with(kind, |known, changed| {
            // most changes are none to a rule
            if known.objects.get(&name) != Some(&object) {
                changed.push(name.0.clone());
                known.objects.insert(name, object);
            }
        });
    }

    /// An object is gone.
    pub fn remove(&self, kind: &Kind, object: &Value) {
        self.forget(kind, &name_of(object));
    }

    fn forget(&self, kind: &Kind, name: &Name) {
        self.with(kind, |known, changed| {
            if known.objects.remove(name).is_some() {
                changed.push(name.0.clone());
            }
        });
    }

    /// Changes what is known of a kind; the change names the namespaces that look otherwise after it.
    fn with(&self, kind: &Kind, change: impl FnOnce(&mut Known, &mut Vec<String>)) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = Vec::new();
        change(state.known.entry((kind.group, kind.resource)).or_default(), &mut changed);
        for namespace in changed {
            let namespace = if is_seen_by_all(kind) { String::new() } else { namespace };
            *state.stamps.entry(namespace).or_default() += 1;
        }
    }

    /// A number that rises with every change that could change a verdict.
    pub fn changes(&self) -> u64 {
        self.state.read().unwrap_or_else(PoisonError::into_inner).stamps.values().sum()
    }

    /// Kinds that are not known yet.
    pub fn missing(&self) -> Vec<String> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let known = &state.known;
        let missing = known.iter().filter(|(_, known)| known.status.is_none());
        missing.map(|((group, resource), _)| format!("{resource}.{group}").trim_end_matches('.').to_owned()).collect()
    }

    /// How far each kind is known. What is not yet known counts as failed: rules that need it are skipped, not passed.
    pub fn lists(&self) -> Vec<List> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let known = &state.known;
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

    /// What a namespace sees of the cluster.
    pub fn view(&self, namespace: &str) -> Arc<View> {
        let views = || self.views.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let stamp = |of: &str| state.stamps.get(of).copied().unwrap_or_default();
        let stamps = (stamp(namespace), stamp(""));
        if let Some(made) = views().get(namespace).filter(|made| made.stamps == stamps) {
            return Arc::clone(&made.view);
        }
        let objects = state.seen_from(namespace);
        drop(state);
        let view = Arc::new(View::of(objects.iter().map(AsRef::as_ref), self.lists()));
        let mut views = views();
        if views.len() >= VIEWS && !views.contains_key(namespace) {
            views.clear();
        }
        views.insert(namespace.to_owned(), Made { stamps, view: Arc::clone(&view) });
        view
    }

    /// One object.
    pub fn object(&self, group: &str, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let known = &state.known;
        let of_kind = known.iter().find(|((of, named), _)| *of == group && *named == resource)?.1;
        of_kind.objects.get(&(namespace.to_owned(), name.to_owned())).cloned()
    }

    /// Namespaces in which Qdrant runs.
    pub fn homes(&self) -> Vec<String> {
        let workloads: Vec<(String, Arc<Value>)> = {
            let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
            let kinds = kinds::workloads().filter_map(|kind| state.known.get(&(kind.group, kind.resource)));
            let objects = kinds.flat_map(|known| &known.objects);
            objects.map(|((namespace, _), object)| (namespace.clone(), Arc::clone(object))).collect()
        };
        let homes: BTreeSet<String> =
            workloads.into_iter().filter(|(_, object)| view::runs_qdrant(object)).map(|(home, _)| home).collect();
        homes.into_iter().collect()
    }

    /// The mode label of a namespace: outer none = the namespace is not known.
    pub fn label(&self, namespace: &str) -> Option<Option<String>> {
        let object = self.object("", "namespaces", "", namespace)?;
        Some(object["metadata"]["labels"][mode::LABEL].as_str().map(str::to_owned))
    }
}

impl State {
    /// The objects of a namespace, those of the cluster, and those of others that are looked for everywhere.
    fn seen_from(&self, namespace: &str) -> Vec<Arc<Value>> {
        let mut seen = Vec::new();
        for ((group, resource), known) in &self.known {
            if namespace.is_empty() || !kinds::of_resource(group, resource).is_some_and(is_seen_by_all) {
                let own = known.objects.range((namespace.to_owned(), String::new())..);
                let own = own.take_while(|((of, _), _)| of == namespace);
                seen.extend(own.map(|(_, object)| Arc::clone(object)));
                continue;
            }
            let others = |((_, name), _): &(&Name, &Arc<Value>)| *resource != "namespaces" || name == namespace;
            seen.extend(known.objects.iter().filter(others).map(|(_, object)| Arc::clone(object)));
        }
        seen
    }
}

/// Kinds without a namespace, and those that are often kept in one of their own.
fn is_seen_by_all(kind: &Kind) -> bool {
    matches!(kind.reach, Reach::Everywhere | Reach::Cluster | Reach::ClusterNamed)
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
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("resourceVersion");
    }
    // a node tells every few minutes that it is alive
    for condition in object.pointer_mut("/status/conditions").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(condition) = condition.as_object_mut() {
            condition.remove("lastHeartbeatTime");
        }
    }
    Some((name_of(&object), Arc::new(object)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
        let names: Vec<String> = context.view("a").known.iter().map(|known| known.named.name.clone()).collect();
        assert_eq!(names, ["a", "one"]);
    }

    #[test]
    fn a_view_is_made_again_only_when_what_it_shows_has_changed() {
        let context = Context::connected();
        let service = kinds::of("", "Service").unwrap();
        context.apply(service, named("Service", "a", "one"));
        let view = context.view("a");
        let mut same = named("Service", "a", "one");
        same["metadata"]["resourceVersion"] = "7".into();
        context.apply(service, same);
        context.apply(service, named("Service", "b", "two"));
        assert!(Arc::ptr_eq(&view, &context.view("a")));
        context.apply(kinds::of("", "Node").unwrap(), json!({"kind": "Node", "metadata": {"name": "n"}}));
        assert!(!Arc::ptr_eq(&view, &context.view("a")), "all namespaces see a node");
        let monitor = json!({"kind": "ServiceMonitor", "metadata": {"name": "m", "namespace": "monitoring"}});
        context.apply(kinds::of("monitoring.coreos.com", "ServiceMonitor").unwrap(), monitor);
        assert!(context.view("a").known.iter().any(|known| known.named.name == "m"));
    }
}
