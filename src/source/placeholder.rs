//! Texts that stand for a value which is filled in before anything reads them: templates, variables, notes to the reader.

/// Notes in capitals that are part of a text, `REPLACE_ME-tag`.
const NOTES: [&str; 9] =
    ["REPLACE_ME", "REPLACE-ME", "REPLACEME", "CHANGE_ME", "CHANGE-ME", "CHANGEME", "YOUR_", "YOUR-", "FILL_ME"];
/// Notes that are the whole text, in any case.
const WHOLE: [&str; 8] =
    ["replace_me", "replace-me", "replaceme", "change_me", "change-me", "changeme", "fill_me_in", "fill-me-in"];
/// Beginnings of notes in small letters, `your-storage-class`.
const BEGINNINGS: [&str; 4] = ["your-", "your_", "replace-with", "replace_with"];

/// Whether a text holds a template (`{{ }}`), a substitution (`${VAR}`) or is a note to the reader (`<replicas>`,
/// `__TAG__`, `REPLACE_ME`). What Kubernetes itself fills in, `$(POD_NAME)`, is a value.
pub fn is_filled_in_later(text: &str) -> bool {
    let text = text.trim();
    let encloses =
        |start: &str, end: &str| text.len() > start.len() + end.len() && text.starts_with(start) && text.ends_with(end);
    if text.contains("{{") || text.contains("${") || encloses("<", ">") || encloses("__", "__") {
        return true;
    }
    let small = text.to_ascii_lowercase();
    NOTES.iter().any(|note| text.contains(note))
        || WHOLE.contains(&small.as_str())
        || BEGINNINGS.iter().any(|start| small.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for text in [
            "{{ .Values.replicas }}",
            "${REPLICAS}",
            "x-${Y:=3}",
            "<replicas>",
            "__TAG__",
            "REPLACE_ME",
            "changeme",
            "YOUR_STORAGE_CLASS",
            "your-namespace",
            "qdrant/qdrant:REPLACE_ME",
        ] {
            assert!(is_filled_in_later(text), "{text}");
        }
        for text in ["3", "8Gi", "v1.12.4", "<>", "$(POD_NAME)", "__", "todo", "yours", "fast-ssd", "a < b > c"] {
            assert!(!is_filled_in_later(text), "{text}");
        }
    }
}
