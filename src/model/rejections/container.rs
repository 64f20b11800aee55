//! Containers.

use std::collections::BTreeSet;

use super::place::Place;
use super::{environment, names, probe, resources, security};

/// What the pod around a container says.
pub(super) struct Around<'p> {
    /// Volumes by name.
    pub(super) volumes: BTreeSet<&'p str>,
    /// Not every volume is known: one has a templated name.
    pub(super) open: bool,
    /// Resource claims by name.
    pub(super) claims: BTreeSet<&'p str>,
    /// How long a pod may take to end; none where a placeholder hides it.
    pub(super) grace: Option<i64>,
    /// The pod's containers never start again.
    pub(super) never_restarts: bool,
    /// The pod shares the users of its host.
    pub(super) shares_users: bool,
}

/// A container. `init` where it starts before the others.
pub(super) fn container(container: &Place<'_>, around: &Around<'_>, init: bool) {
    let name = container.get("name");
    if name.require() {
        name.check(names::not_a_label);
    }
    container.get("image").require();
    container.get("imagePullPolicy").one_of(&["Always", "IfNotPresent", "Never"]);
    container.get("terminationMessagePolicy").one_of(&["File", "FallbackToLogsOnError"]);
    ports(&container.get("ports"));
    environment::variables(&container.get("env"));
    environment::collections(&container.get("envFrom"));
    let context = container.get("securityContext");
    let privileged = context.get("privileged").flag() == Some(true);
    mounts(&container.get("volumeMounts"), &container.get("volumeDevices"), around, privileged);
    devices(&container.get("volumeDevices"), around);
    resources::requirements(&container.get("resources"), &around.claims, false);
    resizing(&container.get("resizePolicy"), around.never_restarts);
    security::of_container(&context, around.shares_users);
    // of other policies the server forgets what it does not know
    let policy = container.get("restartPolicy");
    if init && !policy.is_hidden() && policy.text() != Some("Always") {
        for field in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
            if container.get(field).is_set() {
                container.get(field).forbidden("may not be set for init containers without restartPolicy=Always");
            }
        }
        return;
    }
    probe::probe(&container.get("livenessProbe"), probe::Purpose::Liveness);
    probe::probe(&container.get("readinessProbe"), probe::Purpose::Readiness);
    probe::probe(&container.get("startupProbe"), probe::Purpose::Startup);
    for hook in ["postStart", "preStop"] {
        let hook = container.at(&["lifecycle", hook]);
        if hook.is_set() {
            probe::handler(&hook, &["exec", "httpGet", "tcpSocket", "sleep"], around.grace);
        }
    }
}

fn ports(ports: &Place<'_>) {
    let mut seen = BTreeSet::new();
    for port in ports.items() {
        let name = port.get("name");
        let reason = name.text().filter(|text| !text.is_empty()).and_then(names::not_a_port_name);
        if let Some(reason) = reason {
            name.invalid(&reason);
        } else if let Some(text) = name.text().filter(|text| !text.is_empty())
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

fn mounts(mounts: &Place<'_>, devices: &Place<'_>, around: &Around<'_>, privileged: bool) {
    let devices: Vec<(Place<'_>, Place<'_>)> =
        devices.items().iter().map(|device| (device.get("name"), device.get("devicePath"))).collect();
    let mut seen = BTreeSet::new();
    for mount in mounts.items() {
        let (name, path) = (mount.get("name"), mount.get("mountPath"));
        if name.require()
            && let Some(text) = name.text()
        {
            if !around.volumes.contains(text) && !around.open {
                name.not_found();
            }
            if devices.iter().any(|(device, _)| device.text() == Some(text)) {
                name.invalid("must not already exist in volumeDevices");
            }
        }
        path.require();
        if let Some(text) = path.word() {
            if !seen.insert(text) {
                path.refuse(path.wrong(&format!("{text:?}: must be unique")));
            }
            if devices.iter().any(|(_, device)| device.text() == Some(text)) {
                path.invalid("must not already exist as a path in volumeDevices");
            }
        }
        // the place in the list is left out
        let of_all = |field: &'static str| mount.get(field).called(format!("{}.{field}", mounts.path()));
        of_all("subPath").check_filled(names::not_a_descending_path);
        let expression = mount.get("subPathExpr");
        if expression.is_filled() && mount.get("subPath").is_filled() {
            expression.invalid("subPathExpr and subPath are mutually exclusive");
        }
        of_all("subPathExpr").check_filled(names::not_a_descending_path);
        let propagation = of_all("mountPropagation");
        propagation.set_to_one_of(&["Bidirectional", "HostToContainer", "None"]);
        if propagation.text() == Some("Bidirectional") && !privileged {
            propagation.forbidden("Bidirectional mount propagation is available only to privileged containers");
        }
        let recursive = of_all("recursiveReadOnly");
        recursive.set_to_one_of(&["Disabled", "Enabled", "IfPossible"]);
        if matches!(recursive.text(), Some("Enabled" | "IfPossible")) {
            if mount.get("readOnly").flag() != Some(true) {
                recursive.forbidden("may only be specified when readOnly is true");
            }
            if propagation.text().is_some_and(|text| text != "None") {
                recursive.forbidden("may only be specified when mountPropagation is None or not specified");
            }
        }
    }
}

fn devices(devices: &Place<'_>, around: &Around<'_>) {
    let mut seen = BTreeSet::new();
    for device in devices.items() {
        let (name, path) = (device.get("name"), device.get("devicePath"));
        if name.require()
            && let Some(text) = name.text()
        {
            if !around.volumes.contains(text) && !around.open {
                name.not_found();
            }
            if !seen.insert(text) {
                name.invalid("must be unique");
            }
        }
        if path.require() {
            path.check(names::not_without_backsteps);
        }
    }
}

fn resizing(list: &Place<'_>, never_restarts: bool) {
    for policy in list.items() {
        let of_all = |field: &'static str| policy.get(field).called(list.path());
        let (resource, restart) = (of_all("resourceName"), of_all("restartPolicy"));
        if resource.require() {
            resource.one_of(&["cpu", "memory"]);
        }
        if restart.require() {
            restart.one_of(&["NotRequired", "RestartContainer"]);
        }
        if never_restarts && restart.word().is_some_and(|text| text != "NotRequired") {
            restart.refuse(restart.wrong("must be 'NotRequired' when `restartPolicy` is 'Never'"));
        }
    }
}
