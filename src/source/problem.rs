//! What went wrong while reading, before the place in the user's text is known.

use super::document::SyntaxError;
use super::place::{Places, Range};

/// An error at a range of the text being read.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    at: Range,
    message: String,
    help: Option<String>,
    /// Whether the rest of the text is refused as well.
    pub(super) is_final: bool,
}

impl Problem {
    pub(super) fn new(at: Range, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None, is_final: false }
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The rest of the text is refused as well.
    #[must_use]
    pub(super) fn of_the_whole_text(self) -> Self {
        Self { is_final: true, ..self }
    }

    #[must_use]
    fn bound(mut self) -> Self {
        self.help = Some("if the file is meant to be like this, raise the bound with `--max-input`".to_owned());
        self
    }

    pub(super) fn too_deep(at: Range, depth: usize) -> Self {
        Self::new(at, format!("more than {depth} collections inside one another")).bound()
    }

    pub(super) fn too_many_nodes(at: Range, nodes: usize) -> Self {
        Self::new(at, format!("more than {nodes} values and comments, aliases written out")).bound().of_the_whole_text()
    }

    pub(super) fn too_many_documents(at: Range, documents: usize) -> Self {
        Self::new(at, format!("more than {documents} documents in one file")).bound().of_the_whole_text()
    }

    pub(super) fn too_many_comments(at: Range, lines: usize) -> Self {
        Self::new(at, format!("more than {lines} comment lines in a row")).bound()
    }

    pub(super) fn too_long(bytes: usize) -> Self {
        Self::new((0, 0), format!("the text is longer than {bytes} bytes")).bound().of_the_whole_text()
    }

    /// The error at its place in the user's text.
    pub(super) fn placed(self, places: &Places) -> SyntaxError {
        SyntaxError { span: places.span(self.at), message: self.message, help: self.help }
    }
}
