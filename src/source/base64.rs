//! Base64, for scalars tagged `!!binary` and the data of Secrets.

/// The bytes of a Base64 text: standard alphabet with padding; line breaks do not count.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let symbols: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'\n' | b'\r')).collect();
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let last = symbols.len().saturating_sub(4);
    for (index, four) in symbols.chunks_exact(4).enumerate() {
        let padding = four.iter().rev().take_while(|byte| **byte == b'=').count();
        if padding > 2 || (padding > 0 && index * 4 != last) {
            return None;
        }
        let mut bits = 0u32;
        for symbol in &four[..4 - padding] {
            let value = match symbol {
                b'A'..=b'Z' => symbol - b'A',
                b'a'..=b'z' => symbol - b'a' + 26,
                b'0'..=b'9' => symbol - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn padding_and_line_breaks_are_understood() {
        for (text, bytes) in
            [("", &b""[..]), ("aGk=", b"hi"), ("aA==", b"h"), ("aGkh\n", b"hi!"), ("/+8=", b"\xff\xef")]
        {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["a", "aGk", "aG==aGk=", "a===", "aG k=", "äöü="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
