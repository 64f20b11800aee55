//! Standard streams. A reader that went away (`| head`) ends the output quietly.

use std::io::{IsTerminal as _, Write};

use clap::CommandFactory as _;

use super::args::{Cli, ColorWhen, Global};
use crate::report::ErrorLine;

/// An error of the run as a whole.
#[derive(Clone, Debug)]
pub(super) struct Failure(pub(super) ErrorLine);

impl Failure {
    /// A failure without a place.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(ErrorLine { message: message.into(), ..ErrorLine::default() })
    }

    /// With the next step.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }
}

impl From<crate::policy::PolicyError> for Failure {
    fn from(error: crate::policy::PolicyError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self(ErrorLine {
            file: error.file,
            line: error.line,
            column: error.column,
            message: error.message,
            help: error.help,
        })
    }
}

/// Writes to standard output.
pub(super) fn print(text: &str) {
    // a closed pipe is the reader's choice
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Writes to standard output bit by bit.
pub(super) fn print_with(write: &dyn Fn(&mut dyn Write) -> std::io::Result<()>) {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    // a closed pipe is the reader's choice
    let _ = write(&mut out).and_then(|()| out.flush());
}

/// Writes an error to standard error.
pub(super) fn error(failure: &Failure) {
    let Failure(line) = failure;
    let place = match (line.file.is_empty(), line.line) {
        (true, _) => String::new(),
        (false, 0) => format!("{}: ", line.file),
        (false, number) => format!("{}:{number}:{}: ", line.file, line.column),
    };
    let help = line.help.as_ref().map_or_else(String::new, |help| format!("  help: {help}\n"));
    let _ = write!(std::io::stderr().lock(), "error: {place}{}\n{help}", line.message);
}

/// Writes to standard error what is no error.
pub(super) fn note(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Whether to colour standard output.
pub(super) fn colored(global: &Global) -> bool {
    match global.color {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    }
}

/// Columns to draw in.
pub(super) fn width() -> usize {
    const NARROW: usize = 60;
    const WIDE: usize = 110;
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100).clamp(NARROW, WIDE)
}

/// Whether a person looks at standard error.
pub(super) fn watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints shell completions.
pub(super) fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "qdrant-lint", &mut script);
    print(&String::from_utf8_lossy(&script));
}
