//! The tree of a document: every node knows where it came from. Collections are shared, so that
//! aliases and merged values cost nothing.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Number;

use super::{Origin, Path, Segment};

/// A value with its origin.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// Where it came from.
    pub origin: Origin,
    /// How it was written; [`Style::Plain`] for made nodes.
    pub style: Style,
}

/// The value of a node, resolved as its reader resolves it.
#[derive(Clone, Debug)]
pub enum Data {
    /// `null`, `~`, nothing.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number or a float; never infinite.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// A list.
    Sequence(Arc<Vec<Node>>),
    /// A mapping in the order of the file.
    Mapping(Arc<Mapping>),
}

/// Fields by key, in the order of the file; of duplicate keys the last one.
pub type Mapping = IndexMap<Arc<str>, Node>;
/// A key and its value; the key's span is in the value's [`Origin`].
pub type Field<'a> = (&'a Arc<str>, &'a Node);

/// Fields of a mapping that is small.
const FEW: usize = 8;

/// How a node was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Plain scalar, or made by the tool.
    Plain,
    /// A plain scalar that YAML 1.1 (Helm, kubectl) and YAML 1.2 (Qdrant, most editors) read differently.
    Ambiguous,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// Block mapping or sequence.
    Block,
    /// `{…}` or `[…]`
    Flow,
}

impl Node {
    /// A made node.
    pub fn new(data: Data, origin: Origin) -> Self {
        Self { data, origin, style: Style::Plain }
    }

    /// A made null.
    pub fn null(origin: Origin) -> Self {
        Self::new(Data::Null, origin)
    }

    /// A made string.
    pub fn string(text: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self::new(Data::String(text.into()), origin)
    }

    /// A made boolean.
    pub fn bool(value: bool, origin: Origin) -> Self {
        Self::new(Data::Bool(value), origin)
    }

    /// A made whole number.
    pub fn integer(value: i64, origin: Origin) -> Self {
        Self::new(Data::Number(value.into()), origin)
    }

    /// A made list.
    pub fn sequence(items: Vec<Self>, origin: Origin) -> Self {
        Self::new(Data::Sequence(Arc::new(items)), origin)
    }

    /// A made mapping.
    pub fn mapping(fields: Mapping, origin: Origin) -> Self {
        Self::new(Data::Mapping(Arc::new(fields)), origin)
    }

    /// The field of a mapping; `None` also when this is no mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let fields = self.as_mapping()?;
        // comparing a few keys takes less time than hashing one
        if fields.len() <= FEW {
            return fields.iter().find(|(name, _)| ***name == *key).map(|(_, value)| value);
        }
        fields.get(key)
    }

    /// The value at a path of keys; `None` where a step is missing or null.
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        let node = keys.iter().try_fold(self, |node, key| node.get(key))?;
        (!node.is_null()).then_some(node)
    }

    /// The value at a path of keys and indices.
    pub fn find(&self, path: &Path) -> Option<&Self> {
        path.0.iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.as_sequence()?.get(*index),
        })
    }

    /// The text, when it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// The boolean, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Data::Bool(value) = self.data { Some(value) } else { None }
    }

    /// The whole number, when it is one (floats without a fraction count, as in Kubernetes).
    pub fn as_i64(&self) -> Option<i64> {
        let Data::Number(number) = &self.data else { return None };
        number.as_i64().or_else(|| number.as_f64().filter(|value| value.fract() == 0.0).map(|value| value as i64))
    }

    /// The number, when it is one.
    pub fn as_f64(&self) -> Option<f64> {
        if let Data::Number(number) = &self.data { number.as_f64() } else { None }
    }

    /// The items, when it is a list.
    pub fn as_sequence(&self) -> Option<&[Self]> {
        if let Data::Sequence(items) = &self.data { Some(items) } else { None }
    }

    /// The fields, when it is a mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        if let Data::Mapping(fields) = &self.data { Some(fields) } else { None }
    }

    /// The items of the list at a path of keys; empty when there is none.
    pub fn items(&self, keys: &[&str]) -> &[Self] {
        self.at(keys).and_then(Self::as_sequence).unwrap_or_default()
    }

    /// The fields of the mapping at a path of keys; empty when there is none.
    pub fn fields(&self, keys: &[&str]) -> impl Iterator<Item = Field<'_>> {
        self.at(keys).and_then(Self::as_mapping).into_iter().flatten()
    }

    /// The string at a path of keys.
    pub fn text(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys).and_then(Self::as_str)
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// What it is, in words for messages: `a string`, `a mapping`.
    pub fn kind_in_words(&self) -> &'static str {
        match &self.data {
            Data::Null => "null",
            Data::Bool(_) => "a boolean",
            Data::Number(_) => "a number",
            Data::String(_) => "a string",
            Data::Sequence(_) => "a list",
            Data::Mapping(_) => "a mapping",
        }
    }

    /// A scalar as Kubernetes or a template would print it; `None` for collections and null.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.data {
            Data::Bool(value) => Some(value.to_string()),
            Data::Number(number) => Some(number.to_string()),
            Data::String(text) => Some(text.to_string()),
            Data::Null | Data::Sequence(_) | Data::Mapping(_) => None,
        }
    }

    /// Plain JSON without origins.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            Data::Null => Value::Null,
            Data::Bool(value) => Value::Bool(*value),
            Data::Number(number) => Value::Number(number.clone()),
            Data::String(text) => Value::String(text.to_string()),
            Data::Sequence(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Data::Mapping(fields) => {
                Value::Object(fields.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect())
            }
        }
    }

    /// A tree of plain JSON in which every node has the same origin.
    pub fn from_json(value: &serde_json::Value, origin: &Origin) -> Self {
        use serde_json::Value;
        let data = match value {
            Value::Null => Data::Null,
            Value::Bool(value) => Data::Bool(*value),
            Value::Number(number) => Data::Number(number.clone()),
            Value::String(text) => Data::String(text.as_str().into()),
            Value::Array(items) => {
                Data::Sequence(Arc::new(items.iter().map(|item| Self::from_json(item, origin)).collect()))
            }
            Value::Object(fields) => Data::Mapping(Arc::new(
                fields.iter().map(|(key, value)| (Arc::from(key.as_str()), Self::from_json(value, origin))).collect(),
            )),
        };
        Self::new(data, origin.clone())
    }
}
