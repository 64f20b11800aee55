//! How many pods there may be: autoscalers and disruption budgets.

use super::place::Place;
use super::{meta, names, resources, workload};
use crate::model::quantity::Quantity;

/// A PodDisruptionBudget.
pub(super) fn budget(object: &Place<'_>) {
    let spec = object.get("spec");
    let (least, most) = (spec.get("minAvailable"), spec.get("maxUnavailable"));
    if least.is_set() && most.is_set() {
        let mut refusal = spec.wrong("minAvailable and maxUnavailable cannot be both set");
        let (own, other) =
            if least.origin().is_written() || !most.origin().is_written() { (&least, &most) } else { (&most, &least) };
        refusal.at = own.origin().clone();
        refusal.collides_with = Some((other.path(), other.origin().clone()));
        spec.refuse(refusal);
    }
    for field in [&least, &most] {
        field.count_or_percentage();
        workload::not_above_all(field);
    }
    meta::selector(&spec.get("selector"));
    spec.get("unhealthyPodEvictionPolicy").set_to_one_of(&["AlwaysAllow", "IfHealthyBudget"]);
}

/// A HorizontalPodAutoscaler. `first` is its first version, which knows one metric only.
pub(super) fn autoscaler(object: &Place<'_>, first: bool) {
    let spec = object.get("spec");
    let (most, least) = (spec.get("maxReplicas"), spec.get("minReplicas"));
    if most.node.is_none_or(|node| node.as_i64().is_some_and(|number| number < 1)) {
        most.invalid("must be greater than 0");
    } else if let (Some(most_of), Some(least_of)) = (most.number(), least.number())
        && most_of < least_of
    {
        most.invalid("must be greater than or equal to `minReplicas`");
    }
    if least.number().is_some_and(|number| number < 1) {
        least.invalid("must be greater than or equal to 1");
    }
    let scaled = spec.get("scaleTargetRef");
    target(&scaled);
    group_of(&scaled);
    if first {
        // it becomes a metric of the second version
        let percent = spec.get("targetCPUUtilizationPercentage");
        let shown = format!("{}.metrics[0].resource.target.averageUtilization", spec.path());
        percent.called(shown).positive();
        return;
    }
    for metric in spec.get("metrics").items() {
        self::metric(&metric);
    }
    for direction in ["scaleUp", "scaleDown"] {
        let rules = spec.at(&["behavior", direction]);
        scaling_rules(&rules);
    }
}

/// A reference to an object of any version.
fn target(target: &Place<'_>) {
    for field in ["kind", "name"] {
        let place = target.get(field);
        if place.require() {
            place.check(names::not_a_path_segment);
        }
    }
}

/// What is scaled must say its group.
fn group_of(target: &Place<'_>) {
    let version = target.get("apiVersion");
    match version.word() {
        Some("") if target.get("kind").text() != Some("ReplicationController") => {
            version.refuse(version.wrong("\"\": apiVersion must specify API group"));
        }
        Some(text) if text.matches('/').count() > 1 => version.invalid("unexpected GroupVersion string"),
        Some(text)
            if text.split_once('/').is_none_or(|(group, _)| group.is_empty())
                && target.get("kind").text() != Some("ReplicationController") =>
        {
            version.invalid("apiVersion must specify API group");
        }
        _ => {}
    }
}

/// Sources of metrics: the field, its type, and which values of the target must be there.
const SOURCES: [(&str, &str, &[&str]); 5] = [
    ("object", "Object", &["value", "averageValue"]),
    ("external", "External", &["value", "averageValue"]),
    ("pods", "Pods", &["averageValue"]),
    ("resource", "Resource", &["averageUtilization", "averageValue"]),
    ("containerResource", "ContainerResource", &["averageUtilization", "averageValue"]),
];

fn metric(metric: &Place<'_>) {
    let kind = metric.get("type");
    kind.exactly_one_of(&["ContainerResource", "External", "Object", "Pods", "Resource"]);
    let present: Vec<_> = SOURCES.iter().filter(|(field, ..)| metric.get(field).is_set()).collect();
    if let Some((field, _, needed)) = present.first() {
        source(field, &metric.get(field), needed);
    }
    let expected = SOURCES.iter().find(|(_, of, _)| Some(*of) == kind.text());
    if let Some((field, ..)) = expected
        && !metric.get(field).is_set()
    {
        metric.get(field).required("must populate information for the given metric source");
    }
    if present.len() > 1 {
        for (field, ..) in present.iter().filter(|(_, of, _)| Some(*of) != kind.text()) {
            metric.get(field).forbidden("must populate the given metric source only");
        }
    }
}

fn source(kind: &str, source: &Place<'_>, needed: &[&str]) {
    if kind == "object" {
        target(&source.get("describedObject"));
    }
    if kind.ends_with("esource") {
        if source.get("name").word() == Some("") {
            source.get("name").required("must specify a resource name");
        }
        if kind == "containerResource" {
            let container = source.get("container");
            if container.word() == Some("") {
                container.required("must specify a container");
            }
            container.check_filled(names::not_a_label);
        }
    } else {
        let name = source.at(&["metric", "name"]);
        if name.word() == Some("") {
            name.required("must specify a metric name");
        }
        name.check_filled(names::not_a_path_segment);
    }
    let target = source.get("target");
    let type_of = target.get("type");
    if type_of.word().is_some_and(|text| !["Utilization", "Value", "AverageValue"].contains(&text)) {
        type_of.invalid("must be either Utilization, Value, or AverageValue");
    }
    for field in ["value", "averageValue"] {
        let amount = target.get(field);
        if resources::amount(&amount, false).is_some_and(|(amount, _)| amount <= Quantity::default()) {
            amount.invalid("must be positive");
        }
    }
    target.get("averageUtilization").positive();
    let set = needed.iter().filter(|field| target.get(field).is_set()).count();
    let missing = if kind.ends_with("esource") { "averageUtilization" } else { "averageValue" };
    if set == 0 {
        target.get(missing).required("must set either a target raw value or a target utilization");
    } else if set > 1 && kind != "object" {
        let extra = if kind == "external" { "value" } else { "averageValue" };
        target.get(extra).forbidden("may not set both a target raw value and a target utilization");
    }
}

fn scaling_rules(rules: &Place<'_>) {
    let window = rules.get("stabilizationWindowSeconds");
    if window.number().is_some_and(|number| number < 0) {
        window.invalid("must be greater than or equal to zero");
    } else if window.number().is_some_and(|number| number > 3600) {
        window.invalid("must be less than or equal to 3600");
    }
    rules.get("selectPolicy").set_to_one_of(&["Disabled", "Max", "Min"]);
    let policies = rules.get("policies");
    // where there is none, the server has its own
    if policies.is_set() && policies.items().is_empty() {
        policies.required("must specify at least one Policy");
    }
    for policy in policies.items() {
        policy.get("type").exactly_one_of(&["Percent", "Pods"]);
        for (field, bound) in [("value", None), ("periodSeconds", Some(1800))] {
            let place = policy.get(field);
            let number = if place.is_set() { place.number() } else { Some(0) };
            if number.is_some_and(|number| number <= 0) {
                place.refuse(place.wrong("must be greater than zero"));
            } else if let (Some(number), Some(bound)) = (number, bound)
                && number > bound
            {
                place.invalid(&format!("must be less than or equal to {bound}"));
            }
        }
    }
}
