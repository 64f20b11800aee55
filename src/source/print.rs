//! A text for values that have none: YAML as kubectl prints it. What is printed reads back as the same value under either
//! schema, so an object of a cluster has lines and spans like one in a file.

use std::fmt::Write as _;

use serde_json::Value;

use super::scalar::plain_data;
use super::{Data, Schema};

/// The value as one YAML document that ends with a line break.
pub fn print(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(fields) if !fields.is_empty() => mapping(&mut out, fields, 0),
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        scalar => {
            inline(&mut out, scalar, 0);
            out.push('\n');
        }
    }
    out
}

fn mapping(out: &mut String, fields: &serde_json::Map<String, Value>, indent: usize) {
    for (index, (key, value)) in fields.iter().enumerate() {
        // the first key of an item stands behind its dash
        if index > 0 || out.is_empty() || out.ends_with('\n') {
            spaces(out, indent);
        }
        key_of(out, key);
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                mapping(out, inner, indent + 2);
            }
            Value::Array(items) if !items.is_empty() => {
                out.push('\n');
                sequence(out, items, indent);
            }
            scalar => {
                out.push(' ');
                inline(out, scalar, indent);
                out.push('\n');
            }
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || out.is_empty() || out.ends_with('\n') {
            spaces(out, indent);
        }
        out.push_str("- ");
        match item {
            Value::Object(inner) if !inner.is_empty() => mapping(out, inner, indent + 2),
            Value::Array(inner) if !inner.is_empty() => sequence(out, inner, indent + 2),
            scalar => {
                inline(out, scalar, indent);
                out.push('\n');
            }
        }
    }
}

fn spaces(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}

/// A key is never a block, and long ones need quotes.
fn key_of(out: &mut String, key: &str) {
    const LONGEST_PLAIN: usize = 128;
    if is_plain(key) && key.len() <= LONGEST_PLAIN {
        out.push_str(key);
    } else {
        quoted(out, key);
    }
}

/// A scalar or an empty collection behind a key or a dash; a block of lines goes below, deeper than `indent`.
fn inline(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
        Value::String(text) if is_plain(text) => out.push_str(text),
        Value::String(text) if is_block(text) => block(out, text, indent + 2),
        Value::String(text) => quoted(out, text),
    }
}

/// Words, paths, images and dates that no reader takes for anything but text.
fn is_plain(text: &str) -> bool {
    let starts = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/');
    let goes_on = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '_' | '/' | '.' | '-' | ':' | '+' | '=' | '@' | ' ')
    };
    let is_text = |schema| matches!(plain_data(schema, text), Data::String(_));
    text.starts_with(starts)
        && text.chars().all(goes_on)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && is_text(Schema::Yaml11)
        && is_text(Schema::Core12)
}

/// Lines that stand in a literal block as they are.
fn is_block(text: &str) -> bool {
    let content = text.strip_suffix('\n').unwrap_or(text);
    content.contains('\n')
        && !content.ends_with('\n')
        && !content.starts_with([' ', '\n', '\t'])
        && content.lines().all(|line| line.chars().all(|letter| letter == '\t' || is_shown(letter)))
        && !content.contains('\r')
}

fn block(out: &mut String, text: &str, indent: usize) {
    let (header, content) = text.strip_suffix('\n').map_or(("|-", text), |content| ("|", content));
    out.push_str(header);
    for line in content.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            spaces(out, indent);
            out.push_str(line);
        }
    }
}

/// Whatever a reader may refuse or not show stands as an escape.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            shown if is_shown(shown) => out.push(shown),
            hidden if u32::from(hidden) <= 0xFFFF => {
                let _ = write!(out, "\\u{:04X}", u32::from(hidden));
            }
            hidden => {
                let _ = write!(out, "\\U{:08X}", u32::from(hidden));
            }
        }
    }
    out.push('"');
}

/// Letters, digits, and the signs of ASCII.
fn is_shown(letter: char) -> bool {
    (' '..='~').contains(&letter) || letter.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::{Limits, Source, Sources, parse_as};
    use super::*;

    fn read(text: &str, schema: Schema) -> Value {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("object", text));
        let parsed = parse_as(&sources, id, schema, &Limits::default());
        assert_eq!(parsed.errors, [], "{text}");
        assert_eq!(parsed.documents.len(), 1, "{text}");
        parsed.documents[0].root.to_json()
    }

    #[test]
    fn an_object_looks_as_kubectl_prints_it() {
        let value = json!({
            "apiVersion": "apps/v1",
            "metadata": {"labels": {"app.kubernetes.io/name": "qdrant"}, "annotations": {}},
            "spec": {"replicas": 3, "template": {"spec": {"containers": [
                {"name": "qdrant", "args": ["./entrypoint.sh", "0755", "on"], "ports": [{"containerPort": 6333}], "x": [[1]]}
            ]}}},
            "data": {"production.yaml": "cluster:\n  enabled: true\n\nlog: x\n"},
        });
        let printed = "apiVersion: apps/v1\nmetadata:\n  labels:\n    app.kubernetes.io/name: qdrant\n  annotations: {}\n\
            spec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n      - name: qdrant\n        args:\n        \
            - \"./entrypoint.sh\"\n        - \"0755\"\n        - \"on\"\n        ports:\n        - containerPort: 6333\n        \
            x:\n        - - 1\ndata:\n  production.yaml: |\n    cluster:\n      enabled: true\n\n    log: x\n";
        assert_eq!(print(&value), printed);
        assert_eq!(read(printed, Schema::Yaml11), value);
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = prop_oneof![
            any::<String>(),
            "[a-z0-9:#. \\-]{0,12}",
            "(yes|no|on|null|~|0777|1e3|0x1f|1_000|- |<<|=|\\.inf|2001-01-01)",
            "([ -~\t]{0,6}\n){0,4}[ -~]{0,6}",
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            text.clone().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                // a key `<<` would be a merge to any reader of YAML, and Kubernetes has none
                prop::collection::vec((text.clone().prop_filter("no merge", |key| key != "<<"), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_as_the_same_value(value in values()) {
            for schema in [Schema::Yaml11, Schema::Core12] {
                prop_assert_eq!(read(&print(&value), schema), value.clone());
            }
        }
    }
}
