//! Objects that the API server refuses, in its own words: what cannot be read into its type, and what its validation
//! (read at Kubernetes 1.34) turns down for certain. Anything that depends on the cluster is left to the cluster.

mod access;
mod claims;
mod classes;
mod config_data;
mod container;
mod environment;
mod ingress;
mod jobs;
mod meta;
mod monitor;
mod names;
mod network_policy;
mod place;
mod placement;
mod pod;
mod probe;
mod refusal;
mod resources;
mod scaling;
mod schedule;
mod security;
mod service;
mod sound;
mod structure;
mod volumes;
mod workload;

use std::collections::BTreeSet;

use place::Place;
use refusal::{Findings, Refusal};

use super::build::{Scope, speaks_of_qdrant};
use super::facts::cluster::Rejection;
use super::input::Object;
use super::tracked::Tracked;
use crate::source::Origin;

/// Every object of the deployment that would be refused.
pub fn rejections(scope: &Scope<'_>) -> Vec<Tracked<Rejection>> {
    let origins = &scope.origins;
    let objects = scope.objects.iter().filter(|object| !object.live);
    let refused = objects.flat_map(|object| {
        let found = refusals(object);
        let is_ours = !found.is_empty() && concerns(scope, object);
        found.into_iter().filter(move |_| is_ours).map(move |refusal| (object, refusal))
    });
    let rejection = |(object, refusal): (&Object, Refusal)| {
        let (refusal, missing) = written(refusal);
        let Refusal { field, message, at, instead, covered_by, collides_with, .. } = refusal;
        // that rule judges the probes of the peers alone
        let covered_by = covered_by.filter(|rule| *rule != probe::NO_HANDLER || is_probe_of_peers(scope, &at));
        let unset = collides_with.as_ref().and_then(|(_, other)| unset(scope, other));
        let (unset_key, unset) = unset.unzip();
        let fact = Rejection {
            missing: missing.map(|(key, place)| origins.track(key, &place)),
            object: format!("{}/{}", object.kind(), object.name()),
            field,
            message,
            instead,
            covered_by: covered_by.map(str::to_owned),
            collides_with: collides_with.map(|(path, origin)| origins.track(path, &origin)),
            unset_key,
            unset,
        };
        origins.track(fact, &at)
    };
    // one value lands in many objects of the chart, and by an alias in many fields: it is told once, of the first
    let mut told = BTreeSet::new();
    let mut is_new = |refusal: &Refusal| match &refusal.at {
        Origin::Written(at) | Origin::Set(at) => {
            let missing = refusal.lacks.then(|| refusal.field.rsplit('.').next().map(str::to_owned)).flatten();
            told.insert((at.source, at.key, at.value, missing))
        }
        _ => true,
    };
    refused.filter(|(_, refusal)| is_new(refusal)).map(rejection).collect()
}

/// Whether an object belongs to Qdrant: what the chart makes, the peers themselves, what lies beside them or names them.
/// Workloads of others are their owners' business, however near they lie.
fn concerns(scope: &Scope<'_>, object: &Object) -> bool {
    if scope.is_made_by_chart(object) || scope.pods.is_none() {
        return true;
    }
    let is_workload = matches!(object.kind(), "Deployment" | "StatefulSet" | "DaemonSet" | "Pod");
    let is_peers = scope
        .pods
        .as_ref()
        .is_some_and(|pods| (pods.workload.kind(), pods.workload.name()) == (object.kind(), object.name()));
    let folder = match (&scope.release, &scope.pods) {
        (Some(release), _) => Some(&release.release.folder),
        (None, pods) => pods.as_ref().map(|pods| &pods.workload.folder),
    };
    is_peers || (!is_workload && (folder == Some(&object.folder) || speaks_of_qdrant(object)))
}

/// Whether a place is a probe of the Qdrant container.
fn is_probe_of_peers(scope: &Scope<'_>, at: &Origin) -> bool {
    let Some(pods) = &scope.pods else { return false };
    let probes = ["readinessProbe", "livenessProbe", "startupProbe"];
    probes.iter().filter_map(|probe| pods.container.at(&[*probe])).any(|probe| probe.origin == *at)
}

/// Whether the API server refuses an object.
pub fn refuses(object: &Object) -> bool {
    !refusals(object).is_empty()
}

/// Of a value that nobody set: the written thing that lacks it, and the key that would hold it. A default that is there
/// stays the place that it is.
fn written(refusal: Refusal) -> (Refusal, Option<(String, Origin)>) {
    match &refusal.at {
        Origin::Default(default) if refusal.lacks => {
            let missing = Some((default.path.to_string(), refusal.at.clone()));
            let at = default.anchor.map_or_else(|| refusal.at.clone(), Origin::Written);
            (Refusal { at, ..refusal }, missing)
        }
        _ => (refusal, None),
    }
}

/// The key of a default of the chart, and what takes it away: null, or zero where an umbrella's own values cannot delete
/// a default.
fn unset(scope: &Scope<'_>, other: &Origin) -> Option<(String, String)> {
    let release = scope.release.as_ref()?;
    let Origin::Default(default) = other else { return None };
    let layers = &release.release.layers;
    let lost = !layers.is_empty() && layers.iter().all(|layer| layer.null_keeps_default);
    Some((default.path.to_string(), if lost { "0" } else { "null" }.to_owned()))
}

fn refusals(object: &Object) -> Vec<Refusal> {
    let found = Findings::default();
    let place = Place::root(&object.node, &found);
    let (kind, version) = (object.kind(), object.api_version());
    structure::check_version(&place, kind, version);
    if !structure::is_sound(&object.node, kind, version) {
        structure::check(&place, kind, version);
        // what Helm installs loses the fields that nobody knows
        let is_strict = !object.rendered_by_helm && !object.live;
        if found.is_empty() && is_strict {
            structure::check_unknown(&place, kind, version);
        }
    }
    let unreadable = found.into_inner();
    if !unreadable.is_empty() {
        return unreadable;
    }
    let found = Findings::default();
    let place = Place::root(&object.node, &found);
    validate(&place, kind, object.group());
    found.into_inner()
}

fn validate(object: &Place<'_>, kind: &str, group: &str) {
    let form: fn(&str) -> Option<String> = match (group, kind) {
        ("", "Service") => names::not_a_service_name,
        // host names are made of them
        ("", "Namespace") | ("apps", "StatefulSet") => names::not_a_dotless_label,
        ("rbac.authorization.k8s.io", _) | ("policy", "PodDisruptionBudget") => names::not_a_path_segment,
        _ => names::not_a_subdomain,
    };
    let check: fn(&Place<'_>) = match (group, kind) {
        ("apps", "StatefulSet") => workload::stateful_set,
        ("apps", "Deployment") => workload::deployment,
        ("apps", "DaemonSet") => workload::daemon_set,
        ("apps", "ReplicaSet") => workload::replica_set,
        ("batch", "Job") => jobs::job,
        ("batch", "CronJob") => jobs::cron_job,
        ("", "Pod") => pod::pod,
        ("", "PersistentVolumeClaim") => claims::claim,
        ("", "PersistentVolume") => claims::volume,
        ("autoscaling", "HorizontalPodAutoscaler") => {
            |object| scaling::autoscaler(object, object.get("apiVersion").text() == Some("autoscaling/v1"))
        }
        ("policy", "PodDisruptionBudget") => scaling::budget,
        ("", "Service") => service::service,
        ("networking.k8s.io", "Ingress") => ingress::ingress,
        ("networking.k8s.io", "IngressClass") => ingress::class,
        ("networking.k8s.io", "NetworkPolicy") => network_policy::network_policy,
        ("", "ConfigMap") => config_data::config_map,
        ("", "Secret") => config_data::secret,
        ("", "ResourceQuota") => resources::quota,
        ("", "LimitRange") => resources::limit_range,
        ("storage.k8s.io", "StorageClass") => classes::storage,
        ("storage.k8s.io", "VolumeAttributesClass") => classes::attributes,
        ("scheduling.k8s.io", "PriorityClass") => classes::priority,
        ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => access::role,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => access::binding,
        ("monitoring.coreos.com", "ServiceMonitor") => monitor::service_monitor,
        ("", "Namespace") => namespace,
        ("", "ServiceAccount") => |_| {},
        // other kinds have rules of their own
        _ => return,
    };
    meta::object(object, kind, form);
    check(object);
}

/// Levels that Pod Security admission knows.
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

/// A Namespace: admission reads its labels.
fn namespace(object: &Place<'_>) {
    let labels = object.at(&["metadata", "labels"]);
    let has = |label: &Place<'_>| labels.keys().iter().any(|key| label.path().ends_with(&format!("[{key}]")));
    // what is no label at all admission does not get to see
    let is_label = |text: &str| names::not_a_label_value(text).is_none();
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("pod-security.kubernetes.io/{mode}");
        let level = labels.entry(&key);
        if has(&level) && level.word().is_some_and(|text| is_label(text) && !LEVELS.contains(&text)) {
            level.refuse(level.wrong("must be one of privileged, baseline, restricted"));
        }
        let key = format!("{key}-version");
        let version = labels.entry(&key);
        let minor = |text: &str| text.strip_prefix("v1.").is_some_and(|minor| minor.parse::<u16>().is_ok());
        if has(&version) && version.word().is_some_and(|text| is_label(text) && text != "latest" && !minor(text)) {
            version.refuse(version.wrong("must be \"latest\" or \"v1.x\""));
        }
    }
}

#[cfg(test)]
mod tests;
