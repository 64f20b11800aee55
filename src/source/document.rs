//! What reading a text gives: documents, and the errors of those that could not be read.

use std::sync::Arc;

use super::{Data, Node, Origin, Path, Position, SourceId, Sources, Span};

/// Everything that one text holds. A broken document is an error; its neighbours are still read.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The documents that could be read, in the order of the text.
    pub documents: Vec<Document>,
    /// One error for each document that could not, in the order of the text.
    pub errors: Vec<SyntaxError>,
}

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// The text that holds it.
    pub source: SourceId,
    /// Its value; null when there is nothing but comments.
    pub root: Node,
    /// Its comments in the order of the text.
    pub comments: Vec<Comment>,
    /// Keys written more than once, in the order of the text; at most [`MOST_DUPLICATES`].
    pub duplicates: Vec<Duplicate>,
    /// All that belongs to it, its `---` and leading comments included.
    pub span: Span,
}

/// A document records no more repeated keys than this: nobody reads more, and paths cost memory.
pub const MOST_DUPLICATES: usize = 1_000;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// What follows the `#`, as written.
    pub text: Arc<str>,
}

/// A key that a mapping holds twice; the later value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Path of the key.
    pub path: Path,
    /// The key whose value is lost.
    pub first: Span,
    /// The key whose value replaced it.
    pub last: Span,
}

/// Why a document, or the whole text, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Where reading stopped.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl SyntaxError {
    /// Line and column of the error.
    pub fn position(&self, sources: &Sources) -> Position {
        sources.get(self.span.source).position(self.span.start)
    }
}

impl Document {
    /// The deepest value whose key or value holds the byte `offset` of this document's text; the
    /// root where there is none. Values that came in through an alias belong to the alias.
    pub fn path_at(&self, offset: u32) -> Path {
        let mut path = Path::new();
        let mut node = &self.root;
        loop {
            let next = match &node.data {
                Data::Mapping(fields) => fields
                    .iter()
                    .find(|(_, value)| self.holds(value, offset))
                    .map(|(key, value)| (path.key(key), value)),
                Data::Sequence(items) => items
                    .iter()
                    .enumerate()
                    .find(|(_, value)| self.holds(value, offset))
                    .map(|(index, value)| (path.index(index), value)),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => None,
            };
            let Some((deeper, child)) = next else { return path };
            (path, node) = (deeper, child);
        }
    }

    /// A field holds everything from its key to the end of its value, the colon included.
    fn holds(&self, node: &Node, offset: u32) -> bool {
        let Origin::Written(written) = &node.origin else { return false };
        written.source == self.source && {
            let start = if written.has_key() { written.key.0 } else { written.value.0 };
            (start..written.value.1.max(written.key.1)).contains(&offset)
        }
    }
}
