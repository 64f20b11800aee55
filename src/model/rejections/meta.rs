//! Names, labels, annotations and selectors.

use super::names;
use super::place::Place;

/// `metadata` of an object: its name in the form of its kind, labels and annotations.
pub(super) fn object(object: &Place<'_>, name_form: fn(&str) -> Option<String>) {
    let metadata = object.get("metadata");
    let name = metadata.get("name");
    if !name.is_filled() && !metadata.get("generateName").is_filled() {
        name.required("name or generateName is required");
    }
    name.check(name_form);
    labels(&metadata.get("labels"));
    annotations(&metadata.get("annotations"));
}

/// Keys and values of labels.
pub(super) fn labels(labels: &Place<'_>) {
    for key in labels.keys() {
        let entry = labels.entry(key);
        if super::place::is_open(key) {
            continue;
        }
        if let Some(reason) = names::not_a_qualified_name(key) {
            let mut refusal = entry.wrong(&format!("{key:?}: {reason}"));
            refusal.field.clone_from(&labels.path);
            labels.refuse(refusal);
        } else if let Some(reason) = entry.text().and_then(names::not_a_label_value) {
            let mut refusal = entry.wrong(&format!("{:?}: {reason}", entry.text().unwrap_or_default()));
            refusal.field.clone_from(&labels.path);
            labels.refuse(refusal);
        }
    }
}

/// Keys of annotations.
pub(super) fn annotations(annotations: &Place<'_>) {
    for key in annotations.keys().into_iter().filter(|key| !super::place::is_open(key)) {
        if let Some(reason) = names::not_a_qualified_name(&key.to_ascii_lowercase()) {
            let mut refusal = annotations.entry(key).wrong(&format!("{key:?}: {reason}"));
            refusal.field.clone_from(&annotations.path);
            annotations.refuse(refusal);
        }
    }
}

/// A selector of labels.
pub(super) fn selector(selector: &Place<'_>) {
    labels(&selector.get("matchLabels"));
    for expression in selector.get("matchExpressions").items() {
        expression.get("key").check(names::not_a_qualified_name);
        let (operator, values) = (expression.get("operator"), expression.get("values"));
        match operator.text() {
            Some("In" | "NotIn") if !values.is_filled() => {
                values.required("must be specified when `operator` is 'In' or 'NotIn'");
            }
            Some("Exists" | "DoesNotExist") if values.is_filled() => {
                values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            Some("In" | "NotIn" | "Exists" | "DoesNotExist") => {}
            // a placeholder
            None if operator.is_set() => {}
            Some(_) | None => operator.invalid("not a valid selector operator"),
        }
    }
}
