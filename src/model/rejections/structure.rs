//! Whether an object can be read into its Kubernetes type at all: numbers where numbers belong, text where text belongs,
//! and no field that the type does not have.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::Deserialize;

use super::place::{Place, is_open};
use super::sound;
use crate::model::quantity::Quantity;
use crate::source::{Data, Node, base64};

/// Whether both of the following find nothing.
pub(super) fn is_sound(object: &Node, kind: &str, api_version: &str) -> bool {
    TABLE.name(kind, api_version).is_none_or(|name| sound::is_sound(object, name))
}

/// Checks an object against the type of its kind, when that is known.
pub(super) fn check(object: &Place<'_>, kind: &str, api_version: &str) {
    if let Some(name) = TABLE.name(kind, api_version) {
        fields(object, name, None, 0, Asked::Kinds);
    }
}

/// Fields that the type does not have. `kubectl` has the API server refuse them; of Helm it only hears that it drops them.
pub(super) fn check_unknown(object: &Place<'_>, kind: &str, api_version: &str) {
    if let Some(name) = TABLE.name(kind, api_version) {
        fields(object, name, None, 0, Asked::Names);
    }
}

/// Versions that were removed, and with which release.
const REMOVED: [(&str, &str); 14] = [
    ("policy/v1beta1", "1.25"),
    ("batch/v1beta1", "1.25"),
    ("autoscaling/v2beta1", "1.25"),
    ("autoscaling/v2beta2", "1.26"),
    ("networking.k8s.io/v1beta1", "1.22"),
    ("extensions/v1beta1", "1.22"),
    ("storage.k8s.io/v1beta1", "1.22"),
    ("scheduling.k8s.io/v1beta1", "1.22"),
    ("rbac.authorization.k8s.io/v1beta1", "1.22"),
    ("apps/v1beta1", "1.16"),
    ("apps/v1beta2", "1.16"),
    ("batch/v2alpha1", "1.21"),
    ("policy/v1alpha1", "1.16"),
    ("rbac.authorization.k8s.io/v1alpha1", "1.22"),
];

/// Groups of Kubernetes itself; other projects have kinds of the same names.
const BUILT_IN: [&str; 10] = [
    "",
    "apps",
    "batch",
    "policy",
    "autoscaling",
    "extensions",
    "networking.k8s.io",
    "storage.k8s.io",
    "scheduling.k8s.io",
    "rbac.authorization.k8s.io",
];

/// Kinds of Kubernetes in a version that no supported cluster serves.
pub(super) fn check_version(object: &Place<'_>, kind: &str, api_version: &str) {
    let Some((known, _)) = TABLE.kinds.get(kind).and_then(|versions| versions.first()) else { return };
    if TABLE.name(kind, api_version).is_some() {
        return;
    }
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if !BUILT_IN.contains(&group) || is_open(api_version) {
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
pub(super) const DEEPEST: usize = 40;

/// What is asked of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// Are its values of the kinds that their fields hold?
    Kinds,
    /// Does its type have all its fields?
    Names,
}

/// A value's field as the decoder writes it: the type that has it, and the path without places in lists.
#[derive(Clone, Copy)]
struct Decoded<'f> {
    of: &'f str,
    path: &'f Step<'f>,
}

/// A field below others.
struct Step<'f> {
    above: Option<&'f Self>,
    name: &'f str,
}

impl std::fmt::Display for Step<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(above) = self.above {
            write!(out, "{above}.")?;
        }
        out.write_str(self.name)
    }
}

fn fields(place: &Place<'_>, name: &str, above: Option<&Step<'_>>, depth: usize, asked: Asked) {
    let Some(known) = TABLE.types.get(name).filter(|_| depth < DEEPEST) else { return };
    for key in place.keys() {
        let inner = place.get(key);
        let path = Step { above, name: key };
        match known.get(key) {
            Some(expected) => value(&inner, expected, Decoded { of: name, path: &path }, depth + 1, asked),
            // a placeholder becomes any key
            None if asked == Asked::Names && !is_open(key) => unknown(&inner, key, known),
            None => {}
        }
    }
}

fn unknown(place: &Place<'_>, key: &str, known: &Fields) {
    let mut refusal = place.wrong("");
    refusal.message = format!("strict decoding error: unknown field {:?}", place.path());
    let near = known.keys().map(|field| (strsim::damerau_levenshtein(field, key), field)).min();
    refusal.instead = Some(match near.filter(|(distance, _)| *distance <= 2.max(key.len() / 4)) {
        Some((_, field)) => format!("`{field}`; Kubernetes 1.34 has no `{key}` there"),
        None => format!("a field that Kubernetes has there; 1.34 has no `{key}`"),
    });
    place.refuse(refusal);
}

fn value(place: &Place<'_>, expected: &str, field: Decoded<'_>, depth: usize, asked: Asked) {
    let Some(node) = place.node else { return };
    if node.as_str().is_some_and(is_open) {
        return;
    }
    if let Some(item) = expected.strip_prefix('[') {
        match &node.data {
            Data::Sequence(_) => {
                for one in place.items() {
                    value(&one, item, field, depth, asked);
                }
            }
            _ if asked == Asked::Kinds => mismatch(place, node, field, &format!("[]{}", go_name(item))),
            _ => {}
        }
    } else if let Some(of) = expected.strip_prefix('{') {
        match &node.data {
            Data::Mapping(_) => {
                for key in place.keys() {
                    value(&place.entry(key), of, field, depth, asked);
                }
            }
            _ if asked == Asked::Kinds => mismatch(place, node, field, &format!("map[string]{}", go_name(of))),
            _ => {}
        }
    } else if TABLE.types.contains_key(expected) {
        match &node.data {
            Data::Mapping(_) => fields(place, expected, Some(field.path), depth, asked),
            _ if asked == Asked::Kinds => mismatch(place, node, field, expected),
            _ => {}
        }
    } else if asked == Asked::Kinds && !fits(node, expected) {
        match expected {
            "quantity" => quantity(place),
            "time" => time(place, node),
            "bytes" if node.as_str().is_some() => base64_text(place),
            _ => mismatch(place, node, field, go_name(expected)),
        }
    }
}

/// Whether a value is of a kind that is no mapping of named fields.
pub(super) fn fits(node: &Node, expected: &str) -> bool {
    let small = node.as_i64().is_some_and(|number| i32::try_from(number).is_ok());
    match expected {
        "string" => matches!(node.data, Data::String(_)),
        "bytes" => node.as_str().is_some_and(|text| base64::decode(text).is_some()),
        "bool" => matches!(node.data, Data::Bool(_)),
        "int32" => small,
        "int64" => node.as_i64().is_some(),
        "number" => matches!(node.data, Data::Number(_)),
        "int-or-string" => matches!(node.data, Data::String(_)) || small,
        "object" => matches!(node.data, Data::Mapping(_)),
        "time" => node.as_str().is_some_and(|text| text.contains('T') && text.parse::<jiff::Timestamp>().is_ok()),
        "quantity" => match &node.data {
            Data::String(text) => is_quantity(text),
            Data::Number(number) => is_quantity(&number.to_string()),
            _ => false,
        },
        // nothing is known of it
        _ => true,
    }
}

fn is_quantity(text: &str) -> bool {
    text.trim() == text && Quantity::parse(text).is_some()
}

fn time(place: &Place<'_>, node: &Node) {
    let mut refusal = place.wrong("");
    let shown = node.scalar_text().unwrap_or_default();
    refusal.message = format!("parsing time {shown:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse it");
    refusal.instead = Some("nothing: the server writes this field".to_owned());
    place.refuse(refusal);
}

/// What stands there may be a secret, and is not shown.
fn base64_text(place: &Place<'_>) {
    let mut refusal = place.wrong("");
    "illegal base64 data".clone_into(&mut refusal.message);
    refusal.instead = Some("base64 of the value, or the value itself below `stringData` of a Secret".to_owned());
    place.refuse(refusal);
}

fn quantity(place: &Place<'_>) {
    let mut refusal = place.wrong("");
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        .clone_into(&mut refusal.message);
    refusal.instead = Some("a number with a unit: `4Gi` of memory, `500m` of a core".to_owned());
    place.refuse(refusal);
}

fn mismatch(place: &Place<'_>, node: &Node, Decoded { of, path }: Decoded<'_>, expected: &str) {
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
    refusal.message = format!("json: cannot unmarshal {found} into Go struct field {of}.{path} of type {expected}");
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

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/kubernetes-types.json"))
        .expect("the table is part of the program and tested")
});

/// What is known of the kinds and types of Kubernetes.
#[derive(Deserialize)]
pub(super) struct Table {
    kinds: BTreeMap<String, Vec<(String, String)>>,
    pub(super) types: HashMap<String, Fields>,
}

/// The fields of a type and what they hold: `[` before the items of a list, `{` before the values of a mapping.
pub(super) type Fields = HashMap<String, String>;

impl Table {
    /// The type of a kind in a version that is described.
    fn name(&self, kind: &str, api_version: &str) -> Option<&str> {
        let versions = self.kinds.get(kind)?;
        versions.iter().find(|(version, _)| version == api_version).map(|(_, name)| name.as_str())
    }
}
