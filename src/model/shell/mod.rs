//! Shell scripts as far as they can be read without running them: commands and their words, each with its place.

mod curl;
mod lexer;
mod programs;

pub use curl::{Data, Request, requests};
pub use programs::{Program, Variables, programs};

use std::ops::Range;

use crate::source::{Node, Piece, text_of};

/// Commands of a script in the order they are written; those of `$(…)` stand before the command that holds them.
pub fn commands(script: &Node) -> Vec<Command> {
    lexer::commands(script)
}

/// One simple command.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// `NAME=value` before the command, or alone.
    pub assignments: Vec<(String, Word)>,
    /// The command and its arguments, redirections left out.
    pub words: Vec<Word>,
    /// What a here-document or here-string gives it to read.
    pub input: Option<Word>,
    /// File that its output is written to.
    pub output: Option<Word>,
}

/// One word, quotes taken off.
#[derive(Clone, Debug)]
pub struct Word {
    /// The string that holds it: the script, or an item of `args`.
    pub node: Node,
    /// What it is made of.
    pub parts: Vec<Part>,
}

/// A part of a word: bytes of the string that holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Stands as written.
    Text(Range<usize>),
    /// `$NAME`, `${NAME}`, `${NAME:-default}`.
    Variable(Range<usize>, String),
    /// `$(…)`, backquotes, arithmetic.
    Computed(Range<usize>),
}

impl Part {
    fn range(&self) -> &Range<usize> {
        match self {
            Self::Text(range) | Self::Variable(range, _) | Self::Computed(range) => range,
        }
    }
}

impl Word {
    /// A word that is a whole string.
    pub fn whole(node: &Node) -> Self {
        let length = node.as_str().map_or(0, str::len);
        Self { node: node.clone(), parts: vec![Part::Text(0..length)] }
    }

    /// The text; variables as they are written.
    pub fn text(&self) -> String {
        let pieces: Vec<Piece> = self.parts.iter().map(|part| Piece::Text(part.range().clone())).collect();
        text_of(&self.node, &pieces)
    }

    /// The variable, when the word is nothing else.
    pub fn variable(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Variable(_, name)] => Some(name),
            _ => None,
        }
    }

    /// Pieces of the text as JSON: what is filled in at run time outside a JSON string becomes one.
    pub fn json_pieces(&self) -> Vec<Piece> {
        let text = self.node.as_str().unwrap_or_default();
        let mut pieces = Vec::new();
        let mut in_string = false;
        for part in &self.parts {
            let range = part.range().clone();
            if matches!(part, Part::Text(_)) {
                in_string = ends_in_string(text.get(range.clone()).unwrap_or_default(), in_string);
                pieces.push(Piece::Text(range));
            } else if in_string {
                pieces.push(Piece::Text(range));
            } else {
                let (start, end) = (range.start, range.end);
                pieces.extend([Piece::Mark(start, '"'), Piece::Text(range), Piece::Mark(end, '"')]);
            }
        }
        pieces
    }
}

/// Whether JSON is inside a string after `text`.
fn ends_in_string(text: &str, mut in_string: bool) -> bool {
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ => {}
        }
    }
    in_string
}
