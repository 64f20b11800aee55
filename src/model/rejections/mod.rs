//! Objects that the API server refuses, in its own words: what cannot be read into its type, and what its validation
//! (read at Kubernetes 1.34) turns down for certain. Anything that depends on the cluster is left to the cluster.

mod config_data;
mod container;
mod meta;
mod monitor;
mod names;
mod networking;
mod place;
mod pod;
mod probe;
mod schedule;
mod structure;
mod workload;

use std::collections::BTreeSet;

use place::{Findings, Place, Refusal};

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
    // one value of the chart lands in many objects: it is told once, of the first
    let mut told = BTreeSet::new();
    let mut is_new = |refusal: &Refusal| match (&scope.release, &refusal.at) {
        (Some(_), Origin::Written(at) | Origin::Set(at)) => told.insert((at.source, at.key, at.value)),
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
    structure::check(&place, kind, version);
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
    let form = match kind {
        "Service" => names::not_a_service_name,
        "Namespace" => names::not_a_label,
        _ => names::not_a_subdomain,
    };
    let check: fn(&Place<'_>) = match (group, kind) {
        ("apps", "StatefulSet") => workload::stateful_set,
        ("apps", "Deployment" | "DaemonSet") => workload::deployment,
        ("batch", "Job") => workload::job,
        ("batch", "CronJob") => workload::cron_job,
        ("", "Pod") => |object| pod::spec(&object.get("spec"), &BTreeSet::new()),
        ("", "PersistentVolumeClaim") => workload::claim,
        ("autoscaling", "HorizontalPodAutoscaler") => workload::autoscaler,
        ("policy", "PodDisruptionBudget") => workload::budget,
        ("", "Service") => networking::service,
        ("networking.k8s.io", "Ingress") => networking::ingress,
        ("networking.k8s.io", "NetworkPolicy") => networking::network_policy,
        ("", "ConfigMap") => config_data::config_map,
        ("", "Secret") => config_data::secret,
        ("monitoring.coreos.com", "ServiceMonitor") => monitor::service_monitor,
        ("", "ServiceAccount" | "Namespace") => |_| {},
        // other kinds have rules of their own
        _ => return,
    };
    meta::object(object, form);
    check(object);
}

#[cfg(test)]
mod tests;
