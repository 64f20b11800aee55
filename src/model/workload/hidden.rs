//! Texts that something fills in later: their value cannot be judged.

/// Whether a text holds a template (`{{ }}`), a substitution (`${VAR}`) or a note to the reader (`<replicas>`).
pub(super) fn is_templated(text: &str) -> bool {
    let text = text.trim();
    text.contains("{{")
        || text.contains("${")
        || (text.len() > 2 && text.starts_with('<') && text.ends_with('>'))
        || (text.len() > 2 && text.starts_with("__") && text.ends_with("__"))
}

/// The reason that users read.
pub(super) fn reason(text: &str) -> String {
    let shown: String = text.chars().take(60).collect();
    format!("`{shown}` is filled in later; render it first")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for text in ["{{ .Values.replicas }}", "${REPLICAS}", "x-${Y:=3}", "<replicas>", "__TAG__"] {
            assert!(is_templated(text), "{text}");
        }
        for text in ["3", "8Gi", "v1.12.4", "<>", "$(POD_NAME)", "__"] {
            assert!(!is_templated(text), "{text}");
        }
    }
}
