//! One deployment's facts, part by part. What each part means is decided where it is made; here they only meet.

use std::collections::{BTreeMap, BTreeSet};

use super::duplicates::Duplicates;
use super::join::Seed;
use super::scope::Parts;
use super::{Built, Deployment, HiddenValues, Pods, RenderedRelease, Scope, Settings, aspects};
use crate::model::facts::{self, Aspect, Facts};
use crate::model::input::{Inputs, Object};
use crate::model::live::{self, Asked};
use crate::model::network::labels::labels_of;
use crate::model::network::policy::{NamedPort, Protocol};
use crate::model::network::{self, Around, OtherPod, Peers};
use crate::model::server::Effective;
use crate::model::tracked::{Provenance, split};
use crate::model::{
    access, advisories, autoscalers, backup, budgets, chart_facts, clients, collections, exposure, mesh, monitoring,
    placement, platform, pod_security, rejections, routes, server, services, spread, storage, workload,
};
use crate::source::{Node, Origin, Path, SourceId, Sources, is_filled_in_later};

/// Ports by role where the configuration does not say.
const PORTS: [(&str, &str, u16); 3] =
    [("p2p", "cluster.p2p.port", 6335), ("rest", "service.http_port", 6333), ("grpc", "service.grpc_port", 6334)];

/// Makes the facts of one deployment.
pub(super) fn assemble(
    seed: Seed,
    inputs: &Inputs,
    duplicates: &Duplicates<'_>,
    sources: &Sources,
    settings: &Settings,
) -> Built {
    let files = files(&seed, inputs);
    let scope = scope(seed, inputs, sources, settings);
    let facts = facts(&scope, duplicates);
    let source = facts.deployment.source.clone();
    let deployment = Deployment {
        id: id(&scope),
        name: scope.name.clone(),
        namespace: scope.namespace.clone(),
        source,
        files,
        chart: scope.release.as_ref().map(|release| (release.chart.version.to_string(), release.assumed)),
        qdrant_version: facts.qdrant.as_ref().and_then(|server| Some(server.version.as_ref()?.value.clone())),
    };
    let Scope { origins, release, .. } = scope;
    let values = release.as_ref().filter(|release| !release.release.layers.is_empty());
    let values = values.map(|release| release.merged.values.clone());
    let hidden_values = release.map(|release| HiddenValues::of(release.release)).unwrap_or_default();
    let (mut facts, provenance) = split(&facts, origins).unwrap_or_else(|error| {
        // every fact is a plain serde type; a failure here is a bug of a fact builder
        (serde_json::json!({"schema": facts::SCHEMA, "error": error.to_string()}), Provenance::default())
    });
    super::redact::redact(&mut facts, &provenance, sources);
    Built { deployment, facts, provenance, values, hidden_values }
}

/// `namespace/name`; among several clusters the context stands before it.
fn id(scope: &Scope<'_>) -> String {
    let context = scope
        .live
        .as_ref()
        .filter(|live| live.among_others)
        .map_or_else(String::new, |live| format!("{}:", live.context));
    let namespace = scope.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
    format!("{context}{namespace}{}", scope.name)
}

fn files(seed: &Seed, inputs: &Inputs) -> Vec<SourceId> {
    let of_release = seed.release.into_iter().flat_map(|index| inputs.releases[index].files.iter().copied());
    let of_objects = seed.objects.iter().map(|index| inputs.objects[*index].source);
    let of_bodies = seed.bodies.iter().map(|index| inputs.bodies[*index].source);
    let of_configs = seed.server_configs.iter().map(|index| inputs.server_configs[*index].source);
    let all: BTreeSet<SourceId> = of_release.chain(of_objects).chain(of_bodies).chain(of_configs).collect();
    all.into_iter().collect()
}

fn scope<'a>(seed: Seed, inputs: &'a Inputs, sources: &'a Sources, settings: &'a Settings) -> Scope<'a> {
    let release = seed.release.map(|index| RenderedRelease::new(&inputs.releases[index]));
    let mut objects = release.as_ref().map(RenderedRelease::objects).unwrap_or_default();
    let made_by_chart = objects.len();
    let (running, joined) = seed
        .objects
        .iter()
        .map(|index| inputs.objects[*index].clone())
        .partition::<Vec<Object>, _>(super::join::is_made_by_workload);
    objects.extend(joined);
    let mut pods = match seed.workload {
        Some(index) => Pods::of(&inputs.objects[index]),
        None => objects[..made_by_chart].iter().find_map(Pods::of),
    };
    if let Some(pods) = &mut pods
        && let Some((_, least)) = autoscalers::least(objects.iter(), &pods.workload)
    {
        // an autoscaler has the last word on the replicas
        pods.peers = least;
    }
    let neighbours = neighbours(&seed, pods.as_ref(), inputs);
    let parts = Parts {
        release,
        objects,
        made_by_chart,
        pods,
        name: seed.name,
        namespace: seed.namespace,
        bodies: seed.bodies.iter().map(|index| &inputs.bodies[*index]).collect(),
        server_configs: seed.server_configs.iter().map(|index| &inputs.server_configs[*index]).collect(),
        neighbours,
        running,
        live: inputs.live.clone(),
        api: api(&seed.endpoints, inputs),
    };
    Scope::new(parts, sources, settings)
}

/// What each peer answered, with the bodies.
fn api<'a>(endpoints: &[usize], inputs: &'a Inputs) -> Vec<Asked<'a>> {
    let Some(live) = &inputs.live else { return Vec::new() };
    let asked = |index: &usize| {
        let bodies = inputs.answers.iter().filter(|body| body.endpoint == *index);
        let bodies: BTreeMap<usize, &Node> = bodies.map(|body| (body.answer, &body.node)).collect();
        Some(Asked::new(live.qdrant.get(*index)?, &bodies))
    };
    endpoints.iter().filter_map(asked).collect()
}

/// Other Qdrant workloads beside this one, by another name. What has the same name is another edition of it (a values
/// file, an overlay).
fn neighbours(seed: &Seed, own: Option<&Pods>, inputs: &Inputs) -> Vec<(String, Peers)> {
    let Some(own) = own else { return Vec::new() };
    seed.neighbours
        .iter()
        .map(|index| &inputs.objects[*index])
        .filter(|object| object.name() != own.workload.name())
        .filter_map(|object| {
            Some((object.name().to_owned(), peers_of(&Pods::of(object)?, object.namespace(), &Effective::default())))
        })
        .collect()
}

fn facts(scope: &Scope<'_>, duplicates: &Duplicates<'_>) -> Facts {
    let settings = scope.settings;
    let origins = &scope.origins;
    let (server, effective) = server::server(scope);
    let peers = scope.pods.as_ref().map(|pods| peers_of(pods, scope.namespace.as_deref(), &effective));
    let around = around(scope);
    let workload = workload::workload(scope);
    let objects = scope.refs();
    let namespace_object = namespace_object(scope);

    let services: Vec<_> = scope
        .of_kind("Service")
        .filter(|object| services::concerns(object, peers.as_ref()))
        .map(|object| services::service(object, peers.as_ref(), &around, origins))
        .collect();
    for (index, service) in services.iter().enumerate() {
        if !services::TYPES.contains(&service.value.r#type.as_str()) {
            let path = Path::keys(["services"]).index(index).key("type");
            scope.hide(path, format!("`{}` is filled in later", service.value.r#type));
        }
    }
    let absent_of_route =
        |object: &Object, field: &str| scope.absent(&["ingress", field], &object.node, &["spec", field]);
    let route_context = routes::Context { services: &services, objects: &objects, absent: &absent_of_route };
    let routes: Vec<_> =
        scope.objects.iter().filter_map(|object| routes::route(object, &route_context, origins)).collect();
    let watched = monitoring::Watched { scope, effective: &effective, peers: peers.as_ref(), services: &services };
    let clients = clients::clients(&watched, &routes);
    let network = network::network(&objects, peers.as_ref(), &around, &clients, origins);
    let has_policies = !network.policies.is_empty();
    let exposure = exposure::exposure(
        &services,
        &routes,
        workload.as_ref().zip(scope.pods.as_ref()).map(|(workload, pods)| (&workload.value, &pods.spec)),
        peers.as_ref(),
        &|role| has_policies.then(|| network::admits_only_peers(&network, role)),
        origins,
    );
    let judged = budgets::Judged {
        peers: peers.as_ref(),
        count: scope.pods.as_ref().and_then(|pods| pods.peers),
        around: &around,
        others: &scope.neighbours,
    };
    let budgets: Vec<_> = scope
        .of_kind("PodDisruptionBudget")
        .filter(|object| budgets::concerns(object, peers.as_ref(), &scope.neighbours))
        .map(|object| budgets::budget(object, &judged, origins))
        .collect();
    let (collections, lacking) = collections::collections(scope, &effective);
    let backup = backup::backup(&watched);
    let monitoring = monitoring::monitoring(&watched);
    let partly: BTreeMap<Aspect, String> = lacking.into_iter().map(|reason| (Aspect::Collections, reason)).collect();
    let (observed, unobserved) = {
        if !collections.is_empty() {
            // bodies inside ConfigMaps and Jobs count like files
            scope.observe(Aspect::Collections);
        }
        if backup::is_shown(&backup) {
            scope.observe(Aspect::Backup);
        }
        aspects::observed(scope)
    };
    // what a release lacks would be set in its values; what manifests lack would stand beside the workload
    let list_origin = |values: &[&str]| match (&scope.release, &scope.pods) {
        (Some(release), _) => release.absent(values),
        (None, Some(pods)) => pods.workload.node.at(&["kind"]).unwrap_or(&pods.workload.node).origin.clone(),
        (None, None) => Origin::Derived,
    };
    Facts {
        schema: facts::SCHEMA,
        profile: settings.profile.clone(),
        now: settings.now.clone(),
        params: settings.params.clone(),
        residency: settings.residency.clone(),
        registries: settings.registries.clone(),
        expected: settings.expected.clone(),
        evidence: settings.evidence.clone(),
        governance: None,
        deployment: deployment(scope),
        advisories: advisories::advisories(scope, server.as_ref(), &effective),
        chart: chart_facts::chart(scope),
        dropped_args: chart_facts::dropped_args(scope),
        storage: storage_facts(scope, &effective),
        spread: spread_facts(scope),
        placement: placement::placement(scope),
        pod_security: Some(pod_security::pod_security(namespace_object, &templates(scope), origins)),
        namespace: namespace_object
            .map(|object| origins.track(pod_security::namespace(object, origins), &object.node.origin)),
        rejections: rejections::rejections(scope),
        access: Some(access::access(scope)),
        autoscalers: Some(autoscalers::autoscalers(scope)),
        monitoring: Some(monitoring),
        platform: Some(platform::platform(scope, &effective)),
        mesh: Some(mesh::mesh(scope, peers.as_ref())),
        duplicate_keys: duplicates.facts(scope),
        qdrant: server,
        workload,
        services: Some(origins.track(services, &list_origin(&["service"]))),
        routes: Some(origins.track(routes, &list_origin(&["ingress", "enabled"]))),
        exposure: Some(exposure),
        budgets: Some(origins.track(budgets, &list_origin(&["podDisruptionBudget", "enabled"]))),
        network: Some(network),
        expected_memory: if collections.is_empty() { collections::expected_memory(scope, &effective) } else { None },
        collections: Some(collections),
        backup: Some(backup),
        objects: settings.with_objects.then(|| scope.objects.iter().map(|object| origins.tree(&object.node)).collect()),
        unknown: scope.take_hidden(),
        observed,
        unobserved,
        partly,
        live: live::live(scope),
        declared: None,
        drift: Vec::new(),
    }
}

/// The Namespace of the peers; of a deployment that names none the only one there is.
fn namespace_object<'s>(scope: &'s Scope<'_>) -> Option<&'s Object> {
    let mut all = scope.of_kind("Namespace");
    match scope.namespace.as_deref() {
        Some(own) => all.find(|object| object.name() == own),
        None => all.next().filter(|_| all.next().is_none()),
    }
}

fn deployment(scope: &Scope<'_>) -> facts::Deployment {
    let source = if scope.live.is_some() {
        "live"
    } else if scope.release.is_some() {
        "helm-values"
    } else if scope.objects.is_empty() && !scope.bodies.is_empty() {
        "collections"
    } else if scope.pods.is_none()
        && scope.objects.iter().all(|object| matches!(object.kind(), "CronJob" | "Job"))
        && !scope.objects.is_empty()
    {
        "backup"
    } else {
        "manifests"
    };
    let because = match (&scope.release, &scope.pods) {
        (Some(release), _) => release.release.reason.clone(),
        (None, Some(pods)) => pods.because.clone(),
        (None, None) if !scope.api.is_empty() => "it was named by its address".to_owned(),
        (None, None) => "names, labels or ports of Qdrant".to_owned(),
    };
    facts::Deployment {
        name: scope.name.clone(),
        namespace: scope.namespace.clone(),
        source: source.to_owned(),
        discovered_by: vec![because],
        peers: match &scope.pods {
            Some(pods) => pods.peers,
            None => scope.peers(),
        },
    }
}

/// The peers as selectors and policies see them.
fn peers_of(pods: &Pods, namespace: Option<&str>, effective: &Effective) -> Peers {
    let mut ports: BTreeMap<String, u16> = PORTS
        .iter()
        .map(|(role, key, default)| ((*role).to_owned(), effective.port(key).unwrap_or(*default)))
        .collect();
    if let Some(port) = effective.port("service.metrics_port") {
        ports.insert("metrics".to_owned(), port);
    }
    let named_ports = pods
        .spec
        .items(&["containers"])
        .iter()
        .flat_map(|container| container.items(&["ports"]))
        .filter_map(|port| {
            Some(NamedPort {
                name: port.text(&["name"])?.to_owned(),
                port: u16::try_from(port.at(&["containerPort"])?.as_i64()?).ok()?,
                protocol: match port.text(&["protocol"]) {
                    Some("UDP") => Protocol::Udp,
                    Some("SCTP") => Protocol::Sctp,
                    _ => Protocol::Tcp,
                },
            })
        })
        .collect();
    Peers {
        name: pods.workload.name().to_owned(),
        labels: pods.labels.clone(),
        namespace: namespace.map(str::to_owned),
        ports,
        named_ports,
    }
}

/// Pods of the input that are no peers, and the namespaces that were seen.
fn around(scope: &Scope<'_>) -> Around {
    let own = scope.pods.as_ref().map(|pods| (pods.workload.kind().to_owned(), pods.workload.name().to_owned()));
    let pods = scope
        .objects
        .iter()
        .filter(|object| own.as_ref().is_none_or(|(kind, name)| (object.kind(), object.name()) != (kind, name)))
        .filter_map(|object| {
            let template = template_of(object)?;
            Some(OtherPod {
                what: format!("{}/{}", object.kind(), object.name()),
                labels: labels_of(template.at(&["metadata", "labels"])),
                namespace: object.namespace().map(str::to_owned),
            })
        })
        .chain(scope.neighbours.iter().map(|(name, peers)| OtherPod {
            what: format!("the peers of {name}"),
            labels: peers.labels.clone(),
            namespace: peers.namespace.clone(),
        }))
        .collect();
    let namespaces = scope
        .of_kind("Namespace")
        .map(|object| (object.name().to_owned(), labels_of(object.node.at(&["metadata", "labels"]))))
        .collect();
    Around { pods, namespaces }
}

/// The pod template of anything that makes pods; of a Pod the object itself.
fn template_of(object: &Object) -> Option<&Node> {
    match object.kind() {
        "Pod" => Some(&object.node),
        "CronJob" => object.node.at(&["spec", "jobTemplate", "spec", "template"]),
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Rollout" => {
            object.node.at(&["spec", "template"])
        }
        _ => None,
    }
}

fn templates<'s>(scope: &'s Scope<'_>) -> Vec<pod_security::Template<'s>> {
    let own = scope.pods.as_ref().map(|pods| pods.workload.name());
    scope
        .objects
        .iter()
        .filter(|object| {
            object.namespace().is_none()
                || scope.namespace.is_none()
                || object.namespace() == scope.namespace.as_deref()
        })
        .filter_map(|object| {
            let role = match object.kind() {
                "CronJob" | "Job" => "backup",
                _ if own == Some(object.name()) => "peers",
                _ => "other",
            };
            Some(pod_security::Template {
                node: template_of(object)?,
                object: format!("{}/{}", object.kind(), object.name()),
                role: role.to_owned(),
            })
        })
        .collect()
}

fn spread_facts(scope: &Scope<'_>) -> Option<facts::cluster::Spread> {
    let pods = scope.pods.as_ref()?;
    let absent = |field: &str| scope.absent(&[field], &pods.spec, &[field]);
    let asked = spread::Pods {
        spec: &pods.spec,
        labels: &pods.labels,
        namespace: scope.namespace.as_deref(),
        peers: pods.peers.unwrap_or(1),
        absent: &absent,
    };
    let spread = spread::spread(&asked, &scope.origins);
    for (topology, text) in spread::hidden(&pods.spec, &spread) {
        scope.hide(Path::keys(["spread", topology]), format!("`{text}` is filled in later; render it first"));
    }
    Some(spread)
}

fn storage_facts(scope: &Scope<'_>, effective: &Effective) -> Option<facts::storage::Storage> {
    let pods = scope.pods.as_ref()?;
    let objects = scope.refs();
    let absent = |object: &Node, field: &str| {
        let values: &[&str] = match field {
            "storageClassName" => &["persistence", "storageClassName"],
            _ => &["additionalVolumeMounts"],
        };
        scope.absent(values, object, &[field])
    };
    let mut paths = storage::Paths::default();
    if let Some(path) = effective.text("storage.storage_path") {
        paths.data = absolute(path);
    }
    if let Some(path) = effective.text("storage.snapshots_path") {
        paths.snapshots = absolute(path);
    }
    let asked = storage::Pods {
        workload: &pods.workload,
        spec: &pods.spec,
        container: &pods.container,
        peers: pods.peers.unwrap_or(1),
        paths,
        objects: &objects,
        configured: &scope.settings.storage_classes,
        absent: &absent,
    };
    let facts = storage::storage(&asked, &scope.origins);
    hide_templates(scope, &facts);
    Some(facts)
}

/// A class whose name is filled in later is none that can be judged.
fn hide_templates(scope: &Scope<'_>, facts: &facts::storage::Storage) {
    let class = facts.data.as_ref().and_then(|data| data.value.class.as_ref());
    let name = class.and_then(|class| class.value.name.as_deref()).unwrap_or_default();
    if is_filled_in_later(name) {
        scope.hide(Path::keys(["storage", "data", "class"]), format!("`{name}` is filled in later"));
    }
}

/// The image works in `/qdrant`, where `./storage` lies.
fn absolute(path: &str) -> String {
    path.strip_prefix("./").map_or_else(|| path.to_owned(), |below| format!("/qdrant/{below}"))
}
