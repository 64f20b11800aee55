//! Where a value came from.

use std::sync::Arc;

use super::{Path, SourceId, Span};

/// The origin of one node. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// The user wrote it here.
    Written(Written),
    /// A `--set` argument; the span lies in a source of its own that holds the argument.
    Set(Written),
    /// Nobody wrote it: a default.
    Default(Arc<DefaultOrigin>),
    /// Computed by the tool; has no single place.
    Derived,
}

/// Spans of a value and, inside a mapping, of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub source: SourceId,
    /// Bytes of the key; empty (`start == end == value start`) for items of sequences and roots.
    pub key: (u32, u32),
    /// Bytes of the value.
    pub value: (u32, u32),
}

/// Whose default a value is, and where the user would set it.
#[derive(Clone, Debug, PartialEq)]
pub struct DefaultOrigin {
    /// In words, after "default of": `chart 1.12.4`, `Qdrant 1.12`, `Kubernetes`.
    pub owner: Arc<str>,
    /// Where to set it: a path in the values, in the object or in the collection body.
    pub path: Path,
    /// The nearest thing that the user did write; reports underline it.
    pub anchor: Option<Written>,
}

impl Written {
    /// Whether the value has a key of its own.
    pub fn has_key(&self) -> bool {
        self.key.0 < self.key.1
    }

    /// Span of the key, or of the value when there is none.
    pub fn key_span(&self) -> Span {
        let (start, end) = if self.has_key() { self.key } else { self.value };
        Span { source: self.source, start, end }
    }

    /// Span of the value.
    pub fn value_span(&self) -> Span {
        Span { source: self.source, start: self.value.0, end: self.value.1 }
    }
}

impl Origin {
    /// The place in a text, when there is one: where it is written, or where a default would be set.
    pub fn place(&self) -> Option<Written> {
        match self {
            Self::Written(written) | Self::Set(written) => Some(*written),
            Self::Default(default) => default.anchor,
            Self::Derived => None,
        }
    }

    /// A default that would be set at `path`, near `anchor`.
    pub fn default_of(owner: &Arc<str>, path: Path, anchor: Option<Written>) -> Self {
        Self::Default(Arc::new(DefaultOrigin { owner: Arc::clone(owner), path, anchor }))
    }

    /// Whether the user wrote it, in a file or by `--set`.
    pub fn is_written(&self) -> bool {
        matches!(self, Self::Written(_) | Self::Set(_))
    }
}
