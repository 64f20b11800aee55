//! Values that remember where they came from, and the one pass that splits them into plain JSON and provenance.

mod provenance;
mod split;

use std::cell::RefCell;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::Value;

pub use provenance::Provenance;
use split::{Part, Splitter};

use crate::source::{Data, Node, Origin};

/// By this name [`split`] knows a fact that has an origin.
const TRACKED: &str = "$tracked";

/// Index of an origin in the [`Origins`] of one deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginId(u32);

/// A fact and its origin. Serialises so that [`split`] can take the two apart again; its schema is that of the value.
#[derive(Clone, Debug, PartialEq)]
pub struct Tracked<T> {
    /// The fact.
    pub value: T,
    /// Where it came from.
    pub origin: OriginId,
}

impl<T: Serialize> Serialize for Tracked<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_variant(TRACKED, self.origin.0, "value", &self.value)
    }
}

impl<T: JsonSchema> JsonSchema for Tracked<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }

    fn inline_schema() -> bool {
        T::inline_schema()
    }
}

/// A fact that may be absent and then still knows where it would be set: the document has no key for it, and a finding
/// at its path points there.
pub type Settable<T> = Option<Tracked<Option<T>>>;

/// A tree of facts whose shape the types do not fix (server configuration, annotations).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Tree(Tracked<Shape>);

/// One node of a [`Tree`].
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Scalar(Value),
    List(Vec<Tree>),
    Fields(Vec<(Arc<str>, Tree)>),
}

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(value) => value.serialize(serializer),
            Self::List(items) => items.serialize(serializer),
            Self::Fields(fields) => serializer.collect_map(fields.iter().map(|(key, value)| (key, value))),
        }
    }
}

impl JsonSchema for Tree {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tree".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({"description": "a tree of values as configured"})
    }
}

/// The origins of one deployment; facts refer to them by id.
#[derive(Debug, Default)]
pub struct Origins(RefCell<Vec<Origin>>);

impl Origins {
    /// Remembers an origin.
    pub fn add(&self, origin: &Origin) -> OriginId {
        let mut origins = self.0.borrow_mut();
        origins.push(origin.clone());
        OriginId(u32::try_from(origins.len() - 1).unwrap_or(u32::MAX))
    }

    /// A fact with its origin.
    pub fn track<T>(&self, value: T, origin: &Origin) -> Tracked<T> {
        Tracked { value, origin: self.add(origin) }
    }

    /// A node and all below it, as a [`Tree`].
    pub fn tree(&self, node: &Node) -> Tree {
        let shape = match &node.data {
            Data::Sequence(items) => Shape::List(items.iter().map(|item| self.tree(item)).collect()),
            Data::Mapping(fields) => {
                let written = fields.iter().filter(|(_, value)| !value.is_null());
                Shape::Fields(written.map(|(key, value)| (Arc::clone(key), self.tree(value))).collect())
            }
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => Shape::Scalar(node.to_json()),
        };
        Tree(self.track(shape, &node.origin))
    }

    /// All origins, for [`Provenance`].
    pub fn into_inner(self) -> Vec<Origin> {
        self.0.into_inner()
    }
}

/// Serialises facts and takes values and origins apart. Nulls are dropped: an absent fact has no key.
pub fn split<T: Serialize>(facts: &T, origins: Origins) -> Result<(Value, Provenance), serde_json::Error> {
    let Part { plain, step } = facts.serialize(Splitter)?;
    Ok((plain, Provenance::new(step, origins.into_inner())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{DefaultOrigin, Path, Written};

    #[derive(Serialize)]
    struct Sample {
        replicas: Tracked<u32>,
        budgets: Tracked<Vec<Tracked<String>>>,
        absent: Option<Tracked<bool>>,
        settable: Settable<bool>,
    }

    fn default_of(owner: &str) -> Origin {
        Origin::Default(Arc::new(DefaultOrigin { owner: owner.into(), path: Path::new(), anchor: None }))
    }

    #[test]
    fn values_and_origins_come_apart_and_the_longest_prefix_wins() {
        let origins = Origins::default();
        let written = Origin::Written(Written { source: crate::source::SourceId(0), key: (0, 3), value: (5, 6) });
        let sample = Sample {
            replicas: origins.track(3, &written),
            budgets: origins.track(vec![origins.track("a".to_owned(), &written)], &default_of("chart")),
            absent: None,
            settable: Some(origins.track(None, &default_of("Kubernetes"))),
        };
        let (plain, provenance) = split(&sample, origins).unwrap();
        assert_eq!(plain, serde_json::json!({"replicas": 3, "budgets": ["a"]}));
        assert_eq!(provenance.find(&Path::keys(["replicas"])), Some((&written, 1)));
        assert_eq!(provenance.find(&Path::keys(["budgets"]).index(0)), Some((&written, 2)));
        assert_eq!(provenance.find(&Path::keys(["budgets", "x"])), Some((&default_of("chart"), 1)));
        assert_eq!(provenance.find(&Path::keys(["absent"])), None);
        assert_eq!(provenance.find(&Path::keys(["settable"])), Some((&default_of("Kubernetes"), 1)));
    }
}
