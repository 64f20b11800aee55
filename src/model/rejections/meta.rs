//! Names, labels, annotations and selectors.

use super::names;
use super::place::{Place, is_open};

/// Kinds whose generation the server does not set by itself.
const GENERATION_IS_READ: [&str; 16] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "ConfigMap",
    "HorizontalPodAutoscaler",
    "LimitRange",
    "Namespace",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StorageClass",
    "VolumeAttributesClass",
];

/// Finalizers without a domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// The API server's bound on all annotations of one object.
const MOST_ANNOTATIONS: usize = 256 << 10;

/// `metadata` of an object: its name in the form of its kind, labels, annotations and what controllers write.
pub(super) fn object(object: &Place<'_>, kind: &str, name_form: fn(&str) -> Option<String>) {
    let metadata = object.get("metadata");
    let (name, generated) = (metadata.get("name"), metadata.get("generateName"));
    // a LimitRange gets a name of its own
    if !name.is_filled() && !generated.is_filled() && kind != "LimitRange" {
        name.required("name or generateName is required");
    }
    name.check_filled(name_form);
    // the server appends to it
    if let Some(text) = generated.text().filter(|text| !text.is_empty())
        && let Some(reason) = name_form(&format!("{}a", text.strip_suffix('-').unwrap_or(text)))
    {
        generated.invalid(&reason);
    }
    labels(&metadata.get("labels"));
    annotations(&metadata.get("annotations"));
    finalizers(&metadata.get("finalizers"), kind);
    owners(&metadata.get("ownerReferences"));
    if GENERATION_IS_READ.contains(&kind) {
        metadata.get("generation").not_negative();
    }
}

fn finalizers(list: &Place<'_>, kind: &str) {
    for (index, one) in list.items().iter().enumerate() {
        let Some(text) = one.word() else { continue };
        if let Some(reason) = names::not_a_qualified_name(text) {
            one.called(list.path()).invalid(&reason);
        }
        let known = kind == "PodDisruptionBudget" || text.contains('/') || STANDARD_FINALIZERS.contains(&text);
        if !known {
            let place = one.called(format!("{}[{index}]", list.path()));
            place.invalid("name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}

fn owners(list: &Place<'_>) {
    let mut controllers = 0;
    for owner in list.items() {
        for (field, reason) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            let place = owner.get(field).called(format!("{}.{field}", list.path()));
            if place.word() == Some("") {
                place.refuse(place.wrong(&format!("\"\": {reason}")));
            }
        }
        controllers += usize::from(owner.get("controller").flag() == Some(true));
    }
    if controllers > 1 {
        list.invalid("Only one reference can have Controller set to true");
    }
}

/// Keys and values of labels.
pub(super) fn labels(labels: &Place<'_>) {
    for key in labels.keys().into_iter().filter(|key| !is_open(key)) {
        let entry = labels.entry(key).called(labels.path());
        if let Some(reason) = names::not_a_qualified_name(key) {
            entry.refuse(entry.wrong(&format!("{key:?}: {reason}")));
        } else if let Some(reason) = entry.text().and_then(names::not_a_label_value) {
            entry.refuse(entry.wrong(&format!("{:?}: {reason}", entry.text().unwrap_or_default())));
        }
    }
}

/// Keys of annotations.
pub(super) fn annotations(annotations: &Place<'_>) {
    let mut size = 0;
    for key in annotations.keys() {
        let entry = annotations.entry(key).called(annotations.path());
        size += key.len() + entry.text().unwrap_or_default().len();
        if is_open(key) {
            continue;
        }
        if let Some(reason) = names::not_a_qualified_name(&key.to_ascii_lowercase()) {
            entry.refuse(entry.wrong(&format!("{key:?}: {reason}")));
        }
    }
    if size > MOST_ANNOTATIONS {
        let mut refusal = annotations.wrong("");
        refusal.message = format!("Too long: may not be more than {MOST_ANNOTATIONS} bytes");
        annotations.refuse(refusal);
    }
}

/// A selector of labels.
pub(super) fn selector(selector: &Place<'_>) {
    labels(&selector.get("matchLabels"));
    for expression in selector.get("matchExpressions").items() {
        requirement(&expression, &["In", "NotIn", "Exists", "DoesNotExist"]);
        values(&expression);
    }
}

/// A term of a selector of nodes that must or should hold, whose operators compare numbers too.
pub(super) fn node_term(term: &Place<'_>, must_hold: bool) {
    for expression in term.get("matchExpressions").items() {
        requirement(&expression, &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]);
        // of a preference any text will do
        if must_hold {
            values(&expression);
        }
    }
    for field in term.get("matchFields").items() {
        let (key, operator, values) = (field.get("key"), field.get("operator"), field.get("values"));
        match operator.word() {
            Some("In" | "NotIn") if !values.is_hidden() && values.items().len() != 1 => {
                values.required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
            Some("In" | "NotIn") | None => {}
            Some(_) => operator.invalid("not a valid selector operator"),
        }
        if key.word().is_some_and(|text| text != "metadata.name") {
            key.refuse(key.wrong(&format!("{:?}: not a valid field selector key", key.word().unwrap_or_default())));
        }
        for value in values.items() {
            value.check_word(names::not_a_subdomain);
        }
    }
}

/// A list of terms of which one must hold.
pub(super) fn node_terms(required: &Place<'_>) {
    let terms = required.get("nodeSelectorTerms");
    if !terms.is_filled() {
        terms.required("must have at least one node selector term");
    }
    for term in terms.items() {
        node_term(&term, true);
    }
}

fn requirement(expression: &Place<'_>, operators: &[&str]) {
    let (key, operator, values) = (expression.get("key"), expression.get("operator"), expression.get("values"));
    match operator.word() {
        Some(text) if !operators.contains(&text) => {
            operator.refuse(operator.wrong(&format!("{text:?}: not a valid selector operator")));
        }
        Some("In" | "NotIn") if !values.is_filled() => {
            values.required("must be specified when `operator` is 'In' or 'NotIn'");
        }
        Some("Exists" | "DoesNotExist") if values.is_filled() => {
            values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        Some("Gt" | "Lt") if !values.is_hidden() && values.items().len() != 1 => {
            values.required("must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        // none is a placeholder
        Some(_) | None => {}
    }
    key.check_word(names::not_a_qualified_name);
}

fn values(expression: &Place<'_>) {
    for value in expression.get("values").items() {
        value.check_filled(names::not_a_label_value);
    }
}
