//! The workload that runs Qdrant: which object, which container.

use crate::model::input::Object;
use crate::model::network::labels::{Labels, labels_of};
use crate::source::Node;

/// Kinds that run pods for long.
pub(super) const KINDS: [&str; 6] = ["StatefulSet", "Deployment", "DaemonSet", "ReplicaSet", "Pod", "Rollout"];

/// The peers' workload with the parts that are asked for again and again. Nodes are shared, so this is cheap to keep.
#[derive(Clone, Debug)]
pub struct Pods {
    /// StatefulSet, Deployment, …
    pub workload: Object,
    /// Pod template; of a Pod the object itself.
    pub template: Node,
    /// Pod spec.
    pub spec: Node,
    /// The Qdrant container.
    pub container: Node,
    /// Labels of the pods.
    pub labels: Labels,
    /// Peers: `replicas`, Kubernetes' default 1; none when hidden or for a DaemonSet.
    pub peers: Option<u64>,
    /// Why this was taken for Qdrant, in words.
    pub because: String,
}

impl Pods {
    /// The workload, when the object runs Qdrant.
    pub fn of(object: &Object) -> Option<Self> {
        if !KINDS.contains(&object.kind()) {
            return None;
        }
        let template = if object.kind() == "Pod" { &object.node } else { object.node.at(&["spec", "template"])? };
        let spec = template.at(&["spec"])?;
        let (container, because) = spec
            .items(&["containers"])
            .iter()
            .find_map(|container| Some((container, is_qdrant_container(container)?)))?;
        let peers = match (object.kind(), object.node.at(&["spec", "replicas"])) {
            ("DaemonSet", _) => None,
            ("Pod", _) | (_, None) => Some(1),
            (_, Some(replicas)) => replicas.as_i64().and_then(|count| u64::try_from(count).ok()),
        };
        Some(Self {
            workload: object.clone(),
            template: template.clone(),
            spec: spec.clone(),
            container: container.clone(),
            labels: labels_of(template.at(&["metadata", "labels"])),
            peers,
            because,
        })
    }
}

/// Why a container is taken for the Qdrant server; `None` when it is not.
pub fn is_qdrant_container(container: &Node) -> Option<String> {
    if let Some(image) = container.text(&["image"])
        && is_qdrant_image(image)
    {
        return Some(format!("image {image}"));
    }
    let variable = container.items(&["env"]).iter().filter_map(|variable| variable.text(&["name"]));
    variable.into_iter().find(|name| name.starts_with("QDRANT__")).map(|name| format!("environment variable {name}"))
}

/// `qdrant/qdrant`, `registry.example/mirror/qdrant:v1.12.4`, `qdrant`; not `qdrant-operator`, `qdrant-mcp`.
fn is_qdrant_image(image: &str) -> bool {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    let last = last.split(':').next().unwrap_or(last);
    matches!(last, "qdrant" | "qdrant-unprivileged") || last.starts_with("qdrant-gpu")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_is_told_from_what_is_named_after_it() {
        for image in
            ["qdrant/qdrant", "docker.io/qdrant/qdrant:v1.12.4", "localhost:5000/mirror/qdrant@sha256:0", "qdrant"]
        {
            assert!(is_qdrant_image(image), "{image}");
        }
        for image in ["qdrant/qdrant-operator:v1", "acme/qdrant-backup", "qdrant/qdrant-mcp", "postgres:16"] {
            assert!(!is_qdrant_image(image), "{image}");
        }
    }
}
