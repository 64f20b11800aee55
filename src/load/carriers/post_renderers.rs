//! What the `postRenderers` of a `HelmRelease` may change of what the chart renders, as keys of its values.

use crate::load::context::Context;
use crate::source::{Node, Schema, parse_embedded};

/// Parts of a pod's template by which a JSON patch is told, and the values that say the same.
const PARTS: [(&str, &[&str]); 13] = [
    ("/volumeClaimTemplates", &["persistence", "snapshotPersistence"]),
    ("/volumes", &["persistence", "snapshotPersistence", "additionalVolumes"]),
    ("/volumeMounts", &["persistence", "snapshotPersistence", "additionalVolumeMounts"]),
    ("/replicas", &["replicaCount"]),
    ("/resources", &["resources"]),
    ("/affinity", &["affinity"]),
    ("/topologySpreadConstraints", &["topologySpreadConstraints"]),
    ("/tolerations", &["tolerations"]),
    ("/nodeSelector", &["nodeSelector"]),
    ("/terminationGracePeriodSeconds", &["terminationGracePeriodSeconds"]),
    ("/dnsConfig", &[]),
    ("/dnsPolicy", &[]),
    ("/priorityClassName", &["priorityClassName"]),
];

/// The keys of the values that the post-renderers may overrule; `None` where they may overrule any.
pub(super) fn overruled(context: &mut Context<'_>, root: &Node) -> Option<Vec<&'static str>> {
    let mut keys = Vec::new();
    for renderer in root.items(&["spec", "postRenderers"]) {
        let kustomize = renderer.at(&["kustomize"])?.as_mapping()?;
        if kustomize.keys().any(|key| key.as_ref() != "patches") {
            return None;
        }
        for patch in renderer.items(&["kustomize", "patches"]) {
            if patch.text(&["target", "kind"]) != Some("StatefulSet") {
                return None;
            }
            let text = patch.at(&["patch"])?;
            let parsed = parse_embedded(context.sources, text, Schema::Yaml11, &context.options.limits);
            if !parsed.errors.is_empty() {
                return None;
            }
            for document in &parsed.documents {
                for operation in document.root.as_sequence()? {
                    keys.extend(of_path(operation.text(&["path"])?)?);
                }
            }
        }
    }
    Some(keys)
}

/// The values that say what stands at a path of the StatefulSet.
fn of_path(path: &str) -> Option<&'static [&'static str]> {
    let path = path.strip_prefix("/spec").unwrap_or_default();
    let path = path.strip_prefix("/template/spec").unwrap_or(path);
    let path = path.strip_prefix("/containers/0").unwrap_or(path);
    let is_at = |part: &str| path == part || path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/'));
    PARTS.iter().find(|(part, _)| is_at(part)).map(|(_, keys)| *keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_set_names_the_values_that_it_overrules() {
        assert_eq!(of_path("/spec/replicas"), Some(&["replicaCount"][..]));
        assert_eq!(of_path("/spec/template/spec/containers/0/resources/limits"), Some(&["resources"][..]));
        assert_eq!(of_path("/spec/template/spec/dnsPolicy"), Some(&[][..]));
        assert_eq!(of_path("/spec/template/spec/containers/0/env/-"), None);
        assert_eq!(of_path("/spec/template/spec/volumesOfOthers"), None);
        assert_eq!(of_path("/metadata/labels/x"), None);
    }
}
