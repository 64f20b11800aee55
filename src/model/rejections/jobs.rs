//! Work that ends: Job and CronJob.

use super::place::Place;
use super::{meta, names, pod, schedule};

/// A Job.
pub(super) fn job(object: &Place<'_>) {
    let spec = object.get("spec");
    job_spec(&spec);
    // the server makes a label of its name
    let name = object.at(&["metadata", "name"]);
    if name.text().is_some_and(|text| names::not_a_subdomain(text).is_none()) {
        name.called("spec.template.labels".to_owned()).check(names::not_a_label_value);
    }
    let selector = spec.get("selector");
    if spec.get("manualSelector").flag() == Some(true) {
        if selector.is_set() {
            meta::selector(&selector);
        } else {
            selector.required("");
        }
    }
}

/// A CronJob.
pub(super) fn cron_job(object: &Place<'_>) {
    let name = object.at(&["metadata", "name"]);
    // the pods' names need room for a number
    if name.text().is_some_and(|text| text.len() > 52 && text.len() <= 253) {
        name.invalid("must be no more than 52 characters");
    }
    let spec = object.get("spec");
    let times = spec.get("schedule");
    if times.require() {
        times.check(schedule::not_a_schedule);
    }
    spec.get("timeZone").check(schedule::not_a_time_zone);
    spec.get("concurrencyPolicy").one_of(&["Allow", "Forbid", "Replace"]);
    for field in ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        spec.get(field).not_negative();
    }
    let job = spec.at(&["jobTemplate", "spec"]);
    job_spec(&job);
    if job.get("selector").is_set() {
        job.get("selector").refuse(job.get("selector").wrong("`selector` will be auto-generated"));
    }
    if job.get("manualSelector").flag() == Some(true) {
        job.get("manualSelector").refuse_as("Unsupported value: true: supported values: \"nil\", \"false\"".to_owned());
    }
}

fn job_spec(spec: &Place<'_>) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ] {
        spec.get(field).not_negative();
    }
    let mode = spec.get("completionMode");
    mode.set_to_one_of(&["NonIndexed", "Indexed"]);
    let (limit, failed) = (spec.get("backoffLimitPerIndex"), spec.get("maxFailedIndexes"));
    if failed.is_set() && !limit.is_set() {
        limit.required("when maxFailedIndexes is specified");
    }
    match mode.text().or((!mode.is_set()).then_some("NonIndexed")) {
        Some("NonIndexed") => {
            for field in [&limit, &failed] {
                // below zero it is refused already
                if field.is_set() && field.number().is_none_or(|number| number >= 0) {
                    field.invalid("requires indexed completion mode");
                }
            }
        }
        // where there is no number at all, both are one
        Some("Indexed") if !spec.get("completions").is_set() && spec.get("parallelism").is_set() => {
            spec.get("completions").required("when completion mode is Indexed");
        }
        _ => {}
    }
    let success = spec.get("successPolicy");
    if success.is_set() && !mode.is_hidden() {
        if mode.text() != Some("Indexed") {
            success.refuse(success.wrong("requires indexed completion mode"));
        } else if !success.get("rules").is_filled() {
            success.get("rules").required("at least one rules must be specified when the successPolicy is specified");
        }
    }
    let manager = spec.get("managedBy");
    if manager.is_set() && manager.require() {
        manager.check(names::not_a_domain_prefixed_path);
    }
    let failure = spec.get("podFailurePolicy");
    let replacement: &[&str] = if failure.is_set() { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    spec.get("podReplacementPolicy").set_to_one_of(replacement);
    pod::template(&spec.get("template"), None);
    let policy = spec.at(&["template", "spec", "restartPolicy"]);
    match policy.word() {
        Some("Always" | "") => policy.required("valid values: \"OnFailure\", \"Never\""),
        Some("OnFailure") if failure.is_set() => {
            policy.invalid("only \"Never\" is supported when podFailurePolicy is specified");
        }
        _ => policy.one_of(&["OnFailure", "Never"]),
    }
}
