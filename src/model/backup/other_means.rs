//! Backups without the API: schedules of volume snapshots, Velero and its kin, operators; and kinds that only sound like it.

use super::BTreeSet;
use super::pods::JobPods;
use crate::model::build::Scope;
use crate::model::facts::backup::UnknownKind;
use crate::model::input::Object;
use crate::model::network::labels::{Selector, labels_of};
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Kinds of the official operator's API group.
const OFFICIAL: [&str; 8] = [
    "QdrantCluster",
    "QdrantClusterSnapshot",
    "QdrantClusterScheduledSnapshot",
    "QdrantClusterRestore",
    "QdrantEntity",
    "QdrantRelease",
    "QdrantCloudRegion",
    "QdrantCloudRegionList",
];

/// Keys that hand volumes to Longhorn's recurring jobs, Velero, K8up or Gemini.
const MARKS: [&str; 4] =
    ["recurring-job", "backup.velero.io/backup-volumes", "k8up.io/backup", "backup.kubernetes.io/deltas"];

/// Schedules that cover the data of the peers.
pub(super) fn other_means(scope: &Scope<'_>, pods: &[JobPods<'_>]) -> Vec<Tracked<String>> {
    let mut found = Vec::new();
    for object in &scope.objects {
        if let Some(words) = means(scope, object) {
            found.push(scope.origins.track(words, &name_node(object).origin));
        }
    }
    found.extend(marked(scope));
    for job in pods.iter().filter(|job| matches!(job.object.kind(), "CronJob" | "CronWorkflow")) {
        let makes = job
            .containers
            .iter()
            .flat_map(|container| &container.scripts)
            .any(|script| script.text.contains("VolumeSnapshot") || script.text.contains("velero backup create"));
        if makes {
            let words = format!("{} makes volume snapshots", job.name());
            found.push(scope.origins.track(words, &name_node(job.object).origin));
        }
    }
    found
}

/// Labels and annotations by which claims and pods are handed to a backup that is set up elsewhere.
fn marked(scope: &Scope<'_>) -> Option<Tracked<String>> {
    let pods = scope.pods.as_ref()?;
    let claims = pods.workload.node.items(&["spec", "volumeClaimTemplates"]).iter();
    let own = scope.of_kind("PersistentVolumeClaim").filter(|claim| is_ours(scope, claim.name())).map(|one| &one.node);
    claims.chain(own).chain(std::iter::once(&pods.template)).find_map(|node| {
        let marks = ["labels", "annotations"]
            .into_iter()
            .flat_map(|field| node.at(&["metadata", field]).and_then(Node::as_mapping).into_iter().flatten());
        let (key, value) = marks.into_iter().find(|(key, value)| {
            let on = value.scalar_text().is_some_and(|text| !matches!(text.as_str(), "" | "false" | "disabled"));
            on && MARKS.iter().any(|mark| key.starts_with(mark))
        })?;
        Some(scope.origins.track(format!("`{key}` on the data"), &value.origin))
    })
}

fn name_node(object: &Object) -> &Node {
    object.node.at(&["metadata", "name"]).unwrap_or(&object.node)
}

fn means(scope: &Scope<'_>, object: &Object) -> Option<String> {
    let node = &object.node;
    let named = || format!("{}/{}", object.kind(), object.name());
    let covers = match (object.kind(), object.group()) {
        ("Schedule", "velero.io") => velero(scope, node),
        ("SnapshotSchedule", "snapscheduler.backube") => selects_claims(scope, node.at(&["spec", "claimSelector"])),
        ("ReplicationSource", "volsync.backube") => {
            node.text(&["spec", "sourcePVC"]).is_some_and(|claim| is_ours(scope, claim))
        }
        ("SnapshotGroup", "gemini.fairwinds.com") => {
            node.text(&["spec", "persistentVolumeClaim", "claimName"]).is_some_and(|claim| is_ours(scope, claim))
                || is_ours(scope, object.name())
        }
        ("Schedule", "k8up.io" | "backup.appuio.ch") => node.at(&["spec", "backup"]).is_some(),
        ("BackupConfiguration", group) if group.ends_with("appscode.com") || group.ends_with("kubestash.com") => {
            is_ours(scope, &node.to_json().to_string())
        }
        ("Policy", "config.kio.kasten.io") => kasten(scope, node),
        ("RecurringJob", "longhorn.io") => {
            node.text(&["spec", "task"]).is_some_and(|task| task.starts_with("backup") || task.starts_with("snapshot"))
        }
        ("BackupSchedule", "dataprotection.kubeblocks.io") => is_ours(scope, &node.to_json().to_string()),
        ("QdrantClusterScheduledSnapshot", "qdrant.io") => true,
        _ => false,
    };
    (covers && node.at(&["spec", "suspend"]).and_then(Node::as_bool) != Some(true)).then(named)
}

/// Whether a text is about the claims or the name of the deployment.
fn is_ours(scope: &Scope<'_>, text: &str) -> bool {
    text.contains("qdrant") || scope.pods.as_ref().is_some_and(|pods| text.contains(pods.workload.name()))
}

fn velero(scope: &Scope<'_>, node: &Node) -> bool {
    if node.at(&["spec", "paused"]).and_then(Node::as_bool) == Some(true) {
        return false;
    }
    let names = |field: &str| -> Vec<String> {
        node.items(&["spec", "template", field]).iter().filter_map(Node::scalar_text).collect()
    };
    let own = scope.namespace.as_deref();
    let (included, excluded) = (names("includedNamespaces"), names("excludedNamespaces"));
    let covers = included.is_empty() || included.iter().any(|name| name == "*" || own.is_none_or(|own| own == name));
    let labels = scope.pods.as_ref().map(|pods| pods.labels.clone()).unwrap_or_default();
    let selector = Selector::of(node.at(&["spec", "template", "labelSelector"]));
    covers && own.is_none_or(|own| !excluded.iter().any(|name| name == own)) && selector.matches(&labels)
}

fn selects_claims(scope: &Scope<'_>, selector: Option<&Node>) -> bool {
    let selector = Selector::of(selector);
    let Some(pods) = &scope.pods else { return true };
    // claims of a StatefulSet carry its selector's labels besides those of the template
    let mut labels = labels_of(pods.workload.node.at(&["spec", "selector", "matchLabels"]));
    for claim in pods.workload.node.items(&["spec", "volumeClaimTemplates"]) {
        labels.extend(labels_of(claim.at(&["metadata", "labels"])));
    }
    selector.matches(&labels)
}

fn kasten(scope: &Scope<'_>, node: &Node) -> bool {
    let backs_up = node.items(&["spec", "actions"]).iter().any(|one| one.text(&["action"]) == Some("backup"));
    let text = node.at(&["spec", "selector"]).map(|one| one.to_json().to_string()).unwrap_or_default();
    backs_up && (text.is_empty() || scope.namespace.as_ref().is_none_or(|own| text.contains(own.as_str())))
}

/// Objects whose kind claims to snapshot Qdrant and is no kind of any operator that is known or in the input.
pub(super) fn unknown_kinds(scope: &Scope<'_>) -> Vec<Tracked<UnknownKind>> {
    let defined: BTreeSet<&str> = scope
        .of_kind("CustomResourceDefinition")
        .filter_map(|object| object.node.text(&["spec", "names", "kind"]))
        .collect();
    scope
        .objects
        .iter()
        .filter_map(|object| {
            let kind = object.kind();
            let group = object.group();
            let scheduled = kind == "QdrantClusterScheduledSnapshot" && group == "qdrant.io";
            let without_retention = scheduled && object.node.at(&["spec", "retention"]).is_none();
            let claims =
                kind.starts_with("Qdrant") && ["Snapshot", "Backup", "Restore"].iter().any(|word| kind.contains(word));
            let is_known = (group == "qdrant.io" && OFFICIAL.contains(&kind)) || defined.contains(kind);
            if !without_retention && (!claims || is_known) {
                return None;
            }
            let instead = if kind.contains("Restore") {
                "QdrantClusterRestore"
            } else if object.node.at(&["spec", "schedule"]).is_some() {
                "QdrantClusterScheduledSnapshot"
            } else {
                "QdrantClusterSnapshot"
            };
            let fact = UnknownKind {
                kind: format!("{}/{kind}", object.api_version()),
                instead: format!("qdrant.io/v1 {instead}"),
                without_retention,
            };
            let origin = if without_retention { object.node.at(&["spec"]) } else { object.node.at(&["kind"]) };
            Some(scope.origins.track(fact, &origin.unwrap_or(&object.node).origin))
        })
        .collect()
}
