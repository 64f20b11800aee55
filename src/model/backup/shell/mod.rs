//! Control flow of shell scripts, read modestly: pipelines, loops and conditions around simple commands with their
//! words and redirections. Nothing is run; what cannot be read is passed over, and the work is bounded whatever the
//! text is.

mod parse;
mod word;

#[cfg(test)]
mod tests;

/// Bytes of a script from its start.
pub(super) type Range = (u32, u32);

/// A script.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Simple commands; those inside `$(…)` stand before the command that uses them.
    pub(crate) commands: Vec<Command>,
    /// Loops.
    pub(crate) loops: Vec<Loop>,
}

/// A simple command.
#[derive(Debug, Clone, Default)]
pub(super) struct Command {
    /// `NAME=value` before the words.
    pub(crate) assignments: Vec<(String, Word)>,
    /// Program and arguments.
    pub(crate) words: Vec<Word>,
    /// Redirections.
    pub(crate) redirects: Vec<Redirect>,
    /// All of it.
    pub(crate) range: Range,
    /// Number of the pipeline.
    pub(crate) pipeline: usize,
    /// It is not the first of its pipeline.
    pub(crate) reads_pipe: bool,
    /// It is not the last of its pipeline.
    pub(crate) writes_pipe: bool,
    /// Its output becomes part of a word: `$(…)`.
    pub(crate) captured: bool,
    /// Its failure is looked at: in `if`, `while`, before `||` or `&&`.
    pub(crate) checked: bool,
    /// Loops around it: indices of [`Script::loops`].
    pub(crate) loops: Vec<usize>,
    /// Text of a here-document.
    pub(crate) here_document: Option<Range>,
}

/// A redirection.
#[derive(Debug, Clone)]
pub(super) struct Redirect {
    /// `>`, `>>`, `<`, `2>`, `&>`, …
    pub(crate) operator: String,
    /// The file.
    pub(crate) target: Word,
}

/// `for NAME in WORDS`, `while`, `until`.
#[derive(Debug, Default)]
pub(super) struct Loop {
    /// The variable of a `for`.
    pub(crate) variable: Option<String>,
    /// What it runs over.
    pub(crate) words: Vec<Word>,
}

/// A word.
#[derive(Debug, Clone, Default)]
pub(super) struct Word {
    /// Its parts, side by side.
    pub(crate) parts: Vec<Part>,
    /// Where it stands.
    pub(crate) range: Range,
    /// Some of it is quoted: it is not split into several words.
    pub(crate) quoted: bool,
}

/// A part of a word.
#[derive(Debug, Clone)]
pub(super) enum Part {
    /// Text, quotes removed.
    Text(String),
    /// `$NAME`, `${NAME…}`.
    Variable {
        /// Name.
        name: String,
        /// `${NAME:-default}`.
        default: Option<String>,
        /// As written.
        written: String,
    },
    /// `$(…)`, `` `…` ``, `$((…))`.
    Substitution {
        /// As written.
        written: String,
        /// Commands inside: a range of [`Script::commands`].
        commands: (usize, usize),
    },
}

impl Word {
    /// The text, when it has no variable parts.
    pub(crate) fn literal(&self) -> Option<String> {
        self.parts.iter().map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None }).collect()
    }

    /// The text with variables and substitutions as written.
    pub(crate) fn written(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Variable { written, .. } | Part::Substitution { written, .. } => written.as_str(),
            })
            .collect()
    }

    fn is_text(&self, text: &str) -> bool {
        !self.quoted && matches!(self.parts.as_slice(), [Part::Text(own)] if own == text)
    }
}

/// Reads a script.
pub(super) fn parse(text: &str) -> Script {
    parse::parse(text)
}
