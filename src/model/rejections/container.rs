//! Containers.

use std::collections::BTreeSet;

use super::place::Place;
use super::{names, probe};
use crate::model::quantity::Quantity;
use crate::source::Node;

/// A container. With `open` not every volume of the pod is known.
pub(super) fn container(container: &Place<'_>, volumes: &BTreeSet<&str>, open: bool, init: bool) {
    let name = container.get("name");
    if name.require() {
        name.check(names::not_a_label);
    }
    let image = container.get("image");
    if !image.is_filled() {
        image.required("");
    }
    container.get("imagePullPolicy").one_of(&["Always", "IfNotPresent", "Never"]);
    ports(&container.get("ports"));
    environment(&container.get("env"));
    mounts(&container.get("volumeMounts"), volumes, open);
    resources(&container.get("resources"));
    security(&container.get("securityContext"));
    if !init {
        probe::probe(&container.get("livenessProbe"), true);
        probe::probe(&container.get("readinessProbe"), false);
        probe::probe(&container.get("startupProbe"), true);
    }
    for hook in ["postStart", "preStop"] {
        let hook = container.at(&["lifecycle", hook]);
        if hook.is_set() {
            probe::handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"]);
        }
    }
}

fn ports(ports: &Place<'_>) {
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let name = port.get("name");
        name.check(|text| if text.is_empty() { None } else { names::not_a_port_name(text) });
        if let Some(text) = name.text().filter(|text| !text.is_empty())
            && !seen.insert(text)
        {
            name.duplicate();
        }
        let number = port.get("containerPort");
        if number.node.is_none_or(|node| node.as_i64() == Some(0)) {
            number.required("");
        } else {
            number.port_number();
        }
        let host = port.get("hostPort");
        if host.number() != Some(0) {
            host.port_number();
        }
        port.get("protocol").one_of(&["SCTP", "TCP", "UDP"]);
    }
}

fn environment(variables: &Place<'_>) {
    for variable in variables.items() {
        let name = variable.get("name");
        if name.require() {
            name.check(|text| {
                (text.contains('=') || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)))
                    .then(|| "a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned())
            });
        }
        let from = variable.get("valueFrom");
        if !from.is_set() {
            continue;
        }
        let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
        let sources = kinds.iter().filter(|kind| from.get(kind).is_set()).count();
        if sources == 0 {
            from.refuse(
                from.wrong("must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"),
            );
        } else if sources > 1 {
            from.refuse(from.wrong("may not have more than one field specified at a time"));
        } else if variable.get("value").is_filled() {
            from.refuse(from.wrong("may not be specified when `value` is not empty"));
        }
        for kind in ["configMapKeyRef", "secretKeyRef"] {
            let reference = from.get(kind);
            if reference.is_set() {
                reference.get("key").require();
            }
        }
    }
}

fn mounts(mounts: &Place<'_>, volumes: &BTreeSet<&str>, open: bool) {
    let mut seen = BTreeSet::new();
    for mount in mounts.items() {
        let (name, path) = (mount.get("name"), mount.get("mountPath"));
        name.require();
        if let Some(text) = name.text().filter(|text| !text.is_empty())
            && !volumes.contains(text)
            && !open
        {
            name.not_found();
        }
        path.require();
        if let Some(text) = path.text().filter(|text| !text.is_empty())
            && !seen.insert(text)
        {
            path.invalid("must be unique");
        }
        mount.get("subPath").check(|text| {
            (text.starts_with('/') || text.split('/').any(|part| part == ".."))
                .then(|| "must be a relative path without '..'".to_owned())
        });
    }
}

fn resources(resources: &Place<'_>) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    let amount = |place: &Place<'_>| {
        let text = place.node.and_then(Node::scalar_text)?;
        Quantity::parse(&text).map(|quantity| (quantity, text))
    };
    for list in [&limits, &requests] {
        for name in list.keys() {
            let entry = list.entry(name);
            if amount(&entry).is_some_and(|(quantity, _)| quantity < Quantity::default()) {
                entry.invalid("must be greater than or equal to 0");
            }
        }
    }
    for name in requests.keys() {
        let (request, limit) = (requests.entry(name), limits.entry(name));
        if let (Some((asked, shown)), Some((most, bound))) = (amount(&request), amount(&limit))
            && asked > most
        {
            let mut refusal =
                request.wrong(&format!("{shown:?}: must be less than or equal to {name} limit of {bound}"));
            refusal.field.clone_from(&requests.path);
            refusal.collides_with = Some((limit.path.clone(), limit.origin().clone()));
            request.refuse(refusal);
        }
    }
}

fn security(security: &Place<'_>) {
    for field in ["runAsUser", "runAsGroup"] {
        identity(&security.get(field));
    }
    seccomp(&security.get("seccompProfile"));
    let (escalation, privileged) = (security.get("allowPrivilegeEscalation"), security.get("privileged"));
    if escalation.flag() == Some(false) && privileged.flag() == Some(true) {
        let mut refusal = security.wrong("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
        refusal.at = privileged.origin().clone();
        refusal.collides_with = Some((escalation.path.clone(), escalation.origin().clone()));
        security.refuse(refusal);
    }
}

/// A user or group number.
pub(super) fn identity(place: &Place<'_>) {
    if place
        .number()
        .is_some_and(|number| i32::try_from(number).is_ok_and(|number| number < 0) || number > i64::from(i32::MAX))
    {
        place.invalid("must be between 0 and 2147483647, inclusive");
    }
}

/// A seccomp profile.
pub(super) fn seccomp(profile: &Place<'_>) {
    if !profile.is_set() {
        return;
    }
    let (kind, file) = (profile.get("type"), profile.get("localhostProfile"));
    if !kind.is_filled() {
        kind.required("type is required when seccompProfile is set");
    }
    kind.one_of(&["Localhost", "RuntimeDefault", "Unconfined"]);
    if kind.text() == Some("Localhost") && !file.is_set() {
        file.required("must be set when seccomp type is Localhost");
    } else if matches!(kind.text(), Some("RuntimeDefault" | "Unconfined")) && file.is_set() {
        file.invalid("can only be set when seccomp type is Localhost");
    }
}
