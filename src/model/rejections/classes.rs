//! Classes of storage and of importance.

use std::collections::BTreeSet;

use super::names;
use super::place::Place;

/// The API server's bound on all parameters of one class.
const MOST_BYTES: usize = 256 << 10;

/// Keys of a topology and the values that they may have.
type Term<'n> = Vec<(Option<&'n str>, BTreeSet<Option<&'n str>>)>;

/// A StorageClass.
pub(super) fn storage(object: &Place<'_>) {
    driver(&object.get("provisioner"));
    parameters(&object.get("parameters"));
    object.get("reclaimPolicy").one_of(&["Delete", "Retain"]);
    object.get("volumeBindingMode").set_to_one_of(&["Immediate", "WaitForFirstConsumer"]);
    let mut seen: Vec<Term<'_>> = vec![Term::new()];
    for term in object.get("allowedTopologies").items() {
        let expressions = term.get("matchLabelExpressions");
        let mut keys = BTreeSet::new();
        let mut read = Vec::new();
        for one in expressions.items() {
            let (key, values) = (one.get("key"), one.get("values"));
            values.require();
            let mut set = BTreeSet::new();
            for value in values.items() {
                if !set.insert(value.word()) {
                    value.duplicate();
                }
            }
            key.check_word(names::not_a_qualified_name);
            if !keys.insert(key.word()) {
                key.duplicate();
            }
            read.push((key.word(), set));
        }
        // a term that says nothing counts as said before
        if seen.contains(&read) {
            expressions.duplicate();
        }
        seen.push(read);
    }
}

/// A VolumeAttributesClass.
pub(super) fn attributes(object: &Place<'_>) {
    driver(&object.get("driverName"));
    let list = object.get("parameters");
    if list.is_filled() {
        parameters(&list);
    } else {
        list.required("must contain at least one key/value pair");
    }
}

fn driver(name: &Place<'_>) {
    if name.require() {
        name.check(|text| names::not_a_qualified_name(&text.to_ascii_lowercase()));
    }
}

fn parameters(list: &Place<'_>) {
    let keys = list.keys();
    let size: usize = keys.iter().map(|key| key.len() + list.entry(key).text().unwrap_or_default().len()).sum();
    if keys.len() > 512 || size > MOST_BYTES {
        list.refuse_as("Too long: may not be more than 512 parameters of 256 KiB".to_owned());
    }
    if keys.contains(&"") {
        list.refuse(list.wrong("\"\": field can not be empty."));
    }
}

/// A PriorityClass.
pub(super) fn priority(object: &Place<'_>) {
    let (name, value) = (object.at(&["metadata", "name"]), object.get("value"));
    if name.text().is_some_and(|text| text.starts_with("system-")) {
        if !matches!(name.text(), Some("system-node-critical" | "system-cluster-critical")) {
            name.forbidden("priority class names with 'system-' prefix are reserved for system use only");
        }
    } else if value.number().is_some_and(|number| number > 1_000_000_000) {
        value.forbidden("maximum allowed value of a user defined priority is 1000000000");
    }
    let preemption = object.get("preemptionPolicy");
    if preemption.is_set() && preemption.require() {
        preemption.one_of(&["PreemptLowerPriority", "Never"]);
    }
}
