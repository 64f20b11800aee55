//! Which objects and bodies belong to which deployment: by folder, namespace and release.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pods, Settings, pods};
use crate::model::input::{Inputs, Object};

/// An object of another namespace joins only where so few deployments stand; among more it would be guesswork.
const FEW: usize = 16;

/// Kinds without a namespace.
const CLUSTER_SCOPED: [&str; 13] = [
    "Namespace",
    "StorageClass",
    "PersistentVolume",
    "Node",
    "ClusterRole",
    "ClusterRoleBinding",
    "IngressClass",
    "GatewayClass",
    "ClusterIssuer",
    "ClusterSecretStore",
    "CiliumClusterwideNetworkPolicy",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
];

/// Whether objects of a kind have no namespace.
pub(crate) fn is_cluster_scoped(kind: &str) -> bool {
    CLUSTER_SCOPED.contains(&kind)
}

/// Kinds whose namespace tells that of a release that names none.
const TELLING: [&str; 12] = [
    "NetworkPolicy",
    "Service",
    "Ingress",
    "HTTPRoute",
    "PodDisruptionBudget",
    "ConfigMap",
    "Secret",
    "ServiceAccount",
    "CronJob",
    "ExternalSecret",
    "Role",
    "RoleBinding",
];

/// What becomes one deployment: indices into the inputs.
#[derive(Debug, Default)]
pub(super) struct Seed {
    pub(super) release: Option<usize>,
    pub(super) workload: Option<usize>,
    pub(super) objects: Vec<usize>,
    pub(super) bodies: Vec<usize>,
    pub(super) server_configs: Vec<usize>,
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) neighbours: Vec<usize>,
    pub(super) endpoints: Vec<usize>,
    folder: String,
    instance: Option<String>,
}

/// Groups the inputs. Everything that is about Qdrant ends up in a deployment.
pub(super) fn join(inputs: &Inputs, _settings: &Settings) -> Vec<Seed> {
    let mut seeds = releases(inputs);
    let workloads = workloads(inputs, &mut seeds);
    let joined = objects(inputs, &mut seeds, &workloads);
    if inputs.live.is_none() {
        orphans(inputs, &mut seeds, &joined, &workloads);
    }
    namespaces(inputs, &mut seeds);
    neighbours(inputs, &mut seeds, &workloads);
    bodies(inputs, &mut seeds);
    endpoints(inputs, &mut seeds);
    seeds
}

/// Gives each way to the Qdrant API to the workload that it leads to. One that names none leads to the only one there is;
/// where there is no workload at all, those of a namespace are one deployment by themselves.
fn endpoints(inputs: &Inputs, seeds: &mut Vec<Seed>) {
    let Some(live) = &inputs.live else { return };
    let mut alone: BTreeMap<&str, Seed> = BTreeMap::new();
    for index in inputs.endpoints.iter().copied() {
        let Some(endpoint) = live.qdrant.get(index) else { continue };
        let is_own = |seed: &Seed| {
            let id = seed.workload.map(|workload| inputs.objects[workload].id());
            let named = endpoint.workload.as_ref().map(|workload| format!("{}/{workload}", endpoint.namespace));
            id.is_some() && named == id
        };
        if let Some(seed) = seeds.iter_mut().find(|seed| is_own(seed)) {
            seed.endpoints.push(index);
        } else if let ([only], None) = (seeds.as_mut_slice(), &endpoint.workload) {
            only.endpoints.push(index);
        } else if seeds.is_empty() {
            let seed = alone.entry(&endpoint.namespace).or_default();
            if seed.name.is_empty() {
                seed.name = endpoint.pod.clone().unwrap_or_else(|| without_scheme(&endpoint.url).to_owned());
                seed.namespace = Some(endpoint.namespace.clone()).filter(|namespace| !namespace.is_empty());
            }
            seed.endpoints.push(index);
        }
    }
    seeds.extend(alone.into_values());
}

fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest)
}

/// Tells each deployment of the other Qdrant workloads in its folder and namespace; among many, of the first few.
fn neighbours(inputs: &Inputs, seeds: &mut [Seed], workloads: &BTreeSet<usize>) {
    let mut by_place: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for index in workloads {
        let object = &inputs.objects[*index];
        by_place.entry((&object.folder, object.namespace())).or_default().push(*index);
    }
    for seed in seeds {
        let beside = by_place.get(&(seed.folder.as_str(), seed.namespace.as_deref())).map(Vec::as_slice);
        let others = beside.unwrap_or_default().iter().copied().filter(|index| seed.workload != Some(*index));
        seed.neighbours = others.take(FEW).collect();
    }
}

fn releases(inputs: &Inputs) -> Vec<Seed> {
    inputs
        .releases
        .iter()
        .enumerate()
        .map(|(index, release)| Seed {
            release: Some(index),
            name: release.name.clone(),
            namespace: release.namespace.clone(),
            folder: release.folder.clone(),
            instance: Some(release.name.clone()),
            ..Seed::default()
        })
        .collect()
}

/// Workloads of the input that run Qdrant, each a seed of its own; their indices.
fn workloads(inputs: &Inputs, seeds: &mut Vec<Seed>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for (index, object) in inputs.objects.iter().enumerate() {
        if is_made_by_workload(object) || Pods::of(object).is_none() {
            continue;
        }
        found.insert(index);
        if !inputs.only.is_empty() && !inputs.only.contains(&object.id()) {
            continue;
        }
        seeds.push(Seed {
            workload: Some(index),
            objects: vec![index],
            name: name_of(object),
            namespace: object.namespace().map(str::to_owned),
            folder: object.folder.clone(),
            instance: instance(object),
            ..Seed::default()
        });
    }
    found
}

/// Pods of a set, sets of a Deployment: the one that makes them is judged. What an operator made of a resource of its own
/// is judged itself.
pub(super) fn is_made_by_workload(object: &Object) -> bool {
    let owners = object.node.items(&["metadata", "ownerReferences"]);
    let makes = |kind: &str| pods::KINDS.contains(&kind) || matches!(kind, "Node" | "Job" | "CronJob");
    matches!(object.kind(), "Pod" | "ReplicaSet" | "Job")
        && owners.iter().filter_map(|owner| owner.text(&["kind"])).any(makes)
}

fn name_of(object: &Object) -> String {
    let name = object.name();
    if name.is_empty() { "qdrant".to_owned() } else { name.to_owned() }
}

fn instance(object: &Object) -> Option<String> {
    object.node.text(&["metadata", "labels", "app.kubernetes.io/instance"]).map(str::to_owned)
}

/// Seeds below each folder, by namespace.
struct Below<'a> {
    by_folder: BTreeMap<&'a str, Vec<usize>>,
    by_namespace: BTreeMap<(&'a str, Option<&'a str>), Vec<usize>>,
}

impl<'a> Below<'a> {
    fn of(seeds: &'a [Seed]) -> Self {
        let mut below = Self { by_folder: BTreeMap::new(), by_namespace: BTreeMap::new() };
        for (index, seed) in seeds.iter().enumerate() {
            for folder in ancestors(&seed.folder) {
                below.by_folder.entry(folder).or_default().push(index);
                below.by_namespace.entry((folder, seed.namespace.as_deref())).or_default().push(index);
            }
        }
        below
    }

    fn all(&self, folder: &str) -> &[usize] {
        self.by_folder.get(folder).map(Vec::as_slice).unwrap_or_default()
    }

    fn with<'s>(&'s self, folder: &'s str, namespace: Option<&'s str>) -> &'s [usize]
    where
        'a: 's,
    {
        let by_namespace: &BTreeMap<(&'s str, Option<&'s str>), Vec<usize>> = &self.by_namespace;
        by_namespace.get(&(folder, namespace)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// The folder and those above it, up to the root `""`.
fn ancestors(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |folder| match folder.rsplit_once('/') {
        Some((above, _)) => Some(above),
        None => (!folder.is_empty()).then_some(""),
    })
}

/// Gives each object to the deployments of the nearest folder that it fits; which objects found one.
fn objects(inputs: &Inputs, seeds: &mut [Seed], workloads: &BTreeSet<usize>) -> BTreeSet<usize> {
    let mut given: Vec<(usize, usize)> = Vec::new();
    let mut joined = BTreeSet::new();
    {
        let below = Below::of(seeds);
        for (index, object) in inputs.objects.iter().enumerate() {
            if workloads.contains(&index) {
                continue;
            }
            let fits = fitting(object, seeds, &below);
            if !fits.is_empty() {
                joined.insert(index);
            }
            given.extend(fits.into_iter().map(|seed| (seed, index)));
        }
    }
    for (seed, object) in given {
        seeds[seed].objects.push(object);
    }
    for seed in seeds {
        seed.objects.sort_unstable();
    }
    joined
}

fn fitting(object: &Object, seeds: &[Seed], below: &Below<'_>) -> Vec<usize> {
    for folder in ancestors(&object.folder) {
        let all = below.all(folder);
        if all.is_empty() {
            continue;
        }
        let fits = fitting_below(object, folder, all, seeds, below);
        if !fits.is_empty() {
            return nearest(&object.folder, folder, fits, seeds);
        }
    }
    Vec::new()
}

/// Of the deployments below the folder where they first meet an object, those that it is near to. Deployments in several
/// branches beside the object's own are other people's projects: nothing says which one is meant.
fn nearest(of_object: &str, meeting: &str, fits: Vec<usize>, seeds: &[Seed]) -> Vec<usize> {
    let is_one_place = fits.iter().all(|seed| seeds[*seed].folder == seeds[fits[0]].folder);
    if is_one_place {
        return fits;
    }
    let here: Vec<usize> = fits.iter().copied().filter(|seed| seeds[*seed].folder == meeting).collect();
    if !here.is_empty() {
        return here;
    }
    // above all of them: shared by all
    if of_object == meeting && fits.len() <= FEW { fits } else { Vec::new() }
}

fn fitting_below(object: &Object, folder: &str, all: &[usize], seeds: &[Seed], below: &Below<'_>) -> Vec<usize> {
    let namespaced = |namespace: &str| -> Vec<usize> {
        below.with(folder, Some(namespace)).iter().chain(below.with(folder, None)).copied().collect()
    };
    if object.kind() == "Namespace" {
        let own = namespaced(object.name());
        return if own.is_empty() && all.len() <= FEW { all.to_vec() } else { own };
    }
    if is_cluster_scoped(object.kind()) {
        return all.to_vec();
    }
    let mut fits = match object.namespace() {
        Some(namespace) => namespaced(namespace),
        None => all.to_vec(),
    };
    // what one `helm template` printed belongs to that release
    if let Some(own) = object.rendered_by_helm.then(|| instance(object)).flatten() {
        let of_release: Vec<usize> =
            fits.iter().copied().filter(|seed| seeds[*seed].instance.as_deref() == Some(&own)).collect();
        if !of_release.is_empty() {
            return of_release;
        }
    }
    if fits.is_empty() && (all.len() <= FEW || object.live) {
        // clients, monitors and jobs of other namespaces; of a cluster only those that were read on purpose
        fits = all.to_vec();
    }
    fits
}

/// Objects that found no deployment, yet are about Qdrant: one deployment a folder and namespace.
fn orphans(inputs: &Inputs, seeds: &mut Vec<Seed>, joined: &BTreeSet<usize>, workloads: &BTreeSet<usize>) {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (index, object) in inputs.objects.iter().enumerate() {
        if !joined.contains(&index) && !workloads.contains(&index) {
            groups.entry((&object.folder, object.namespace())).or_default().push(index);
        }
    }
    for ((folder, namespace), objects) in groups {
        let Some(about) = objects.iter().map(|index| &inputs.objects[*index]).find(|object| is_about_qdrant(object))
        else {
            continue;
        };
        seeds.push(Seed {
            name: name_of(about),
            namespace: namespace.map(str::to_owned),
            folder: folder.to_owned(),
            instance: instance(about),
            objects,
            ..Seed::default()
        });
    }
}

/// Kinds of which one alone can be judged.
const JUDGED_ALONE: [&str; 18] = [
    "Service",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "Ingress",
    "HTTPRoute",
    "GRPCRoute",
    "TCPRoute",
    "TLSRoute",
    "IngressRoute",
    "CronJob",
    "CronWorkflow",
    "Job",
    "Bucket",
    "StorageBucket",
    "ServiceMonitor",
    "PodMonitor",
    "PrometheusRule",
    "ConfigMap",
];

/// Whether an object can be judged alone and speaks of Qdrant anywhere, or opens its ports.
fn is_about_qdrant(object: &Object) -> bool {
    if object.kind().starts_with("Qdrant") {
        return true;
    }
    if !JUDGED_ALONE.contains(&object.kind()) {
        return false;
    }
    if holds_only_values(object) {
        return false;
    }
    // a map that only says where Qdrant is belongs to a client
    if object.kind() == "ConfigMap" {
        let is_named_so = |text: &str| text.to_ascii_lowercase().contains("qdrant");
        let mut data = object.node.fields(&["data"]);
        return is_named_so(object.name())
            || data
                .any(|(key, value)| is_named_so(key) || value.as_str().is_some_and(|text| text.contains("vectors\"")));
    }
    speaks_of_qdrant(object)
}

/// Whether an object names Qdrant anywhere, or one of its ports.
pub(in crate::model) fn speaks_of_qdrant(object: &Object) -> bool {
    let text = object.node.to_json().to_string().to_ascii_lowercase();
    text.contains("qdrant") || ["6333", "6334", "6335"].iter().any(|port| text.contains(&format!(":{port}")))
}

/// A `ConfigMap` of Helm values alone: who installs the chart says what they are values of.
fn holds_only_values(object: &Object) -> bool {
    let data = object.node.get("data").and_then(|data| data.as_mapping());
    object.kind() == "ConfigMap"
        && data.is_some_and(|data| {
            let of_values = |name: &str| ["values.yaml", "values.yml"].iter().any(|end| name.ends_with(end));
            !data.is_empty() && data.iter().all(|(name, _)| of_values(name))
        })
}

/// A release without a namespace takes the only one of its manifests, and everything else the one of `-n`.
fn namespaces(inputs: &Inputs, seeds: &mut [Seed]) {
    for seed in seeds.iter_mut().filter(|seed| seed.namespace.is_none()) {
        let told: BTreeSet<&str> = seed
            .objects
            .iter()
            .map(|index| &inputs.objects[*index])
            .filter(|object| TELLING.contains(&object.kind()))
            // what lies elsewhere in the repository and never speaks of Qdrant tells of others
            .filter(|object| object.folder == seed.folder || speaks_of_qdrant(object))
            .filter_map(|object| object.namespace())
            .collect();
        if let (1, Some(only)) = (told.len(), told.first()) {
            seed.namespace = Some((*only).to_owned());
        } else if told.is_empty() {
            seed.namespace.clone_from(&inputs.namespace);
        }
    }
}

/// Bodies join the only deployment of the nearest folder, else stand alone. A server configuration always does: nothing
/// says that a file beside manifests is what their pods mount.
fn bodies(inputs: &Inputs, seeds: &mut Vec<Seed>) {
    let mut alone: BTreeMap<(&str, String), Seed> = BTreeMap::new();
    let mut given: Vec<(usize, usize)> = Vec::new();
    {
        let below = Below::of(seeds);
        let only = |folder: &str| {
            let nearest = ancestors(folder).map(|folder| below.all(folder)).find(|seeds| !seeds.is_empty());
            nearest.and_then(|seeds| if let [only] = seeds { Some(*only) } else { None })
        };
        for (index, body) in inputs.bodies.iter().enumerate() {
            if let Some(seed) = only(&body.folder) {
                given.push((seed, index));
                continue;
            }
            let name = body.name.clone().unwrap_or_else(|| "collection".to_owned());
            let seed = alone.entry((&body.folder, name.clone())).or_default();
            seed.name = name;
            seed.folder.clone_from(&body.folder);
            seed.bodies.push(index);
        }
        for (index, config) in inputs.server_configs.iter().enumerate() {
            let seed = alone.entry((&config.folder, format!("config {index}"))).or_default();
            "qdrant".clone_into(&mut seed.name);
            seed.folder.clone_from(&config.folder);
            seed.server_configs.push(index);
        }
    }
    for (seed, body) in given {
        seeds[seed].bodies.push(body);
    }
    seeds.extend(alone.into_values());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn object(folder: &str, node: &Value) -> Object {
        Object { folder: folder.to_owned(), ..Object::derived(node) }
    }

    fn peers(namespace: Option<&str>) -> Value {
        let mut object = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "qdrant"},
            "spec": {"template": {"spec": {"containers": [{"name": "q", "image": "qdrant/qdrant:v1.12.4"}]}}}});
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = namespace.into();
        }
        object
    }

    fn names(inputs: &Inputs) -> Vec<(String, Option<String>, Vec<String>)> {
        join(inputs, &Settings::default())
            .into_iter()
            .map(|seed| {
                let kinds = seed.objects.iter().map(|index| inputs.objects[*index].kind().to_owned()).collect();
                (seed.name, seed.namespace, kinds)
            })
            .collect()
    }

    #[test]
    fn a_config_map_of_helm_values_is_no_deployment_and_one_of_more_is() {
        let map = |data: Value| {
            let map = json!({"kind": "ConfigMap", "metadata": {"name": "qdrant-values"}, "data": data});
            let inputs = Inputs { objects: vec![object("a", &map)], ..Inputs::default() };
            names(&inputs).len()
        };
        assert_eq!(map(json!({"values.yaml": "replicaCount: 3"})), 0);
        assert_eq!(map(json!({"values.yaml": "replicaCount: 3", "body.json": "{}"})), 1);
        assert_eq!(map(json!({})), 1);
    }

    #[test]
    fn objects_join_the_deployment_of_their_namespace_in_the_nearest_folder() {
        let policy = json!({"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": "b"}});
        let inputs = Inputs {
            objects: vec![
                object("a", &peers(Some("a"))),
                object("b", &peers(Some("b"))),
                object("b", &policy),
                object("", &json!({"kind": "StorageClass", "metadata": {"name": "fast"}})),
            ],
            ..Inputs::default()
        };
        let expected = |namespace: &str, kinds: &[&str]| {
            let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>();
            ("qdrant".to_owned(), Some(namespace.to_owned()), kinds)
        };
        assert_eq!(
            names(&inputs),
            [
                expected("a", &["StatefulSet", "StorageClass"]),
                expected("b", &["StatefulSet", "NetworkPolicy", "StorageClass"])
            ]
        );
    }

    #[test]
    fn an_object_of_another_project_joins_nothing() {
        let policy = json!({"kind": "NetworkPolicy", "metadata": {"name": "p"}, "spec": {"podSelector": {}}});
        let inputs = Inputs {
            objects: vec![
                object("one/k8s", &peers(None)),
                object("two/k8s", &peers(None)),
                object("three/k8s", &policy),
                object("two/policies", &policy),
            ],
            ..Inputs::default()
        };
        let kinds: Vec<Vec<String>> = names(&inputs).into_iter().map(|(_, _, kinds)| kinds).collect();
        assert_eq!(kinds, [vec!["StatefulSet"], vec!["StatefulSet", "NetworkPolicy"]]);
    }

    #[test]
    fn a_lone_object_about_qdrant_stands_for_itself_and_a_stranger_for_nothing() {
        let service = json!({"kind": "Service", "metadata": {"name": "vectors"}, "spec": {"ports": [{"port": 6335}]}});
        let stranger = json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}});
        let inputs = Inputs { objects: vec![object("x", &service), object("y", &stranger)], ..Inputs::default() };
        assert_eq!(names(&inputs), [("vectors".to_owned(), None, vec!["Service".to_owned()])]);
    }
}
