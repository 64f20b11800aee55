//! Keeps the context as the cluster is: one watch for each kind that is served and may be read.

use std::fmt::Write as _;
use std::sync::Arc;

use futures::StreamExt as _;
use kube::api::{ApiResource, DynamicObject};
use kube::discovery::Discovery;
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};

use super::context::Context;
use crate::load::live::kinds::{self, Kind};
use crate::model::recorded::ListStatus;

/// What is watched when it is served. What changes all the time is not: no rule that looks at it could deny.
pub fn watched() -> impl Iterator<Item = &'static Kind> {
    kinds::all().filter(|kind| !kinds::RESTLESS.contains(&kind.resource))
}

/// Finds out what is served and starts the watches. They end when the returned set is dropped.
pub async fn watch(client: &Client, context: &Arc<Context>) -> Result<tokio::task::JoinSet<()>, kube::Error> {
    let discovery = Discovery::new(client.clone()).run().await?;
    let mut watches = tokio::task::JoinSet::new();
    for kind in watched() {
        let served = discovery.get(kind.group).and_then(|group| {
            group.recommended_resources().into_iter().find(|(resource, _)| resource.plural == kind.resource)
        });
        match served {
            None => context.status(kind, ListStatus::NotServed, ""),
            Some((resource, _)) => {
                context.begin(kind);
                watches.spawn(follow(client.clone(), resource, kind, Arc::clone(context)));
            }
        }
    }
    Ok(watches)
}

async fn follow(client: Client, resource: ApiResource, kind: &'static Kind, context: Arc<Context>) {
    let api: Api<DynamicObject> = Api::all_with(client, &resource);
    let config = watcher::Config::default();
    let mut events = watcher(api, config).default_backoff().boxed();
    let json = |object: DynamicObject| {
        let mut value = serde_json::to_value(object).unwrap_or_default();
        if value.get("kind").is_none() {
            value["kind"] = kind.kind.into();
            value["apiVersion"] = resource.api_version.clone().into();
        }
        value
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(watcher::Event::Init) => context.begin(kind),
            Ok(watcher::Event::InitApply(object)) => context.arrive(kind, json(object)),
            Ok(watcher::Event::InitDone) => context.complete(kind),
            Ok(watcher::Event::Apply(object)) => context.apply(kind, json(object)),
            Ok(watcher::Event::Delete(object)) => context.remove(kind, &json(object)),
            Err(error) => {
                let text = error.to_string();
                let is_forbidden = text.contains("403") || text.to_lowercase().contains("forbidden");
                if is_forbidden {
                    // what may not be read never becomes ready; rules that need it are skipped and say so
                    context.status(kind, ListStatus::Forbidden, "");
                }
                tracing::warn!(
                    resource = kind.resource,
                    group = kind.group,
                    forbidden = is_forbidden,
                    "a watch failed"
                );
            }
        }
    }
}

/// The rules of the role that reads what is watched, as the chart has them.
pub fn role() -> String {
    let mut groups: std::collections::BTreeMap<&str, Vec<&str>> = std::collections::BTreeMap::new();
    for kind in watched() {
        groups.entry(kind.group).or_default().push(kind.resource);
    }
    groups.into_iter().fold(String::new(), |mut text, (group, mut resources)| {
        resources.sort_unstable();
        let resources = resources.join(", ");
        writeln!(text, "- {{apiGroups: [\"{group}\"], verbs: [get, list, watch], resources: [{resources}]}}")
            .expect("a String takes all text");
        text
    })
}
