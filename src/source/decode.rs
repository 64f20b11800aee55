//! From the bytes of a file to text.

/// Why bytes are no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Marked as UTF-16 or UTF-32, or every other byte is zero.
    #[error("the file is UTF-16 or UTF-32, not UTF-8")]
    Utf16,
    /// A zero byte.
    #[error("the file is binary: byte {offset} is zero")]
    Binary {
        /// 0-based offset in the file.
        offset: usize,
    },
    /// Some other encoding.
    #[error("the file is not UTF-8: byte {offset} is 0x{byte:02X}")]
    NotUtf8 {
        /// 0-based offset in the file.
        offset: usize,
        /// The byte that begins no character.
        byte: u8,
    },
}

impl DecodeError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Utf16 => "save it as UTF-8; `iconv -f UTF-16 -t UTF-8` converts it",
            Self::Binary { .. } => "leave it out of the inputs, or name the text it was made from",
            Self::NotUtf8 { .. } => {
                "save it as UTF-8; `iconv -f LATIN1 -t UTF-8` converts the most common other encoding"
            }
        }
    }
}

/// The text of a file, without its byte order mark. Line breaks stay as they are.
pub fn decode(mut bytes: Vec<u8>) -> Result<String, DecodeError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(DecodeError::Utf16);
    }
    let mark = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        let alternate = offset < 2 && bytes.iter().skip(offset).step_by(2).take(8).all(|byte| *byte == 0);
        return Err(if alternate && bytes.len() > 2 { DecodeError::Utf16 } else { DecodeError::Binary { offset } });
    }
    bytes.drain(..mark);
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
        DecodeError::NotUtf8 { offset: offset + mark, byte }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(decode(b"\xef\xbb\xbfa: 1\r\n".to_vec()), Ok("a: 1\r\n".to_owned()));
    }

    #[test]
    fn utf_16_is_recognised_with_and_without_a_mark() {
        for bytes in [&b"\xff\xfea\0"[..], b"\xfe\xff\0a", b"a\0:\0 \x001\0", b"\0a\0:\0 \x001"] {
            assert_eq!(decode(bytes.to_vec()), Err(DecodeError::Utf16), "{bytes:?}");
        }
    }

    #[test]
    fn a_zero_byte_means_binary() {
        assert_eq!(decode(b"\x7fELF\x02\0\0".to_vec()), Err(DecodeError::Binary { offset: 5 }));
    }

    #[test]
    fn the_first_byte_outside_utf_8_is_named() {
        let error = decode(b"\xef\xbb\xbfname: M\xfcller\n".to_vec()).expect_err("it is Latin-1");
        assert_eq!(error, DecodeError::NotUtf8 { offset: 10, byte: 0xfc });
        assert!(error.help().contains("UTF-8"));
    }
}
