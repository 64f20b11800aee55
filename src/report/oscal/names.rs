//! What OSCAL asks of its values: UUIDs that stay the same for the same subject, tokens, lines, moments.

use jiff::civil::Date;
use serde_json::{Value, json};
use uuid::Uuid;

/// Names of this program in properties.
pub(super) const NAMESPACE: &str = "https://github.com/qdrant-lint/qdrant-lint/ns/oscal";

/// Characters of one text: an auditor reads it, and a stranger may have written it.
const LENGTH: usize = 2_000;

/// The UUID of a subject, the same in every run.
pub(super) fn uuid(parts: &[&str]) -> String {
    let space = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
    // a length before each part, so that no two lists of parts read the same
    let measured: Vec<String> = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    Uuid::new_v5(&space, measured.concat().as_bytes()).to_string()
}

/// One line without white space around it, as OSCAL's strings are; what nobody would see is shown by a sign.
pub(super) fn line(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect())
        .collect();
    let text = words.join(" ");
    match text.char_indices().nth(LENGTH) {
        _ if text.is_empty() => "-".to_owned(),
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}

/// A token: letters, digits, `.`, `-` and `_`, and a letter first.
pub(super) fn token(text: &str) -> String {
    let kept: String = text
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() || "._-".contains(letter) { letter } else { '-' })
        .collect();
    if kept.starts_with(|letter: char| letter.is_ascii_alphabetic()) { kept } else { format!("_{kept}") }
}

/// The start of a day. Days are what a verdict depends on, so a run repeated on one day is the same document.
pub(super) fn moment(day: Date) -> String {
    format!("{day}T00:00:00Z")
}

/// A property of this program's.
pub(super) fn property(name: &str, value: &str) -> Value {
    json!({"name": name, "ns": NAMESPACE, "value": line(value)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_keeps_its_uuid_and_lists_of_parts_do_not_collide() {
        assert_eq!(uuid(&["finding", "a"]), uuid(&["finding", "a"]));
        assert_ne!(uuid(&["ab", "c"]), uuid(&["a", "bc"]));
        assert_eq!(uuid(&["a"]).as_bytes()[14], b'5');
    }

    #[test]
    fn texts_of_strangers_become_lines_and_tokens() {
        assert_eq!(line(" a\n\tb\u{7} "), "a b\u{fffd}");
        assert_eq!(line("\n"), "-");
        assert_eq!(token("T4.5.1 (a)/b"), "T4.5.1--a--b");
        assert_eq!(token("2.7"), "_2.7");
    }
}
