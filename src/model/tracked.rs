//! Values that remember where they came from, and the one pass that splits them into plain JSON and provenance.

use std::cell::RefCell;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::source::{Data, Node, Origin, Path, Segment};

const ORIGIN: &str = "$origin";
const VALUE: &str = "$value";

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
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(ORIGIN, &self.origin.0)?;
        map.serialize_entry(VALUE, &self.value)?;
        map.end()
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree(pub Value);

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
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
        Tree(self.tree_value(node))
    }

    fn tree_value(&self, node: &Node) -> Value {
        let plain = match &node.data {
            Data::Sequence(items) => Value::Array(items.iter().map(|item| self.tree_value(item)).collect()),
            Data::Mapping(fields) => Value::Object(
                fields
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(key, value)| (key.to_string(), self.tree_value(value)))
                    .collect(),
            ),
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => node.to_json(),
        };
        let mut tracked = serde_json::Map::new();
        tracked.insert(ORIGIN.to_owned(), self.add(&node.origin).0.into());
        tracked.insert(VALUE.to_owned(), plain);
        Value::Object(tracked)
    }

    /// All origins, for [`Provenance`].
    pub fn into_inner(self) -> Vec<Origin> {
        self.0.into_inner()
    }
}

/// From paths in the facts to origins.
#[derive(Debug, Default)]
pub struct Provenance {
    root: Step,
    origins: Vec<Origin>,
}

#[derive(Debug, Default)]
struct Step {
    origin: Option<OriginId>,
    below: BTreeMap<Segment, Step>,
}

impl Provenance {
    /// The origin of a fact, and how many segments of the path it covers: the longest prefix that has one.
    pub fn find(&self, path: &Path) -> Option<(&Origin, usize)> {
        let mut step = &self.root;
        let mut best = step.origin.map(|id| (id, 0));
        for (depth, segment) in path.0.iter().enumerate() {
            let Some(next) = step.below.get(segment) else { break };
            step = next;
            best = step.origin.map(|id| (id, depth + 1)).or(best);
        }
        best.and_then(|(id, depth)| Some((self.origins.get(id.0 as usize)?, depth)))
    }

    /// Takes in the origins of another document that was put into this one under a key.
    pub fn graft(&mut self, key: &str, other: &Self) {
        let shift = u32::try_from(self.origins.len()).unwrap_or(u32::MAX);
        self.origins.extend(other.origins.iter().cloned());
        self.root.below.insert(Segment::Key(key.into()), other.root.shifted(shift));
    }

    /// Every tracked path with its origin, in order.
    pub fn entries(&self) -> Vec<(Path, &Origin)> {
        let mut found = Vec::new();
        self.walk(&self.root, &Path::new(), &mut found);
        found
    }

    fn walk<'a>(&'a self, step: &Step, path: &Path, found: &mut Vec<(Path, &'a Origin)>) {
        if let Some(origin) = step.origin.and_then(|id| self.origins.get(id.0 as usize)) {
            found.push((path.clone(), origin));
        }
        for (segment, below) in &step.below {
            let mut path = path.clone();
            path.0.push(segment.clone());
            self.walk(below, &path, found);
        }
    }
}

/// Serialises facts and takes values and origins apart. Nulls are dropped: an absent fact has no key.
pub fn split<T: Serialize>(facts: &T, origins: Origins) -> Result<(Value, Provenance), serde_json::Error> {
    let mut root = Step::default();
    let plain = strip(serde_json::to_value(facts)?, &mut root);
    Ok((plain, Provenance { root, origins: origins.into_inner() }))
}

fn strip(value: Value, step: &mut Step) -> Value {
    match value {
        Value::Object(mut map) => {
            if let (Some(id), Some(inner)) = (map.get(ORIGIN).and_then(Value::as_u64), map.remove(VALUE)) {
                let plain = strip(inner, step);
                step.origin = Some(OriginId(u32::try_from(id).unwrap_or(u32::MAX)));
                return plain;
            }
            let mut plain = serde_json::Map::new();
            for (key, inner) in map {
                if inner.is_null() {
                    continue;
                }
                let below = step.below.entry(Segment::Key(key.as_str().into())).or_default();
                let inner = strip(inner, below);
                // an absent fact keeps its origin: where it would be set
                if below.is_empty() {
                    step.below.remove(&Segment::Key(key.as_str().into()));
                }
                if !inner.is_null() {
                    plain.insert(key, inner);
                }
            }
            Value::Object(plain)
        }
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .enumerate()
                .map(|(index, inner)| strip(inner, step.below.entry(Segment::Index(index)).or_default()))
                .collect(),
        ),
        scalar => scalar,
    }
}

impl Step {
    fn shifted(&self, by: u32) -> Self {
        Self {
            origin: self.origin.map(|id| OriginId(id.0.saturating_add(by))),
            below: self.below.iter().map(|(segment, step)| (segment.clone(), step.shifted(by))).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.origin.is_none() && self.below.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{DefaultOrigin, Written};

    #[derive(Serialize)]
    struct Sample {
        replicas: Tracked<u32>,
        budgets: Tracked<Vec<Tracked<String>>>,
        absent: Option<Tracked<bool>>,
        settable: Settable<bool>,
    }

    fn default_of(owner: &str) -> Origin {
        Origin::Default(std::sync::Arc::new(DefaultOrigin { owner: owner.into(), path: Path::new(), anchor: None }))
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
