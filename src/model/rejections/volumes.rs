//! Volumes of pods: exactly one kind each, with what that kind needs.

use std::collections::BTreeSet;

use super::names;
use super::place::Place;

/// Kinds of volumes in the order in which the API server looks for them, and what it calls a second one.
const KINDS: [(&str, &str); 30] = [
    ("emptyDir", "emptyDir"),
    ("hostPath", "hostPath"),
    ("gitRepo", "gitRepo"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("quobyte", "quobyte"),
    // as it misspells it
    ("downwardAPI", "downwarAPI"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("configMap", "configMap"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("scaleIO", "scaleIO"),
    ("local", "local"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
];

/// Fields that a kind cannot do without.
const NEEDED: [(&str, &[&str]); 23] = [
    ("hostPath", &["path"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("gitRepo", &["repository"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &["registry", "volume"]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("local", &["path"]),
    ("csi", &["driver"]),
];

/// The volume of a pod, or what a PersistentVolume stands for. Without any kind a pod's volume is an empty folder.
pub(super) fn source(volume: &Place<'_>) {
    let mut first = true;
    // beside a local disk this one comes last
    let last = |kind: &str| kind == "storageos" && volume.get("local").is_set();
    let kinds = KINDS.iter().filter(|(kind, _)| !last(kind)).chain(KINDS.iter().filter(|(kind, _)| last(kind)));
    for (kind, second) in kinds {
        let source = volume.get(kind);
        if !source.is_set() {
            continue;
        }
        if first {
            first = false;
            of_kind(kind, &source, volume);
        } else {
            volume.get_as(kind, second).forbidden("may not specify more than 1 volume type");
        }
    }
    // this one is known by a gate that clusters may have closed
    if first && volume.get("image").is_set() {
        volume.get("image").get("pullPolicy").one_of(&["Always", "IfNotPresent", "Never"]);
    }
}

/// Whether any kind is named.
pub(super) fn has_source(volume: &Place<'_>) -> bool {
    KINDS.iter().any(|(kind, _)| volume.get(kind).is_set())
}

fn of_kind(kind: &str, source: &Place<'_>, volume: &Place<'_>) {
    for (_, fields) in NEEDED.iter().filter(|(needing, _)| *needing == kind) {
        for field in *fields {
            source.get(field).require();
        }
    }
    match kind {
        "emptyDir" => {
            let limit = source.get("sizeLimit");
            if super::resources::is_negative(&limit) {
                limit.forbidden("SizeLimit field must be a valid resource quantity");
            }
        }
        "hostPath" if source.get("path").is_filled() => {
            source.get("path").check(names::not_without_backsteps);
            source.get("type").one_of(&[
                "BlockDevice",
                "CharDevice",
                "Directory",
                "DirectoryOrCreate",
                "File",
                "FileOrCreate",
                "Socket",
            ]);
        }
        "gcePersistentDisk" => {
            volume.get_as(kind, "persistentDisk").get("pdName").require();
        }
        "nfs" => source
            .get("path")
            .check_filled(|text| (!text.starts_with('/')).then(|| "must be an absolute path".to_owned())),
        "flocker" if !source.get("datasetName").is_filled() && !source.get("datasetUUID").is_filled() => {
            source.required("one of datasetName and datasetUUID is required");
        }
        "fc" if !source.get("targetWWNs").is_filled() && !source.get("wwids").is_filled() => {
            source.get("targetWWNs").required("must specify either targetWWNs or wwids, but not both");
        }
        "secret" | "configMap" => {
            mode(&source.get("defaultMode"));
            items(&source.get("items"), &mut BTreeSet::new());
        }
        "downwardAPI" => {
            mode(&source.get("defaultMode"));
            for file in source.get("items").items() {
                downward_file(&file, source);
            }
        }
        "projected" => projected(source),
        "local" => source.get("path").check(names::not_without_backsteps),
        "ephemeral" => {
            let template = source.get("volumeClaimTemplate");
            if template.is_set() {
                super::claims::spec(&template.get("spec"), true);
            } else {
                template.required("");
            }
        }
        _ => {}
    }
}

/// Permissions of a file.
fn mode(mode: &Place<'_>) {
    if mode.number().is_some_and(|bits| !(0..=0o777).contains(&bits)) {
        mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// Keys of a ConfigMap or Secret as files. Tells which paths collide with those that were seen.
fn items(list: &Place<'_>, seen: &mut BTreeSet<String>) -> bool {
    let mut collides = false;
    for item in list.items() {
        item.get("key").require();
        let path = item.get("path");
        if path.require() {
            path.check(names::not_a_local_path);
            collides |= path.text().is_some_and(|text| !seen.insert(text.to_owned()));
        }
        mode(&item.get("mode"));
    }
    collides
}

/// A file of what a pod knows of itself. `shown` is where the API server says that faults are.
fn downward_file(file: &Place<'_>, shown: &Place<'_>) {
    let at = |field: &'static str| file.get(field).called(format!("{}.{field}", shown.path()));
    let path = at("path");
    if path.require() {
        path.check(names::not_a_local_path);
    }
    mode(&at("mode"));
    let (field, resource) = (at("fieldRef"), at("resourceFieldRef"));
    match (field.is_set(), resource.is_set()) {
        (true, true) => file.refuse(
            file.called(shown.path()).wrong("fieldRef and resourceFieldRef can not be specified simultaneously"),
        ),
        (true, false) => super::environment::field_reference(&field, super::environment::VOLUME_FIELDS),
        (false, true) => {
            if resource.get("containerName").require() {
                super::environment::resource_reference(&resource);
            }
        }
        (false, false) => {
            file.called(shown.path()).required("one of fieldRef and resourceFieldRef is required");
        }
    }
}

fn projected(source: &Place<'_>) {
    mode(&source.get("defaultMode"));
    let mut paths = BTreeSet::new();
    let mut collides = false;
    for one in source.get("sources").items() {
        // gates may have closed the others, which are forgotten then
        let kinds = ["secret", "configMap", "downwardAPI", "serviceAccountToken"];
        for kind in ["secret", "configMap"] {
            let projection = one.get(kind);
            if projection.is_set() {
                projection.get("name").require();
                collides |= items(&projection.get("items"), &mut paths);
            }
        }
        let downward = one.get("downwardAPI");
        for file in downward.get("items").items() {
            downward_file(&file, &downward);
        }
        let token = one.get("serviceAccountToken");
        if token.is_set() {
            let seconds = token.get("expirationSeconds");
            if seconds.number().is_some_and(|seconds| seconds < 600) {
                seconds.invalid("may not specify a duration less than 10 minutes");
            }
            // it leaves the place in the list out
            let path = token.get("path").called(format!("{}.path", source.path()));
            if path.require() {
                path.check(names::not_a_local_path);
            }
        }
        if kinds.iter().filter(|kind| one.get(kind).is_set()).count() > 1 {
            one.forbidden("may not specify more than 1 volume type per source");
        }
    }
    if collides {
        source.refuse(source.wrong("conflicting duplicate paths"));
    }
}
