//! From a cluster to what the model judges, one namespace at a time: first the workloads that run Qdrant are found, then
//! only their namespaces are read. However many namespaces there are, few are in memory.

mod find;

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt as _;
use serde_json::Value;
use tokio::sync::mpsc::Sender;

pub(super) use self::find::is_qdrant;
use self::find::of_json;
use super::client::{ApiError, Asker};
use super::discovery::{Served, Serving, discover};
use super::kinds::{self, Kind, Reach};
use super::list::{Listed, Wanted, fetch, list};
use super::recording::{Cluster, Endpoint, List, ListStatus, StartLog};
use super::references::{config_maps, secrets};
use super::{qdrant, start_log};
use crate::model::build::Pods;

/// Lists of one namespace at a time.
const AT_ONCE: usize = 4;
/// Namespaces at a time.
const HOMES_AT_ONCE: usize = 2;
/// Where the network plugin of a cluster runs.
const SYSTEM: [&str; 4] = ["kube-system", "calico-system", "kube-flannel", "cilium"];

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// `-n`; empty = all that may be read, else the context's.
    pub namespaces: Vec<String>,
    /// `-A`: all, or an error.
    pub all: bool,
    /// `-l`: labels of the workloads.
    pub selector: Option<String>,
    /// Ask whether the Secrets exist that the pods refer to.
    pub check_secrets: bool,
    /// Ask the Qdrant API too.
    pub qdrant: Option<qdrant::Wanted>,
}

/// What is told while it is read.
#[derive(Debug)]
pub enum Told {
    /// So many namespaces hold Qdrant.
    Homes(usize),
    /// What all namespaces share; before the first of them.
    Common(Box<Cluster>),
    /// One namespace, without what it shares with the others.
    Home(Box<Cluster>),
    /// Something the user wants to know.
    Note(String),
    /// The rest could not be read.
    Lost(String),
}

/// What holds for the whole cluster.
struct Context<'a> {
    asker: &'a Asker,
    served: Served,
    scope: &'a Scope,
    kubernetes: Option<String>,
    /// The only workload, which addresses that were given lead to.
    addressed: Option<String>,
}

/// Workloads by namespace, as `namespace/Kind/name`.
type Homes = BTreeMap<String, BTreeSet<String>>;

/// Reads the cluster and tells what it sees. The receiver sets the pace.
pub async fn gather(asker: &Asker, scope: &Scope, tell: &Sender<Told>) {
    if let Err(error) = read(asker, scope, tell).await {
        // nobody listens any more when the receiver is gone
        let _ = tell.send(Told::Lost(error.to_string())).await;
    }
}

async fn read(asker: &Asker, scope: &Scope, tell: &Sender<Told>) -> Result<(), ApiError> {
    let version = asker.get("/version").await;
    let kubernetes = match version {
        Ok(version) => version.get("gitVersion").and_then(Value::as_str).map(str::to_owned),
        Err(error) if error.is_final() => return Err(error),
        Err(_) => None,
    };
    let served = discover(asker).await?;
    let mut context = Context { asker, served, scope, kubernetes, addressed: None };
    let (homes, lone) = context.homes(tell).await?;
    if scope.qdrant.as_ref().is_some_and(|wanted| !wanted.urls.is_empty()) {
        let all: Vec<&String> = homes.values().flatten().collect();
        if let [only] = all.as_slice() {
            context.addressed = Some((*only).clone());
        } else {
            let count = all.len();
            let _ = tell
                .send(Told::Lost(format!(
                    "--qdrant-url leads to one Qdrant and {count} were found; narrow them down with -n and -l"
                )))
                .await;
        }
    }
    let _ = tell.send(Told::Homes(homes.len())).await;
    if homes.is_empty() {
        return Ok(());
    }
    let Common { shared, volumes, only_at_home } = context.shared(&homes).await?;
    let common = context.cluster(shared, BTreeSet::new());
    if tell.send(Told::Common(Box::new(common))).await.is_err() {
        return Ok(());
    }
    let mut namespaces = futures::stream::iter(&homes)
        .map(|(namespace, workloads)| {
            let own = volumes.get(namespace).map(Vec::as_slice).unwrap_or_default();
            context.home(namespace, workloads, own, &only_at_home, &lone)
        })
        .buffered(HOMES_AT_ONCE);
    while let Some(home) = namespaces.next().await {
        if tell.send(Told::Home(Box::new(home?))).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl Context<'_> {
    /// What belongs to the cluster, and what is read from all namespaces.
    async fn shared(&self, homes: &Homes) -> Result<Common, ApiError> {
        let mut common = Common::default();
        let kinds = kinds::all()
            .filter(|kind| matches!(kind.reach, Reach::Cluster | Reach::Everywhere) && *kind != persistent_volumes());
        let mut lists = futures::stream::iter(kinds).map(|kind| self.listed(kind, None, None, &Some)).buffered(AT_ONCE);
        while let Some(listed) = lists.next().await {
            let is_namespaced = kinds::of_resource(&listed.list.group, &listed.list.resource)
                .is_some_and(|kind| kind.reach == Reach::Everywhere);
            if is_namespaced && listed.list.status == ListStatus::Forbidden {
                common.only_at_home.insert((listed.list.group.clone(), listed.list.resource.clone()));
            }
            common.shared.take(listed)?;
        }
        // a cluster has as many volumes as claims: until their namespace comes they wait as text
        let claimed = |volume: Value| {
            let namespace = volume.pointer("/spec/claimRef/namespace").and_then(Value::as_str)?.to_owned();
            homes.contains_key(&namespace).then(|| (namespace, volume.to_string().into_boxed_str()))
        };
        let listed = self.listed(persistent_volumes(), None, None, &claimed).await;
        for (namespace, volume) in listed.objects {
            common.volumes.entry(namespace).or_default().push(volume);
        }
        common.shared.take(Listed { objects: Vec::new(), list: listed.list, lost: listed.lost })?;
        let daemon_sets = kinds::of_resource("apps", "daemonsets").into_iter();
        for (kind, namespace) in daemon_sets.flat_map(|kind| SYSTEM.map(|namespace| (kind, namespace))) {
            if !homes.contains_key(namespace) {
                common.shared.take(self.listed(kind, Some(namespace), None, &Some).await)?;
            }
        }
        Ok(common)
    }

    /// What was seen, without answers of Qdrant.
    fn cluster(&self, seen: Shared, only: BTreeSet<String>) -> Cluster {
        Cluster {
            context: self.asker.context.clone(),
            kubernetes: self.kubernetes.clone(),
            only: only.into_iter().collect(),
            lists: seen.lists,
            objects: seen.objects,
            ..Cluster::default()
        }
    }

    /// One namespace that holds Qdrant.
    async fn home(
        &self,
        namespace: &str,
        workloads: &BTreeSet<String>,
        volumes: &[Box<str>],
        only_at_home: &BTreeSet<(String, String)>,
        lone: &[Value],
    ) -> Result<Cluster, ApiError> {
        let mut home = Shared::default();
        let is_asked = |kind: &&Kind| {
            kind.reach == Reach::Home
                || (kind.reach == Reach::Everywhere
                    && only_at_home.contains(&(kind.group.to_owned(), kind.resource.to_owned())))
        };
        let lists: Vec<Listed> = futures::stream::iter(kinds::all().filter(is_asked))
            .map(|kind| self.listed(kind, Some(namespace), None, &Some))
            .buffered(AT_ONCE)
            .collect()
            .await;
        for listed in lists {
            home.take(listed)?;
        }
        home.objects.extend(volumes.iter().filter_map(|volume| serde_json::from_str(volume).ok()));
        let by_name = Wanted { kind: namespaces(), version: "v1", namespace: None, selector: None };
        home.take(fetch(self.asker, by_name, namespace).await)?;
        home.objects.extend(lone.iter().filter(|pod| of_json(pod).namespace() == Some(namespace)).cloned());
        self.pods_of(namespace, workloads, &mut home).await?;
        self.named(namespace, &mut home).await?;
        let answers = self.qdrant(namespace, workloads, &home).await;
        let logs = self.logs(namespace, &home).await;
        let only = if self.scope.selector.is_some() { workloads.clone() } else { BTreeSet::new() };
        Ok(Cluster { qdrant: answers, logs, ..self.cluster(home, only) })
    }

    /// How the Qdrants of a namespace started, as far as their pods run.
    async fn logs(&self, namespace: &str, home: &Shared) -> Vec<StartLog> {
        let pods = home.objects.iter().filter(|object| {
            let part = |pointer: &str| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            part("/kind") == "Pod" && part("/metadata/namespace") == namespace && part("/status/phase") == "Running"
        });
        let started: Vec<(&Value, String)> = pods.filter_map(|pod| Some((pod, container(pod)?))).collect();
        futures::stream::iter(&started)
            .map(|(pod, container)| start_log::read(self.asker, namespace, pod, container))
            .buffered(AT_ONCE)
            .collect()
            .await
    }

    /// What the Qdrant API of a namespace answers.
    async fn qdrant(&self, namespace: &str, workloads: &BTreeSet<String>, home: &Shared) -> Vec<Endpoint> {
        let Some(wanted) = &self.scope.qdrant else { return Vec::new() };
        let mut targets = Vec::new();
        let mut idle = Vec::new();
        if let Some(via) = wanted.via {
            (targets, idle) = qdrant::pods(namespace, workloads, &home.objects, via, &self.asker.client());
        }
        if let Some(workload) = &self.addressed {
            let own = workloads.iter().find(|known| *known == workload);
            let name = own.and_then(|own| own.strip_prefix(&format!("{namespace}/")));
            if let Some(name) = name {
                targets.extend(qdrant::addresses(&wanted.urls, namespace, Some(name)));
            }
        }
        let mut answers = qdrant::ask(targets, &wanted.asking).await;
        answers.extend(idle);
        answers
    }

    /// The pods of the workloads, by their labels.
    async fn pods_of(&self, namespace: &str, workloads: &BTreeSet<String>, home: &mut Shared) -> Result<(), ApiError> {
        let selectors: BTreeSet<String> = home
            .objects
            .iter()
            .filter(|object| workloads.contains(&of_json(object).id()))
            .filter_map(|object| {
                let labels = object.pointer("/spec/selector/matchLabels")?.as_object()?;
                let pairs: Vec<String> =
                    labels.iter().filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?))).collect();
                (!pairs.is_empty()).then(|| pairs.join(","))
            })
            .collect();
        let mut entry: Option<List> = None;
        for selector in selectors {
            let listed = self.listed(pods(), Some(namespace), Some(&selector), &Some).await;
            if let Some(error) = listed.lost {
                return Err(error);
            }
            for pod in listed.objects {
                let is_known = |known: &Value| {
                    ["/kind", "/metadata/name", "/metadata/namespace"]
                        .iter()
                        .all(|part| known.pointer(part) == pod.pointer(part))
                };
                if !home.objects.iter().any(is_known) {
                    home.objects.push(pod);
                }
            }
            if entry.as_ref().is_none_or(List::is_known) {
                entry = Some(listed.list);
            }
        }
        home.lists.extend(entry);
        Ok(())
    }

    /// ConfigMaps that the pods and jobs name; of Secrets, on request, whether they exist.
    async fn named(&self, namespace: &str, home: &mut Shared) -> Result<(), ApiError> {
        let own = |object: &&Value| object.pointer("/metadata/namespace").and_then(Value::as_str) == Some(namespace);
        let (mut names, mut secret_names) = (BTreeSet::new(), BTreeSet::new());
        for object in home.objects.iter().filter(own) {
            let is_job = matches!(object.get("kind").and_then(Value::as_str), Some("CronJob" | "Job"));
            if is_job || is_qdrant(object) {
                names.extend(config_maps(object));
                secret_names.extend(secrets(object));
            }
        }
        if !self.scope.check_secrets {
            secret_names.clear();
        }
        let secret = Kind { group: "", resource: "secrets", kind: "Secret", reach: Reach::Named };
        let maps = names.iter().map(|name| (config_map(), name));
        let all: Vec<(&Kind, &String)> = maps.chain(secret_names.iter().map(|name| (&secret, name))).collect();
        let fetched: Vec<Listed> = futures::stream::iter(all)
            .map(|(kind, name)| async move {
                fetch(self.asker, Wanted { kind, version: "v1", namespace: Some(namespace), selector: None }, name)
                    .await
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for listed in fetched {
            home.take(listed)?;
        }
        Ok(())
    }

    /// A list, or why there is none.
    async fn listed<T>(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        selector: Option<&str>,
        take: &(dyn Fn(Value) -> Option<T> + Sync),
    ) -> Listed<T> {
        let nothing = |status, why: String| {
            let wanted = Wanted { kind, version: "", namespace, selector };
            Listed { objects: Vec::new(), list: wanted.entry(status, why), lost: None }
        };
        match self.served.serving(kind) {
            Serving::Served(version) => {
                list(self.asker, Wanted { kind, version: &version, namespace, selector }, take).await
            }
            Serving::NotServed => nothing(ListStatus::NotServed, String::new()),
            Serving::Down(why) => nothing(ListStatus::Failed, why),
        }
    }
}

/// Name of the Qdrant container of a pod.
fn container(pod: &Value) -> Option<String> {
    Pods::of(&of_json(pod))?.container.text(&["name"]).map(str::to_owned)
}

/// What is read once for all namespaces.
#[derive(Debug, Default)]
struct Common {
    shared: Shared,
    /// Volumes as JSON, by the namespace of their claim.
    volumes: BTreeMap<String, Vec<Box<str>>>,
    /// Groups and resources that may not be read from all namespaces.
    only_at_home: BTreeSet<(String, String)>,
}

/// Lists and objects so far.
#[derive(Debug, Default)]
struct Shared {
    lists: Vec<List>,
    objects: Vec<Value>,
}

impl Shared {
    fn take(&mut self, listed: Listed) -> Result<(), ApiError> {
        if let Some(error) = listed.lost {
            return Err(error);
        }
        self.lists.push(listed.list);
        self.objects.extend(listed.objects);
        Ok(())
    }
}

fn known(group: &str, resource: &str) -> &'static Kind {
    kinds::of_resource(group, resource).expect("the kind is in the table")
}

fn pods() -> &'static Kind {
    known("", "pods")
}

fn namespaces() -> &'static Kind {
    known("", "namespaces")
}

fn persistent_volumes() -> &'static Kind {
    known("", "persistentvolumes")
}

fn config_map() -> &'static Kind {
    known("", "configmaps")
}
