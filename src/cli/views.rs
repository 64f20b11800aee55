//! What the commands that show a deployment from one side (`reach`, `simulate`) share.

use serde::Serialize;

use super::output::{self, Failure};
use super::session::Session;
use crate::model::build::Built;
use crate::report::ErrorLine;

/// Something that could not be judged.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Fault {
    file: String,
    line: usize,
    column: usize,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

/// Colours, when they are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) color: bool,
}

impl Pen {
    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(super) fn yellow(self, text: &str) -> String {
        self.paint("33", text)
    }

    pub(super) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }
}

/// Whether a deployment has a workload, or anything in another list.
pub(super) fn has_peers_or(built: &Built, list: &str) -> bool {
    let filled = |pointer: &str| {
        built.facts.pointer(pointer).and_then(serde_json::Value::as_array).is_some_and(|all| !all.is_empty())
    };
    built.facts.get("workload").is_some() || filled(list)
}

/// What could not be read, and that there was nothing to look at.
pub(super) fn faults(session: &Session, nothing: bool, why: &str) -> Vec<Fault> {
    let mut errors: Vec<ErrorLine> = session.errors();
    if nothing && errors.is_empty() {
        errors.push(ErrorLine {
            message: why.to_owned(),
            help: Some("give the Helm values or the manifests of a Qdrant: `qdrant-lint check -v` says what each file was taken for".to_owned()),
            ..ErrorLine::default()
        });
    }
    errors
        .into_iter()
        .map(|error| Fault {
            file: error.file,
            line: error.line,
            column: error.column,
            message: error.message,
            help: error.help,
        })
        .collect()
}

/// Writes what could not be judged to standard error.
pub(super) fn tell(faults: &[Fault]) {
    for fault in faults.iter().cloned() {
        output::error(&Failure(ErrorLine {
            file: fault.file,
            line: fault.line,
            column: fault.column,
            message: fault.message,
            help: fault.help,
        }));
    }
}

/// Prints a document.
pub(super) fn json(document: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(document).map_err(|error| Failure::new(error.to_string()))?;
    output::print(&(text + "\n"));
    Ok(())
}
