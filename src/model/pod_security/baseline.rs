//! Level `baseline`: known ways out of a container.

use std::collections::BTreeSet;

use super::pod::{Breach, Breakers, Container, Pod, plural, quoted};
use crate::source::Node;

/// Capabilities that a container runtime gives anyway.
const DEFAULT_CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// Kernel parameters that are isolated by container or pod.
const SAFE_SYSCTLS: [&str; 12] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
];

const SELINUX_TYPES: [&str; 5] = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

const APPARMOR_ANNOTATION: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Broken controls in the order of the documentation.
pub(super) fn breaches<'a>(pod: &Pod<'a>) -> Vec<Breach<'a>> {
    [
        host_process(pod),
        host_namespaces(pod),
        privileged(pod),
        capabilities(pod),
        host_path_volumes(pod),
        host_ports(pod),
        probe_hosts(pod),
        app_armor(pod),
        se_linux(pod),
        proc_mount(pod),
        seccomp(pod),
        sysctls(pod),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn is_true(node: Option<&Node>) -> Option<&Node> {
    node.filter(|node| node.as_bool() == Some(true))
}

fn host_process<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let field = ["windowsOptions", "hostProcess"];
    let mut breakers = Breakers::default();
    if let Some(node) = is_true(pod.security(&field)) {
        breakers.pod(&node.origin);
    }
    for container in &pod.containers {
        if let Some(node) = is_true(container.security(&field)) {
            breakers.container(container, &node.origin);
        }
    }
    breakers.breach("hostProcess", |by| {
        format!("{} must not set securityContext.windowsOptions.hostProcess=true", by.in_words())
    })
}

fn host_namespaces<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    let mut set = Vec::new();
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(node) = is_true(pod.spec.get(field)) {
            breakers.pod(&node.origin);
            set.push(format!("{field}=true"));
        }
    }
    breakers.breach("host namespaces", |_| set.join(", "))
}

fn privileged<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        if let Some(node) = is_true(container.security(&["privileged"])) {
            breakers.container(container, &node.origin);
        }
    }
    breakers.breach("privileged", |by| format!("{} must not set securityContext.privileged=true", by.in_words()))
}

fn capabilities<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let breakers = added_capabilities(pod, &DEFAULT_CAPABILITIES);
    let breach = breakers.breach("non-default capabilities", |by| {
        format!("{} must not include {} in securityContext.capabilities.add", by.in_words(), quoted(&by.values))
    })?;
    Some(Breach { superseded_by: Some("unrestricted capabilities"), ..breach })
}

/// Containers that add capabilities other than the allowed ones.
pub(super) fn added_capabilities<'a>(pod: &Pod<'a>, allowed: &[&str]) -> Breakers<'a> {
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        for capability in container.security(&["capabilities", "add"]).and_then(Node::as_sequence).unwrap_or_default() {
            let name = capability.as_str().unwrap_or_default();
            if !allowed.contains(&name) {
                breakers.container(container, &capability.origin);
                breakers.values.insert(name.to_owned());
            }
        }
    }
    breakers
}

fn host_path_volumes<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    let mut names = Vec::new();
    for volume in pod.spec.items(&["volumes"]) {
        if let Some(node) = volume.at(&["hostPath"]) {
            breakers.pod(&node.origin);
            names.push(volume.text(&["name"]).unwrap_or_default());
        }
    }
    let breach = breakers
        .breach("hostPath volumes", |_| format!("{} {}", plural("volume", "volumes", names.len()), quoted(&names)))?;
    Some(Breach { superseded_by: Some("restricted volume types"), ..breach })
}

fn host_ports<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        for port in container.node.items(&["ports"]) {
            if let Some(node) = port.at(&["hostPort"]).filter(|node| node.as_i64() != Some(0)) {
                breakers.container(container, &node.origin);
                breakers.values.insert(node.scalar_text().unwrap_or_default());
            }
        }
    }
    breakers.breach("hostPort", |by| {
        let ports: Vec<&str> = by.values.iter().map(String::as_str).collect();
        format!(
            "{} {} {} {}",
            by.in_words(),
            plural("uses", "use", by.containers.len()),
            plural("hostPort", "hostPorts", ports.len()),
            ports.join(", ")
        )
    })
}

fn probe_hosts<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    const HANDLERS: [&[&str]; 5] = [
        &["livenessProbe"],
        &["readinessProbe"],
        &["startupProbe"],
        &["lifecycle", "postStart"],
        &["lifecycle", "preStop"],
    ];
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        for handler in HANDLERS.iter().filter_map(|path| container.node.at(path)) {
            for kind in ["httpGet", "tcpSocket"] {
                if let Some(host) = handler.at(&[kind, "host"]).filter(|host| host.as_str() != Some("")) {
                    breakers.container(container, &host.origin);
                    breakers.values.insert(host.scalar_text().unwrap_or_default());
                }
            }
        }
    }
    breakers.breach("probe or lifecycle host", |by| {
        format!(
            "{} {} {} {}",
            by.in_words(),
            plural("uses", "use", by.containers.len()),
            plural("probe or lifecycle host", "probe or lifecycle hosts", by.values.len()),
            quoted(&by.values)
        )
    })
}

fn app_armor<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let field = ["appArmorProfile", "type"];
    let mut breakers = types(pod, &field, &["RuntimeDefault", "Localhost"]);
    let mut annotations = BTreeSet::new();
    for (key, value) in pod.annotations.and_then(Node::as_mapping).into_iter().flatten() {
        let text = value.scalar_text().unwrap_or_default();
        let allowed = text.is_empty() || text == "runtime/default" || text.starts_with("localhost/");
        if key.starts_with(APPARMOR_ANNOTATION) && !allowed {
            breakers.origin.get_or_insert(&value.origin);
            annotations.insert(format!("{key}=\"{text}\""));
        }
    }
    let count = breakers.values.len() + annotations.len();
    let control = if count == 1 { "forbidden AppArmor profile" } else { "forbidden AppArmor profiles" };
    breakers.breach(control, |by| {
        let mut setters = by.in_words();
        if !annotations.is_empty() {
            let joint = if setters.is_empty() { "" } else { " and " };
            setters = format!("{setters}{joint}{}", plural("annotation", "annotations", annotations.len()));
        }
        format!("{setters} must not set AppArmor profile type to {}", quoted(by.values.iter().chain(&annotations)))
    })
}

/// Who sets a `type` that is not among the allowed ones.
pub(super) fn types<'a>(pod: &Pod<'a>, field: &[&str], allowed: &[&str]) -> Breakers<'a> {
    let mut breakers = Breakers::default();
    let bad = |node: &&'a Node| node.as_str().is_none_or(|text| !allowed.contains(&text));
    if let Some(node) = pod.security(field).filter(bad) {
        breakers.pod(&node.origin);
        breakers.values.insert(node.scalar_text().unwrap_or_default());
    }
    for container in &pod.containers {
        if let Some(node) = container.security(field).filter(bad) {
            breakers.container(container, &node.origin);
            breakers.values.insert(node.scalar_text().unwrap_or_default());
        }
    }
    breakers
}

fn se_linux<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let field = ["seLinuxOptions"];
    let mut breakers = Breakers::default();
    let (mut user, mut role) = (false, false);
    let own = pod.security(&field).map(|options| (None, options));
    let below = pod.containers.iter().filter_map(|container| Some((Some(container), container.security(&field)?)));
    for (container, options) in own.into_iter().chain(below) {
        let kind = options.text(&["type"]).unwrap_or_default();
        let sets = |key: &str| options.text(&[key]).is_some_and(|text| !text.is_empty());
        let bad_type = !SELINUX_TYPES.contains(&kind);
        if bad_type {
            breakers.values.insert(kind.to_owned());
        }
        user |= sets("user");
        role |= sets("role");
        if bad_type || sets("user") || sets("role") {
            blame(&mut breakers, container, options);
        }
    }
    breakers.breach("seLinuxOptions", |by| {
        let mut bad = Vec::new();
        if !by.values.is_empty() {
            bad.push(format!("{} {}", plural("type", "types", by.values.len()), quoted(&by.values)));
        }
        bad.extend(user.then(|| "user may not be set".to_owned()));
        bad.extend(role.then(|| "role may not be set".to_owned()));
        format!("{} set forbidden securityContext.seLinuxOptions: {}", by.in_words(), bad.join("; "))
    })
}

fn blame<'a>(breakers: &mut Breakers<'a>, container: Option<&Container<'_>>, node: &'a Node) {
    match container {
        None => breakers.pod(&node.origin),
        Some(container) => breakers.container(container, &node.origin),
    }
}

fn proc_mount<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    for container in &pod.containers {
        if let Some(node) = container.security(&["procMount"]).filter(|node| node.as_str() != Some("Default")) {
            breakers.container(container, &node.origin);
            breakers.values.insert(node.scalar_text().unwrap_or_default());
        }
    }
    breakers.breach("procMount", |by| {
        format!("{} must not set securityContext.procMount to {}", by.in_words(), quoted(&by.values))
    })
}

fn seccomp<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let breakers = types(pod, &["seccompProfile", "type"], &["RuntimeDefault", "Localhost"]);
    let breach = breakers.breach("seccompProfile", |by| {
        format!("{} must not set securityContext.seccompProfile.type to {}", by.in_words(), quoted(&by.values))
    })?;
    Some(Breach { superseded_by: Some("seccompProfile"), ..breach })
}

fn sysctls<'a>(pod: &Pod<'a>) -> Option<Breach<'a>> {
    let mut breakers = Breakers::default();
    let mut names = Vec::new();
    for sysctl in pod.security(&["sysctls"]).and_then(Node::as_sequence).unwrap_or_default() {
        let name = sysctl.text(&["name"]).unwrap_or_default();
        if !SAFE_SYSCTLS.contains(&name) {
            breakers.pod(&sysctl.origin);
            names.push(name);
        }
    }
    breakers.breach("forbidden sysctls", |_| names.join(", "))
}
