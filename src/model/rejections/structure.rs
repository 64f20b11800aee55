//! Whether an object can be read into its Kubernetes type at all: numbers where numbers belong, text where text belongs.
//! Fields that the type does not have are no reason: the API server drops them.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::place::{Place, is_open};
use crate::model::quantity::Quantity;
use crate::source::{Data, Node};

/// Checks an object against the type of its kind, when that is known.
pub(super) fn check(object: &Place<'_>, kind: &str, api_version: &str) {
    if TABLE.kinds.get(kind).is_some_and(|known| known == api_version) {
        fields(object, kind, 0);
    }
}

/// Versions that every supported cluster serves beside the one that is described.
const ALSO_SERVED: [(&str, &str); 1] = [("HorizontalPodAutoscaler", "autoscaling/v1")];

/// Versions that were removed, and with which release.
const REMOVED: [(&str, &str); 11] = [
    ("policy/v1beta1", "1.25"),
    ("batch/v1beta1", "1.25"),
    ("autoscaling/v2beta1", "1.25"),
    ("autoscaling/v2beta2", "1.26"),
    ("networking.k8s.io/v1beta1", "1.22"),
    ("extensions/v1beta1", "1.22"),
    ("storage.k8s.io/v1beta1", "1.22"),
    ("apps/v1beta1", "1.16"),
    ("apps/v1beta2", "1.16"),
    ("batch/v2alpha1", "1.21"),
    ("policy/v1alpha1", "1.16"),
];

/// Kinds of Kubernetes in a version that no supported cluster serves.
pub(super) fn check_version(object: &Place<'_>, kind: &str, api_version: &str) {
    let Some(known) = TABLE.kinds.get(kind) else { return };
    if known == api_version || ALSO_SERVED.contains(&(kind, api_version)) {
        return;
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let built_in = ["", "apps", "batch", "policy", "autoscaling", "extensions", "networking.k8s.io", "storage.k8s.io"];
    if !built_in.contains(&group) || is_open(api_version) {
        return;
    }
    let place = object.get("apiVersion");
    let mut refusal = place.wrong("");
    refusal.message = format!("no matches for kind {kind:?} in version {api_version:?}");
    refusal.instead = Some(match REMOVED.iter().find(|(removed, _)| *removed == api_version) {
        Some((_, release)) => format!("apiVersion: {known} (Kubernetes {release} removed {api_version})"),
        None => format!("apiVersion: {known}"),
    });
    place.refuse(refusal);
}

/// Deeper than any Kubernetes type.
const DEEPEST: usize = 40;

fn fields(place: &Place<'_>, name: &str, depth: usize) {
    let Some(known) = TABLE.types.get(name).filter(|_| depth < DEEPEST) else { return };
    for key in place.keys() {
        if let Some(expected) = known.get(key) {
            value(&place.get(key), expected, &format!("{name}.{}", place.get(key).path), depth + 1);
        }
    }
}

fn value(place: &Place<'_>, expected: &str, field: &str, depth: usize) {
    let Some(node) = place.node else { return };
    if node.as_str().is_some_and(is_open) {
        return;
    }
    if let Some(item) = expected.strip_prefix('[') {
        match &node.data {
            Data::Sequence(_) => {
                for one in place.items() {
                    value(&one, item, field, depth);
                }
            }
            _ => mismatch(place, node, field, &format!("[]{}", go_name(item))),
        }
    } else if let Some(of) = expected.strip_prefix('{') {
        match &node.data {
            Data::Mapping(_) => {
                for key in place.keys() {
                    value(&place.entry(key), of, field, depth);
                }
            }
            _ => mismatch(place, node, field, &format!("map[string]{}", go_name(of))),
        }
    } else {
        single(place, node, expected, field, depth);
    }
}

fn single(place: &Place<'_>, node: &Node, expected: &str, field: &str, depth: usize) {
    let fits = match expected {
        "string" | "bytes" => matches!(node.data, Data::String(_)),
        "bool" => matches!(node.data, Data::Bool(_)),
        "int32" => node.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "int64" => node.as_i64().is_some(),
        "number" => matches!(node.data, Data::Number(_)),
        "int-or-string" => matches!(node.data, Data::String(_)) || node.as_i64().is_some(),
        "quantity" => return quantity(place, node),
        "any" => true,
        name => {
            if matches!(node.data, Data::Mapping(_)) {
                fields(place, name, depth);
                true
            } else {
                false
            }
        }
    };
    if !fits {
        mismatch(place, node, field, go_name(expected));
    }
}

fn quantity(place: &Place<'_>, node: &Node) {
    let text = match &node.data {
        Data::String(text) => Some(text.to_string()),
        Data::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let readable = text.is_some_and(|text| Quantity::parse(text.trim_start_matches(['-', '+'])).is_some());
    if !readable {
        let mut refusal = place.wrong("");
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            .clone_into(&mut refusal.message);
        refusal.instead = Some("a number with a unit: `4Gi` of memory, `500m` of a core".to_owned());
        place.refuse(refusal);
    }
}

fn mismatch(place: &Place<'_>, node: &Node, field: &str, expected: &str) {
    let found = match &node.data {
        Data::Null => return,
        Data::Bool(_) => "bool".to_owned(),
        Data::Number(number) if expected.starts_with("int") => format!("number {number}"),
        Data::Number(_) => "number".to_owned(),
        Data::String(_) => "string".to_owned(),
        Data::Sequence(_) => "array".to_owned(),
        Data::Mapping(_) => "object".to_owned(),
    };
    let mut refusal = place.wrong("");
    // lists leave no index in what the decoder says
    let field: String = field.split('[').map(|part| part.split_once(']').map_or(part, |(_, rest)| rest)).collect();
    refusal.message = format!("json: cannot unmarshal {found} into Go struct field {field} of type {expected}");
    refusal.instead = match expected {
        "string" => node.scalar_text().map(|text| format!("quote it: \"{text}\"")),
        "bool" => Some("true or false, without quotes".to_owned()),
        "int32" | "int64" => Some("a whole number, without quotes".to_owned()),
        _ => None,
    };
    place.refuse(refusal);
}

fn go_name(expected: &str) -> &str {
    match expected {
        "bytes" => "[]uint8",
        "number" => "float64",
        "int-or-string" => "intstr.IntOrString",
        other => other,
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/kubernetes-types.json"))
        .expect("the table is part of the program and tested")
});

#[derive(Deserialize)]
struct Table {
    kinds: BTreeMap<String, String>,
    types: BTreeMap<String, BTreeMap<String, String>>,
}
