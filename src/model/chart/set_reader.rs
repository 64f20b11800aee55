//! The characters of a `--set` argument.

/// A cursor over an argument.
pub(super) struct Reader<'a> {
    text: &'a str,
    position: usize,
    before_stop: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, position: 0, before_stop: 0 }
    }

    /// Byte offset of the next character.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Byte offset of the stop that the last [`Self::until`] found, or of the end.
    pub(super) fn before_stop(&self) -> usize {
        self.before_stop
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// Goes to a byte offset that a reader of the rest reported.
    pub(super) fn jump(&mut self, position: usize) {
        self.position = position.min(self.text.len());
        self.before_stop = self.position;
    }

    /// Reads up to one of the stops and swallows it; `None` stands for the end. A backslash takes the next character
    /// as it is.
    pub(super) fn until(&mut self, stops: &str, escapes: bool) -> (String, Option<char>) {
        let mut read = String::new();
        let mut chars = self.rest().char_indices();
        let start = self.position;
        while let Some((at, char)) = chars.next() {
            if stops.contains(char) {
                self.before_stop = start + at;
                self.position = start + at + char.len_utf8();
                return (read, Some(char));
            }
            if escapes && char == '\\' {
                read.extend(chars.next().map(|(_, char)| char));
            } else {
                read.push(char);
            }
        }
        self.jump(self.text.len());
        (read, None)
    }

    /// Swallows a character, if it is the next one.
    pub(super) fn skip(&mut self, char: char) -> bool {
        let found = self.rest().starts_with(char);
        if found {
            self.position += char.len_utf8();
        }
        found
    }

    /// Swallows white space and a comma behind it; whether the comma or the end was found.
    pub(super) fn skip_blank_value(&mut self) -> bool {
        let rest = self.rest().trim_start();
        self.position = self.text.len() - rest.len();
        rest.is_empty() || self.skip(',')
    }
}
