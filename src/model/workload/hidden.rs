//! Texts that something fills in later: their value cannot be judged.

pub(super) use crate::source::is_filled_in_later as is_templated;

/// The reason that users read.
pub(super) fn reason(text: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    format!("`{shown}` is filled in later; render it first")
}
