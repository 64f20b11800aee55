//! Scalars on their way through a template: printed as Go prints them, then read again, by Kubernetes or by Qdrant.

use serde_json::Number;

use crate::source::{Data, Limits, Node, Origin, Schema, Source, Sources, scalar, yaml};

/// What Go's `%v` makes of a value; nothing for null.
pub(super) fn print(node: &Node) -> String {
    match &node.data {
        Data::Null => String::new(),
        Data::Bool(value) => value.to_string(),
        Data::String(text) => text.to_string(),
        Data::Number(number) => print_number(number, &node.origin),
        Data::Sequence(items) => {
            let items: Vec<_> = items.iter().map(print_inner).collect();
            format!("[{}]", items.join(" "))
        }
        Data::Mapping(fields) => {
            let mut fields: Vec<_> =
                fields.iter().map(|(key, value)| format!("{key}:{}", print_inner(value))).collect();
            fields.sort_unstable();
            format!("map[{}]", fields.join(" "))
        }
    }
}

fn print_inner(node: &Node) -> String {
    if node.is_null() { "<nil>".to_owned() } else { print(node) }
}

/// Helm reads every number of a file as a float; only `--set` makes whole numbers.
fn print_number(number: &Number, origin: &Origin) -> String {
    match (origin, number.as_i64()) {
        (Origin::Set(_), Some(whole)) => whole.to_string(),
        _ => print_float(number.as_f64().unwrap_or_default()),
    }
}

/// The shortest digits; with an exponent below 1e-4 and from 1e6 on.
fn print_float(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let Ok(power) = exponent.parse::<i32>() else { return scientific };
    if (-4..6).contains(&power) {
        return value.to_string();
    }
    let sign = if power < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", power.abs())
}

/// Reads printed text as what it becomes where it lands unquoted in YAML; `None` when it breaks the YAML around it.
pub(super) fn reread(text: &str, schema: Schema, at: &Origin) -> Option<Node> {
    let text = text.trim();
    if is_plain(text) {
        return Some(Node::new(scalar::plain_data(schema, text), at.clone()));
    }
    let mut sources = Sources::default();
    let id = sources.add(Source::new("value", format!("value: {text}\n")));
    let parsed = yaml::parse_as(&sources, id, schema, &Limits::default());
    let root = parsed.documents.first().filter(|_| parsed.errors.is_empty() && parsed.documents.len() == 1)?;
    let value = root.root.get("value").filter(|_| root.root.as_mapping().is_some_and(|fields| fields.len() == 1))?;
    Some(Node::from_json(&value.to_json(), at))
}

/// Whether no character of a text means anything to YAML; the parser judges the others.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/+-:".contains(&byte))
        && !text.ends_with(':')
        && !matches!(text, "-" | "---" | "...")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(value: &serde_json::Value) -> String {
        print(&Node::from_json(value, &Origin::Derived))
    }

    #[test]
    fn numbers_print_as_go_prints_floats() {
        for (value, text) in [
            (json!(3), "3"),
            (json!(100_000), "100000"),
            (json!(3_000_000), "3e+06"),
            (json!(1_234_567), "1.234567e+06"),
            (json!(0.5), "0.5"),
            (json!(0.000_01), "1e-05"),
            (json!(-2), "-2"),
        ] {
            assert_eq!(printed(&value), text);
        }
    }

    #[test]
    fn collections_print_as_go_prints_them() {
        assert_eq!(printed(&json!({"b": 1, "a": [null, "x"]})), "map[a:[<nil> x] b:1]");
        assert_eq!(printed(&json!(null)), "");
    }

    fn read(text: &str, schema: Schema) -> Option<serde_json::Value> {
        reread(text, schema, &Origin::Derived).map(|node| node.to_json())
    }

    #[test]
    fn printed_text_is_read_again_by_yaml_1_1() {
        for (text, value) in [
            ("yes", json!(true)),
            ("012", json!(10)),
            ("3e+06", json!(3_000_000)),
            ("", json!(null)),
            ("1000:3000", json!("1000:3000")),
            ("1.2.3", json!("1.2.3")),
            ("gp3 # fast", json!("gp3")),
            ("[a b]", json!(["a b"])),
            ("map[a:1]", json!("map[a:1]")),
            ("\"7\"", json!("7")),
        ] {
            assert_eq!(read(text, Schema::Yaml11), Some(value), "{text}");
        }
        for text in ["-", "a: b", "*", "%", "a\nother: b"] {
            assert_eq!(read(text, Schema::Yaml11), None, "{text}");
        }
    }

    #[test]
    fn qdrant_reads_keys_that_look_like_numbers_as_numbers() {
        assert_eq!(read("0123456", Schema::Core12), Some(json!(123_456)));
        assert_eq!(read("1e10", Schema::Core12), Some(json!(1e10)));
        assert_eq!(read("yes", Schema::Core12), Some(json!("yes")));
    }
}
