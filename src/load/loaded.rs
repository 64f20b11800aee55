//! What `load` found: inputs for the model, a line for each document, and errors.

use std::sync::Arc;

use serde::Serialize;

use crate::model::input::Inputs;
use crate::source::{Document, Position, Span, SyntaxError};

use super::sniff::Kind;

/// The outcome of loading. One bad file never hides the others.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What the model judges.
    pub inputs: Inputs,
    /// What is judged by itself: each namespace of a recording, each deployment of the configuration's matrix.
    pub live: Vec<Inputs>,
    /// One entry for each document, or for each file that holds none, in the order of the files.
    pub listing: Vec<InputEntry>,
    /// What could not be judged although it should be.
    pub errors: Vec<LoadError>,
    /// Every document that was read, with its comments, in the order of the files.
    pub documents: Vec<Arc<Document>>,
}

/// What one document is and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputEntry {
    /// The file, as shown.
    pub file: String,
    /// Index of the document in its file.
    pub document: usize,
    /// 1-based line on which its content starts.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// Why it is taken for that, or why it was passed over.
    pub reason: String,
    /// It was handed to the model.
    pub judged: bool,
    /// The first release it contributes to: an index into [`Inputs::releases`].
    pub release: Option<usize>,
    /// The objects it holds: indices into [`Inputs::objects`].
    pub objects: Vec<usize>,
}

/// Something that should have been judged and could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{file}: {message}")]
pub struct LoadError {
    /// The file or folder, as shown.
    pub file: String,
    /// 1-based line, when the error has a place.
    pub line: Option<usize>,
    /// 1-based column in characters, when the error has a place.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The place in a text that was read.
    #[serde(skip)]
    pub span: Option<Span>,
}

impl LoadError {
    /// An error about a file as a whole.
    pub fn whole(file: impl Into<String>, message: impl Into<String>, help: Option<&str>) -> Self {
        Self {
            file: file.into(),
            line: None,
            column: None,
            message: message.into(),
            help: help.map(str::to_owned),
            span: None,
        }
    }

    /// An error of the parser.
    pub fn syntax(file: &str, at: Position, error: &SyntaxError) -> Self {
        Self {
            file: file.to_owned(),
            line: Some(at.line),
            column: Some(at.column),
            message: error.message.clone(),
            help: error.help.clone(),
            span: Some(error.span),
        }
    }
}
