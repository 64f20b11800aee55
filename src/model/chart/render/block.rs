//! Mappings of the rendered YAML, built field by field.

use std::sync::Arc;

use super::context::{Context, Value};
use crate::source::{Data, Mapping, Node, Origin};

/// A mapping that is being written.
pub(super) struct Block<'c> {
    context: &'c Context<'c>,
    fields: Mapping,
}

impl<'c> Block<'c> {
    pub(super) fn new(context: &'c Context<'c>) -> Self {
        Self { context, fields: Mapping::new() }
    }

    /// This block with one more field; of a field that stands twice the last one counts.
    #[must_use]
    pub(super) fn with(mut self, key: &str, value: Node) -> Self {
        self.put(key, value);
        self
    }

    /// This block with a text that the template fixes.
    #[must_use]
    pub(super) fn with_fixed(self, key: &str, text: &str) -> Self {
        let value = self.context.fixed(text);
        self.with(key, value)
    }

    /// This block with one more field, when there is a value.
    #[must_use]
    pub(super) fn with_some(mut self, key: &str, value: Option<Node>) -> Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    /// Adds a field.
    pub(super) fn put(&mut self, key: &str, value: Node) {
        self.fields.insert(key.into(), value);
    }

    /// Adds the fields of a value that the template pastes in as YAML, when it is true.
    pub(super) fn paste(&mut self, value: &Value<'_>) {
        let Some(node) = value.when_true().and_then(|value| value.node) else { return };
        if let Data::Mapping(fields) = &node.data {
            self.fields.extend(fields.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
        } else {
            value.refuse(format!("{} must be a mapping, but is {}", value.path, node.kind_in_words()));
        }
    }

    /// Whether nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The mapping, as something the template fixes.
    pub(super) fn node(self) -> Node {
        let origin = self.context.fixed_origin();
        self.node_at(origin)
    }

    /// The mapping with an origin.
    pub(super) fn node_at(self, origin: Origin) -> Node {
        Node::mapping(self.fields, origin)
    }
}

/// Adds the items of a list that the template pastes in as YAML, when it is true.
pub(super) fn paste_items(items: &mut Vec<Node>, value: &Value<'_>) {
    let Some(node) = value.when_true().and_then(|value| value.node) else { return };
    if let Some(pasted) = node.as_sequence() {
        items.extend(pasted.iter().cloned());
    } else {
        value.refuse(format!("{} must be a list, but is {}", value.path, node.kind_in_words()));
    }
}
