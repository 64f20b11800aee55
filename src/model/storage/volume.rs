//! The volume that is mounted at a path of the Qdrant container, joined with its claim, volume and class.

use super::{Pods, class};
use crate::model::facts::storage::{Class, Volume};
use crate::model::input::Object;
use crate::model::quantity::Quantity;
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Node, Origin};

/// Where the server keeps things.
#[derive(Clone, Debug)]
pub struct Paths {
    /// Data.
    pub data: String,
    /// Snapshots.
    pub snapshots: String,
}

impl Default for Paths {
    fn default() -> Self {
        Self { data: "/qdrant/storage".to_owned(), snapshots: "/qdrant/snapshots".to_owned() }
    }
}

/// In-tree sources that are network or object file systems.
const NETWORK: [&str; 8] = ["nfs", "cephfs", "glusterfs", "azureFile", "quobyte", "smb", "cifs", "flexVolume"];

/// Provisioners and drivers that put a volume on one node's disk.
const NODE_LOCAL: [&str; 12] = [
    "rancher.io/local-path",
    "openebs.io/local",
    "local.csi.openebs.io",
    "zfs.csi.openebs.io",
    "kubernetes.io/no-provisioner",
    "k8s.io/minikube-hostpath",
    "microk8s.io/hostpath",
    "docker.io/hostpath",
    "hostpath.csi.k8s.io",
    "topolvm.io",
    "topolvm.cybozu.com",
    "local-volume-provisioner",
];
const NODE_LOCAL_NAMES: [&str; 9] = [
    "local-path",
    "local-storage",
    "hostpath",
    "microk8s-hostpath",
    "openebs-hostpath",
    "openebs-zfspv",
    "openebs-lvmpv",
    "local-nvme",
    "local-ssd",
];

/// The volume under a path: the mount nearest above it.
pub(super) fn under(pods: &Pods<'_>, path: &str, origins: &Origins) -> Tracked<Volume> {
    let mounts = pods.container.items(&["volumeMounts"]);
    let mount = mounts
        .iter()
        .filter(|mount| mount.text(&["mountPath"]).is_some_and(|at| covers(at, path)))
        .max_by_key(|mount| mount.text(&["mountPath"]).map_or(0, str::len));
    let Some(mount) = mount else {
        let fact = Volume { kind: "container-layer".to_owned(), seen: true, ..Volume::default() };
        return origins.track(fact, &(pods.absent)(pods.container, "volumeMounts"));
    };
    let name = mount.text(&["name"]).unwrap_or_default();
    let templates = pods.workload.node.items(&["spec", "volumeClaimTemplates"]);
    if let Some(template) = templates.iter().find(|template| template.text(&["metadata", "name"]) == Some(name)) {
        let mut fact = of_claim(template, pods, origins);
        "claim-template".clone_into(&mut fact.kind);
        name.clone_into(&mut fact.name);
        let retention = |key: &str| {
            let node = pods.workload.node.at(&["spec", "persistentVolumeClaimRetentionPolicy", key])?;
            Some(origins.track(node.as_str()?.to_owned(), &node.origin))
        };
        fact.when_scaled = retention("whenScaled");
        fact.when_deleted = retention("whenDeleted");
        return origins.track(fact, &template.at(&["spec"]).unwrap_or(template).origin);
    }
    let volumes = pods.spec.items(&["volumes"]);
    let Some(volume) = volumes.iter().find(|volume| volume.text(&["name"]) == Some(name)) else {
        let fact = Volume { kind: "other".to_owned(), name: name.to_owned(), ..Volume::default() };
        return origins.track(fact, &mount.origin);
    };
    let mut fact = of_volume(volume, pods, origins);
    if fact.name.is_empty() {
        name.clone_into(&mut fact.name);
    }
    origins.track(fact, &source_of(volume).map_or_else(|| volume.origin.clone(), |(_, node)| node.origin.clone()))
}

fn covers(mount: &str, path: &str) -> bool {
    let mount = mount.trim_end_matches('/');
    path == mount || path.strip_prefix(mount).is_some_and(|rest| rest.starts_with('/'))
}

/// The source of a volume: its only field besides the name.
fn source_of(volume: &Node) -> Option<(&str, &Node)> {
    volume.fields(&[]).find(|(key, _)| key.as_ref() != "name").map(|(key, node)| (key.as_ref(), node))
}

fn of_volume(volume: &Node, pods: &Pods<'_>, origins: &Origins) -> Volume {
    let Some((kind, source)) = source_of(volume) else {
        // a volume without a source is an emptyDir
        return Volume { kind: "empty-dir".to_owned(), seen: true, ..Volume::default() };
    };
    match kind {
        "emptyDir" => Volume {
            kind: "empty-dir".to_owned(),
            seen: true,
            in_memory: source.text(&["medium"]) == Some("Memory"),
            size_limit_bytes: source.at(&["sizeLimit"]).and_then(bytes),
            ..Volume::default()
        },
        "hostPath" => Volume {
            kind: "host-path".to_owned(),
            seen: true,
            node_local: true,
            driver: source.text(&["path"]).map(str::to_owned),
            ..Volume::default()
        },
        "persistentVolumeClaim" => named_claim(source, pods, origins),
        "ephemeral" => {
            let template = source.at(&["volumeClaimTemplate"]);
            let mut fact = template.map(|template| of_claim(template, pods, origins)).unwrap_or_default();
            "generic-ephemeral".clone_into(&mut fact.kind);
            fact
        }
        "csi" => {
            let driver = source.text(&["driver"]).unwrap_or_default();
            let class = of_driver(driver);
            Volume {
                kind: "csi".to_owned(),
                seen: true,
                driver: Some(driver.to_owned()),
                class: Some(origins.track(class, &source.origin)),
                ..Volume::default()
            }
        }
        network if NETWORK.contains(&network) => Volume {
            kind: if network == "nfs" { "nfs" } else { "other" }.to_owned(),
            seen: true,
            driver: Some(network.to_owned()),
            shared_by_peers: pods.peers > 1,
            class: Some(origins.track(network_class(network), &source.origin)),
            ..Volume::default()
        },
        other => Volume { kind: "other".to_owned(), seen: true, driver: Some(other.to_owned()), ..Volume::default() },
    }
}

fn network_class(kind: &str) -> Class {
    Class {
        media: "network-fs".to_owned(),
        network_filesystem: true,
        decided_by: "volume source".to_owned(),
        certain: true,
        because: format!("volume of type `{kind}`"),
        encryption: "unknown".to_owned(),
        ..Class::default()
    }
}

/// A CSI driver without a class: its provisioner decides.
fn of_driver(driver: &str) -> Class {
    let object = Object::derived(&serde_json::json!({"kind": "StorageClass", "provisioner": driver}));
    let class = Class {
        name: None,
        decided_by: "volume source".to_owned(),
        expandable: None,
        reclaim_policy: None,
        ..class::of_object(&object, &Origins::default())
    };
    if class.network_filesystem {
        return class;
    }
    // parameters are not part of a volume, so its driver alone does not tell the media
    Class { media: "unknown".to_owned(), certain: false, slow_ssd: false, ..class }
}

fn named_claim(source: &Node, pods: &Pods<'_>, origins: &Origins) -> Volume {
    let name = source.text(&["claimName"]).unwrap_or_default();
    let claim = pods.objects.iter().find(|object| object.kind() == "PersistentVolumeClaim" && object.name() == name);
    let mut fact = match claim {
        Some(claim) => of_claim(&claim.node, pods, origins),
        None => Volume { seen: false, ..Volume::default() },
    };
    "claim".clone_into(&mut fact.kind);
    name.clone_into(&mut fact.name);
    // pods of a Deployment and of a StatefulSet alike: one claim by name is one volume
    fact.shared_by_peers = pods.peers > 1;
    fact
}

/// The volume that a claim names, or that is reserved for it.
fn persistent_of<'p>(claim: &Node, pods: &Pods<'p>) -> Option<&'p Object> {
    let wanted = claim.text(&["spec", "volumeName"]);
    let own = claim.text(&["metadata", "name"]);
    let is_template = pods
        .workload
        .node
        .items(&["spec", "volumeClaimTemplates"])
        .iter()
        .any(|template| template.text(&["metadata", "name"]) == own);
    // claims of a template are called after it, the workload and the ordinal
    let start = own.map(|own| format!("{own}-{}-", pods.workload.name()));
    pods.objects.iter().copied().filter(|object| object.kind() == "PersistentVolume").find(|volume| {
        let reserved = volume.node.text(&["spec", "claimRef", "name"]);
        let for_template =
            || is_template && reserved.zip(start.as_deref()).is_some_and(|(name, start)| name.starts_with(start));
        wanted == Some(volume.name()) || (reserved.is_some() && reserved == own) || for_template()
    })
}

/// Facts of a claim: a template's or an object's.
fn of_claim(claim: &Node, pods: &Pods<'_>, origins: &Origins) -> Volume {
    let spec = claim.get("spec").cloned().unwrap_or_else(|| Node::null(claim.origin.clone()));
    let size = spec.at(&["resources", "requests", "storage"]);
    let persistent = persistent_of(claim, pods);
    let mut class = match persistent {
        Some(volume) => of_persistent(volume, pods, origins),
        None => of_class(&spec, pods, origins),
    };
    let attributes = spec.text(&["volumeAttributesClassName"]);
    let attributes = pods
        .objects
        .iter()
        .find(|object| object.kind() == "VolumeAttributesClass" && attributes == Some(object.name()));
    if let (Some(object), None) = (attributes, persistent) {
        class.value = class::with_attributes(class.value, object);
    }
    let node_local = is_node_local(&class.value)
        || persistent
            .is_some_and(|volume| ["local", "hostPath"].iter().any(|key| volume.node.at(&["spec", key]).is_some()));
    Volume {
        seen: true,
        access_modes: spec.at(&["accessModes"]).map(|modes| {
            let words = modes.as_sequence().unwrap_or_default().iter().filter_map(Node::scalar_text).collect();
            origins.track(words, &modes.origin)
        }),
        size_bytes: size.and_then(|size| Some(origins.track(bytes(size)?, &size.origin))),
        size_is_chart_default: size
            .is_some_and(|size| matches!(&size.origin, Origin::Default(default) if default.owner.starts_with("chart"))),
        node_local,
        class: Some(class),
        attributes_class: spec
            .at(&["volumeAttributesClassName"])
            .and_then(|name| Some(origins.track(name.as_str()?.to_owned(), &name.origin))),
        ..Volume::default()
    }
}

fn of_class(spec: &Node, pods: &Pods<'_>, origins: &Origins) -> Tracked<Class> {
    let Some(node) = spec.get("storageClassName").filter(|node| !node.is_null()) else {
        let default = pods.objects.iter().find(|object| object.kind() == "StorageClass" && class::is_default(object));
        if let Some(object) = default {
            let decided_by = "default StorageClass in the input".to_owned();
            let name = object.node.at(&["metadata", "name"]).unwrap_or(&object.node);
            return origins.track(Class { decided_by, ..class::of_object(object, origins) }, &name.origin);
        }
        let fact = Class {
            media: "unknown".to_owned(),
            decided_by: "nothing".to_owned(),
            because: "no class is named; the cluster's default decides".to_owned(),
            encryption: "unknown".to_owned(),
            ..Class::default()
        };
        return origins.track(
            fact,
            &spec
                .get("storageClassName")
                .map_or_else(|| (pods.absent)(spec, "storageClassName"), |node| node.origin.clone()),
        );
    };
    let name = node.scalar_text().unwrap_or_default();
    let object = pods.objects.iter().find(|object| object.kind() == "StorageClass" && object.name() == name);
    let mut fact =
        object.map_or_else(|| class::of_name(&name, pods.configured), |object| class::of_object(object, origins));
    fact.name = Some(name);
    origins.track(fact, &node.origin)
}

/// A PersistentVolume in the input says what it is by itself.
fn of_persistent(volume: &Object, pods: &Pods<'_>, origins: &Origins) -> Tracked<Class> {
    let spec = volume.node.at(&["spec"]).unwrap_or(&volume.node);
    let name = spec.text(&["storageClassName"]);
    let object = pods.objects.iter().find(|object| object.kind() == "StorageClass" && name == Some(object.name()));
    let unknown =
        Class { media: "unknown".to_owned(), encryption: "unknown".to_owned(), known: true, ..Class::default() };
    let mut fact = object.map_or(unknown, |object| class::of_object(object, origins));
    let mut origin = spec.origin.clone();
    for (key, node) in spec.fields(&[]) {
        if NETWORK.contains(&key.as_ref()) {
            fact = network_class(key);
            origin = node.origin.clone();
        } else if key.as_ref() == "csi" && object.is_none() {
            fact = of_driver(node.text(&["driver"]).unwrap_or_default());
            origin = node.origin.clone();
        } else if key.as_ref() == "hostPath" || key.as_ref() == "local" {
            fact.because = format!("PersistentVolume of type `{key}`");
            origin = node.origin.clone();
        }
    }
    fact.name = Some(name.unwrap_or_default().to_owned());
    fact.reclaim_policy = spec
        .at(&["persistentVolumeReclaimPolicy"])
        .and_then(|policy| Some(origins.track(policy.as_str()?.to_owned(), &policy.origin)));
    "PersistentVolume in the input".clone_into(&mut fact.decided_by);
    origins.track(fact, &origin)
}

fn is_node_local(class: &Class) -> bool {
    class.provisioner.as_deref().is_some_and(|provisioner| NODE_LOCAL.contains(&provisioner))
        || class.name.as_deref().is_some_and(|name| NODE_LOCAL_NAMES.contains(&name))
}

fn bytes(node: &Node) -> Option<u64> {
    Quantity::parse(&node.scalar_text()?)?.units()
}
