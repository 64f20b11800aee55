//! What is read of a cluster, and how far: the least that the rules need, never a list of Secrets.

/// One kind that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// Plural name.
    pub resource: &'static str,
    /// `StatefulSet`
    pub kind: &'static str,
    /// Where it is looked for.
    pub reach: Reach,
}

/// Where objects of a kind are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// In the namespaces that hold Qdrant.
    Home,
    /// In the namespaces that hold Qdrant, by the labels of its pods.
    Selected,
    /// In the namespaces that hold Qdrant, by the names that its pods refer to.
    Named,
    /// In all namespaces, where the user may: monitors and backups are often kept apart.
    Everywhere,
    /// It has no namespace.
    Cluster,
    /// It has no namespace; by the names of what was found.
    ClusterNamed,
}

const fn kind(group: &'static str, resource: &'static str, kind: &'static str, reach: Reach) -> Kind {
    Kind { group, resource, kind, reach }
}

/// Kinds that every cluster serves.
pub const BUILT_IN: [Kind; 27] = [
    kind("apps", "statefulsets", "StatefulSet", Reach::Home),
    kind("apps", "deployments", "Deployment", Reach::Home),
    kind("apps", "daemonsets", "DaemonSet", Reach::Home),
    kind("", "pods", "Pod", Reach::Selected),
    kind("", "services", "Service", Reach::Home),
    kind("discovery.k8s.io", "endpointslices", "EndpointSlice", Reach::Home),
    kind("policy", "poddisruptionbudgets", "PodDisruptionBudget", Reach::Home),
    kind("autoscaling", "horizontalpodautoscalers", "HorizontalPodAutoscaler", Reach::Home),
    kind("networking.k8s.io", "networkpolicies", "NetworkPolicy", Reach::Home),
    kind("networking.k8s.io", "ingresses", "Ingress", Reach::Home),
    kind("batch", "cronjobs", "CronJob", Reach::Home),
    kind("batch", "jobs", "Job", Reach::Home),
    kind("", "persistentvolumeclaims", "PersistentVolumeClaim", Reach::Home),
    kind("", "configmaps", "ConfigMap", Reach::Named),
    kind("", "serviceaccounts", "ServiceAccount", Reach::Home),
    kind("rbac.authorization.k8s.io", "roles", "Role", Reach::Home),
    kind("rbac.authorization.k8s.io", "rolebindings", "RoleBinding", Reach::Home),
    kind("", "resourcequotas", "ResourceQuota", Reach::Home),
    kind("", "limitranges", "LimitRange", Reach::Home),
    kind("", "namespaces", "Namespace", Reach::ClusterNamed),
    kind("", "nodes", "Node", Reach::Cluster),
    kind("", "persistentvolumes", "PersistentVolume", Reach::Cluster),
    kind("storage.k8s.io", "storageclasses", "StorageClass", Reach::Cluster),
    kind("networking.k8s.io", "ingressclasses", "IngressClass", Reach::Cluster),
    kind("rbac.authorization.k8s.io", "clusterroles", "ClusterRole", Reach::Cluster),
    kind("rbac.authorization.k8s.io", "clusterrolebindings", "ClusterRoleBinding", Reach::Cluster),
    kind("storage.k8s.io", "volumeattributesclasses", "VolumeAttributesClass", Reach::Cluster),
];

/// Kinds that a cluster serves when someone has installed them.
pub const INSTALLED: [Kind; 65] = [
    kind("argoproj.io", "rollouts", "Rollout", Reach::Home),
    kind("argoproj.io", "cronworkflows", "CronWorkflow", Reach::Home),
    kind("argoproj.io", "workflowtemplates", "WorkflowTemplate", Reach::Home),
    kind("keda.sh", "scaledobjects", "ScaledObject", Reach::Home),
    kind("autoscaling.k8s.io", "verticalpodautoscalers", "VerticalPodAutoscaler", Reach::Home),
    kind("gateway.networking.k8s.io", "httproutes", "HTTPRoute", Reach::Home),
    kind("gateway.networking.k8s.io", "grpcroutes", "GRPCRoute", Reach::Home),
    kind("gateway.networking.k8s.io", "tcproutes", "TCPRoute", Reach::Home),
    kind("gateway.networking.k8s.io", "tlsroutes", "TLSRoute", Reach::Home),
    kind("gateway.networking.k8s.io", "backendtlspolicies", "BackendTLSPolicy", Reach::Home),
    kind("gateway.networking.k8s.io", "gateways", "Gateway", Reach::Everywhere),
    kind("gateway.networking.k8s.io", "gatewayclasses", "GatewayClass", Reach::Cluster),
    kind("traefik.io", "ingressroutes", "IngressRoute", Reach::Home),
    kind("traefik.io", "ingressroutetcps", "IngressRouteTCP", Reach::Home),
    kind("route.openshift.io", "routes", "Route", Reach::Home),
    kind("cilium.io", "ciliumnetworkpolicies", "CiliumNetworkPolicy", Reach::Home),
    kind("cilium.io", "ciliumclusterwidenetworkpolicies", "CiliumClusterwideNetworkPolicy", Reach::Cluster),
    kind("crd.projectcalico.org", "networkpolicies", "NetworkPolicy", Reach::Home),
    kind("crd.projectcalico.org", "globalnetworkpolicies", "GlobalNetworkPolicy", Reach::Cluster),
    kind("crd.antrea.io", "networkpolicies", "NetworkPolicy", Reach::Home),
    kind("policy.networking.k8s.io", "adminnetworkpolicies", "AdminNetworkPolicy", Reach::Cluster),
    kind("policy.networking.k8s.io", "baselineadminnetworkpolicies", "BaselineAdminNetworkPolicy", Reach::Cluster),
    kind("policy.networking.k8s.io", "clusternetworkpolicies", "ClusterNetworkPolicy", Reach::Cluster),
    kind("security.istio.io", "peerauthentications", "PeerAuthentication", Reach::Everywhere),
    kind("security.istio.io", "authorizationpolicies", "AuthorizationPolicy", Reach::Home),
    kind("cert-manager.io", "certificates", "Certificate", Reach::Home),
    kind("cert-manager.io", "issuers", "Issuer", Reach::Home),
    kind("cert-manager.io", "clusterissuers", "ClusterIssuer", Reach::Cluster),
    kind("external-secrets.io", "externalsecrets", "ExternalSecret", Reach::Home),
    kind("external-secrets.io", "secretstores", "SecretStore", Reach::Home),
    kind("external-secrets.io", "clustersecretstores", "ClusterSecretStore", Reach::Cluster),
    kind("secrets-store.csi.x-k8s.io", "secretproviderclasses", "SecretProviderClass", Reach::Home),
    kind("bitnami.com", "sealedsecrets", "SealedSecret", Reach::Home),
    kind("monitoring.coreos.com", "servicemonitors", "ServiceMonitor", Reach::Everywhere),
    kind("monitoring.coreos.com", "podmonitors", "PodMonitor", Reach::Everywhere),
    kind("monitoring.coreos.com", "probes", "Probe", Reach::Everywhere),
    kind("monitoring.coreos.com", "scrapeconfigs", "ScrapeConfig", Reach::Everywhere),
    kind("monitoring.coreos.com", "prometheusrules", "PrometheusRule", Reach::Everywhere),
    kind("operator.victoriametrics.com", "vmservicescrapes", "VMServiceScrape", Reach::Everywhere),
    kind("operator.victoriametrics.com", "vmpodscrapes", "VMPodScrape", Reach::Everywhere),
    kind("operator.victoriametrics.com", "vmrules", "VMRule", Reach::Everywhere),
    kind("monitoring.googleapis.com", "podmonitorings", "PodMonitoring", Reach::Home),
    kind("monitoring.googleapis.com", "clusterpodmonitorings", "ClusterPodMonitoring", Reach::Cluster),
    kind("snapshot.storage.k8s.io", "volumesnapshots", "VolumeSnapshot", Reach::Home),
    kind("snapscheduler.backube", "snapshotschedules", "SnapshotSchedule", Reach::Home),
    kind("velero.io", "schedules", "Schedule", Reach::Everywhere),
    kind("velero.io", "restores", "Restore", Reach::Everywhere),
    kind("volsync.backube", "replicationsources", "ReplicationSource", Reach::Home),
    kind("longhorn.io", "recurringjobs", "RecurringJob", Reach::Everywhere),
    kind("k8up.io", "schedules", "Schedule", Reach::Home),
    kind("stash.appscode.com", "backupconfigurations", "BackupConfiguration", Reach::Home),
    kind("dataprotection.kubeblocks.io", "backupschedules", "BackupSchedule", Reach::Home),
    kind("config.kio.kasten.io", "policies", "Policy", Reach::Everywhere),
    kind("qdrant.io", "qdrantclusters", "QdrantCluster", Reach::Home),
    kind("qdrant.io", "qdrantclustersnapshots", "QdrantClusterSnapshot", Reach::Home),
    kind("qdrant.io", "qdrantclusterscheduledsnapshots", "QdrantClusterScheduledSnapshot", Reach::Home),
    kind("qdrant.io", "qdrantclusterrestores", "QdrantClusterRestore", Reach::Home),
    kind("qdrant.operator", "qdrantclusters", "QdrantCluster", Reach::Home),
    kind("qdrant.operator", "qdrantcollections", "QdrantCollection", Reach::Home),
    kind("qdrant.keiailab.com", "qdrantclusters", "QdrantCluster", Reach::Home),
    kind("apps.kubeblocks.io", "clusters", "Cluster", Reach::Home),
    kind("logging.banzaicloud.io", "flows", "Flow", Reach::Everywhere),
    kind("logging.banzaicloud.io", "clusterflows", "ClusterFlow", Reach::Everywhere),
    kind("fluentbit.fluent.io", "clusteroutputs", "ClusterOutput", Reach::Cluster),
    kind("observability.openshift.io", "clusterlogforwarders", "ClusterLogForwarder", Reach::Everywhere),
];

/// All kinds that are read.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    BUILT_IN.iter().chain(&INSTALLED)
}

/// The entry of a kind by group and name.
pub fn of(group: &str, kind: &str) -> Option<&'static Kind> {
    all().find(|known| known.group == group && known.kind == kind)
}

/// The entry of a resource.
pub fn of_resource(group: &str, resource: &str) -> Option<&'static Kind> {
    all().find(|known| known.group == group && known.resource == resource)
}

/// Kinds that change all the time in a whole cluster.
pub const RESTLESS: [&str; 6] =
    ["pods", "endpointslices", "persistentvolumes", "volumesnapshots", "resourcequotas", "limitranges"];

/// Kinds that run Qdrant; looked for first, in all namespaces.
pub fn workloads() -> impl Iterator<Item = &'static Kind> {
    const KINDS: [&str; 4] = ["StatefulSet", "Deployment", "DaemonSet", "Rollout"];
    all().filter(|kind| KINDS.contains(&kind.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_is_read_twice_and_secrets_never() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in all() {
            assert!(seen.insert((kind.group, kind.resource)), "{kind:?}");
            assert_ne!(kind.kind, "Secret");
        }
    }
}
