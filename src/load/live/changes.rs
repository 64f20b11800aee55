//! Tells when what an audit reads has changed: one watch for each kind that is served, of which only digests stay.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::StreamExt as _;
use hyper::http::Method;
use kube::api::{ApiResource, DynamicObject};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Api, Client};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::client::{ApiError, Asker};
use super::discovery::{Serving, discover};
use super::gather::is_qdrant;
use super::kinds::{self, Kind, Reach};

/// The first look waits for the watches to stand, or a change in between would be missed; but no longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Questions about rights at a time.
const AT_ONCE: usize = 8;
/// Objects of one kind whose digests are kept.
const MOST: usize = 200_000;

/// The digest of a workload that does not run Qdrant.
const IRRELEVANT: u64 = 0;

/// Namespace (empty for the cluster) and name.
type Name = (String, String);

/// The namespaces that hold Qdrant, empty while that is not known; changes elsewhere matter where Qdrant comes or goes, and of kinds that are read from
/// everywhere.
pub type Homes = Arc<RwLock<BTreeSet<String>>>;

/// The watches of a cluster; they end with the value.
pub struct Watches {
    _tasks: JoinSet<()>,
    /// Kinds whose changes nobody may tell, as `resource.group`.
    pub unseen: Vec<String>,
}

/// Watches in these namespaces, in all without any. Every change that matters raises the number.
pub async fn follow(
    asker: &Asker,
    namespaces: &[String],
    homes: &Homes,
    changes: &watch::Sender<u64>,
) -> Result<Watches, ApiError> {
    let served = discover(asker).await?;
    let mut wanted = Vec::new();
    for kind in kinds::all() {
        let of_cluster = matches!(kind.reach, Reach::Cluster | Reach::ClusterNamed);
        // in all namespaces together they change all the time
        if namespaces.is_empty() && kinds::RESTLESS.contains(&kind.resource) {
            continue;
        }
        let Serving::Served(version) = served.serving(kind) else { continue };
        if of_cluster || namespaces.is_empty() {
            wanted.push((kind, version, None));
        } else {
            wanted.extend(namespaces.iter().map(|namespace| (kind, version.clone(), Some(namespace.as_str()))));
        }
    }
    let mut asked = futures::stream::iter(wanted)
        .map(|(kind, version, place)| async move { (kind, version, place, may_watch(asker, kind, place).await) })
        .buffered(AT_ONCE);
    let mut tasks = JoinSet::new();
    let mut unseen = BTreeSet::new();
    let (stands, mut standing) = mpsc::channel::<()>(1);
    while let Some((kind, version, place, may)) = asked.next().await {
        if !may {
            unseen.insert(format!("{}.{}", kind.resource, kind.group).trim_end_matches('.').to_owned());
            continue;
        }
        let one = Watch {
            kind,
            homes: Arc::clone(homes),
            changes: changes.clone(),
            stands: Some(stands.clone()),
            known: BTreeMap::new(),
            arriving: None,
            begun: false,
        };
        tasks.spawn(one.run(asker.client(), version, place.map(str::to_owned)));
    }
    drop(stands);
    // ends when the last of them stands; what does not by then goes on trying
    let _ = tokio::time::timeout(PATIENCE, standing.recv()).await;
    Ok(Watches { _tasks: tasks, unseen: unseen.into_iter().collect() })
}

/// Whether the user may watch a kind. Where nobody answers that, it is tried.
async fn may_watch(asker: &Asker, kind: &Kind, namespace: Option<&str>) -> bool {
    let review = json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "watch", "group": kind.group, "resource": kind.resource,
            "namespace": namespace.unwrap_or_default()}}});
    let answer = asker.send(Method::POST, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", &review).await;
    answer.map_or(true, |answer| answer["status"]["allowed"] != json!(false))
}

/// One kind in one place.
struct Watch {
    kind: &'static Kind,
    homes: Homes,
    changes: watch::Sender<u64>,
    /// Dropped when the watch stands, or has failed a first time.
    stands: Option<mpsc::Sender<()>>,
    known: BTreeMap<Name, u64>,
    arriving: Option<BTreeMap<Name, u64>>,
    /// The first list is no change.
    begun: bool,
}

impl Watch {
    async fn run(mut self, client: Client, version: String, namespace: Option<String>) {
        let Kind { group, resource, kind, .. } = *self.kind;
        let api_version = if group.is_empty() { version.clone() } else { format!("{group}/{version}") };
        let described = ApiResource {
            group: group.to_owned(),
            version,
            api_version,
            kind: kind.to_owned(),
            plural: resource.to_owned(),
        };
        let api: Api<DynamicObject> = match namespace {
            Some(namespace) => Api::namespaced_with(client, &namespace, &described),
            None => Api::all_with(client, &described),
        };
        let mut events = watcher(api, watcher::Config::default()).default_backoff().boxed();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.take(event),
                Err(_) => self.stands = None,
            }
        }
    }

    fn take(&mut self, event: watcher::Event<DynamicObject>) {
        match event {
            watcher::Event::Init => self.arriving = Some(BTreeMap::new()),
            watcher::Event::InitApply(object) => {
                let (name, digest) = self.read(object);
                if let Some(arriving) = self.arriving.as_mut().filter(|arriving| arriving.len() < MOST) {
                    arriving.insert(name, digest);
                }
            }
            watcher::Event::InitDone => {
                let now = self.arriving.take().unwrap_or_default();
                let before = std::mem::replace(&mut self.known, now);
                let names = before.keys().chain(self.known.keys());
                let mut changed = names.filter(|name| before.get(*name) != self.known.get(*name));
                let matters = changed.any(|name| self.matters(name, [before.get(name), self.known.get(name)]));
                if self.begun && matters {
                    self.tell();
                }
                self.begun = true;
                self.stands = None;
            }
            watcher::Event::Apply(object) => {
                let (name, digest) = self.read(object);
                let before = self.known.get(&name).copied();
                if before == Some(digest) {
                    return;
                }
                if self.known.len() < MOST || before.is_some() {
                    self.known.insert(name.clone(), digest);
                }
                if self.matters(&name, [before.as_ref(), Some(&digest)]) {
                    self.tell();
                }
            }
            watcher::Event::Delete(object) => {
                let (name, digest) = self.read(object);
                let before = self.known.remove(&name);
                if self.matters(&name, [before.as_ref(), Some(&digest)]) {
                    self.tell();
                }
            }
        }
    }

    /// The name, and the digest of what an audit may read of it.
    fn read(&self, object: DynamicObject) -> (Name, u64) {
        let name =
            (object.metadata.namespace.clone().unwrap_or_default(), object.metadata.name.clone().unwrap_or_default());
        let mut value = serde_json::to_value(object).unwrap_or_default();
        if self.is_workload() && !is_qdrant(&typed(&value, self.kind)) {
            return (name, IRRELEVANT);
        }
        if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
            for noise in ["resourceVersion", "managedFields"] {
                metadata.remove(noise);
            }
        }
        // a node tells every few minutes that it is alive
        let conditions = value.pointer_mut("/status/conditions").and_then(Value::as_array_mut);
        for condition in conditions.into_iter().flatten().filter_map(Value::as_object_mut) {
            condition.remove("lastHeartbeatTime");
        }
        let mut digest = DefaultHasher::new();
        value.to_string().hash(&mut digest);
        (name, digest.finish())
    }

    fn is_workload(&self) -> bool {
        kinds::workloads().any(|kind| kind == self.kind)
    }

    /// Whether a change of these digests could change what is found.
    fn matters(&self, (namespace, _): &Name, digests: [Option<&u64>; 2]) -> bool {
        if self.is_workload() {
            return digests.into_iter().flatten().any(|digest| *digest != IRRELEVANT);
        }
        let homes = self.homes.read().unwrap_or_else(PoisonError::into_inner);
        // before the first look has ended nobody knows
        namespace.is_empty() || self.kind.reach == Reach::Everywhere || homes.is_empty() || homes.contains(namespace)
    }

    fn tell(&self) {
        self.changes.send_modify(|count| *count += 1);
    }
}

/// Watches of some servers leave out what a list names once.
fn typed(value: &Value, kind: &Kind) -> Value {
    let mut value = value.clone();
    if value.get("kind").is_none() {
        value["kind"] = kind.kind.into();
    }
    if value.get("apiVersion").is_none() {
        value["apiVersion"] = format!("{}/v1", kind.group).trim_start_matches('/').into();
    }
    value
}
