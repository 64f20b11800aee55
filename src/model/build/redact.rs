//! The raw objects of the facts without the texts of keys: facts are printed, kept and sent around.

use serde_json::Value;

use crate::model::tracked::Provenance;
use crate::source::{Path, Sources};

/// What stands for a key.
const REDACTED: &str = "[redacted]";
/// A shorter key is replaced only where it is the whole text: it may be part of any word.
const SHORTEST_PART: usize = 8;

/// Takes literal keys, and whatever Secrets hold, out of the raw objects.
pub(super) fn redact(facts: &mut Value, provenance: &Provenance, sources: &Sources) {
    if facts.get("objects").is_none() {
        return;
    }
    let count = facts.pointer("/qdrant/plain_text_keys").and_then(Value::as_array).map_or(0, Vec::len);
    let keys: Vec<String> = (0..count)
        .filter_map(|index| {
            let path = Path::keys(["qdrant", "plain_text_keys"]).index(index);
            let span = provenance.find(&path)?.0.place()?.value_span();
            Some(sources.slice(span).trim().trim_matches(['"', '\'']).to_owned())
        })
        .filter(|key| !key.is_empty())
        .collect();
    for object in facts.get_mut("objects").and_then(Value::as_array_mut).into_iter().flatten() {
        if object.get("kind").and_then(Value::as_str) == Some("Secret") {
            for field in ["data", "stringData"] {
                for (_, value) in object.get_mut(field).and_then(Value::as_object_mut).into_iter().flatten() {
                    *value = REDACTED.into();
                }
            }
        }
        hide(object, &keys);
    }
}

fn hide(value: &mut Value, keys: &[String]) {
    match value {
        Value::String(text) => {
            for key in keys {
                if text == key {
                    REDACTED.clone_into(text);
                } else if key.len() >= SHORTEST_PART && text.contains(key.as_str()) {
                    *text = text.replace(key.as_str(), REDACTED);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide(item, keys)),
        Value::Object(fields) => fields.iter_mut().for_each(|(_, field)| hide(field, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_go_wherever_they_stand_and_short_ones_only_as_a_whole() {
        let mut value = json!({"env": [{"value": "abc"}, {"value": "abcde"}], "text": "api_key: 0123456789\n"});
        hide(&mut value, &["abc".to_owned(), "0123456789".to_owned()]);
        assert_eq!(
            value,
            json!({"env": [{"value": "[redacted]"}, {"value": "abcde"}], "text": "api_key: [redacted]\n"})
        );
    }
}
