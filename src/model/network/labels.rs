//! Label selectors as NetworkPolicies use them: `matchLabels` and `matchExpressions`, all of which must hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::source::Node;

/// Labels of a pod or a namespace.
pub type Labels = BTreeMap<String, String>;

/// A `LabelSelector`; without requirements it matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

/// One requirement of a selector.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    /// No operator of Kubernetes; such an object is refused, so the selector matches nothing.
    Unknown,
}

impl Selector {
    /// Reads a `LabelSelector`; a missing or null one has no requirements.
    pub fn of(node: Option<&Node>) -> Self {
        let Some(node) = node else { return Self::default() };
        let mut requirements: Vec<Requirement> = node
            .fields(&["matchLabels"])
            .map(|(key, value)| Requirement {
                key: key.to_string(),
                operator: Operator::In,
                values: BTreeSet::from([value.scalar_text().unwrap_or_default()]),
            })
            .collect();
        requirements.extend(node.items(&["matchExpressions"]).iter().map(|expression| Requirement {
            key: expression.text(&["key"]).unwrap_or_default().to_owned(),
            operator: match expression.text(&["operator"]) {
                Some("In") => Operator::In,
                Some("NotIn") => Operator::NotIn,
                Some("Exists") => Operator::Exists,
                Some("DoesNotExist") => Operator::DoesNotExist,
                _ => Operator::Unknown,
            },
            values: expression.items(&["values"]).iter().filter_map(Node::scalar_text).collect(),
        }));
        Self { requirements }
    }

    /// Whether it matches everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether every requirement holds for these labels.
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds(labels))
    }

    /// The only value a key may have, when the selector pins it to one.
    pub fn pins(&self) -> impl Iterator<Item = (&str, &str)> {
        self.requirements
            .iter()
            .filter(|one| one.operator == Operator::In && one.values.len() == 1)
            .flat_map(|one| one.values.iter().map(|value| (one.key.as_str(), value.as_str())))
    }

    /// Every key and value that the selector names, for guesses about what it is meant for.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.requirements
            .iter()
            .filter(|one| one.operator != Operator::NotIn)
            .flat_map(|one| std::iter::once(one.key.as_str()).chain(one.values.iter().map(String::as_str)))
    }
}

impl Requirement {
    fn holds(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.key);
        match self.operator {
            Operator::In => value.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => value.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Unknown => false,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                out.write_str(", ")?;
            }
            let values = || requirement.values.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            let key = &requirement.key;
            match requirement.operator {
                Operator::In if requirement.values.len() == 1 => write!(out, "{key}={}", values())?,
                Operator::In => write!(out, "{key} in ({})", values())?,
                Operator::NotIn => write!(out, "{key} not in ({})", values())?,
                Operator::Exists => write!(out, "{key}")?,
                Operator::DoesNotExist => write!(out, "!{key}")?,
                Operator::Unknown => write!(out, "{key} with an unknown operator")?,
            }
        }
        Ok(())
    }
}

/// Labels as `key=value, …`.
pub fn labels_in_words(labels: &Labels) -> String {
    labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

/// Labels of a mapping node; scalars are read as text.
pub fn labels_of(node: Option<&Node>) -> Labels {
    node.and_then(Node::as_mapping)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.to_string(), value.scalar_text()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn selector(json: &serde_json::Value) -> Selector {
        Selector::of(Some(&Node::from_json(json, &Origin::Derived)))
    }

    fn labels(pairs: &[(&str, &str)]) -> Labels {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_empty_selector_matches_everything() {
        assert!(selector(&serde_json::json!({})).matches(&labels(&[])));
        assert!(Selector::of(None).matches(&labels(&[("a", "b")])));
    }

    #[test]
    fn every_operator_follows_kubernetes() {
        let with = labels(&[("tier", "db")]);
        let without = labels(&[]);
        for (operator, values, holds_with, holds_without) in [
            ("In", vec!["db", "x"], true, false),
            ("In", vec!["x"], false, false),
            ("NotIn", vec!["db"], false, true),
            ("NotIn", vec!["x"], true, true),
            ("Exists", vec![], true, false),
            ("DoesNotExist", vec![], false, true),
            ("Equals", vec!["db"], false, false),
        ] {
            let selector = selector(
                &serde_json::json!({"matchExpressions": [{"key": "tier", "operator": operator, "values": values}]}),
            );
            assert_eq!(selector.matches(&with), holds_with, "{operator} {values:?} with the label");
            assert_eq!(selector.matches(&without), holds_without, "{operator} {values:?} without the label");
        }
    }

    #[test]
    fn labels_and_expressions_must_all_hold() {
        let selector = selector(&serde_json::json!({
            "matchLabels": {"app": "qdrant"},
            "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["backup"]}],
        }));
        assert!(selector.matches(&labels(&[("app", "qdrant")])));
        assert!(!selector.matches(&labels(&[("app", "qdrant"), ("tier", "backup")])));
        assert_eq!(selector.to_string(), "app=qdrant, tier not in (backup)");
    }
}
