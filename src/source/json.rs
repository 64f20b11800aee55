//! Strict JSON with spans. granit would take comments, trailing commas and single quotes, refuse
//! tabs and long keys, and read `1e5` by YAML's rules, so JSON has a scanner of its own.

use std::borrow::Cow;

use super::document::{Document, Parsed};
use super::limits::Limits;
use super::place::{Places, Range};
use super::problem::Problem;
use super::scalar::{Scalar, Schema};
use super::text::u32_from;
use super::tree::Builder;
use super::{Data, SourceId, Sources, Style};

/// The one value of a JSON text.
pub fn parse_json(sources: &Sources, id: SourceId, limits: &Limits) -> Parsed {
    read(&sources.get(id).text, &Places::Whole(id), limits)
}

/// Reads a text whose bytes lie at `places`.
pub(super) fn read(text: &str, places: &Places, limits: &Limits) -> Parsed {
    let mut builder = Builder::new(places, *limits);
    let scanner = Scanner { text, at: 0, builder: &mut builder };
    match scanner.read(limits) {
        Ok(()) => {
            let root = builder.finish(0);
            let span = places.span((0, u32_from(text.len())));
            let source = places.source();
            let document = Document { source, root, comments: Vec::new(), duplicates: builder.take_duplicates(), span };
            Parsed { documents: vec![document], errors: Vec::new() }
        }
        Err(problem) => Parsed { documents: Vec::new(), errors: vec![problem.placed(places)] },
    }
}

struct Scanner<'t, 'b, 'p> {
    text: &'t str,
    at: usize,
    builder: &'b mut Builder<'p>,
}

/// What may stand next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// Just after `[`.
    ValueOrEnd,
    Key,
    /// Just after `{`.
    KeyOrEnd,
    CommaOrEnd,
    Nothing,
}

impl<'t> Scanner<'t, '_, '_> {
    fn read(mut self, limits: &Limits) -> Result<(), Problem> {
        if self.text.len() > limits.bytes {
            return Err(Problem::too_long(limits.bytes));
        }
        // The closing brackets that are still to come.
        let mut open: Vec<u8> = Vec::new();
        let mut next = Next::Value;
        loop {
            self.skip_space();
            let start = self.at;
            let Some(byte) = self.text.as_bytes().get(start).copied() else {
                return if next == Next::Nothing { Ok(()) } else { Err(self.cut_off()) };
            };
            let may_end = matches!(next, Next::ValueOrEnd | Next::KeyOrEnd | Next::CommaOrEnd);
            next = match (next, byte) {
                (_, b'}' | b']') if may_end && open.last() == Some(&byte) => {
                    open.pop();
                    self.at += 1;
                    self.builder.close(u32_from(self.at))?;
                    after_value(&open)
                }
                (Next::CommaOrEnd, b',') => {
                    self.at += 1;
                    if open.last() == Some(&b'}') { Next::Key } else { Next::Value }
                }
                (Next::Key | Next::KeyOrEnd, b'"') => {
                    let name = self.string()?;
                    self.builder.key(&name, self.range_from(start));
                    self.skip_space();
                    match self.text.as_bytes().get(self.at) {
                        Some(b':') => self.at += 1,
                        Some(_) => return Err(self.unexpected("a `:` should stand here")),
                        None => return Err(self.cut_off()),
                    }
                    Next::Value
                }
                (Next::Value | Next::ValueOrEnd, b'{') => {
                    self.at += 1;
                    open.push(b'}');
                    self.builder.open_mapping(Style::Flow, u32_from(start), 0)?;
                    Next::KeyOrEnd
                }
                (Next::Value | Next::ValueOrEnd, b'[') => {
                    self.at += 1;
                    open.push(b']');
                    self.builder.open_sequence(Style::Flow, u32_from(start), 0)?;
                    Next::ValueOrEnd
                }
                (Next::Value | Next::ValueOrEnd, _) => {
                    let (data, style) = self.scalar(byte)?;
                    self.builder.scalar(data, style, self.range_from(start), 0)?;
                    after_value(&open)
                }
                (Next::Key | Next::KeyOrEnd, _) => {
                    return Err(self.unexpected("a key in double quotes should stand here"));
                }
                (Next::CommaOrEnd, _) => {
                    let close = open.last().copied().map_or(']', char::from);
                    return Err(self.unexpected(&format!("a `,` or `{close}` should stand here")));
                }
                (Next::Nothing, _) => return Err(self.unexpected("the text should end after its first value")),
            };
        }
    }

    fn scalar(&mut self, first: u8) -> Result<(Data, Style), Problem> {
        if first == b'"' {
            return Ok((
                {
                    let text = self.string()?;
                    Data::String(self.builder.text(&text))
                },
                Style::DoubleQuoted,
            ));
        }
        for (word, data) in [("null", Data::Null), ("true", Data::Bool(true)), ("false", Data::Bool(false))] {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok((data, Style::Plain));
            }
        }
        if first == b'-' || first.is_ascii_digit() {
            self.number()
        } else {
            Err(self.unexpected("a value should stand here"))
        }
    }

    /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`
    fn number(&mut self) -> Result<(Data, Style), Problem> {
        let start = self.at;
        self.take(|byte| byte == b'-', 1);
        let whole = self.at;
        let digits = self.take(|byte| byte.is_ascii_digit(), usize::MAX);
        let mut well_formed = digits == 1 || (digits > 1 && self.text.as_bytes()[whole] != b'0');
        let mut is_whole = true;
        if self.take(|byte| byte == b'.', 1) == 1 {
            is_whole = false;
            well_formed &= self.take(|byte| byte.is_ascii_digit(), usize::MAX) > 0;
        }
        if self.take(|byte| matches!(byte, b'e' | b'E'), 1) == 1 {
            is_whole = false;
            self.take(|byte| matches!(byte, b'-' | b'+'), 1);
            well_formed &= self.take(|byte| byte.is_ascii_digit(), usize::MAX) > 0;
        }
        let written = &self.text[start..self.at];
        let at = self.range_from(start);
        if !well_formed {
            return Err(
                Problem::new(at, "this is not a JSON number").help("write decimal digits without leading zeros")
            );
        }
        let small = if is_whole { written.parse::<i64>().ok().map(Scalar::Integer) } else { None };
        let large = || if is_whole { written.parse::<u64>().ok().map(Scalar::Natural) } else { None };
        let scalar = match small.or_else(large) {
            Some(scalar) => scalar,
            None => match written.parse::<f64>() {
                Ok(value) if value.is_finite() => Scalar::Float(value),
                _ => return Err(Problem::new(at, "this number is beyond the range of 64-bit floats")),
            },
        };
        Ok((scalar.into_data(Schema::Yaml11, || written.into()), Style::Plain))
    }

    /// The text of a string; the scanner stands on its opening quote.
    fn string(&mut self) -> Result<Cow<'t, str>, Problem> {
        let start = self.at;
        self.at += 1;
        let mut value = Cow::Borrowed("");
        loop {
            let plain = self.at;
            self.take(|byte| !matches!(byte, b'"' | b'\\' | 0..0x20), usize::MAX);
            // without escapes nothing is copied
            value += &self.text[plain..self.at];
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => value.to_mut().push(self.escape()?),
                Some(_) => {
                    return Err(self.unexpected("line breaks and control characters are written as escapes: `\\n`"));
                }
                None => {
                    return Err(Problem::new((u32_from(start), u32_from(start + 1)), "this quote is never closed")
                        .help("close it; or was the file cut off?"));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        self.at += 2;
        let simple = match self.text.as_bytes().get(start + 1) {
            Some(escaped @ (b'"' | b'\\' | b'/')) => char::from(*escaped),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode().ok_or_else(|| self.bad_escape(start)),
            _ => return Err(self.bad_escape(start)),
        };
        Ok(simple)
    }

    /// Four hex digits, or two escapes that make a surrogate pair.
    fn unicode(&mut self) -> Option<char> {
        let unit = self.hex()?;
        let code = match unit {
            0xd800..0xdc00 => {
                if !self.text.get(self.at..)?.starts_with("\\u") {
                    return None;
                }
                self.at += 2;
                let low = self.hex().filter(|low| (0xdc00..0xe000).contains(low))?;
                0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
            }
            _ => unit,
        };
        char::from_u32(code)
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    }

    fn bad_escape(&self, start: usize) -> Problem {
        let end = (start + 2..=self.text.len()).find(|end| self.text.is_char_boundary(*end)).unwrap_or(start + 1);
        Problem::new((u32_from(start), u32_from(end)), "this is not an escape of JSON")
            .help("double the backslash; characters beyond U+FFFF are two `\\u` escapes, a surrogate pair")
    }

    fn skip_space(&mut self) {
        self.take(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'), usize::MAX);
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool, at_most: usize) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let count = rest.iter().take(at_most).take_while(|byte| wanted(**byte)).count();
        self.at += count;
        count
    }

    fn range_from(&self, start: usize) -> Range {
        (u32_from(start), u32_from(self.at))
    }

    fn unexpected(&self, expected: &str) -> Problem {
        let found = self.text[self.at..].chars().next();
        let problem = Problem::new((u32_from(self.at), u32_from(self.at + found.map_or(0, char::len_utf8))), expected);
        match found {
            Some('}' | ']') => problem.help("remove the comma before it"),
            Some('/' | '#') => problem.help("JSON has no comments; name the file .yaml to have them"),
            Some('\'') => problem.help("JSON has double quotes only"),
            _ => problem,
        }
    }

    fn cut_off(&self) -> Problem {
        let end = u32_from(self.text.len());
        Problem::new((end, end), "the text ends in the middle of a value").help("close it; or was the file cut off?")
    }
}

fn after_value(open: &[u8]) -> Next {
    if open.is_empty() { Next::Nothing } else { Next::CommaOrEnd }
}

#[cfg(test)]
mod tests;
