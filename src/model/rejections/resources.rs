//! Amounts: what containers ask for, limits, quotas.

use std::collections::BTreeSet;

use super::names;
use super::place::Place;
use crate::model::quantity::Quantity;
use crate::source::Node;

/// Resources of containers that have no domain.
const OF_CONTAINERS: [&str; 3] = ["cpu", "memory", "ephemeral-storage"];

/// Resources without a domain, of containers and quotas.
const STANDARD: [&str; 21] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
    "limits",
];

/// An amount and how it is written. Null stands for zero.
pub(super) fn amount(place: &Place<'_>, of_key: bool) -> Option<(Quantity, String)> {
    match place.node {
        Some(node) => {
            let text = node.scalar_text()?;
            Quantity::parse(&text).map(|quantity| (quantity, text))
        }
        None => of_key.then(|| (Quantity::default(), "0".to_owned())),
    }
}

/// A negative amount.
pub(super) fn is_negative(place: &Place<'_>) -> bool {
    amount(place, false).is_some_and(|(quantity, _)| quantity < Quantity::default())
}

/// `resources` of a container or, with fewer names, of a pod.
pub(super) fn requirements(resources: &Place<'_>, claims: &BTreeSet<&str>, of_pod: bool) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    for list in [&limits, &requests] {
        for name in list.keys() {
            let entry = list.entry(name);
            if resource_name(name, &entry, of_pod) {
                not_negative(&entry);
                whole(name, &entry);
            }
        }
    }
    for name in requests.keys() {
        let (request, limit) = (requests.entry(name), limits.entry(name));
        let overcommits = OF_CONTAINERS.contains(&name);
        let bound = amount(&limit, limits.keys().contains(&name));
        let (Some((asked, shown)), bound) = (amount(&request, true), bound) else { continue };
        let reason = match bound {
            Some((most, _)) if !overcommits && asked != most => {
                format!("must be equal to {name} limit of {}", text(&limit))
            }
            Some((most, _)) if asked > most => {
                format!("must be less than or equal to {name} limit of {}", text(&limit))
            }
            None if !overcommits && is_extended(name) => {
                limits.required(&format!("Limit must be set for non overcommitable resources: {name}"));
                continue;
            }
            _ => continue,
        };
        let mut refusal = request.wrong(&format!("{shown:?}: {reason}"));
        refusal.field.clone_from(&requests.path());
        refusal.collides_with = Some((limit.path(), limit.origin().clone()));
        request.refuse(refusal);
    }
    let mut seen = BTreeSet::new();
    for claim in resources.get("claims").items() {
        let name = claim.get("name");
        match name.word() {
            Some("") => claim.required(""),
            Some(text) => {
                if !seen.insert((text, claim.get("request").word())) {
                    claim.refuse_as(format!("Duplicate value: {text:?}"));
                }
                if !claims.contains(text) {
                    claim
                        .refuse_as(format!("Not found: {text:?}: must be one of the names in pod.spec.resourceClaims"));
                }
            }
            None => {}
        }
    }
}

/// A name of a resource. Tells whether it is one.
fn resource_name(name: &str, entry: &Place<'_>, of_pod: bool) -> bool {
    let reason = if let Some(reason) = names::not_a_qualified_name(name) {
        reason
    } else if !name.contains('/') && !name.starts_with("hugepages-") && !OF_CONTAINERS.contains(&name) {
        "must be a standard resource for containers".to_owned()
    } else if name.contains('/') && !is_native(name) && !is_extended(name) {
        "doesn't follow extended resource name standard".to_owned()
    } else if of_pod && name != "cpu" && name != "memory" && !name.starts_with("hugepages-") {
        return unsupported(entry, name);
    } else {
        return true;
    };
    entry.refuse(entry.wrong(&format!("{name:?}: {reason}")));
    false
}

fn unsupported(entry: &Place<'_>, name: &str) -> bool {
    entry.refuse_as(format!("Unsupported value: {name:?}: supported values: \"cpu\", \"hugepages-\", \"memory\""));
    false
}

fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// A resource of a device plugin.
fn is_extended(name: &str) -> bool {
    !is_native(name)
        && !name.starts_with("requests.")
        && names::not_a_qualified_name(&format!("requests.{name}")).is_none()
}

/// Devices are countable.
fn whole(name: &str, entry: &Place<'_>) {
    let parts = |quantity: Quantity| quantity.millis().is_some_and(|millis| millis % 1000 != 0);
    if is_extended(name) && amount(entry, true).is_some_and(|(quantity, _)| parts(quantity)) {
        entry.refuse(entry.wrong(&format!("{:?}: must be an integer", text(entry))));
    }
}

/// Not below zero.
fn not_negative(entry: &Place<'_>) {
    if is_negative(entry) {
        let shown = text(entry);
        entry.refuse(entry.wrong(&format!("{shown:?}: must be greater than or equal to 0")));
    }
}

fn text(place: &Place<'_>) -> String {
    place.node.and_then(Node::scalar_text).unwrap_or_else(|| "0".to_owned())
}

/// A ResourceQuota.
pub(super) fn quota(object: &Place<'_>) {
    let hard = object.get("spec").get("hard");
    for name in hard.keys() {
        let entry = hard.entry(name);
        if let Some(reason) = names::not_a_qualified_name(name) {
            entry.refuse(entry.wrong(&format!("{name:?}: {reason}")));
            continue;
        }
        let known =
            STANDARD.contains(&name) || name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
        if !name.contains('/') && !known {
            entry.refuse(entry.wrong(&format!("{name:?}: must be a standard resource for quota")));
        }
        not_negative(&entry);
    }
    let scopes = object.get("spec").get("scopes");
    let known =
        ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"];
    let known = |text: &str| known.contains(&text) || text == "VolumeAttributesClass";
    if scopes.items().iter().any(|scope| scope.word().is_some_and(|text| !known(text))) {
        scopes.refuse(scopes.wrong("unsupported scope"));
    }
}

/// A LimitRange.
pub(super) fn limit_range(object: &Place<'_>) {
    let mut seen = BTreeSet::new();
    for limit in object.get("spec").get("limits").items() {
        let kind = limit.get("type");
        kind.check_word(names::not_a_qualified_name);
        if let Some(text) = kind.word() {
            let standard = ["Container", "PersistentVolumeClaim", "Pod"].contains(&text);
            if names::not_a_qualified_name(text).is_none() && !text.contains('/') && !standard {
                kind.invalid("must be a standard limit type or fully qualified");
            }
            if !seen.insert(text) {
                kind.duplicate();
            }
        }
        let lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"].map(|list| limit.get(list));
        for list in &lists {
            for name in list.keys() {
                limit_name(kind.text(), name, &list.entry(name));
            }
        }
        if kind.text() == Some("Pod") {
            for list in [&lists[2], &lists[3]].into_iter().filter(|list| list.is_filled()) {
                list.forbidden("may not be specified when `type` is 'Pod'");
            }
        }
        let has_storage = |list: &Place<'_>| list.keys().contains(&"storage");
        if kind.text() == Some("PersistentVolumeClaim") && !has_storage(&lists[0]) && !has_storage(&lists[1]) {
            limit
                .get("limits")
                .required("either minimum or maximum storage value is required, but neither was provided");
        }
        // of each pair the first may not be above the second; the fault is at the third
        for (low, high, at) in [(1, 0, 1), (1, 3, 3), (3, 0, 3), (3, 2, 3), (1, 2, 2), (2, 0, 2)] {
            for name in lists[low].keys() {
                let of = |list: usize| amount(&lists[list].entry(name), lists[list].keys().contains(&name));
                if let (Some((least, shown)), Some((most, bound))) = (of(low), of(high))
                    && least > most
                {
                    let entry = lists[at].entry(name);
                    entry.refuse(entry.wrong(&format!("{shown} is greater than {bound}")));
                }
            }
        }
        for name in lists[4].keys() {
            let entry = lists[4].entry(name);
            if amount(&entry, true).is_some_and(|(ratio, _)| Quantity::parse("1").is_some_and(|one| ratio < one)) {
                entry.refuse(entry.wrong(&format!("ratio {} is less than 1", text(&entry))));
            }
        }
    }
}

fn limit_name(kind: Option<&str>, name: &str, entry: &Place<'_>) {
    match kind {
        Some("Pod" | "Container") => {
            resource_name(name, entry, false);
        }
        _ => {
            if let Some(reason) = names::not_a_qualified_name(name) {
                entry.refuse(entry.wrong(&format!("{name:?}: {reason}")));
            } else if !name.contains('/') && !STANDARD.contains(&name) {
                entry.refuse(entry.wrong(&format!("{name:?}: must be a standard resource type or fully qualified")));
            }
        }
    }
}
