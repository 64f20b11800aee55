//! What pods and containers may do on their node.

use std::collections::BTreeSet;

use super::names;
use super::place::Place;

/// `securityContext` of a container.
pub(super) fn of_container(security: &Place<'_>, shares_users: bool) {
    for field in ["runAsUser", "runAsGroup"] {
        identity(&security.get(field));
    }
    seccomp(&security.get("seccompProfile"));
    app_armor(&security.get("appArmorProfile"));
    let mount = security.get("procMount");
    mount.set_to_one_of(&["Default", "Unmasked"]);
    if shares_users && mount.text() == Some("Unmasked") {
        mount.invalid("`hostUsers` must be false to use `Unmasked`");
    }
    windows(&security.get("windowsOptions"));
    let escalation = security.get("allowPrivilegeEscalation");
    if escalation.flag() != Some(false) {
        return;
    }
    let privileged = security.get("privileged");
    let add = security.at(&["capabilities", "add"]);
    let administers = add.items().into_iter().find(|capability| capability.text() == Some("CAP_SYS_ADMIN"));
    let clash = |other: &Place<'_>, reason: &str| {
        let mut refusal = security.wrong(reason);
        refusal.at = other.origin().clone();
        refusal.collides_with = Some((escalation.path(), escalation.origin().clone()));
        security.refuse(refusal);
    };
    if privileged.flag() == Some(true) {
        clash(&privileged, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
    if let Some(administers) = administers {
        clash(&administers, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
}

/// `securityContext` of a pod.
pub(super) fn of_pod(security: &Place<'_>, spec: &Place<'_>) {
    for field in ["runAsUser", "runAsGroup", "fsGroup"] {
        identity(&security.get(field));
    }
    for group in security.get("supplementalGroups").items() {
        identity(&group);
    }
    security.get("fsGroupChangePolicy").set_to_one_of(&["Always", "OnRootMismatch"]);
    security.get("supplementalGroupsPolicy").set_to_one_of(&["Merge", "Strict"]);
    security.get("seLinuxChangePolicy").set_to_one_of(&["Recursive"]);
    seccomp(&security.get("seccompProfile"));
    app_armor(&security.get("appArmorProfile"));
    windows(&security.get("windowsOptions"));
    let mut seen = BTreeSet::new();
    for setting in security.get("sysctls").items() {
        let name = setting.get("name");
        if name.require() {
            name.check(not_a_sysctl);
        }
        if let Some(text) = name.text()
            && !seen.insert(text)
        {
            name.duplicate();
        }
    }
    let shared = spec.get("shareProcessNamespace");
    if shared.flag() == Some(true) && spec.get("hostPID").flag() == Some(true) {
        let place = shared.called(format!("{}.shareProcessNamespace", security.path()));
        place.invalid("ShareProcessNamespace and HostPID cannot both be enabled");
    }
}

fn not_a_sysctl(text: &str) -> Option<String> {
    let part = |part: &str| {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let ends = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        part.starts_with(ends) && part.ends_with(ends) && part.bytes().all(known)
    };
    let last = |text: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        !text.is_empty() && text.bytes().all(known)
    };
    let mut parts: Vec<&str> = text.split(['.', '/']).collect();
    let end = parts.pop().unwrap_or_default();
    (text.len() > 253 || !parts.iter().all(|text| part(text)) || !(part(end) || last(end) && !parts.is_empty()))
        .then(|| "must have at most 253 characters and be the name of a kernel setting".to_owned())
}

/// A user or group number.
fn identity(place: &Place<'_>) {
    place.within(0, i64::from(i32::MAX));
}

fn seccomp(profile: &Place<'_>) {
    if !profile.is_set() {
        return;
    }
    let (kind, file) = (profile.get("type"), profile.get("localhostProfile"));
    if kind.word() == Some("") {
        kind.required("type is required when seccompProfile is set");
    }
    kind.one_of(&["Localhost", "RuntimeDefault", "Unconfined"]);
    match kind.word() {
        Some("Localhost") if !file.is_set() => file.required("must be set when seccomp type is Localhost"),
        Some("Localhost") => file.check(names::not_a_descending_path),
        Some(_) if file.is_set() => file.invalid("can only be set when seccomp type is Localhost"),
        _ => {}
    }
}

fn app_armor(profile: &Place<'_>) {
    if !profile.is_set() {
        return;
    }
    let (kind, file) = (profile.get("type"), profile.get("localhostProfile"));
    if kind.word() == Some("") {
        kind.required("type is required when appArmorProfile is set");
    }
    kind.one_of(&["Localhost", "RuntimeDefault", "Unconfined"]);
    match kind.word() {
        Some("Localhost") if file.word().is_some_and(|text| text.trim().is_empty()) => {
            file.required("must be set when AppArmor type is Localhost");
        }
        Some("RuntimeDefault" | "Unconfined") if file.is_set() => {
            file.invalid("can only be set when AppArmor type is Localhost");
        }
        _ => {}
    }
}

fn windows(options: &Place<'_>) {
    for field in ["gmsaCredentialSpecName", "gmsaCredentialSpec", "runAsUserName"] {
        let place = options.get(field);
        if !place.is_set() || place.is_hidden() {
            continue;
        }
        if place.text() == Some("") {
            place.invalid("cannot be an empty string");
        } else if field == "gmsaCredentialSpecName" {
            place.check(names::not_a_subdomain);
        }
    }
}
