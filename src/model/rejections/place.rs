//! A place in an object, whether or not something stands there.

use std::rc::Rc;

use super::refusal::Findings;
use crate::source::{Data, Node, Origin};

pub(super) use crate::source::is_filled_in_later as is_open;

/// A place in the object.
#[derive(Clone)]
pub(super) struct Place<'n> {
    /// What stands there; none for null and nothing.
    pub(super) node: Option<&'n Node>,
    trail: Rc<Trail<'n>>,
    pub(super) at: Origin,
    pub(super) found: &'n Findings,
}

/// The way to a place. Every place of an object is looked at and few are spoken of: only those have their path written out.
enum Trail<'n> {
    Root,
    /// A field of a name.
    Field(Rc<Self>, &'n str),
    /// An entry of a mapping whose keys are no fields.
    Entry(Rc<Self>, &'n str),
    /// An item of a list.
    Item(Rc<Self>, usize),
    /// What the API server calls it.
    Called(String),
}

impl Trail<'_> {
    fn write(&self, path: &mut String) {
        use std::fmt::Write as _;
        match self {
            Self::Root => {}
            Self::Field(parent, key) => {
                parent.write(path);
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Self::Entry(parent, key) => {
                parent.write(path);
                write!(path, "[{key}]").expect("a String takes all text");
            }
            Self::Item(parent, index) => {
                parent.write(path);
                write!(path, "[{index}]").expect("a String takes all text");
            }
            Self::Called(shown) => path.push_str(shown),
        }
    }
}

impl<'n> Place<'n> {
    /// The object itself.
    pub(super) fn root(node: &'n Node, found: &'n Findings) -> Self {
        Self { node: Some(node), trail: Rc::new(Trail::Root), at: node.origin.clone(), found }
    }

    /// Path as the API server writes it.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        self.trail.write(&mut path);
        path
    }

    /// The field of that name.
    pub(super) fn get(&self, key: &'n str) -> Self {
        self.get_as(key, key)
    }

    /// The field of that name, which the API server calls otherwise in what it says.
    pub(super) fn get_as(&self, key: &str, shown: &'n str) -> Self {
        self.child(self.node.and_then(|node| node.get(key)), Trail::Field(Rc::clone(&self.trail), shown))
    }

    /// The same place under another path.
    pub(super) fn called(&self, path: String) -> Self {
        Self { trail: Rc::new(Trail::Called(path)), ..self.clone() }
    }

    /// The field at a path of names.
    pub(super) fn at(&self, keys: &[&'n str]) -> Self {
        keys.iter().fold(self.clone(), |place, key| place.get(key))
    }

    /// An entry of a mapping whose keys are no fields: `resources.requests[memory]`.
    pub(super) fn entry(&self, key: &'n str) -> Self {
        self.child(self.node.and_then(|node| node.get(key)), Trail::Entry(Rc::clone(&self.trail), key))
    }

    /// The keys of a mapping.
    pub(super) fn keys(&self) -> Vec<&'n str> {
        self.node.and_then(Node::as_mapping).into_iter().flatten().map(|(key, _)| &**key).collect()
    }

    /// The items of a list.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.node.and_then(Node::as_sequence).unwrap_or_default();
        items
            .iter()
            .enumerate()
            .map(|(index, item)| self.child(Some(item), Trail::Item(Rc::clone(&self.trail), index)))
            .collect()
    }

    fn child(&self, node: Option<&'n Node>, trail: Trail<'n>) -> Self {
        let at = node.map_or_else(|| self.at.clone(), |node| node.origin.clone());
        Self { node: node.filter(|node| !node.is_null()), trail: Rc::new(trail), at, found: self.found }
    }

    /// Something stands there.
    pub(super) fn is_set(&self) -> bool {
        self.node.is_some()
    }

    /// A non-empty text, mapping or list, or any other value stands there.
    pub(super) fn is_filled(&self) -> bool {
        self.node.is_some_and(|node| match &node.data {
            Data::Null => false,
            Data::String(text) => !text.is_empty(),
            Data::Sequence(items) => !items.is_empty(),
            Data::Mapping(fields) => !fields.is_empty(),
            Data::Bool(_) | Data::Number(_) => true,
        })
    }

    /// The text, unless a placeholder hides it.
    pub(super) fn text(&self) -> Option<&'n str> {
        self.node.and_then(Node::as_str).filter(|text| !is_open(text))
    }

    /// The text as the decoder reads it: nothing is the empty text. None where a placeholder hides it.
    pub(super) fn word(&self) -> Option<&'n str> {
        self.node.map_or(Some(""), |node| node.as_str().filter(|text| !is_open(text)))
    }

    /// A placeholder hides what stands there.
    pub(super) fn is_hidden(&self) -> bool {
        self.node.and_then(Node::as_str).is_some_and(is_open)
    }

    /// The whole number.
    pub(super) fn number(&self) -> Option<i64> {
        self.node.and_then(Node::as_i64)
    }

    /// The boolean.
    pub(super) fn flag(&self) -> Option<bool> {
        self.node.and_then(Node::as_bool)
    }

    /// Where it stands, or what lacks it.
    pub(super) fn origin(&self) -> &Origin {
        &self.at
    }
}
