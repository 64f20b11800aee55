//! Scalars on their way through a template: printed as Go prints them, read again as YAML 1.1 reads them (Helm and
//! Kubernetes) or as Qdrant does.

use serde_json::Number;

use crate::source::{Data, Node, Origin};

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

/// Why a printed value is not one plain YAML scalar any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hazard {
    /// The text breaks the YAML around it.
    Breaks,
    /// A list, a mapping or a quoted string in flow style: something else, but not broken.
    Flow,
}

/// Reads printed text as the plain scalar it becomes, by YAML 1.1.
pub(super) fn reread(text: &str) -> Result<Data, Hazard> {
    let text = without_comment(text.trim());
    hazard(text).map_or_else(|| Ok(resolve_1_1(text)), Err)
}

/// Reads printed text as Qdrant reads a plain scalar of its configuration.
pub(super) fn reread_by_qdrant(text: &str) -> Result<Data, Hazard> {
    let text = without_comment(text.trim());
    hazard(text).map_or_else(|| Ok(resolve_1_2(text)), Err)
}

fn without_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    text.find(" #").map_or(text, |at| text[..at].trim_end())
}

fn hazard(text: &str) -> Option<Hazard> {
    let mut chars = text.chars();
    let (first, second) = (chars.next()?, chars.next());
    let indicator = matches!(first, '-' | '?' | ':') && second.is_none_or(char::is_whitespace);
    if matches!(first, '[' | '{' | '"' | '\'' | '!') {
        return Some(Hazard::Flow);
    }
    let breaks = indicator
        || matches!(first, ',' | ']' | '}' | '&' | '*' | '|' | '>' | '%' | '@' | '`')
        || text.contains('\n')
        || text.contains(": ")
        || text.ends_with(':');
    breaks.then_some(Hazard::Breaks)
}

fn resolve_1_1(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Data::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Data::Bool(false),
        _ => {
            let plain = text.replace('_', "");
            let number = whole_1_1(&plain).map(Number::from).or_else(|| float(&plain));
            let starts_like_one = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
            number.filter(|_| starts_like_one).map_or_else(|| Data::String(text.into()), Data::Number)
        }
    }
}

fn whole_1_1(text: &str) -> Option<i64> {
    let (negative, digits) =
        text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |rest| (true, rest));
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        _ if lower.len() > 1 && lower.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    if !digits.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let value = i64::from_str_radix(digits, radix).ok()?;
    Some(if negative { -value } else { value })
}

fn resolve_1_2(text: &str) -> Data {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        _ => {
            let whole = match text.get(..2) {
                Some("0x") => i64::from_str_radix(&text[2..], 16).ok(),
                Some("0o") => i64::from_str_radix(&text[2..], 8).ok(),
                _ => text.parse().ok(),
            };
            let number = whole.map(Number::from).or_else(|| float(text));
            number.map_or_else(|| Data::String(text.into()), Data::Number)
        }
    }
}

/// A float as YAML spells it; not `inf` or `nan`, which are no numbers for JSON.
fn float(text: &str) -> Option<Number> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mantissa = body.split(['e', 'E']).next()?;
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let shaped = digits > 0 && mantissa.chars().all(|c| c.is_ascii_digit() || c == '.');
    Number::from_f64(text.parse::<f64>().ok().filter(|_| shaped)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn printed(value: serde_json::Value) -> String {
        print(&Node::from_json(&value, &Origin::Derived))
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
            assert_eq!(printed(value), text);
        }
    }

    #[test]
    fn collections_print_as_go_prints_them() {
        assert_eq!(printed(json!({"b": 1, "a": [null, "x"]})), "map[a:[<nil> x] b:1]");
        assert_eq!(printed(json!(null)), "");
    }

    #[test]
    fn printed_text_is_read_again_by_yaml_1_1() {
        let read = |text: &str| reread(text).map(|data| Node::new(data, Origin::Derived).to_json());
        assert_eq!(read("yes"), Ok(json!(true)));
        assert_eq!(read("012"), Ok(json!(10)));
        assert_eq!(read("08"), Ok(json!(8.0)));
        assert_eq!(read("1_000"), Ok(json!(1000)));
        assert_eq!(read("3e+06"), Ok(json!(3e6)));
        assert_eq!(read(""), Ok(json!(null)));
        assert_eq!(read("1000:3000"), Ok(json!("1000:3000")));
        assert_eq!(read("1.2.3"), Ok(json!("1.2.3")));
        assert_eq!(read("gp3 # fast"), Ok(json!("gp3")));
        assert_eq!(read("-"), Err(Hazard::Breaks));
        assert_eq!(read("a: b"), Err(Hazard::Breaks));
        assert_eq!(read("[a b]"), Err(Hazard::Flow));
    }

    #[test]
    fn qdrant_reads_keys_that_look_like_numbers_as_numbers() {
        let read = |text: &str| reread_by_qdrant(text).map(|data| Node::new(data, Origin::Derived).to_json());
        assert_eq!(read("0123456"), Ok(json!(123_456)));
        assert_eq!(read("1e10"), Ok(json!(1e10)));
        assert_eq!(read("yes"), Ok(json!("yes")));
    }
}
