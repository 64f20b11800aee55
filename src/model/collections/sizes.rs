//! How much a collection will hold, as the configuration or its own metadata declares.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::source::Node;

/// Keys of `metadata` that declare points.
const IN_METADATA: [&str; 4] = ["expected_points", "expected_vectors", "points", "vectors"];

/// Points and who declares them. The run's `expected.vectors` speaks of the only collection; with several,
/// `expected.collections.NAME.vectors` tells them apart.
pub(super) fn declared(
    name: Option<&str>,
    body: &Node,
    count: usize,
    expected: &BTreeMap<String, Value>,
) -> Option<(u64, &'static str)> {
    let own = name.and_then(|name| expected.get("collections")?.get(name)).and_then(points);
    let all = || {
        let points = expected.get("vectors").or_else(|| expected.get("points"))?;
        whole(points)
    };
    let configured = own.or_else(|| if count == 1 { all() } else { None });
    if let Some(points) = configured {
        return Some((points, "configuration"));
    }
    let metadata = body.at(&["metadata"])?;
    let written = IN_METADATA.iter().find_map(|key| metadata.at(&[key])?.as_i64())?;
    Some((u64::try_from(written).ok()?, "metadata"))
}

fn points(of_collection: &Value) -> Option<u64> {
    whole(of_collection).or_else(|| ["vectors", "points"].iter().find_map(|key| whole(of_collection.get(key)?)))
}

fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().filter(|number| *number >= 1.0).map(|number| number as u64))
}

/// Words in the name or metadata that mark a collection as cold.
const COLD: [&str; 4] = ["cold", "archive", "archived", "frozen"];

/// Whether the collection is declared cold: `metadata.cold`, a tier, or a word of its name.
pub(super) fn is_cold(name: Option<&str>, body: &Node) -> bool {
    let in_name = name.is_some_and(|name| {
        name.split(|letter: char| !letter.is_ascii_alphanumeric())
            .any(|word| COLD.contains(&word.to_ascii_lowercase().as_str()))
    });
    let metadata = body.at(&["metadata"]);
    let flagged = metadata.and_then(|metadata| metadata.at(&["cold"])?.as_bool()) == Some(true);
    let tier = metadata.and_then(|metadata| {
        ["tier", "temperature", "access", "storage_tier"].iter().find_map(|key| metadata.text(&[key]))
    });
    in_name || flagged || tier.is_some_and(|tier| COLD.contains(&tier.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use serde_json::json;

    fn node(json: &Value) -> Node {
        Node::from_json(json, &Origin::Derived)
    }

    #[test]
    fn one_number_speaks_of_the_only_collection() {
        let expected: BTreeMap<String, Value> =
            serde_json::from_value(json!({"vectors": 5_000_000, "collections": {"b": {"vectors": 7}}})).unwrap();
        let body = node(&json!({}));
        assert_eq!(declared(Some("a"), &body, 1, &expected), Some((5_000_000, "configuration")));
        assert_eq!(declared(Some("a"), &body, 2, &expected), None);
        assert_eq!(declared(Some("b"), &body, 2, &expected), Some((7, "configuration")));
        let described = node(&json!({"metadata": {"expected_points": 9}}));
        assert_eq!(declared(Some("a"), &described, 2, &expected), Some((9, "metadata")));
    }

    #[test]
    fn cold_is_a_word_not_a_syllable() {
        assert!(is_cold(Some("logs-archive"), &node(&json!({}))));
        assert!(!is_cold(Some("scolding"), &node(&json!({}))));
        assert!(is_cold(None, &node(&json!({"metadata": {"tier": "Cold"}}))));
    }
}
