//! The API key: a text that is sent and nowhere shown.

use hyper::header::HeaderValue;

/// What stands where a server sends the key back.
const STAND_IN: &str = "[api key]";
/// A shorter text would be found everywhere in an answer.
const LEAST: usize = 4;

/// A key of Qdrant. It has no `Display`, no `Serialize`, and its `Debug` names nothing.
#[derive(Clone)]
pub struct ApiKey(String);

/// Why a text is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nothing is left of it.
    #[error("the key is empty")]
    Empty,
    /// No header may hold it.
    #[error("the key holds a byte that no HTTP header may hold")]
    NoHeader,
}

impl ApiKey {
    /// Reads a key as a file or a variable holds it: blanks and line breaks around it are not part of it.
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        HeaderValue::from_str(text).map_err(|_| KeyError::NoHeader)?;
        Ok(Self(text.to_owned()))
    }

    /// The header; marked so that nothing below logs or compresses it.
    pub(super) fn header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(&self.0).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// The text without the key in it, should a server send it back.
    pub(super) fn taken_out(&self, text: String) -> String {
        if self.0.len() < LEAST || !text.contains(&self.0) { text } else { text.replace(&self.0, STAND_IN) }
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("ApiKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed_and_is_taken_out_of_answers() {
        let key = ApiKey::new("hunter2-hunter2\n").unwrap();
        assert_eq!(format!("{key:?} {:?}", key.header().unwrap()), "ApiKey Sensitive");
        assert_eq!(key.taken_out("you sent hunter2-hunter2!".to_owned()), "you sent [api key]!");
        assert!(matches!(ApiKey::new(" \n"), Err(KeyError::Empty)));
        assert!(matches!(ApiKey::new("a\nb"), Err(KeyError::NoHeader)));
    }
}
