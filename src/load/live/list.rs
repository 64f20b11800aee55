//! One list, page by page. What is not kept is let go before the next page comes.

use std::fmt::Write as _;

use serde_json::Value;

use super::client::{ApiError, Asker};
use super::kinds::Kind;
use super::recording::{List, ListStatus};
use super::redact::redact;
pub(super) use crate::model::recorded::escaped;

/// Objects of one page, as kubectl asks for.
const PAGE: usize = 500;
/// Of one list no more are kept: what is larger is no list of a namespace that somebody looks after.
const MOST: usize = 100_000;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) kind: &'a Kind,
    pub(super) version: &'a str,
    /// None for all namespaces, and for what has none.
    pub(super) namespace: Option<&'a str>,
    /// Selector of labels.
    pub(super) selector: Option<&'a str>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Listed<T = Value> {
    pub(super) objects: Vec<T>,
    pub(super) list: List,
    /// The cluster will answer nothing more.
    pub(super) lost: Option<ApiError>,
}

impl Wanted<'_> {
    fn path(&self) -> String {
        let Kind { group, resource, .. } = self.kind;
        let mut path = if group.is_empty() { "/api/".to_owned() } else { format!("/apis/{group}/") };
        path.push_str(self.version);
        if let Some(namespace) = self.namespace {
            let _ = write!(path, "/namespaces/{namespace}");
        }
        let _ = write!(path, "/{resource}");
        path
    }

    /// Path of one object.
    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}/{}", self.path(), escaped(name))
    }

    /// The entry in the recording.
    pub(super) fn entry(&self, status: ListStatus, detail: impl Into<String>) -> List {
        List {
            group: self.kind.group.to_owned(),
            version: self.version.to_owned(),
            resource: self.kind.resource.to_owned(),
            namespace: self.namespace.map(str::to_owned),
            name: None,
            status,
            detail: detail.into(),
        }
    }
}

/// Lists all objects, redacted; of each is kept what `take` makes of it.
pub(super) async fn list<T>(asker: &Asker, wanted: Wanted<'_>, take: impl Fn(Value) -> Option<T>) -> Listed<T> {
    let mut kept = Vec::new();
    let mut again = Again::Paged;
    let mut next: Option<String> = None;
    loop {
        let page = page(asker, wanted, next.as_deref(), again).await;
        let mut page = match (page, again) {
            (Ok(page), _) => page,
            // the first pages are older than the server remembers: once more, then all at once from its cache
            (Err(ApiError::Gone), Again::Paged) => {
                (again, next) = (Again::Restarted, None);
                kept.clear();
                continue;
            }
            (Err(ApiError::Gone), Again::Restarted) => {
                (again, next) = (Again::Whole, None);
                kept.clear();
                continue;
            }
            (Err(error), _) => {
                let status = status_of(&error);
                let list = wanted.entry(status, error.to_string());
                return Listed { objects: kept, list, lost: error.is_final().then_some(error) };
            }
        };
        next = page
            .pointer("/metadata/continue")
            .and_then(Value::as_str)
            .filter(|token| !token.is_empty())
            .map(str::to_owned);
        let api_version = page.get("apiVersion").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(items) = page.get_mut("items").and_then(Value::as_array_mut) else {
            let list = wanted.entry(ListStatus::Failed, "the answer is no list");
            return Listed { objects: kept, list, lost: None };
        };
        for mut item in items.drain(..) {
            typed(&mut item, &api_version, wanted.kind.kind);
            redact(&mut item);
            kept.extend(take(item));
        }
        if kept.len() > MOST {
            kept.truncate(MOST);
            let list = wanted.entry(ListStatus::Failed, format!("more than {MOST} objects; the rest was not read"));
            return Listed { objects: kept, list, lost: None };
        }
        if next.is_none() {
            return Listed { objects: kept, list: wanted.entry(ListStatus::Ok, ""), lost: None };
        }
    }
}

/// Fetches one object; none when there is no such object.
pub(super) async fn fetch(asker: &Asker, wanted: Wanted<'_>, name: &str) -> Listed {
    let entry = |status, detail: &str| List { name: Some(name.to_owned()), ..wanted.entry(status, detail) };
    match asker.get(&wanted.path_of(name)).await {
        Ok(mut object) => {
            redact(&mut object);
            Listed { objects: vec![object], list: entry(ListStatus::Ok, ""), lost: None }
        }
        Err(ApiError::NotFound) => {
            Listed { objects: Vec::new(), list: entry(ListStatus::Ok, "there is none"), lost: None }
        }
        Err(error) => {
            let list = entry(status_of(&error), &error.to_string());
            Listed { objects: Vec::new(), list, lost: error.is_final().then_some(error) }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    Paged,
    Restarted,
    Whole,
}

async fn page(asker: &Asker, wanted: Wanted<'_>, next: Option<&str>, again: Again) -> Result<Value, ApiError> {
    let mut path = wanted.path();
    let _ = match again {
        Again::Whole => write!(path, "?resourceVersion=0"),
        Again::Paged | Again::Restarted => write!(path, "?limit={PAGE}"),
    };
    for (name, value) in [("continue", next), ("labelSelector", wanted.selector)] {
        if let Some(value) = value {
            let _ = write!(path, "&{name}={}", escaped(value));
        }
    }
    asker.get(&path).await
}

fn status_of(error: &ApiError) -> ListStatus {
    match error {
        ApiError::Forbidden(_) => ListStatus::Forbidden,
        // the resource went away since discovery
        ApiError::NotFound => ListStatus::NotServed,
        _ => ListStatus::Failed,
    }
}

/// Items of a typed list name neither kind nor version; both go first, as everywhere.
fn typed(item: &mut Value, api_version: &str, kind: &str) {
    let Some(fields) = item.as_object_mut() else { return };
    if fields.contains_key("kind") {
        return;
    }
    let mut whole = serde_json::Map::with_capacity(fields.len() + 2);
    whole.insert("apiVersion".to_owned(), api_version.into());
    whole.insert("kind".to_owned(), kind.into());
    whole.append(fields);
    *item = Value::Object(whole);
}
