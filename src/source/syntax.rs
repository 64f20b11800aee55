//! Errors of the parser in words that say what to do.

use granit_parser::{ErrorKind, ScanError};

use super::limits::Limits;
use super::place::Range;
use super::problem::Problem;
use super::scalar::ScalarError;
use super::text::u32_from;

const RENDER_FIRST: &str = "this looks like a template; render it first (`helm template`) and lint the result";

/// What granit refused, and why people usually meet it.
pub(super) fn explain(error: &ScanError, text: &str, limits: &Limits) -> Problem {
    let mut start = error.marker().byte_offset().unwrap_or_default().min(text.len());
    if is_tab(error.kind()) {
        // The parser stops behind the tabs.
        start = text.get(..start).map_or(start, |before| before.trim_end_matches('\t').len());
    }
    let width = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    let at = (u32_from(start), u32_from(start + width));
    match error.kind() {
        ErrorKind::RecursionLimitExceeded => return Problem::too_deep(at, limits.depth),
        ErrorKind::TooManyComments => return Problem::too_many_comments(at, limits.comments_in_a_row()),
        _ => {}
    }
    let problem = Problem::new(at, message(error.kind(), error.info()));
    match help(error.kind()) {
        _ if is_template(text, start) => problem.help(RENDER_FIRST),
        Some(help) => problem.help(help),
        None => problem,
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(kind, ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed)
}

fn message(kind: &ErrorKind, info: String) -> String {
    match kind {
        kind if is_tab(kind) => "a tab is used as indentation".to_owned(),
        ErrorKind::UnclosedQuotedScalar => "this quote is never closed".to_owned(),
        ErrorKind::UnclosedFlowCollection { open } => format!("this `{open}` is never closed"),
        ErrorKind::MappingValueNotAllowed => "a second `: ` in one line, or a key at the wrong indentation".to_owned(),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "the text ends in the middle of a value".to_owned(),
        _ => info,
    }
}

fn help(kind: &ErrorKind) -> Option<&'static str> {
    Some(match kind {
        kind if is_tab(kind) => "indent with spaces",
        ErrorKind::TabInPlainScalar | ErrorKind::TabAtBlockScalarStart => "use spaces",
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofBlockMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => "close it; or was the file cut off?",
        ErrorKind::MappingValueNotAllowed => "quote a value that contains `: `, and align keys of one mapping",
        ErrorKind::UnexpectedCharacter { .. } => "quote a value that begins with this character",
        ErrorKind::UnknownQuotedScalarEscape => "double the backslash, or use single quotes",
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::InvalidIndentation | ErrorKind::SimpleKeyExpected => {
            "align keys of one mapping, and put a `: ` after each"
        }
        _ => return None,
    })
}

/// Whether the line of an offset holds `{{`.
fn is_template(text: &str, at: usize) -> bool {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |found| found + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).is_some_and(|line| line.contains("{{"))
}

/// A `%YAML` directive that go-yaml refuses.
pub(super) fn version(at: Range, major: u32, minor: u32) -> Problem {
    Problem::new(at, format!("Helm and kubectl refuse documents marked `%YAML {major}.{minor}`"))
        .help("remove the directive: they read YAML 1.1")
}

/// An alias without an anchor above it.
pub(super) fn unknown_anchor(at: Range, name: &str) -> Problem {
    Problem::new(at, format!("no anchor `&{name}` above this alias"))
        .help("anchors hold within one document, from where they stand; quote a text that begins with `*`")
}

/// A scalar that has no value.
pub(super) fn scalar(at: Range, error: &ScalarError) -> Problem {
    let problem = Problem::new(at, error.to_string());
    match error {
        ScalarError::Infinite(_) => problem.help("write a number, or quote it to mean the text"),
        ScalarError::Tag { .. } | ScalarError::Base64 => problem.help("remove the tag, or correct the value"),
    }
}

/// A key that is not text in JSON.
pub(super) fn key(at: Range, text: &str) -> Problem {
    let shown = if text.is_empty() { "nothing" } else { text };
    Problem::new(at, format!("{} cannot be a key: keys are text", shorten(shown))).help("quote the key")
}

/// A list or a mapping in the place of a key.
pub(super) fn collection_as_key(at: Range, text: &str) -> Problem {
    let problem = Problem::new(at, "a list or a mapping cannot be a key");
    if is_template(text, at.0 as usize) { problem.help(RENDER_FIRST) } else { problem.help("keys are text") }
}

fn shorten(text: &str) -> String {
    if text.contains(' ') { text.to_owned() } else { format!("`{}`", text.chars().take(40).collect::<String>()) }
}
