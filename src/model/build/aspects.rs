//! What this input could show, present or absent; and of the rest, what to give.

use std::collections::{BTreeMap, BTreeSet};

use super::{Scope, live_aspects};
use crate::model::facts::Aspect;
use crate::model::routes;

/// Made by the chart, so that values and rendered manifests show their absence.
const OF_THE_CHART: [Aspect; 7] = [
    Aspect::Workload,
    Aspect::Config,
    Aspect::Storage,
    Aspect::Services,
    Aspect::Routes,
    Aspect::Budgets,
    Aspect::Monitoring,
];

/// In hand-written manifests their absence shows too.
const HAND_WRITTEN: [Aspect; 3] = [Aspect::Autoscalers, Aspect::NetworkPolicies, Aspect::Backup];

const ALL: [(Aspect, &str, &str); 20] = [
    (Aspect::Chart, "Helm values", "the values file or the carrier of the release"),
    (Aspect::Workload, "workload of the peers", "the StatefulSet or the Helm values"),
    (Aspect::Config, "server configuration", "the ConfigMap or the Helm values"),
    (Aspect::Storage, "volumes of the peers", "the StatefulSet or the Helm values"),
    (Aspect::Services, "Service", "the manifests"),
    (Aspect::Routes, "Ingress or route", "the manifests"),
    (Aspect::Budgets, "PodDisruptionBudget", "the manifests"),
    (Aspect::Autoscalers, "autoscaler", "the manifests"),
    (Aspect::NetworkPolicies, "NetworkPolicy", "the manifests"),
    (Aspect::Namespace, "Namespace", "the Namespace object"),
    (Aspect::StorageClasses, "StorageClass", "the StorageClass object"),
    (Aspect::Access, "Role or binding", "the RBAC objects of the namespace"),
    (Aspect::ServiceAccounts, "ServiceAccount", "the ServiceAccount"),
    (Aspect::Collections, "collection", "the collection bodies"),
    (Aspect::Backup, "backup job", "the manifests of the backup"),
    (Aspect::Monitoring, "monitor", "the ServiceMonitor or PodMonitor"),
    (Aspect::Alerts, "PrometheusRule", "the PrometheusRule"),
    (Aspect::SecretDelivery, "ExternalSecret or SecretProviderClass", "the objects that deliver the Secrets"),
    (Aspect::IngressController, "ingress controller configuration", "the ConfigMap of the ingress controller"),
    (Aspect::Certificates, "Certificate", "the Certificate objects"),
];

/// Aspects that can be judged, and the reason for each that cannot.
pub(super) fn observed(scope: &Scope<'_>) -> (BTreeSet<Aspect>, BTreeMap<Aspect, String>) {
    if let Some(live) = &scope.live {
        return live_aspects::observed(scope, live);
    }
    let mut observed: BTreeSet<Aspect> = scope.objects.iter().flat_map(|object| shown_by(scope, object)).collect();
    observed.extend(scope.take_observed());
    if scope.release.is_some() {
        observed.insert(Aspect::Chart);
        observed.extend(OF_THE_CHART);
    } else if let Some(pods) = &scope.pods {
        observed.extend(OF_THE_CHART);
        if !pods.workload.rendered_by_helm {
            observed.extend(HAND_WRITTEN);
        }
    }
    if !scope.server_configs.is_empty() {
        observed.insert(Aspect::Config);
    }
    if !scope.bodies.is_empty() {
        observed.insert(Aspect::Collections);
    }
    let mut reasons: BTreeMap<Aspect, String> = BTreeMap::new();
    for (aspect, reason) in scope.take_unobserved() {
        observed.remove(&aspect);
        reasons.insert(aspect, reason);
    }
    let place = if scope.release.is_some() { "Helm values" } else { "this input" };
    for (aspect, what, give) in ALL {
        if !observed.contains(&aspect) {
            reasons.entry(aspect).or_insert_with(|| format!("no {what} can be seen in {place}; give {give} too"));
        }
    }
    for aspect in [Aspect::Nodes, Aspect::QdrantApi, Aspect::Cluster] {
        if !observed.contains(&aspect) {
            reasons.insert(aspect, "files do not show what runs; `qdrant-lint audit` does".to_owned());
        }
    }
    (observed, reasons)
}

/// Aspects that an object gives evidence of by being there.
fn shown_by(scope: &Scope<'_>, object: &crate::model::input::Object) -> Vec<Aspect> {
    let aspect = match object.kind() {
        "Service" => Aspect::Services,
        "PodDisruptionBudget" => Aspect::Budgets,
        "HorizontalPodAutoscaler" | "ScaledObject" | "VerticalPodAutoscaler" => Aspect::Autoscalers,
        "NetworkPolicy"
        | "CiliumNetworkPolicy"
        | "CiliumClusterwideNetworkPolicy"
        | "GlobalNetworkPolicy"
        | "AdminNetworkPolicy"
        | "BaselineAdminNetworkPolicy" => Aspect::NetworkPolicies,
        "Namespace" if scope.namespace.as_deref().is_none_or(|own| own == object.name()) => Aspect::Namespace,
        "StorageClass" => Aspect::StorageClasses,
        "Role" | "ClusterRole" | "RoleBinding" | "ClusterRoleBinding" => Aspect::Access,
        "ServiceAccount" if !scope.is_made_by_chart(object) => Aspect::ServiceAccounts,
        "ServiceMonitor" | "PodMonitor" | "ScrapeConfig" | "Probe" => Aspect::Monitoring,
        "PrometheusRule" => Aspect::Alerts,
        "ExternalSecret" | "SecretProviderClass" | "SealedSecret" => Aspect::SecretDelivery,
        "Certificate" => Aspect::Certificates,
        "Node" => Aspect::Nodes,
        kind if routes::KINDS.contains(&kind) => Aspect::Routes,
        _ => return Vec::new(),
    };
    vec![aspect]
}
