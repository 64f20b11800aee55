//! Where pods may run: tolerations, spread, affinity.

use super::place::Place;
use super::{meta, names};

/// `tolerations` of a pod.
pub(super) fn tolerations(list: &Place<'_>) {
    for one in list.items() {
        let (key, operator, value, effect) = (one.get("key"), one.get("operator"), one.get("value"), one.get("effect"));
        key.check_filled(names::not_a_qualified_name);
        operator.one_of(&["Equal", "Exists"]);
        let word = operator.word();
        if key.word() == Some("") && word.is_some_and(|word| word != "Exists") {
            operator
                .invalid("operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        }
        // the server says the operator of a wrong value
        let at_operator = value.called(operator.path());
        if word == Some("Exists") && value.is_filled() {
            at_operator.invalid("value must be empty when `operator` is 'Exists'");
        } else if matches!(word, Some("" | "Equal")) {
            at_operator.check_filled(names::not_a_label_value);
        }
        effect.one_of(&["NoExecute", "NoSchedule", "PreferNoSchedule"]);
        if one.get("tolerationSeconds").is_set() && effect.word().is_some_and(|word| word != "NoExecute") {
            effect.invalid("effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
    }
}

/// `topologySpreadConstraints` of a pod.
pub(super) fn spread(list: &Place<'_>) {
    let items = list.items();
    for (index, one) in items.iter().enumerate() {
        let skew = one.get("maxSkew");
        if !skew.is_set() {
            let mut refusal = skew.missing("");
            "Invalid value: 0: must be greater than zero".clone_into(&mut refusal.message);
            skew.refuse(refusal);
        } else if skew.number().is_some_and(|number| number <= 0) {
            skew.invalid("must be greater than zero");
        }
        let (key, then) = (one.get("topologyKey"), one.get("whenUnsatisfiable"));
        // any text will do, also one that no node can have as a label
        if key.word() == Some("") {
            key.required("can not be empty");
        }
        then.exactly_one_of(&["DoNotSchedule", "ScheduleAnyway"]);
        if let Some((key, then)) = pair(one)
            && items[index + 1..].iter().any(|later| pair(later) == Some((key, then)))
        {
            one.get("{topologyKey, whenUnsatisfiable}").refuse_as(format!("Duplicate value: \"{{{key}, {then}}}\""));
        }
        let domains = one.get("minDomains");
        if domains.number().is_some_and(|number| number <= 0) {
            domains.invalid("must be greater than zero");
        } else if domains.is_set() && then.word().is_some_and(|word| word != "DoNotSchedule") {
            domains.invalid("can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway");
        }
        for field in ["nodeAffinityPolicy", "nodeTaintsPolicy"] {
            one.get(field).set_to_one_of(&["Honor", "Ignore"]);
        }
        let selector = one.get("labelSelector");
        label_keys(&one.get("matchLabelKeys"), &selector);
        meta::selector(&selector);
    }
}

/// What one constraint may say once.
fn pair<'n>(constraint: &Place<'n>) -> Option<(&'n str, &'n str)> {
    Some((constraint.get("topologyKey").word()?, constraint.get("whenUnsatisfiable").word()?))
}

/// Keys whose values are those of the pod that is placed; they belong to a selector.
fn label_keys(keys: &Place<'_>, selector: &Place<'_>) {
    if keys.is_filled() && !selector.is_set() {
        keys.forbidden("must not be specified when labelSelector is not set");
        return;
    }
    for key in keys.items() {
        key.check_word(names::not_a_qualified_name);
    }
}

/// `affinity` of a pod.
pub(super) fn affinity(affinity: &Place<'_>) {
    for kind in ["podAffinity", "podAntiAffinity"] {
        let terms = affinity.get(kind);
        for term in terms.get("requiredDuringSchedulingIgnoredDuringExecution").items() {
            pod_term(&term);
        }
        for weighted in terms.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
            weight(&weighted.get("weight"));
            pod_term(&weighted.get("podAffinityTerm"));
        }
    }
    let nodes = affinity.get("nodeAffinity");
    let required = nodes.get("requiredDuringSchedulingIgnoredDuringExecution");
    if required.is_set() {
        meta::node_terms(&required);
    }
    for preferred in nodes.get("preferredDuringSchedulingIgnoredDuringExecution").items() {
        weight(&preferred.get("weight"));
        meta::node_term(&preferred.get("preference"), false);
    }
}

fn weight(weight: &Place<'_>) {
    if weight.node.is_none_or(|node| node.as_i64().is_some_and(|number| !(1..=100).contains(&number))) {
        weight.invalid("must be in the range 1-100");
    }
}

fn pod_term(term: &Place<'_>) {
    let key = term.get("topologyKey");
    if key.word() == Some("") {
        key.required("can not be empty");
    }
    key.check_filled(names::not_a_qualified_name);
    let selector = term.get("labelSelector");
    for keys in ["matchLabelKeys", "mismatchLabelKeys"] {
        label_keys(&term.get(keys), &selector);
    }
    meta::selector(&selector);
    meta::selector(&term.get("namespaceSelector"));
    for namespace in term.get("namespaces").items() {
        // its place in the list is left out
        namespace.called(format!("{}.namespace", term.path())).check_word(names::not_a_dotless_label);
    }
}
