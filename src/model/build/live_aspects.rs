//! What a cluster could show: an aspect is observed when every list that belongs to it succeeded, so that absence is a
//! fact. Of the rest: the verb and the resource that are missing.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::model::facts::Aspect;
use crate::model::recorded::{List, ListStatus, Live};

/// A group and a resource.
type Resource = (&'static str, &'static str);

/// The lists that show an aspect.
struct Shown {
    aspect: Aspect,
    /// Every one of them must be known; a resource that is not served has no objects.
    all: &'static [Resource],
    /// Unless one of these is served, the cluster does it by means that cannot be seen.
    means: Option<(&'static [Resource], &'static str)>,
}

const fn shown(aspect: Aspect, all: &'static [Resource]) -> Shown {
    Shown { aspect, all, means: None }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const GATEWAY: &str = "gateway.networking.k8s.io";
const PROMETHEUS: &str = "monitoring.coreos.com";
const VICTORIA: &str = "operator.victoriametrics.com";
const GOOGLE: &str = "monitoring.googleapis.com";
const ADMIN_POLICY: &str = "policy.networking.k8s.io";

const MONITORS: &[Resource] = &[
    (PROMETHEUS, "servicemonitors"),
    (PROMETHEUS, "podmonitors"),
    (PROMETHEUS, "probes"),
    (PROMETHEUS, "scrapeconfigs"),
    (VICTORIA, "vmservicescrapes"),
    (VICTORIA, "vmpodscrapes"),
    (GOOGLE, "podmonitorings"),
    (GOOGLE, "clusterpodmonitorings"),
];
const RULES: &[Resource] = &[(PROMETHEUS, "prometheusrules"), (VICTORIA, "vmrules")];

const SHOWN: [Shown; 13] = [
    shown(Aspect::Services, &[("", "services")]),
    shown(
        Aspect::Routes,
        &[
            ("networking.k8s.io", "ingresses"),
            (GATEWAY, "httproutes"),
            (GATEWAY, "grpcroutes"),
            (GATEWAY, "tcproutes"),
            (GATEWAY, "tlsroutes"),
            ("traefik.io", "ingressroutes"),
            ("traefik.io", "ingressroutetcps"),
            ("route.openshift.io", "routes"),
        ],
    ),
    shown(Aspect::Budgets, &[("policy", "poddisruptionbudgets")]),
    shown(
        Aspect::Autoscalers,
        &[
            ("autoscaling", "horizontalpodautoscalers"),
            ("keda.sh", "scaledobjects"),
            ("autoscaling.k8s.io", "verticalpodautoscalers"),
        ],
    ),
    shown(
        Aspect::NetworkPolicies,
        &[
            ("networking.k8s.io", "networkpolicies"),
            ("cilium.io", "ciliumnetworkpolicies"),
            ("cilium.io", "ciliumclusterwidenetworkpolicies"),
            ("crd.projectcalico.org", "networkpolicies"),
            ("crd.projectcalico.org", "globalnetworkpolicies"),
            ("crd.antrea.io", "networkpolicies"),
            (ADMIN_POLICY, "adminnetworkpolicies"),
            (ADMIN_POLICY, "baselineadminnetworkpolicies"),
            (ADMIN_POLICY, "clusternetworkpolicies"),
        ],
    ),
    shown(Aspect::StorageClasses, &[("storage.k8s.io", "storageclasses")]),
    shown(
        Aspect::Access,
        &[(RBAC, "roles"), (RBAC, "rolebindings"), (RBAC, "clusterroles"), (RBAC, "clusterrolebindings")],
    ),
    shown(Aspect::ServiceAccounts, &[("", "serviceaccounts")]),
    shown(
        Aspect::Backup,
        &[
            ("batch", "cronjobs"),
            ("batch", "jobs"),
            ("argoproj.io", "cronworkflows"),
            ("velero.io", "schedules"),
            ("k8up.io", "schedules"),
            ("volsync.backube", "replicationsources"),
            ("snapscheduler.backube", "snapshotschedules"),
            ("longhorn.io", "recurringjobs"),
            ("stash.appscode.com", "backupconfigurations"),
            ("dataprotection.kubeblocks.io", "backupschedules"),
            ("config.kio.kasten.io", "policies"),
            ("qdrant.io", "qdrantclusterscheduledsnapshots"),
        ],
    ),
    Shown {
        aspect: Aspect::Monitoring,
        all: MONITORS,
        means: Some((
            MONITORS,
            "the cluster serves no kind of monitor, so its targets stand where they cannot be seen",
        )),
    },
    Shown {
        aspect: Aspect::Alerts,
        all: RULES,
        means: Some((RULES, "the cluster serves no PrometheusRule, so its alerts stand where they cannot be seen")),
    },
    shown(
        Aspect::SecretDelivery,
        &[
            ("external-secrets.io", "externalsecrets"),
            ("secrets-store.csi.x-k8s.io", "secretproviderclasses"),
            ("bitnami.com", "sealedsecrets"),
        ],
    ),
    shown(Aspect::Certificates, &[("cert-manager.io", "certificates")]),
];

const NOT_ASKED: &str = "the Qdrant API was not asked: `--via port-forward` asks every pod, `--qdrant-url` an address";

/// Aspects of the workload itself, which was read whole.
const OF_THE_WORKLOAD: [Aspect; 4] = [Aspect::Workload, Aspect::Config, Aspect::Storage, Aspect::Cluster];

/// Aspects that can be judged, and the reason for each that cannot.
pub(super) fn observed(scope: &Scope<'_>, live: &Live) -> (BTreeSet<Aspect>, BTreeMap<Aspect, String>) {
    if scope.pods.is_none() && !scope.api.is_empty() {
        return of_the_api_alone(scope);
    }
    let mut observed: BTreeSet<Aspect> = OF_THE_WORKLOAD.into_iter().collect();
    let mut reasons: BTreeMap<Aspect, String> = BTreeMap::new();
    let namespace = scope.namespace.as_deref();
    for shown in &SHOWN {
        let outcomes: Vec<(Resource, Option<&List>)> = shown
            .all
            .iter()
            .map(|(group, resource)| ((*group, *resource), live.list(group, resource, namespace)))
            .collect();
        let missing = outcomes.iter().find_map(|(resource, list)| match list {
            None => Some(format!("{} was not read", subject(*resource))),
            Some(list) => lacking(list),
        });
        let is_served = |list: Option<&List>| list.is_some_and(|list| list.status != ListStatus::NotServed);
        let without_means =
            shown.means.filter(|_| outcomes.iter().all(|(_, list)| !is_served(*list))).map(|(_, why)| why);
        match missing.or_else(|| without_means.map(str::to_owned)) {
            Some(reason) => {
                reasons.insert(shown.aspect, reason);
            }
            None => {
                observed.insert(shown.aspect);
            }
        }
    }
    let own = namespace.and_then(|namespace| live.named("", "namespaces", None, namespace));
    for (aspect, what, list) in [
        (Aspect::Nodes, "nodes were", live.list("", "nodes", None)),
        (Aspect::Namespace, "the Namespace was", own.or_else(|| live.list("", "namespaces", None))),
    ] {
        match list.map(lacking) {
            Some(None) => {
                observed.insert(aspect);
            }
            Some(Some(reason)) => {
                reasons.insert(aspect, reason);
            }
            None => {
                reasons.insert(aspect, format!("{what} not read"));
            }
        }
    }
    for (aspect, reason) in [
        (Aspect::Chart, "a cluster does not show the Helm values; give the values file beside it"),
        (Aspect::Collections, "no collection is declared in the cluster; the Qdrant API shows those that exist"),
        (Aspect::IngressController, "the ConfigMap of the ingress controller is not read; give its manifest"),
        (Aspect::QdrantApi, NOT_ASKED),
    ] {
        reasons.insert(aspect, reason.to_owned());
    }
    of_the_api(scope, &mut observed, &mut reasons);
    for aspect in scope.take_observed() {
        reasons.remove(&aspect);
        observed.insert(aspect);
    }
    for (aspect, reason) in scope.take_unobserved() {
        observed.remove(&aspect);
        reasons.insert(aspect, reason);
    }
    (observed, reasons)
}

/// Where nothing but the Qdrant API was asked.
fn of_the_api_alone(scope: &Scope<'_>) -> (BTreeSet<Aspect>, BTreeMap<Aspect, String>) {
    let mut observed = BTreeSet::new();
    let only = "the Qdrant API does not show it; audit the cluster too, or check its manifests";
    let all = SHOWN.iter().map(|shown| shown.aspect).chain(OF_THE_WORKLOAD);
    let others = [Aspect::Nodes, Aspect::Namespace, Aspect::Chart, Aspect::IngressController];
    let mut reasons = all.chain(others).map(|aspect| (aspect, only.to_owned())).collect();
    of_the_api(scope, &mut observed, &mut reasons);
    (observed, reasons)
}

/// The API is observed when a peer showed its collections.
fn of_the_api(scope: &Scope<'_>, observed: &mut BTreeSet<Aspect>, reasons: &mut BTreeMap<Aspect, String>) {
    if scope.api.iter().any(|asked| asked.good("/collections").is_some()) {
        for aspect in [Aspect::QdrantApi, Aspect::Collections] {
            reasons.remove(&aspect);
            observed.insert(aspect);
        }
    } else if let Some(reason) = scope.api.iter().find_map(|asked| asked.why_not("/collections")) {
        for aspect in [Aspect::QdrantApi, Aspect::Collections] {
            reasons.insert(aspect, reason.clone());
        }
    }
}

/// What is missing of a list, as the one who may grant it needs to know it.
fn lacking(list: &List) -> Option<String> {
    match list.status {
        ListStatus::Ok | ListStatus::NotServed => None,
        ListStatus::Forbidden => Some(format!(
            "may not {} {}; `qdrant-lint audit --print-rbac` prints the role that lets it",
            list.verb(),
            list.subject()
        )),
        ListStatus::Failed => Some(format!("could not {} {}: {}", list.verb(), list.subject(), list.detail)),
    }
}

fn subject((group, resource): Resource) -> String {
    if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") }
}
