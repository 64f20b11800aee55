//! Which workloads and pods of a cluster run Qdrant, and in which namespaces.

use serde_json::Value;
use tokio::sync::mpsc::Sender;

use super::super::client::ApiError;
use super::super::discovery::Serving;
use super::super::kinds;
use super::super::list::{Wanted, escaped, fetch, list};
use super::super::recording::ListStatus;
use super::{Context, Homes, Told, pods};
use crate::model::build::Pods;
use crate::model::input::Object;

/// Pods without a workload that are looked at one by one.
const LONE_PODS: usize = 200;

impl Context<'_> {
    /// The namespaces with workloads that run Qdrant, and pods that run it by themselves.
    pub(super) async fn homes(&self, tell: &Sender<Told>) -> Result<(Homes, Vec<Value>), ApiError> {
        let asked = &self.scope.namespaces;
        if !asked.is_empty() {
            return self.homes_in(&asked.iter().map(|namespace| Some(namespace.as_str())).collect::<Vec<_>>()).await;
        }
        match self.homes_in(&[None]).await {
            Err(ApiError::Forbidden(why)) if !self.scope.all => {
                let namespace = &self.asker.namespace;
                let note = format!(
                    "only namespace {namespace} was looked at: {why}; name others with -n, or grant what `qdrant-lint audit --print-rbac` prints"
                );
                let _ = tell.send(Told::Note(note)).await;
                self.homes_in(&[Some(namespace)]).await
            }
            found => found,
        }
    }

    async fn homes_in(&self, namespaces: &[Option<&str>]) -> Result<(Homes, Vec<Value>), ApiError> {
        let mut homes = Homes::new();
        let mut lone = Vec::new();
        let mut refused = None;
        let mut seen = false;
        for namespace in namespaces {
            for kind in kinds::workloads() {
                let Serving::Served(version) = self.served.serving(kind) else { continue };
                let wanted =
                    Wanted { kind, version: &version, namespace: *namespace, selector: self.scope.selector.as_deref() };
                // their names are enough: what they hold is read with their namespace
                let name = |object: Value| is_qdrant(&object).then(|| name_of(&object));
                let listed = list(self.asker, wanted, name).await;
                if let Some(error) = listed.lost {
                    return Err(error);
                }
                match listed.list.status {
                    ListStatus::Forbidden => refused = Some(listed.list.detail.clone()),
                    ListStatus::Failed => {
                        return Err(ApiError::Refused { code: 0, message: listed.list.detail });
                    }
                    ListStatus::Ok | ListStatus::NotServed => seen = true,
                }
                for (namespace, id) in listed.objects {
                    homes.entry(namespace).or_default().insert(id);
                }
            }
            for pod in self.lone_pods(*namespace).await? {
                let (namespace, id) = name_of(&pod);
                homes.entry(namespace).or_default().insert(id);
                lone.push(pod);
            }
        }
        match refused {
            Some(why) if !seen => Err(ApiError::Forbidden(why)),
            _ => Ok((homes, lone)),
        }
    }

    /// Pods that no workload made and that run Qdrant. Only the metadata of the others is read.
    async fn lone_pods(&self, namespace: Option<&str>) -> Result<Vec<Value>, ApiError> {
        let kind = pods();
        let mut names = Vec::new();
        let mut next = String::new();
        loop {
            let place = namespace.map_or_else(String::new, |namespace| format!("/namespaces/{namespace}"));
            let selector = self
                .scope
                .selector
                .as_deref()
                .map_or_else(String::new, |selector| format!("&labelSelector={}", escaped(selector)));
            let path = format!("/api/v1{place}/pods?limit=500{selector}{next}");
            let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
            let page = match self.asker.get_as(&path, accept).await {
                Ok(page) => page,
                Err(error) if error.is_final() => return Err(error),
                // whoever may not list pods finds those of workloads all the same
                Err(_) => break,
            };
            for pod in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                let owned = pod.pointer("/metadata/ownerReferences").and_then(Value::as_array);
                let part = |field: &str| pod.pointer(&format!("/metadata/{field}")).and_then(Value::as_str);
                if let (true, Some(namespace), Some(name)) =
                    (owned.is_none_or(Vec::is_empty), part("namespace"), part("name"))
                {
                    names.push((namespace.to_owned(), name.to_owned()));
                }
            }
            match page.pointer("/metadata/continue").and_then(Value::as_str) {
                Some(token) if !token.is_empty() && names.len() < LONE_PODS => {
                    next = format!("&continue={}", escaped(token));
                }
                _ => break,
            }
        }
        let mut found = Vec::new();
        for (namespace, name) in names.iter().take(LONE_PODS) {
            let wanted = Wanted { kind, version: "v1", namespace: Some(namespace), selector: None };
            let fetched = fetch(self.asker, wanted, name).await;
            if let Some(error) = fetched.lost {
                return Err(error);
            }
            found.extend(fetched.objects.into_iter().filter(is_qdrant));
        }
        Ok(found)
    }
}

/// Whether an object runs Qdrant; most are told by their text.
pub(in crate::load::live) fn is_qdrant(value: &Value) -> bool {
    let template = value.pointer("/spec/template/spec").or_else(|| value.get("spec"));
    let containers = template.and_then(|spec| spec.get("containers")).and_then(Value::as_array);
    let may_be = containers.into_iter().flatten().any(|container| {
        let text = container.to_string();
        text.contains("qdrant") || text.contains("QDRANT_") || text.contains("6334")
    });
    may_be && Pods::of(&of_json(value)).is_some()
}

/// Its namespace, and `namespace/Kind/name`.
fn name_of(object: &Value) -> (String, String) {
    let object = of_json(object);
    (object.namespace().unwrap_or_default().to_owned(), object.id())
}

pub(super) fn of_json(value: &Value) -> Object {
    Object { live: true, ..Object::derived(value) }
}
