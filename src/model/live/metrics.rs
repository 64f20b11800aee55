//! The exposition format of Prometheus, as far as single numbers go.

use serde_json::{Map, Number, Value};

/// Samples that are kept.
const MOST: usize = 500;

/// The samples without labels, by name.
pub fn samples(text: &str) -> Value {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let samples = lines.filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let (name, value) = (words.next()?, words.next()?);
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'));
        Some((name.to_owned(), is_name.then_some(number(value)?)?))
    });
    Value::Object(samples.take(MOST).collect::<Map<String, Value>>())
}

fn number(text: &str) -> Option<Value> {
    let whole = text.parse::<u64>().ok().map(Value::from);
    whole.or_else(|| {
        let value: f64 = text.parse().ok()?;
        Some(Value::Number(Number::from_f64(value)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_labels_are_read_and_the_rest_passed_over() {
        let text = "# HELP process_max_fds x\nprocess_max_fds 1048576\ncollection_points{id=\"a b\"} 3\nnan NaN\nx 1.5e3 1\n\nbroken";
        assert_eq!(samples(text), serde_json::json!({"process_max_fds": 1_048_576, "x": 1500.0}));
    }
}
