//! Environment of the Qdrant container; texts of keys are not kept.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::model::build::Scope;
use crate::model::facts::workload::EnvVar;
use crate::model::tracked::Tracked;
use crate::source::Node;

/// Stands for a text that must not be printed.
const REDACTED: &str = "[redacted]";

/// Parts of names whose values are secrets.
const SECRET: [&str; 7] = ["API_KEY", "APIKEY", "PASSWORD", "PASSWD", "SECRET", "TOKEN", "ACCESS_KEY"];

/// Sources of a value, by field of `valueFrom`: word, field of the name.
const SOURCES: [(&str, &str, &str); 4] = [
    ("secretKeyRef", "secret", "name"),
    ("configMapKeyRef", "config-map", "name"),
    ("fieldRef", "field", "fieldPath"),
    ("resourceFieldRef", "resource", "resource"),
];

/// The variables in the order of the container.
pub(super) fn of_container(container: &Node, scope: &Scope<'_>) -> Vec<Tracked<EnvVar>> {
    let variables = container.items(&["env"]).iter().filter(|variable| variable.text(&["name"]).is_some());
    variables
        .map(|variable| {
            let place = variable.at(&["value"]).or_else(|| variable.at(&["valueFrom"])).unwrap_or(variable);
            scope.origins.track(of_variable(variable), &place.origin)
        })
        .collect()
}

fn of_variable(variable: &Node) -> EnvVar {
    let name = variable.text(&["name"]).unwrap_or_default();
    let value = variable.at(&["value"]).and_then(Node::scalar_text);
    let value = value.map(|text| if is_secret(name) && !text.is_empty() { REDACTED.to_owned() } else { text });
    let source = SOURCES.iter().find_map(|(field, word, of)| Some((*word, *of, variable.at(&["valueFrom", field])?)));
    EnvVar {
        name: name.to_owned(),
        value,
        from: source.map(|(word, ..)| word.to_owned()),
        reference: source.and_then(|(_, of, node)| {
            let first = node.text(&[of])?;
            Some(node.text(&["key"]).map_or_else(|| first.to_owned(), |key| format!("{first}/{key}")))
        }),
        optional: source.is_some_and(|(.., node)| node.at(&["optional"]).and_then(Node::as_bool) == Some(true)),
    }
}

fn is_secret(name: &str) -> bool {
    static PARTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).build(SECRET).expect("a few words make an automaton")
    });
    PARTS.is_match(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;
    use serde_json::json;

    #[test]
    fn a_key_is_never_kept_and_an_empty_one_stays_visible() {
        let variable = |node: serde_json::Value| of_variable(&Node::from_json(&node, &Origin::Derived));
        let key = variable(json!({"name": "QDRANT__SERVICE__API_KEY", "value": "hunter2"}));
        assert_eq!(key.value.as_deref(), Some(REDACTED));
        let empty = variable(json!({"name": "QDRANT__SERVICE__API_KEY", "value": ""}));
        assert_eq!(empty.value.as_deref(), Some(""));
        let from =
            variable(json!({"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}}));
        assert_eq!(
            (from.from.as_deref(), from.reference.as_deref(), from.optional),
            (Some("secret"), Some("s/k"), true)
        );
        let field = variable(json!({"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}));
        assert_eq!((field.from.as_deref(), field.reference.as_deref()), (Some("field"), Some("metadata.name")));
    }
}
