//! Text of strangers as markup that does nothing, and the digests by which a page knows its own style and script.

use sha2::{Digest as _, Sha256};

/// Text between backticks as code, line breaks kept, everything escaped.
pub(super) fn prose(text: &str) -> String {
    let pieces: Vec<&str> = text.split('`').collect();
    let mut written = String::new();
    for (index, piece) in pieces.iter().enumerate() {
        if index % 2 == 1 && index + 1 < pieces.len() {
            written.push_str("<code>");
            escape(&mut written, piece);
            written.push_str("</code>");
        } else {
            // a backtick without a partner stays what it is
            written.push_str(if index % 2 == 1 { "`" } else { "" });
            escape(&mut written, piece);
        }
    }
    written.replace('\n', "<br>")
}

/// Text that stands alone: escaped.
pub(super) fn escaped(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    escape(&mut written, text);
    written
}

fn escape(written: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            '\n' | '\t' => written.push(letter),
            letter if is_unseen(letter) => written.push('\u{fffd}'),
            letter => written.push(letter),
        }
    }
}

/// Text with a sign for every character that nobody would see; the template escapes it.
pub(super) fn visible(text: &str) -> String {
    text.chars().map(|letter| if is_unseen(letter) && letter != '\t' { '\u{fffd}' } else { letter }).collect()
}

/// Control characters, and those that turn the direction of writing or take no room.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// At most so many characters.
pub(super) fn cut(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        None => text.to_owned(),
        Some((at, _)) => format!("{}…", &text[..at]),
    }
}

/// What a content security policy calls an inline text.
pub(super) fn digest(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = "sha256-".to_owned();
    for chunk in Sha256::digest(text.as_bytes()).chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            written.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_stranger_makes_no_markup() {
        assert_eq!(prose("set `a<b` <b> & \"c'"), "set <code>a&lt;b</code> &lt;b&gt; &amp; &quot;c&#39;");
        assert_eq!(prose("open ` tick"), "open ` tick");
        assert_eq!(prose("one\ntwo"), "one<br>two");
        assert_eq!(escaped("a\u{202e}b"), "a\u{fffd}b");
    }

    #[test]
    fn a_digest_is_the_one_browsers_compute() {
        // the digest of nothing, as the standard of content security policies quotes it
        assert_eq!(digest(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("üüü", 2), "üü…");
        assert_eq!(cut("üü", 2), "üü");
    }
}
