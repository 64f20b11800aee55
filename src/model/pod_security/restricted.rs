//! Level `restricted`: the hardening that current best practice asks for.

use std::collections::BTreeSet;

use super::baseline::{added_capabilities, types};
use super::pod::{Breach, Breakers, Pod, containers_in_words, plural, quoted};
use crate::source::{Node, Origin};

/// Volume types that are allowed.
const VOLUMES: [&str; 9] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Broken controls in the order of the documentation.
pub(super) fn breaches<'a>(pod: &Pod<'a>) -> Vec<Breach<'a>> {
    let mut breaches = vec![volumes(pod)];
    // Windows has neither privilege escalation nor capabilities nor seccomp.
    if !pod.windows {
        breaches.extend([escalation(pod), capabilities(pod)]);
    }
    breaches.extend([non_root(pod), user(pod)]);
    if !pod.windows {
        breaches.push(seccomp(pod));
    }
    breaches.into_iter().flatten().collect()
}

fn volumes<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    let mut names = Vec::new();
    let mut kinds = BTreeSet::new();
    for volume in pod.spec.items(&["volumes"]) {
        let sources: Vec<(&str, &Node)> = volume
            .as_mapping()
            .into_iter()
            .flatten()
            .filter(|(key, value)| key.as_ref() != "name" && !value.is_null())
            .map(|(key, value)| (key.as_ref(), value))
            .collect();
        // A volume without a source is an emptyDir.
        if sources.is_empty() || sources.iter().any(|(kind, _)| VOLUMES.contains(kind)) {
            continue;
        }
        breakers.pod(sources.first().map_or(&volume.origin, |(_, node)| &node.origin));
        names.push(volume.text(&["name"]).unwrap_or_default());
        kinds.extend(sources.first().map(|(kind, _)| *kind));
    }
    breakers.breach("restricted volume types", |_| {
        format!(
            "{} {} {} {} {}",
            plural("volume", "volumes", names.len()),
            quoted(&names),
            plural("uses", "use", names.len()),
            plural("restricted volume type", "restricted volume types", kinds.len()),
            quoted(&kinds)
        )
    })
}

fn escalation<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        let field = container.security(&["allowPrivilegeEscalation"]);
        if field.and_then(Node::as_bool) != Some(false) {
            breakers.container(container, field.map_or(container.security_origin(), |node| &node.origin));
        }
    }
    breakers.breach("allowPrivilegeEscalation != false", |by| {
        format!("{} must set securityContext.allowPrivilegeEscalation=false", by.in_words())
    })
}

fn capabilities<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut missing = Breakers::default();
    for container in &pod.containers {
        let drop = container.security(&["capabilities", "drop"]);
        let all = drop.and_then(Node::as_sequence).unwrap_or_default().iter().any(|one| one.as_str() == Some("ALL"));
        if !all {
            missing.container(container, drop.map_or(container.security_origin(), |node| &node.origin));
        }
    }
    let added = added_capabilities(pod, &["NET_BIND_SERVICE"]);
    let mut details = Vec::new();
    if !missing.containers.is_empty() {
        details.push(format!(
            "{} must set securityContext.capabilities.drop=[\"ALL\"]",
            containers_in_words(&missing.containers)
        ));
    }
    if !added.containers.is_empty() {
        let (who, what) = (containers_in_words(&added.containers), quoted(&added.values));
        details.push(format!("{who} must not include {what} in securityContext.capabilities.add"));
    }
    let origin = missing.origin.or(added.origin)?;
    let mut containers = missing.containers;
    for name in added.containers {
        if !containers.contains(&name) {
            containers.push(name);
        }
    }
    Some(Breach {
        control: "unrestricted capabilities",
        detail: details.join("; "),
        containers,
        origin,
        superseded_by: None,
    })
}

/// Explicitly wrong settings, else containers that nothing covers; as the plugin does, only the former are named then.
struct Covered<'a> {
    wrong: Breakers<'a>,
    uncovered: Breakers<'a>,
}

fn non_root<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let own = pod.security(&["runAsNonRoot"]);
    let mut found = Covered { wrong: Breakers::default(), uncovered: Breakers::default() };
    if let Some(node) = own.filter(|node| node.as_bool() == Some(false)) {
        found.wrong.pod(&node.origin);
    }
    for container in &pod.containers {
        match container.security(&["runAsNonRoot"]) {
            Some(node) if node.as_bool() == Some(false) => found.wrong.container(container, &node.origin),
            Some(_) => {}
            None if own.and_then(Node::as_bool) == Some(true) => {}
            None => found.uncovered.container(container, container.security_origin()),
        }
    }
    let control = "runAsNonRoot != true";
    let wrong =
        found.wrong.breach(control, |by| format!("{} must not set securityContext.runAsNonRoot=false", by.in_words()));
    wrong.or_else(|| {
        found.uncovered.breach(control, |by| {
            format!("pod or {} must set securityContext.runAsNonRoot=true", containers_in_words(&by.containers))
        })
    })
}

fn user<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let root = |node: &&'a Node| node.as_i64() == Some(0);
    let mut breakers = Breakers::default();
    if let Some(node) = pod.security(&["runAsUser"]).filter(root) {
        breakers.pod(&node.origin);
    }
    for container in &pod.containers {
        if let Some(node) = container.security(&["runAsUser"]).filter(root) {
            breakers.container(container, &node.origin);
        }
    }
    breakers.breach("runAsUser=0", |by| format!("{} must not set runAsUser=0", by.in_words()))
}

fn seccomp<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    const ALLOWED: [&str; 2] = ["RuntimeDefault", "Localhost"];
    let field = ["seccompProfile", "type"];
    let wrong = types(pod, &field, &ALLOWED).breach("seccompProfile", |by| {
        format!("{} must not set securityContext.seccompProfile.type to {}", by.in_words(), quoted(&by.values))
    });
    if wrong.is_some() {
        return wrong;
    }
    let covered = pod.security(&field).is_some();
    let mut uncovered = Breakers::default();
    for container in pod.containers.iter().filter(|container| !covered && container.security(&field).is_none()) {
        let origin: &Origin = container.security_origin();
        uncovered.container(container, origin);
    }
    uncovered.breach("seccompProfile", |by| {
        let who = containers_in_words(&by.containers);
        format!("pod or {who} must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"")
    })
}
