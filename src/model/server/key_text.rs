//! What can be said of a key's text without keeping it: length, whether it is a template or a placeholder, whether Qdrant
//! gets another one than was written.

use crate::source::{Data, Node, Origin, Schema, Sources, scalar};

/// Marks of texts that something replaces before Qdrant sees them.
const TEMPLATES: [&str; 8] = ["{{", "${", "$(", "<path:", "ref+", "vault:", "ENC[", "@@"];
/// Parts of texts that ask to be replaced; compared in lower case.
const PLACEHOLDERS: [&str; 14] = [
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "replaceme",
    "replace-me",
    "replace_me",
    "replace-with",
    "replace_with",
    "placeholder",
    "your-",
    "your_",
    "example",
    "todo",
];

/// What is kept of a literal key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct KeyText {
    /// Bytes.
    pub(super) length: usize,
    /// It asks to be replaced.
    pub(super) placeholder: bool,
    /// It is a word of examples that works as a key if nobody replaces it.
    pub(super) guessable: bool,
    /// Why Qdrant gets another key, or clients cannot send this one; in words.
    pub(super) mangled: Option<String>,
}

impl KeyText {
    /// Of a text that Qdrant gets as it stands.
    pub(super) fn of(text: &str) -> Self {
        Self {
            length: text.len(),
            placeholder: is_placeholder(text),
            guessable: is_placeholder(text) && !is_note(text),
            mangled: unsendable(text),
        }
    }

    /// Of a text that the chart prints without quotes into `local.yaml`.
    pub(super) fn unquoted(text: &str) -> Self {
        Self { mangled: unsendable(text).or_else(|| changed_by_yaml(text)), ..Self::of(text) }
    }

    /// Of a value in a tree. A number or a boolean has the digits that its readers make of it, not those in the file.
    pub(super) fn of_node(node: &Node, sources: &Sources) -> Option<Self> {
        let text = node.scalar_text()?;
        let mut kept = Self::of(&text);
        if let Origin::Written(written) = &node.origin {
            let slice = sources.slice(written.value_span()).trim();
            let quoted = slice.starts_with(['"', '\'', '|', '>', '&', '*', '!', '{']);
            if kept.mangled.is_none() && !quoted && slice != text && plain_in_yaml(slice) {
                kept.mangled = Some(format!("it stands without quotes, so YAML reads {}", kind(slice)));
            }
        }
        Some(kept)
    }
}

/// Whether something replaces the text before Qdrant sees it.
pub(super) fn is_template(text: &str) -> bool {
    TEMPLATES.iter().any(|mark| text.contains(mark))
        || (text.len() > 4 && text.starts_with("__") && text.ends_with("__"))
}

/// Whether the text asks to be replaced.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    PLACEHOLDERS.iter().any(|part| lower.contains(part))
        || (text.starts_with('<') && text.ends_with('>'))
        || (text.len() > 2 && (lower.bytes().all(|byte| byte == b'x') || text.bytes().all(|byte| byte == b'*')))
}

/// Whether nobody would take the text for a key: it names what belongs there.
fn is_note(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.starts_with(['<', '*'])
        || ["replace", "your-", "your_", "placeholder", "xxx"].iter().any(|part| lower.contains(part))
}

/// A header cannot carry line breaks, and clients trim what stands around a value.
fn unsendable(text: &str) -> Option<String> {
    if text.ends_with('\n') || text.ends_with('\r') {
        return Some("it ends with a line break, which no client can send".to_owned());
    }
    if text.contains(|character: char| character.is_control()) {
        return Some("it holds control characters, which no client can send".to_owned());
    }
    (text.trim() != text).then(|| "it begins or ends with a space, which clients cut off".to_owned())
}

/// The chart writes `api_key: <text>`; Qdrant reads that as YAML and makes text of numbers again.
fn changed_by_yaml(text: &str) -> Option<String> {
    if text.contains(" #") {
        return Some("the chart writes it without quotes, so ` #` begins a comment and the rest is lost".to_owned());
    }
    let breaks = text.contains(": ")
        || text.ends_with(':')
        || text.starts_with(['"', '\'', '[', ']', '{', '}', '&', '*', '!', '|', '>', '%', '@', '`', '#', ','])
        || ["- ", "? "].iter().any(|start| text.starts_with(start));
    if breaks {
        return Some("the chart writes it without quotes, and its characters mean something to YAML".to_owned());
    }
    let read = match scalar::plain_data(Schema::Core12, text) {
        Data::Null => return Some("the chart writes it without quotes, so Qdrant reads null: no key".to_owned()),
        Data::Bool(value) => value.to_string(),
        Data::Number(number) => number.to_string(),
        _ => return None,
    };
    (read != text).then(|| format!("the chart writes it without quotes, so Qdrant reads {}", kind(text)))
}

/// Whether a text is one plain scalar that is more than text to YAML 1.1.
fn plain_in_yaml(text: &str) -> bool {
    !matches!(scalar::plain_data(Schema::Yaml11, text), Data::String(_))
}

/// What a plain text is to YAML, in words that give nothing of it away.
fn kind(text: &str) -> &'static str {
    match scalar::plain_data(Schema::Yaml11, text) {
        Data::Bool(_) => "a boolean",
        Data::Number(_) => "a number with other digits",
        Data::Null => "null",
        _ => "something else",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_change_are_told_from_those_that_stay() {
        for changed in ["1e10", "0123456", "1.50", "True", "~", "null", "a: b", "a #b", "'quoted", "[x]", "0x1F"] {
            assert!(KeyText::unquoted(changed).mangled.is_some(), "{changed}");
        }
        for kept in ["123456789", "true", "abc", "a#b", "a:b", "yes", "2f9c1d7a4b5e6f708192a3b4c5d6e7f8"] {
            assert_eq!(KeyText::unquoted(kept).mangled, None, "{kept}");
        }
    }

    #[test]
    fn texts_that_no_header_carries_are_mangled_wherever_they_stand() {
        for text in ["secret\n", "secret\r\n", " secret", "sec\tret"] {
            assert!(KeyText::of(text).mangled.is_some(), "{text:?}");
        }
        assert_eq!(KeyText::of("two words").mangled, None);
    }

    #[test]
    fn placeholders_ask_to_be_replaced() {
        for text in ["CHANGEME", "<api-key>", "your-api-key-here", "xxxxxxxx", "REPLACE_ME_WITH_A_KEY"] {
            assert!(KeyText::of(text).placeholder, "{text}");
        }
        assert!(!KeyText::of("Zk3v9QmT1wXy7RbN5cJd2HfLs8GpUeAo").placeholder);
        for (text, guessable) in
            [("changeme", true), ("my-example-key", true), ("<api-key>", false), ("YOUR_KEY", false)]
        {
            assert_eq!(KeyText::of(text).guessable, guessable, "{text}");
        }
    }

    #[test]
    fn templates_are_replaced_before_qdrant_sees_them() {
        for text in
            ["{{ .Values.key }}", "${QDRANT_KEY}", "<path:kv/data/qdrant#key>", "ENC[AES256_GCM,data:x]", "__KEY__"]
        {
            assert!(is_template(text), "{text}");
        }
        assert!(!is_template("$ecret"));
    }
}
