//! Names of ConfigMaps and Secrets that the pods of an object refer to.

use std::collections::BTreeSet;

use serde_json::Value;

/// ConfigMaps by name.
pub(super) fn config_maps(object: &Value) -> BTreeSet<String> {
    named(object, &["configMap", "configMapRef", "configMapKeyRef"], "name")
}

/// Secrets by name.
pub(super) fn secrets(object: &Value) -> BTreeSet<String> {
    let mut names = named(object, &["secretRef", "secretKeyRef"], "name");
    names.extend(named(object, &["secret"], "secretName"));
    names.extend(named(object, &["secret"], "name"));
    names
}

/// Texts at `…/<any of the keys>/<field>`, wherever they stand in the spec.
fn named(object: &Value, keys: &[&str], field: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if let Some(spec) = object.get("spec") {
        walk(spec, keys, field, &mut names);
    }
    names
}

fn walk(value: &Value, keys: &[&str], field: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, inner) in fields {
                if keys.contains(&key.as_str())
                    && let Some(name) = inner.get(field).and_then(Value::as_str)
                {
                    names.insert(name.to_owned());
                }
                walk(inner, keys, field, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, keys, field, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
