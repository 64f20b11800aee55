//! Mounts of the Qdrant container, with the kind of the volume behind each.

use crate::model::build::{Pods, Scope};
use crate::model::facts::workload::Mount;
use crate::model::tracked::Tracked;

/// The mounts in the order of the container.
pub(super) fn of_pods(pods: &Pods, scope: &Scope<'_>) -> Vec<Tracked<Mount>> {
    let mounts = pods.container.items(&["volumeMounts"]);
    mounts
        .iter()
        .map(|mount| {
            let volume = mount.text(&["name"]).unwrap_or_default();
            let fact = Mount {
                path: mount.text(&["mountPath"]).unwrap_or_default().to_owned(),
                volume: volume.to_owned(),
                sub_path: mount.text(&["subPath"]).map(str::to_owned),
                kind: kind(pods, volume),
            };
            scope.origins.track(fact, &mount.at(&["mountPath"]).unwrap_or(mount).origin)
        })
        .collect()
}

/// A claim template hides a volume of the same name.
fn kind(pods: &Pods, name: &str) -> String {
    let templates = pods.workload.node.items(&["spec", "volumeClaimTemplates"]);
    if templates.iter().any(|template| template.text(&["metadata", "name"]) == Some(name)) {
        return "claim-template".to_owned();
    }
    let volumes = pods.spec.items(&["volumes"]);
    let Some(volume) = volumes.iter().find(|volume| volume.text(&["name"]) == Some(name)) else {
        return "missing".to_owned();
    };
    let source = volume.fields(&[]).find(|(key, node)| key.as_ref() != "name" && !node.is_null());
    // a volume without a source, or with a null one, is an emptyDir
    source.map_or_else(|| "empty-dir".to_owned(), |(key, _)| in_words(key))
}

/// `configMap` → `config-map`.
fn in_words(field: &str) -> String {
    if field == "persistentVolumeClaim" {
        return "claim".to_owned();
    }
    let mut words = String::new();
    for letter in field.replace("API", "Api").chars() {
        if letter.is_ascii_uppercase() {
            words.push('-');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn sources_of_volumes_become_words() {
        for (field, words) in [
            ("secret", "secret"),
            ("configMap", "config-map"),
            ("emptyDir", "empty-dir"),
            ("persistentVolumeClaim", "claim"),
            ("downwardAPI", "downward-api"),
            ("hostPath", "host-path"),
        ] {
            assert_eq!(in_words(field), words);
        }
    }
}
