//! Kinds that make pods, their claims and their scalers.

use std::collections::BTreeSet;

use super::place::Place;
use super::{meta, names, pod, schedule};
use crate::model::network::labels::{Selector, labels_of};
use crate::model::quantity::Quantity;
use crate::source::Node;

/// A StatefulSet.
pub(super) fn stateful_set(object: &Place<'_>) {
    let spec = object.get("spec");
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
    let management = spec.get("podManagementPolicy");
    if management.text().is_some_and(|text| !matches!(text, "OrderedReady" | "Parallel" | "")) {
        management.invalid("must be 'OrderedReady' or 'Parallel'");
    }
    let strategy = spec.get("updateStrategy");
    match strategy.get("type").text() {
        Some("OnDelete") if strategy.get("rollingUpdate").is_set() => {
            let rolling = strategy.get("rollingUpdate");
            rolling.refuse(rolling.wrong("only allowed for updateStrategy 'RollingUpdate'"));
        }
        Some("OnDelete" | "RollingUpdate" | "") | None => {}
        Some(_) => strategy.refuse(strategy.wrong("must be 'RollingUpdate' or 'OnDelete'")),
    }
    strategy.at(&["rollingUpdate", "partition"]).not_negative();
    for field in ["whenDeleted", "whenScaled"] {
        spec.at(&["persistentVolumeClaimRetentionPolicy", field]).one_of(&["Retain", "Delete"]);
    }
    spec.get("serviceName").check(|text| if text.is_empty() { None } else { names::not_a_label(text) });
    let mut claims = BTreeSet::new();
    for claim in spec.get("volumeClaimTemplates").items() {
        claims.extend(claim.at(&["metadata", "name"]).text());
        claim_spec(&claim.get("spec"));
    }
    selected(&spec, "statefulset");
    pod::template(&spec.get("template"), &claims);
    restarts(&spec.at(&["template", "spec", "restartPolicy"]), &["Always"]);
}

/// A Deployment or DaemonSet.
pub(super) fn deployment(object: &Place<'_>) {
    let spec = object.get("spec");
    spec.get("replicas").not_negative();
    spec.get("minReadySeconds").not_negative();
    selected(&spec, if object.get("kind").text() == Some("DaemonSet") { "daemonset" } else { "deployment" });
    let strategy = spec.get("strategy");
    strategy.get("type").one_of(&["Recreate", "RollingUpdate", ""]);
    let rolling = strategy.get("rollingUpdate");
    if strategy.get("type").text() == Some("Recreate") && rolling.is_set() {
        rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
    }
    pod::template(&spec.get("template"), &BTreeSet::new());
    restarts(&spec.at(&["template", "spec", "restartPolicy"]), &["Always"]);
}

/// A Job.
pub(super) fn job(object: &Place<'_>) {
    job_spec(&object.get("spec"));
}

/// A CronJob.
pub(super) fn cron_job(object: &Place<'_>) {
    let name = object.at(&["metadata", "name"]);
    // the pods' names need room for a number
    if name.text().is_some_and(|text| text.len() > 52) {
        name.invalid("must be no more than 52 characters");
    }
    let spec = object.get("spec");
    let times = spec.get("schedule");
    if times.require() {
        times.check(schedule::not_a_schedule);
    }
    spec.get("concurrencyPolicy").one_of(&["Allow", "Forbid", "Replace"]);
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        spec.get(field).not_negative();
    }
    job_spec(&spec.at(&["jobTemplate", "spec"]));
}

fn job_spec(spec: &Place<'_>) {
    for field in ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"] {
        spec.get(field).not_negative();
    }
    pod::template(&spec.get("template"), &BTreeSet::new());
    let policy = spec.at(&["template", "spec", "restartPolicy"]);
    match policy.text() {
        Some("Always" | "") => policy.required("valid values: \"OnFailure\", \"Never\""),
        None if !policy.is_set() => policy.required("valid values: \"OnFailure\", \"Never\""),
        _ => policy.one_of(&["OnFailure", "Never"]),
    }
}

fn restarts(policy: &Place<'_>, allowed: &[&str]) {
    if policy.is_filled() {
        policy.one_of(allowed);
    }
}

/// The selector, and whether the template's labels match it.
fn selected(spec: &Place<'_>, kind: &str) {
    let (selector, labels) = (spec.get("selector"), spec.at(&["template", "metadata", "labels"]));
    if !selector.is_set() {
        selector.required("");
        return;
    }
    meta::selector(&selector);
    if !selector.get("matchLabels").is_filled() && !selector.get("matchExpressions").is_filled() {
        selector.refuse(selector.wrong(&format!("empty selector is invalid for {kind}")));
        return;
    }
    let open = |node: Option<&Node>| {
        node.is_some_and(|node| node.fields(&[]).any(|(_, value)| value.as_str().is_none_or(super::place::is_open)))
    };
    if open(labels.node) || open(selector.get("matchLabels").node) {
        return;
    }
    if !Selector::of(selector.node).matches(&labels_of(labels.node)) {
        let mut refusal = labels.wrong("`selector` does not match template `labels`");
        refusal.collides_with = Some((selector.path.clone(), selector.origin().clone()));
        labels.refuse(refusal);
    }
}

/// A PersistentVolumeClaim.
pub(super) fn claim(object: &Place<'_>) {
    claim_spec(&object.get("spec"));
}

fn claim_spec(spec: &Place<'_>) {
    let modes = spec.get("accessModes");
    if !modes.is_filled() {
        modes.required("at least 1 access mode is required");
    }
    let items = modes.items();
    for mode in &items {
        mode.one_of(&["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"]);
    }
    if items.len() > 1 && items.iter().any(|mode| mode.text() == Some("ReadWriteOncePod")) {
        modes.forbidden("may not use ReadWriteOncePod with other access modes");
    }
    let storage = spec.at(&["resources", "requests"]).entry("storage");
    match storage.node.and_then(Node::scalar_text).as_deref().map(Quantity::parse) {
        None if !storage.is_set() => {
            let mut refusal = storage.missing("");
            refusal.field = format!("{}.resources[storage]", spec.path);
            storage.refuse(refusal);
        }
        Some(Some(size)) if size <= Quantity::default() => storage.invalid("must be greater than zero"),
        _ => {}
    }
    spec.get("storageClassName").check(|text| if text.is_empty() { None } else { names::not_a_subdomain(text) });
    spec.get("volumeMode").one_of(&["Block", "Filesystem"]);
}

/// A HorizontalPodAutoscaler.
pub(super) fn autoscaler(object: &Place<'_>) {
    let spec = object.get("spec");
    let (most, least) = (spec.get("maxReplicas"), spec.get("minReplicas"));
    if most.node.is_none_or(|node| node.as_i64().is_some_and(|number| number < 1)) {
        most.invalid("must be greater than 0");
    }
    if let (Some(most_of), Some(least_of)) = (most.number(), least.number())
        && most_of < least_of
    {
        most.invalid("must be greater than or equal to `minReplicas`");
    }
    for field in ["kind", "name"] {
        spec.get("scaleTargetRef").get(field).require();
    }
}

/// A PodDisruptionBudget.
pub(super) fn budget(object: &Place<'_>) {
    let spec = object.get("spec");
    let (least, most) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if least.is_set() && most.is_set() {
        let mut refusal = spec.wrong("minAvailable and maxUnavailable cannot be both set");
        let (own, other) =
            if least.origin().is_written() || !most.origin().is_written() { (&least, &most) } else { (&most, &least) };
        refusal.at = own.origin().clone();
        refusal.collides_with = Some((other.path.clone(), other.origin().clone()));
        spec.refuse(refusal);
    }
    for field in [&least, &most] {
        field.not_negative();
        let Some(text) = field.text() else { continue };
        let digits = text.strip_suffix('%').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        match digits.map(str::parse::<u32>) {
            Some(Ok(percent)) if percent > 100 => field.invalid("must not be greater than 100%"),
            Some(Ok(_)) => {}
            _ => field.invalid("a valid percent string must be a numeric string followed by an ending '%'"),
        }
    }
    meta::selector(&spec.get("selector"));
    spec.get("unhealthyPodEvictionPolicy").one_of(&["AlwaysAllow", "IfHealthyBudget"]);
}
