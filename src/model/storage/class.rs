//! What is known of a StorageClass: its object in the input, then the configuration, then a well-known name, whose word
//! is never certain.

use std::collections::BTreeMap;

use super::table;
use crate::model::build::scope::absent_field;
use crate::model::facts::storage::Class;
use crate::model::input::Object;
use crate::model::tracked::Origins;
use crate::source::Node;

/// Words in a class name that hint at its media, when no table knows the name.
const HINTS: [(&str, &[&str]); 3] = [
    (
        "network-fs",
        &[
            "nfs",
            "nfs4",
            "efs",
            "cifs",
            "smb",
            "cephfs",
            "glusterfs",
            "azurefile",
            "filestore",
            "juicefs",
            "gcsfuse",
            "s3fs",
        ],
    ),
    ("hdd", &["hdd", "sata", "spinning", "st1", "sc1"]),
    ("ssd", &["ssd", "nvme", "gp3", "gp2", "io1", "io2"]),
];

/// The class of a StorageClass object.
pub(super) fn of_object(object: &Object, origins: &Origins) -> Class {
    let node = &object.node;
    let mut class = by_provisioner(node.text(&["provisioner"]).unwrap_or_default(), &parameters(node));
    class.name = Some(object.name().to_owned());
    "StorageClass in the input".clone_into(&mut class.decided_by);
    class.certain = class.media != "unknown";
    let origin = |field: &str| {
        node.at(&[field]).map_or_else(|| absent_field("Kubernetes", node, &[field]), |written| written.origin.clone())
    };
    let expandable = node.at(&["allowVolumeExpansion"]).and_then(Node::as_bool).unwrap_or(false);
    class.expandable = Some(origins.track(expandable, &origin("allowVolumeExpansion")));
    let policy = node.text(&["reclaimPolicy"]).unwrap_or("Delete").to_owned();
    class.reclaim_policy = Some(origins.track(policy, &origin("reclaimPolicy")));
    class
}

/// What a VolumeAttributesClass makes of the volumes of a class: its parameters have the last word.
pub(super) fn with_attributes(class: Class, object: &Object) -> Class {
    let driver = object.node.text(&["driverName"]).unwrap_or_default();
    let attributes = by_provisioner(driver, &parameters(&object.node));
    Class {
        media: attributes.media.clone(),
        slow_ssd: attributes.slow_ssd,
        network_filesystem: attributes.network_filesystem,
        certain: attributes.media != "unknown",
        known: attributes.known,
        because: attributes.because,
        decided_by: "VolumeAttributesClass in the input".to_owned(),
        ..class
    }
}

/// Whether the cluster uses a class for claims that name none.
pub(super) fn is_default(object: &Object) -> bool {
    ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"]
        .iter()
        .any(|annotation| object.node.text(&["metadata", "annotations", annotation]) == Some("true"))
}

/// Drivers compare names of parameters without case.
fn parameters(node: &Node) -> BTreeMap<String, String> {
    node.fields(&["parameters"]).filter_map(|(key, value)| Some((key.to_lowercase(), value.scalar_text()?))).collect()
}

/// The class of a name: configured, well known, or hinted at by its words.
pub(super) fn of_name(name: &str, configured: &BTreeMap<String, String>) -> Class {
    let base = Class { name: Some(name.to_owned()), encryption: "unknown".to_owned(), ..Class::default() };
    if let Some(media) = configured.get(name) {
        return Class {
            media: media.clone(),
            network_filesystem: is_network(media),
            decided_by: "configuration".to_owned(),
            certain: true,
            known: true,
            because: format!("`storage_classes` says {media}"),
            ..base
        };
    }
    if let Some(known) = table::name(name) {
        return by_candidates(known, base);
    }
    let words: Vec<String> = name.to_lowercase().split(['-', '_', '.']).map(str::to_owned).collect();
    let hint = HINTS.iter().find_map(|(media, hints)| {
        let word = words.iter().find(|word| hints.contains(&word.as_str()))?;
        Some((*media, word.clone()))
    });
    match hint {
        Some((media, word)) => Class {
            media: media.to_owned(),
            network_filesystem: media == "network-fs",
            decided_by: "well-known name".to_owned(),
            known: true,
            because: format!("its name says `{word}`"),
            ..base
        },
        None => Class {
            media: "unknown".to_owned(),
            decided_by: "nothing".to_owned(),
            because: "no table knows the name".to_owned(),
            ..base
        },
    }
}

fn by_candidates(known: &table::Name, base: Class) -> Class {
    let classes: Vec<Class> = known
        .candidates
        .iter()
        .map(|candidate| {
            let parameters =
                candidate.parameters.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect();
            let mut class = by_provisioner(candidate.provisioner.as_deref().unwrap_or_default(), &parameters);
            if let Some(media) = &candidate.media {
                class.media.clone_from(media);
                class.network_filesystem = is_network(media);
            }
            class
        })
        .collect();
    let platforms: Vec<&str> = known.candidates.iter().filter_map(|candidate| candidate.platform.as_deref()).collect();
    let Some(first) = classes.first() else {
        // a disk type of a cloud, used as a class name
        return Class {
            media: "ssd".to_owned(),
            decided_by: "well-known name".to_owned(),
            known: true,
            because: "named after a disk type".to_owned(),
            ..base
        };
    };
    let differ = known.ambiguous || classes.iter().any(|class| class.media != first.media);
    Class {
        media: if differ { "ambiguous".to_owned() } else { first.media.clone() },
        network_filesystem: !differ && first.network_filesystem,
        slow_ssd: !differ && first.slow_ssd,
        decided_by: "well-known name".to_owned(),
        known: true,
        because: format!("the name is known from {}", platforms.join(", ")),
        ..base
    }
}

fn by_provisioner(provisioner: &str, parameters: &BTreeMap<String, String>) -> Class {
    let base = Class {
        provisioner: (!provisioner.is_empty()).then(|| provisioner.to_owned()),
        encryption: "unknown".to_owned(),
        media: "unknown".to_owned(),
        ..Class::default()
    };
    let Some(rule) = table::rule(provisioner, parameters) else {
        let network = by_words_of_provisioner(provisioner);
        return Class {
            media: if network { "network-fs".to_owned() } else { "unknown".to_owned() },
            network_filesystem: network,
            known: network,
            because: format!("provisioner `{provisioner}`"),
            ..base
        };
    };
    let shown: Vec<String> = ["type", "skuname", "storageaccounttype", "vpusperegb"]
        .iter()
        .filter_map(|key| Some(format!("{key} {}", parameters.get(*key)?)))
        .collect();
    Class {
        media: if rule.verdict == "invalid" { "invalid".to_owned() } else { rule.media.clone() },
        network_filesystem: rule.network_filesystem || is_network(&rule.media),
        slow_ssd: rule.media == "ssd" && (rule.verdict == "discouraged" || rule.id.contains("StandardSSD")),
        known: true,
        because: if shown.is_empty() {
            format!("provisioner `{provisioner}`")
        } else {
            format!("provisioner `{provisioner}`, {}", shown.join(", "))
        },
        encryption: encryption(rule, parameters).to_owned(),
        regions: regions(rule, parameters),
        ..base
    }
}

/// NFS provisioners carry names that people choose.
fn by_words_of_provisioner(provisioner: &str) -> bool {
    let words: Vec<&str> = provisioner.split(['-', '_', '.', '/']).collect();
    HINTS[0].1.iter().any(|hint| words.contains(hint))
}

fn is_network(media: &str) -> bool {
    matches!(media, "network-fs" | "object")
}

fn encryption(rule: &table::Rule, parameters: &BTreeMap<String, String>) -> &'static str {
    let value = |name: &Option<String>| name.as_ref().and_then(|name| parameters.get(&name.to_lowercase()));
    if let Some(key) = value(&rule.encryption.customer_key) {
        let rejected =
            rule.encryption.reject.iter().any(|pattern| key.ends_with(pattern.rsplit(':').next().unwrap_or(pattern)));
        return if rejected { "provider-key" } else { "customer-key" };
    }
    match rule.encryption.model.as_deref() {
        Some("always-provider-key") => "provider-key",
        Some("parameter") => match value(&rule.encryption.parameter).map(String::as_str) {
            Some("true") => "provider-key",
            _ => "unknown",
        },
        Some("none") => "none",
        _ => "unknown",
    }
}

/// Regions that a key's ARN or a zone list names.
fn regions(rule: &table::Rule, parameters: &BTreeMap<String, String>) -> Vec<String> {
    let cloud = rule.cloud.as_deref().unwrap_or_default();
    let arn = parameters.values().find(|value| value.starts_with("arn:aws:kms:")).and_then(|arn| arn.split(':').nth(3));
    arn.filter(|region| !region.is_empty()).map(|region| format!("{cloud}:{region}")).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_several_meanings_is_ambiguous() {
        assert_eq!(of_name("standard", &BTreeMap::new()).media, "ambiguous");
        assert_eq!(of_name("managed-csi", &BTreeMap::new()).media, "ambiguous");
        assert_eq!(of_name("gp3", &BTreeMap::new()).media, "ssd");
        assert!(!of_name("gp3", &BTreeMap::new()).certain);
    }

    #[test]
    fn words_of_a_private_name_are_only_hints() {
        assert!(of_name("qnap-nfs", &BTreeMap::new()).network_filesystem);
        assert_eq!(of_name("bulk-hdd", &BTreeMap::new()).media, "hdd");
        assert_eq!(of_name("proxmox-csi", &BTreeMap::new()).media, "unknown");
        // `confs` holds `nfs` but is another word
        assert!(!of_name("confs", &BTreeMap::new()).network_filesystem);
    }

    #[test]
    fn the_configuration_has_the_last_word_on_names() {
        let configured = [("standard".to_owned(), "ssd".to_owned())].into_iter().collect();
        let class = of_name("standard", &configured);
        assert_eq!((class.media.as_str(), class.certain), ("ssd", true));
    }
}
