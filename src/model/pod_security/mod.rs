//! Pod Security Standards: which controls a pod breaks, in the words of the API server.
//!
//! Controls and wordings follow the admission plugin of Kubernetes 1.34 (`baseline` and `restricted`, level `latest`).

mod baseline;
mod pod;
mod restricted;

use self::pod::{Breach, Pod};
use super::facts::cluster::{Namespace, PodSecurity, PodSecurityViolation};
use super::input::Object;
use super::tracked::{Origins, Tracked};
use crate::source::Node;

/// Label of a namespace that names the level it enforces.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// A pod template and whose it is.
pub struct Template<'a> {
    /// The template, or a bare Pod.
    pub node: &'a Node,
    /// `StatefulSet/qdrant`.
    pub object: String,
    /// `peers`, `backup`, `other`.
    pub role: String,
}

/// The level of the namespace and what the pods break.
pub fn pod_security(namespace: Option<&Object>, templates: &[Template<'_>], origins: &Origins) -> PodSecurity {
    PodSecurity {
        enforces: namespace.and_then(|namespace| enforces(namespace, origins)),
        namespace_seen: namespace.is_some(),
        violations: templates
            .iter()
            .flat_map(|template| violations(template.node, &template.object, &template.role, origins))
            .collect(),
    }
}

/// The facts of a Namespace object.
pub fn namespace(object: &Object, origins: &Origins) -> Namespace {
    Namespace {
        name: object.name().to_owned(),
        enforce: enforces(object, origins),
        labels: object
            .node
            .fields(&["metadata", "labels"])
            .filter_map(|(key, value)| Some((key.to_string(), value.scalar_text()?)))
            .collect(),
    }
}

fn enforces(namespace: &Object, origins: &Origins) -> Option<Tracked<String>> {
    let label = namespace.node.at(&["metadata", "labels", ENFORCE])?;
    Some(origins.track(label.as_str()?.to_owned(), &label.origin))
}

/// Controls that a pod template breaks, the lowest level first. `object` and `role` are taken over into the facts.
pub fn violations(template: &Node, object: &str, role: &str, origins: &Origins) -> Vec<Tracked<PodSecurityViolation>> {
    let pod = Pod::of(template);
    let stricter = restricted::breaches(&pod);
    let lowest = baseline::breaches(&pod);
    let superseded: Vec<bool> = lowest
        .iter()
        .map(|breach| breach.superseded_by.is_some_and(|by| stricter.iter().any(|one| one.control == by)))
        .collect();
    lowest
        .into_iter()
        .zip(superseded)
        .map(|(breach, superseded)| ("baseline", breach, superseded))
        .chain(stricter.into_iter().map(|breach| ("restricted", breach, false)))
        .map(|(level, breach, superseded)| {
            let Breach { control, detail, containers, origin, .. } = breach;
            let fact = PodSecurityViolation {
                level: level.to_owned(),
                message: format!("{control} ({detail})"),
                control: control.to_owned(),
                containers,
                object: object.to_owned(),
                role: role.to_owned(),
                superseded,
            };
            origins.track(fact, origin)
        })
        .collect()
}

#[cfg(test)]
mod tests;
