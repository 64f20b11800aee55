//! Volumes of the pods, where they are mounted, and the claims.

use super::block::{Block, paste_items};
use super::changes::Change;
use super::context::{Context, Value};
use super::secret;
use super::service::list;
use crate::source::Node;

/// Claim template of the data, and of the snapshots when they have one.
pub(super) fn claims(context: &Context<'_>) -> Node {
    let data = context.value("persistence");
    let mut items = vec![claim(context, &data, data_volume(context))];
    let snapshots = context.value("snapshotPersistence");
    if snapshots.get("enabled").truth() {
        items.push(claim(context, &snapshots, snapshot_volume(context)));
    }
    Node::sequence(items, data.origin())
}

fn claim(context: &Context<'_>, persistence: &Value<'_>, name: Node) -> Node {
    let mut labels = Block::new(context).with("app", context.name_label());
    if context.has(Change::ClaimLabels) {
        labels.paste(&persistence.get("additionalLabels"));
    }
    let mut annotations = Block::new(context);
    annotations.paste(&persistence.get("annotations"));
    let annotations = (!annotations.is_empty()).then(|| annotations.node());
    let metadata =
        Block::new(context).with("name", name).with("labels", labels.node()).with_some("annotations", annotations);
    let mut spec = Block::new(context).with("storageClassName", persistence.get("storageClassName").unquoted());
    if context.has(Change::VolumeAttributesClass)
        && let Some(class) = persistence.get("volumeAttributesClassName").when_true()
    {
        spec.put("volumeAttributesClassName", class.unquoted());
    }
    let modes = persistence.get("accessModes");
    spec.put("accessModes", list(modes.items().iter().map(Value::quoted).collect(), &modes.origin()));
    let requests = Block::new(context).with("storage", persistence.get("size").quoted());
    spec.put("resources", Block::new(context).with("requests", requests.node()).node());
    let mut claim = Block::new(context);
    if context.has(Change::ClaimTypeMeta) {
        claim = claim.with_fixed("apiVersion", "v1").with_fixed("kind", "PersistentVolumeClaim");
    }
    claim
        .with("metadata", metadata.node())
        .with("spec", spec.node_at(persistence.origin()))
        .node_at(persistence.origin())
}

/// `volumes` of the pods.
pub(super) fn volumes(context: &Context<'_>) -> Node {
    let config = Block::new(context).with("name", context.named("")).with("defaultMode", context.fixed_number(0o755));
    let mut items = vec![volume(context, context.fixed("qdrant-config"), "configMap", config.node())];
    if let Some(claim) = restored_claim(context) {
        let source = Block::new(context).with("claimName", claim.unquoted()).node();
        items.push(volume(context, context.fixed("qdrant-snapshot-restoration"), "persistentVolumeClaim", source));
    }
    let enabled = context.value("snapshotPersistence").get("enabled");
    if !enabled.truth() {
        let source = Block::new(context).node_at(enabled.origin());
        items.push(volume(context, snapshot_volume(context), "emptyDir", source));
    }
    items.push(volume(context, context.fixed("qdrant-init"), "emptyDir", Block::new(context).node()));
    if secret::is_made(context) {
        let source = Block::new(context)
            .with("secretName", context.named("-apikey"))
            .with("defaultMode", context.fixed_number(0o600));
        items.push(volume(context, context.fixed("qdrant-secret"), "secret", source.node()));
    }
    paste_items(&mut items, &context.value("additionalVolumes"));
    Node::sequence(items, context.fixed_origin())
}

fn volume(context: &Context<'_>, name: Node, kind: &str, source: Node) -> Node {
    Block::new(context).with("name", name).with(kind, source).node()
}

/// `volumeMounts` of the init container that changes ownership.
pub(super) fn init_mounts(context: &Context<'_>) -> Node {
    let mut items = vec![data_mount(context), snapshot_mount(context)];
    items.extend(restored_mount(context));
    Node::sequence(items, context.fixed_origin())
}

/// `volumeMounts` of Qdrant.
pub(super) fn mounts(context: &Context<'_>) -> Node {
    let file = |volume: &str, name: &str| {
        mount(context, context.fixed(volume), context.fixed(&format!("/qdrant/config/{name}")))
            .with_fixed("subPath", name)
            .node()
    };
    let mut items =
        vec![data_mount(context), file("qdrant-config", "initialize.sh"), file("qdrant-config", "production.yaml")];
    if secret::is_made(context) {
        items.push(file("qdrant-secret", "local.yaml"));
    }
    items.extend(restored_mount(context));
    items.push(snapshot_mount(context));
    items.push(mount(context, context.fixed("qdrant-init"), context.fixed("/qdrant/init")).node());
    paste_items(&mut items, &context.value("additionalVolumeMounts"));
    Node::sequence(items, context.fixed_origin())
}

fn mount<'c>(context: &'c Context<'c>, name: Node, path: Node) -> Block<'c> {
    Block::new(context).with("name", name).with("mountPath", path)
}

fn data_mount(context: &Context<'_>) -> Node {
    let path = context.value("persistence").get("storageSubPath");
    mounted(context, data_volume(context), "/qdrant/storage", &path)
}

fn snapshot_mount(context: &Context<'_>) -> Node {
    let path = context.value("snapshotPersistence").get("snapshotsSubPath");
    mounted(context, snapshot_volume(context), "/qdrant/snapshots", &path)
}

fn mounted(context: &Context<'_>, name: Node, path: &str, sub_path: &Value<'_>) -> Node {
    let mut mount = mount(context, name, context.fixed(path));
    if context.has(Change::SubPaths) && sub_path.truth() {
        mount.put("subPath", sub_path.quoted());
    }
    mount.node()
}

fn data_volume(context: &Context<'_>) -> Node {
    context.value("persistence").get("storageVolumeName").unquoted_or("qdrant-storage")
}

fn snapshot_volume(context: &Context<'_>) -> Node {
    context.value("snapshotPersistence").get("snapshotsVolumeName").unquoted_or("qdrant-snapshots")
}

/// The claim that snapshots are restored from, when there is one.
pub(super) fn restored_claim<'c>(context: &'c Context<'c>) -> Option<Value<'c>> {
    let restoration = context.value("snapshotRestoration");
    if !restoration.get("enabled").truth() {
        return None;
    }
    Some(restoration.get("pvcName")).filter(Value::truth)
}

fn restored_mount(context: &Context<'_>) -> Option<Node> {
    restored_claim(context)?;
    let path = context.value("snapshotRestoration").get("mountPath").unquoted();
    Some(mount(context, context.fixed("qdrant-snapshot-restoration"), path).node())
}
