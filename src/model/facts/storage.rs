//! Volumes of the peers.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// Volumes for data and snapshots.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Storage {
    /// What lies under the storage path (`/qdrant/storage`, or `storage.storage_path`).
    pub data: Option<Tracked<Volume>>,
    /// What lies under the snapshots path (`/qdrant/snapshots`, or `storage.snapshots_path`).
    pub snapshots: Option<Tracked<Volume>>,
    /// StorageClass, PersistentVolume and claim objects in the input.
    pub classes: Vec<Tracked<ClassObject>>,
}

/// A volume.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Volume {
    /// `claim-template`, `claim`, `generic-ephemeral`, `empty-dir`, `host-path`, `container-layer` (nothing mounted),
    /// `nfs`, `csi`, `other`.
    pub kind: String,
    /// Name of the volume or claim.
    pub name: String,
    /// In-tree type or CSI driver of an inline volume.
    pub driver: Option<String>,
    /// Access modes.
    pub access_modes: Option<Tracked<Vec<String>>>,
    /// Requested bytes.
    pub size_bytes: Option<Tracked<u64>>,
    /// The size is a default of the chart.
    pub size_is_chart_default: bool,
    /// `sizeLimit` of an emptyDir, bytes.
    pub size_limit_bytes: Option<u64>,
    /// emptyDir in memory.
    pub in_memory: bool,
    /// One claim is mounted by every peer.
    pub shared_by_peers: bool,
    /// The volume object or claim was seen (a claim named but not given is not).
    pub seen: bool,
    /// StorageClass.
    pub class: Option<Tracked<Class>>,
    /// Bound to one node's disk: local PV, `local-path`, `openebs-hostpath`, local NVMe.
    pub node_local: bool,
    /// StatefulSet `persistentVolumeClaimRetentionPolicy.whenScaled`.
    pub when_scaled: Option<Tracked<String>>,
    /// StatefulSet `persistentVolumeClaimRetentionPolicy.whenDeleted`.
    pub when_deleted: Option<Tracked<String>>,
    /// VolumeAttributesClass.
    pub attributes_class: Option<Tracked<String>>,
}

/// What is known of a StorageClass.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Class {
    /// Name; absent = unset (the cluster's default decides); `""` = no dynamic provisioning.
    pub name: Option<String>,
    /// `nvme`, `ssd`, `hdd`, `network-fs`, `object`, `memory`, `unknown`, `ambiguous`, `invalid` (never provisions).
    pub media: String,
    /// Network or object file system that Qdrant does not support.
    pub network_filesystem: bool,
    /// `StorageClass in the input`, `default StorageClass in the input`, `PersistentVolume in the input`,
    /// `VolumeAttributesClass in the input`, `volume source`, `well-known name`, `configuration`, `nothing`.
    pub decided_by: String,
    /// Decided by parameters, not by a name.
    pub certain: bool,
    /// A table or the configuration knows the provisioner or the name, be it that the media depends on what lies below.
    pub known: bool,
    /// Why, in words (provisioner and parameter).
    pub because: String,
    /// The SKU sits between: `StandardSSD_LRS`.
    pub slow_ssd: bool,
    /// Provisioner.
    pub provisioner: Option<String>,
    /// `allowVolumeExpansion`.
    pub expandable: Option<Tracked<bool>>,
    /// `reclaimPolicy`.
    pub reclaim_policy: Option<Tracked<String>>,
    /// `customer-key`, `provider-key`, `none`, `unknown`.
    pub encryption: String,
    /// Regions the class names, `cloud:region`.
    pub regions: Vec<String>,
}

/// A StorageClass object of the input.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ClassObject {
    /// Name.
    pub name: String,
    /// Provisioner.
    pub provisioner: String,
    /// The peers' data volume uses it.
    pub used_for_data: bool,
    /// What it is.
    pub class: Class,
}
