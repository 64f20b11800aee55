//! Characters that no YAML reader takes.

use super::problem::Problem;
use super::text::u32_from;

/// The first character outside the printable set of YAML, as go-yaml checks it: control characters
/// other than tab and line breaks, and byte order marks after the start of the text.
pub(super) fn first_forbidden(text: &str) -> Option<Problem> {
    let suspicious = |byte: u8| match byte {
        b'\t' | b'\n' | b'\r' => false,
        // The last two lead U+0080..U+009F, the byte order mark and U+FFFE.
        0..0x20 | 0x7f | 0xc2 | 0xef => true,
        _ => false,
    };
    let bytes = text.as_bytes();
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| suspicious(*byte)) {
        let at = from + found;
        let character = text.get(at..)?.chars().next()?;
        if is_forbidden(character) {
            let range = (u32_from(at), u32_from(at + character.len_utf8()));
            return Some(explain(range, character));
        }
        from = at + character.len_utf8();
    }
    None
}

fn is_forbidden(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' | '\u{85}' => false,
        '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    }
}

fn explain(at: (u32, u32), character: char) -> Problem {
    let code = u32::from(character);
    let problem = if character == '\u{feff}' {
        Problem::new(at, "a byte order mark inside the text")
            .help("files were joined that begin with one each; save them as UTF-8 without it")
    } else {
        Problem::new(at, format!("the control character U+{code:04X} is not allowed in YAML"))
            .help("remove it, or write it as an escape in double quotes: \"\\x07\"")
    };
    problem.of_the_whole_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printable_text_of_any_script_passes() {
        assert!(first_forbidden("a: ü\t☃ \u{85} é \u{a0} \u{fffd} 𝄞\r\n").is_none());
    }

    #[test]
    fn control_characters_are_found_in_any_width() {
        for text in ["a\u{1}", "a\u{7f}", "a\u{80}", "a\u{feff}", "ü\u{0}", "a\u{fffe}"] {
            assert!(first_forbidden(text).is_some(), "{text:?}");
        }
    }
}
