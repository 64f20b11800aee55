//! Values as Qdrant takes them: its configuration reader turns texts into booleans and numbers, and refuses the rest.

use serde_json::Number;

use super::known::{Key, Kind};
use crate::source::{Data, Node};

/// The value under a key as the server understands it, or its complaint in its own words.
pub(super) fn convert(key: &Key, node: &Node) -> Result<Node, String> {
    if node.is_null() {
        return if key.required { Err(refused(key, node)) } else { Ok(node.clone()) };
    }
    let converted = match &key.kind {
        Kind::Bool => boolean(node).map(Data::Bool),
        Kind::Count => whole(node).filter(|value| *value >= 0).map(number),
        Kind::Integer => whole(node).map(number),
        Kind::Port => whole(node).filter(|value| u16::try_from(*value).is_ok()).map(number),
        Kind::Float => float(node).map(Data::Number),
        Kind::Text => node.scalar_text().map(|text| Data::String(text.into())),
        Kind::OneOf(words) => {
            let word = node.as_str().filter(|word| words.iter().any(|known| known == word));
            word.map(|word| Data::String(word.into()))
        }
        Kind::List | Kind::Table | Kind::Any => Some(node.data.clone()),
    };
    converted
        .map(|data| Node { data, origin: node.origin.clone(), style: node.style })
        .ok_or_else(|| refused(key, node))
}

/// A table where a value stands, or null where a table is needed.
pub(super) fn refused_table(node: &Node) -> String {
    format!("invalid type: {}, expected a table of settings", shown(node, false))
}

fn refused(key: &Key, node: &Node) -> String {
    let shown = shown(node, key.secret);
    let expected = match &key.kind {
        Kind::Bool => "a boolean".to_owned(),
        Kind::Count if whole(node).is_some() => "a whole number from 0".to_owned(),
        Kind::Port if whole(node).is_some() => "a port from 0 to 65535".to_owned(),
        Kind::Count | Kind::Integer | Kind::Port => "an integer".to_owned(),
        Kind::Float => "a floating point".to_owned(),
        Kind::Text => "a string".to_owned(),
        Kind::OneOf(words) => return format!("unknown variant {shown}, expected one of {}", listed(words)),
        Kind::List => "a sequence".to_owned(),
        Kind::Table | Kind::Any => "something else".to_owned(),
    };
    format!("invalid type: {shown}, expected {expected}")
}

fn listed(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn shown(node: &Node, secret: bool) -> String {
    match &node.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => format!("boolean `{value}`"),
        Data::Number(_) | Data::String(_) if secret => "the value".to_owned(),
        Data::Number(number) => format!("number `{number}`"),
        Data::String(text) => {
            let cut: String = text.chars().take(40).collect();
            format!("string {cut:?}")
        }
        Data::Sequence(_) => "a list".to_owned(),
        Data::Mapping(_) => "a table".to_owned(),
    }
}

/// The boolean that the configuration reader sees.
pub(in crate::model) fn boolean(node: &Node) -> Option<bool> {
    match &node.data {
        Data::Bool(value) => Some(*value),
        Data::Number(number) => number.as_f64().map(|value| value != 0.0),
        Data::String(text) => match text.to_lowercase().as_str() {
            "1" | "true" | "on" | "yes" => Some(true),
            "0" | "false" | "off" | "no" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn whole(node: &Node) -> Option<i64> {
    match &node.data {
        Data::Bool(value) => Some(i64::from(*value)),
        Data::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|value| value.round() as i64)),
        Data::String(text) => match text.to_lowercase().as_str() {
            "true" | "on" | "yes" => Some(1),
            "false" | "off" | "no" => Some(0),
            _ => text.parse().ok(),
        },
        _ => None,
    }
}

fn float(node: &Node) -> Option<Number> {
    match &node.data {
        Data::Bool(value) => Number::from_f64(f64::from(u8::from(*value))),
        Data::Number(number) => Some(number.clone()),
        Data::String(text) => match text.to_lowercase().as_str() {
            "true" | "on" | "yes" => Number::from_f64(1.0),
            "false" | "off" | "no" => Number::from_f64(0.0),
            _ => text.parse().ok().and_then(Number::from_f64),
        },
        _ => None,
    }
}

fn number(value: i64) -> Data {
    Data::Number(value.into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::known::Known;
    use super::*;
    use crate::source::Origin;

    fn read(key: &str, value: &Value) -> Result<Value, String> {
        let key = Known::table().key(key).expect("a known key");
        convert(key, &Node::from_json(value, &Origin::Derived)).map(|node| node.to_json())
    }

    #[test]
    fn texts_become_booleans_as_measured() {
        for (text, expected) in
            [("true", true), ("TRUE", true), ("1", true), ("on", true), ("Yes", true), ("0", false), ("False", false)]
        {
            assert_eq!(read("telemetry_disabled", &json!(text)), Ok(json!(expected)), "{text}");
        }
        for text in ["", "true ", "\"true\"", "ja", "enabled"] {
            assert!(read("telemetry_disabled", &json!(text)).is_err(), "{text:?}");
        }
    }

    #[test]
    fn texts_become_numbers_and_numbers_texts() {
        assert_eq!(read("service.http_port", &json!("6333")), Ok(json!(6333)));
        assert_eq!(
            read("service.http_port", &json!(70000)),
            Err("invalid type: number `70000`, expected a port from 0 to 65535".to_owned())
        );
        assert_eq!(read("service.api_key", &json!(1234)), Ok(json!("1234")));
        assert_eq!(read("storage.performance.optimizer_cpu_budget", &json!("-1")), Ok(json!(-1)));
        assert!(read("storage.wal.wal_capacity_mb", &json!("-1")).is_err());
        assert!(read("storage.wal.wal_capacity_mb", &json!("32MB")).is_err());
    }

    #[test]
    fn null_is_refused_only_where_a_value_is_needed() {
        assert_eq!(read("service.api_key", &json!(null)), Ok(json!(null)));
        assert_eq!(read("service.enable_tls", &json!(null)), Err("invalid type: null, expected a boolean".to_owned()));
    }

    #[test]
    fn a_secret_is_never_shown() {
        assert!(!read("service.api_key", &json!(["topsecret"])).unwrap_err().contains("topsecret"));
    }
}
