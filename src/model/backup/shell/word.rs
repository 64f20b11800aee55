//! One word: quotes, variables, substitutions.

use super::parse::Parser;
use super::{Part, Range, Word};

impl Parser<'_> {
    /// Reads a word that starts here; `None` when nothing of a word does.
    pub(super) fn word(&mut self) -> Option<Word> {
        let start = self.at;
        let mut word = Word::default();
        let mut text = String::new();
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'\\' => {
                    self.at += 1;
                    if self.take(b"\n") || self.take(b"\r\n") {
                        continue;
                    }
                    self.push_character(&mut text);
                }
                b'\'' => {
                    word.quoted = true;
                    self.at += 1;
                    let end = self.find(b'\'').unwrap_or(self.end);
                    text.push_str(self.slice(self.at, end));
                    self.at = (end + 1).min(self.end);
                }
                b'"' => {
                    word.quoted = true;
                    self.at += 1;
                    self.double_quoted(&mut word, &mut text);
                }
                b'$' if matches!(self.peek_at(1), Some(b'\'' | b'"')) => self.at += 1,
                b'$' | b'`' => self.expansion(&mut word, &mut text),
                _ => self.push_character(&mut text),
            }
        }
        if self.at == start {
            return None;
        }
        flush(&mut word, &mut text);
        word.range = range(start, self.at);
        Some(word)
    }

    fn double_quoted(&mut self, word: &mut Word, text: &mut String) {
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    self.at += 1;
                    if self.take(b"\n") {
                        continue;
                    }
                    if !matches!(self.peek(), Some(b'$' | b'`' | b'"' | b'\\')) {
                        text.push('\\');
                    }
                    self.push_character(text);
                }
                b'$' | b'`' => self.expansion(word, text),
                _ => self.push_character(text),
            }
        }
    }

    /// `$NAME`, `${…}`, `$(…)`, `$((…))`, `` `…` ``; a lone dollar is text.
    fn expansion(&mut self, word: &mut Word, text: &mut String) {
        let start = self.at;
        if self.peek() == Some(b'`') {
            self.at += 1;
            let end = self.backtick_end();
            let commands = self.inside(self.at, end);
            self.at = (end + 1).min(self.end);
            return self.push_substitution(word, text, start, commands);
        }
        match self.peek_at(1) {
            Some(b'(') if self.peek_at(2) == Some(b'(') => {
                self.at += 3;
                self.skip_arithmetic();
                let none = self.commands_so_far();
                self.push_substitution(word, text, start, (none, none));
            }
            Some(b'(') => {
                self.at += 2;
                let first = self.commands_so_far();
                self.nested_list();
                let last = self.commands_so_far();
                self.push_substitution(word, text, start, (first, last));
            }
            Some(b'{') => {
                let inner = self.at + 2;
                let end = self.brace_end(inner);
                let body = self.slice(inner, end).to_owned();
                self.at = (end + 1).min(self.end);
                let name_end = body
                    .char_indices()
                    .find(|(at, character)| !(is_name(*character) || *at == 0 && "!#@*".contains(*character)))
                    .map_or(body.len(), |(at, _)| at);
                let (name, rest) = body.split_at(name_end);
                let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
                let default = default.map(|text| text.trim_matches('"').to_owned());
                self.push_variable(word, text, start, name.trim_start_matches(['!', '#']), default);
            }
            Some(byte) if is_name(char::from(byte)) => {
                self.at += 1;
                let first = self.at;
                while self.peek().is_some_and(|byte| is_name(char::from(byte))) {
                    self.at += 1;
                    if self.slice(first, self.at).as_bytes().first().is_some_and(u8::is_ascii_digit) {
                        break;
                    }
                }
                let name = self.slice(first, self.at).to_owned();
                self.push_variable(word, text, start, &name, None);
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-') => {
                self.at += 2;
                let name = self.slice(start + 1, self.at).to_owned();
                self.push_variable(word, text, start, &name, None);
            }
            _ => {
                text.push('$');
                self.at += 1;
            }
        }
    }

    fn push_variable(&self, word: &mut Word, text: &mut String, start: usize, name: &str, default: Option<String>) {
        flush(word, text);
        let written = self.slice(start, self.at).to_owned();
        word.parts.push(Part::Variable { name: name.to_owned(), default, written });
    }

    fn push_substitution(&self, word: &mut Word, text: &mut String, start: usize, commands: (usize, usize)) {
        flush(word, text);
        word.parts.push(Part::Substitution { written: self.slice(start, self.at).to_owned(), commands });
    }

    fn push_character(&mut self, text: &mut String) {
        let Some(character) = self.slice(self.at, self.end).chars().next() else { return };
        text.push(character);
        self.at += character.len_utf8();
    }

    fn backtick_end(&self) -> usize {
        let mut at = self.at;
        while at < self.end {
            match self.bytes()[at] {
                b'\\' => at += 2,
                b'`' => return at,
                _ => at += 1,
            }
        }
        self.end
    }

    fn brace_end(&self, from: usize) -> usize {
        let mut depth = 0_usize;
        for at in from..self.end {
            match self.bytes()[at] {
                b'{' => depth += 1,
                b'}' if depth == 0 => return at,
                b'}' => depth -= 1,
                _ => {}
            }
        }
        self.end
    }

    fn skip_arithmetic(&mut self) {
        let mut depth = 2_usize;
        while self.at < self.end && depth > 0 {
            match self.bytes()[self.at] {
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}

fn flush(word: &mut Word, text: &mut String) {
    if !text.is_empty() {
        word.parts.push(Part::Text(std::mem::take(text)));
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

pub(super) fn range(start: usize, end: usize) -> Range {
    (start as u32, end as u32)
}
