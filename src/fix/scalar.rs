//! Values as text: quoted so that YAML 1.1 (Helm, kubectl) and YAML 1.2 (Qdrant, most editors) read the same.

use serde_json::Value;

use crate::source::scalar::plain_data;
use crate::source::{Data, Schema, Style};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// In block style; scalars plain where that is safe.
    Block,
    /// Inside `{…}` or `[…]`.
    Flow,
    /// As JSON.
    Json,
}

/// A scalar, or a collection in flow style. A string takes the quotes of the one it replaces.
pub(super) fn inline(value: &Value, form: Form, before: Style) -> String {
    if form == Form::Json {
        return json(value);
    }
    match value {
        Value::String(text) => string(text, form, before),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, Form::Flow, Style::Plain)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = ordered(fields)
                .map(|(key, value)| {
                    format!("{}: {}", self::key(key, Form::Flow), inline(value, Form::Flow, Style::Plain))
                })
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// JSON on one line, as people write it.
fn json(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let fields: Vec<String> =
                ordered(fields).map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), json(value))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// What people write first, as the documentation of Kubernetes and Qdrant does; the rest keeps its order.
const FIRST: [&str; 11] = [
    "name",
    "enabled",
    "type",
    "protocol",
    "maxSkew",
    "topologyKey",
    "whenUnsatisfiable",
    "to",
    "from",
    "namespaceSelector",
    "path",
];

fn ordered(fields: &serde_json::Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    let mut fields: Vec<(&String, &Value)> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| rank(key));
    fields.into_iter()
}

/// A key.
pub(super) fn key(key: &str, form: Form) -> String {
    if form == Form::Json { Value::from(key).to_string() } else { string(key, form, Style::Plain) }
}

/// The lines of a field in block style, without indentation.
pub(super) fn field(name: &str, value: &Value, step: usize) -> Vec<String> {
    below(&format!("{}:", key(name, Form::Block)), value, step)
}

/// The lines of an item in block style, without indentation.
pub(super) fn item(value: &Value, step: usize) -> Vec<String> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let lines = ordered(fields).flat_map(|(name, value)| field(name, value, step));
            lines.enumerate().map(|(index, line)| format!("{}{line}", if index == 0 { "- " } else { "  " })).collect()
        }
        other => vec![format!("- {}", inline(other, Form::Block, Style::Plain))],
    }
}

/// The lines of a collection in block style, without indentation.
pub(super) fn lines(value: &Value, step: usize) -> Vec<String> {
    match value {
        Value::Object(fields) => ordered(fields).flat_map(|(name, value)| field(name, value, step)).collect(),
        Value::Array(items) => items.iter().flat_map(|value| item(value, step)).collect(),
        other => vec![inline(other, Form::Block, Style::Plain)],
    }
}

fn below(head: &str, value: &Value, step: usize) -> Vec<String> {
    let is_nested = match value {
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => items.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    };
    if !is_nested {
        return vec![format!("{head} {}", inline(value, Form::Block, Style::Plain))];
    }
    let indent = " ".repeat(step);
    std::iter::once(head.to_owned())
        .chain(lines(value, step).into_iter().map(|line| format!("{indent}{line}")))
        .collect()
}

fn string(text: &str, form: Form, before: Style) -> String {
    let single = || format!("'{}'", text.replace('\'', "''"));
    let is_one_line = !text.contains(char::is_control);
    match before {
        Style::SingleQuoted if is_one_line => single(),
        Style::DoubleQuoted => Value::from(text).to_string(),
        _ if is_plain(text, form) => text.to_owned(),
        _ if is_one_line && text.contains(['"', '\\']) => single(),
        _ => Value::from(text).to_string(),
    }
}

/// Whether a string may stand without quotes, whoever reads it.
fn is_plain(text: &str, form: Form) -> bool {
    let is_text = |schema| matches!(plain_data(schema, text), Data::String(_));
    let first_is_safe =
        text.chars().next().is_some_and(|first| !first.is_whitespace() && !"-?:,[]{}#&*!|>'\"%@`=<~.".contains(first));
    first_is_safe
        && is_text(Schema::Yaml11)
        && is_text(Schema::Core12)
        && !text.ends_with(char::is_whitespace)
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(|letter: char| letter.is_control() || letter == '\u{feff}')
        && !(form == Form::Flow && text.contains([',', '[', ']', '{', '}', ':']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_1_1_would_read_otherwise_is_quoted() {
        for text in [
            "yes", "on", "y", "NO", "0755", "1.10", "1:30:00", "1_000", "~", "null", "", " a", "a: b", "a #b", "-",
            "&a",
        ] {
            let written = string(text, Form::Block, Style::Plain);
            assert!(written.starts_with(['"', '\'']) || text == "1:30:00", "{text} became {written}");
        }
        assert_eq!(string("ClusterIP", Form::Block, Style::Plain), "ClusterIP");
        assert_eq!(string("v1.17.0", Form::Block, Style::SingleQuoted), "'v1.17.0'");
        assert_eq!(string("it's", Form::Block, Style::SingleQuoted), "'it''s'");
        assert_eq!(key("y", Form::Block), "\"y\"");
    }

    #[test]
    fn nested_values_become_blocks() {
        let value = serde_json::json!({"a": {"b": true}, "c": [1, 2], "d": [{"e": 1, "f": {}}]});
        assert_eq!(lines(&value, 2), ["a:", "  b: true", "c: [1, 2]", "d:", "  - e: 1", "    f: {}"]);
    }
}
