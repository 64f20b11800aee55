//! Kinds that keep pods running: StatefulSet, Deployment, DaemonSet, ReplicaSet.

use std::collections::BTreeSet;

use super::place::{Place, is_open};
use super::refusal::percentage;
use super::{claims, meta, names, pod};
use crate::model::network::labels::{Selector, labels_of};
use crate::source::Node;

/// A StatefulSet.
pub(super) fn stateful_set(object: &Place<'_>) {
    let spec = object.get("spec");
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
    spec.at(&["ordinals", "start"]).not_negative();
    let management = spec.get("podManagementPolicy");
    if management.text().is_some_and(|text| !matches!(text, "OrderedReady" | "Parallel" | "")) {
        management.invalid("must be 'OrderedReady' or 'Parallel'");
    }
    let strategy = spec.get("updateStrategy");
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").text() {
        Some("OnDelete") if rolling.is_set() => {
            rolling.refuse(rolling.wrong("only allowed for updateStrategy 'RollingUpdate'"));
        }
        Some("OnDelete" | "RollingUpdate" | "") | None => {}
        Some(_) => {
            let mut refusal = strategy.wrong("must be 'RollingUpdate' or 'OnDelete'");
            refusal.at = strategy.get("type").origin().clone();
            strategy.refuse(refusal);
        }
    }
    rolling.get("partition").not_negative();
    for field in ["whenDeleted", "whenScaled"] {
        spec.at(&["persistentVolumeClaimRetentionPolicy", field]).one_of(&["Retain", "Delete"]);
    }
    spec.get("serviceName").check_filled(names::not_a_label);
    let mut volumes = BTreeSet::new();
    for claim in spec.get("volumeClaimTemplates").items() {
        volumes.extend(claim.at(&["metadata", "name"]).text());
        claims::template(&claim, &spec.at(&["template", "spec", "volumes"]));
    }
    selected(&spec, "statefulset");
    pod::template(&spec.get("template"), Some(&volumes));
    runs_forever(&spec, "StatefulSet");
}

/// A Deployment.
pub(super) fn deployment(object: &Place<'_>) {
    let spec = object.get("spec");
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        spec.get(field).not_negative();
    }
    let (deadline, ready) = (spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds"));
    deadline.not_negative();
    let waits = if ready.is_set() { ready.number() } else { Some(0) };
    let given_up = if deadline.is_set() { deadline.number() } else { Some(600) };
    if let (Some(given_up), Some(waits)) = (given_up, waits)
        && given_up <= waits
        && given_up >= 0
    {
        let mut refusal = deadline.wrong("must be greater than minReadySeconds");
        if !deadline.is_set() {
            refusal.at = ready.origin().clone();
            refusal.lacks = false;
        }
        deadline.refuse(refusal);
    }
    selected(&spec, "deployment");
    let strategy = spec.get("strategy");
    strategy.get("type").called(strategy.path()).one_of(&["Recreate", "RollingUpdate"]);
    let rolling = strategy.get("rollingUpdate");
    match strategy.get("type").word() {
        Some("Recreate") if rolling.is_set() => {
            rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
        }
        Some("" | "RollingUpdate") => {
            let (surge, missing) = (rolling.get("maxSurge"), rolling.get("maxUnavailable"));
            for field in [&surge, &missing] {
                field.count_or_percentage();
            }
            not_above_all(&missing);
            if is_zero(&surge) == Some(true) && is_zero(&missing) == Some(true) {
                missing.invalid("may not be 0 when `maxSurge` is 0");
            }
        }
        _ => {}
    }
    pod::template(&spec.get("template"), None);
    runs_forever(&spec, "ReplicaSet");
}

/// A ReplicaSet.
pub(super) fn replica_set(object: &Place<'_>) {
    let spec = object.get("spec");
    for field in ["replicas", "minReadySeconds"] {
        spec.get(field).not_negative();
    }
    selected(&spec, "replicaset");
    pod::template(&spec.get("template"), None);
    runs_forever(&spec, "ReplicaSet");
}

/// A DaemonSet.
pub(super) fn daemon_set(object: &Place<'_>) {
    let spec = object.get("spec");
    for field in ["minReadySeconds", "revisionHistoryLimit"] {
        spec.get(field).not_negative();
    }
    selected(&spec, "daemonset");
    let strategy = spec.get("updateStrategy");
    let kind = strategy.get("type");
    kind.called(strategy.path()).one_of(&["RollingUpdate", "OnDelete"]);
    if matches!(kind.word(), Some("" | "RollingUpdate")) {
        let (surge, missing) =
            (strategy.at(&["rollingUpdate", "maxSurge"]), strategy.at(&["rollingUpdate", "maxUnavailable"]));
        for field in [&surge, &missing] {
            field.count_or_percentage();
            not_above_all(field);
        }
        // text that is no number counts as none
        let none = |place: &Place<'_>, unset: bool| if place.is_set() { is_zero(place) } else { Some(unset) };
        match (none(&missing, false), none(&surge, true)) {
            (Some(false), Some(false)) => surge.invalid("may not be set when maxUnavailable is non-zero"),
            (Some(true), Some(true)) => missing.required("cannot be 0 when maxSurge is 0"),
            _ => {}
        }
    }
    pod::template(&spec.get("template"), None);
    runs_forever(&spec, "DaemonSet");
}

/// Whether it stands for no pods; none where a placeholder hides it, and where it is left to a default that is some.
fn is_zero(place: &Place<'_>) -> Option<bool> {
    if let Some(text) = place.text() {
        return Some(percentage(text).is_none_or(|percent| percent == 0));
    }
    place.number().map(|number| number == 0)
}

pub(super) fn not_above_all(place: &Place<'_>) {
    if place.text().and_then(percentage).is_some_and(|percent| percent > 100) {
        place.invalid("must not be greater than 100%");
    }
}

fn runs_forever(spec: &Place<'_>, kind: &str) {
    let pod = spec.at(&["template", "spec"]);
    pod.get("restartPolicy").one_of(&["Always"]);
    let deadline = pod.get("activeDeadlineSeconds");
    // out of bounds it is refused already
    if deadline.is_set() && deadline.number().is_none_or(|number| (1..=i64::from(i32::MAX)).contains(&number)) {
        deadline.forbidden(&format!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

/// The selector, and whether the template's labels match it.
fn selected(spec: &Place<'_>, kind: &str) {
    let (selector, labels) = (spec.get("selector"), spec.at(&["template", "metadata", "labels"]));
    if !selector.is_set() {
        // a DaemonSet without one selects nothing, so that its labels are wrong
        if kind == "daemonset" {
            labels.refuse(labels.wrong("`selector` does not match template `labels`"));
        } else {
            selector.required("");
        }
        return;
    }
    let before = selector.faults();
    meta::selector(&selector);
    if selector.faults() > before {
        // it selects nothing, which is no fault of the labels
        return;
    }
    if !selector.get("matchLabels").is_filled() && !selector.get("matchExpressions").is_filled() {
        selector.refuse(selector.wrong(&format!("empty selector is invalid for {kind}")));
        return;
    }
    let open = |node: Option<&Node>| {
        node.is_some_and(|node| {
            node.fields(&[]).any(|(key, value)| is_open(key) || value.as_str().is_some_and(is_open))
        })
    };
    let expressions = selector.get("matchExpressions").items();
    let hidden = expressions.iter().any(|one| one.get("key").is_hidden() || one.get("operator").is_hidden());
    if open(labels.node) || open(selector.get("matchLabels").node) || hidden {
        return;
    }
    if !Selector::of(selector.node).matches(&labels_of(labels.node)) {
        let mut refusal = labels.wrong("`selector` does not match template `labels`");
        refusal.collides_with = Some((selector.path(), selector.origin().clone()));
        labels.refuse(refusal);
    }
}
