//! Splits a script into commands by the rules of POSIX sh: quotes, escapes, comments, here-documents, substitutions.

use std::mem;
use std::ops::Range;

use super::{Command, Part, Word};
use crate::source::Node;

/// `$(…)` inside `$(…)` deeper than this is left unread.
const DEEPEST: usize = 8;

pub(super) fn commands(script: &Node) -> Vec<Command> {
    let text = script.as_str().unwrap_or_default();
    let mut lexer = Lexer { script, text, at: 0, depth: 0, found: Vec::new(), awaited: Vec::new() };
    lexer.list(None);
    lexer.found
}

struct Lexer<'s> {
    script: &'s Node,
    text: &'s str,
    at: usize,
    depth: usize,
    found: Vec<Command>,
    /// Here-documents whose text starts after the line: of the command under way, or of one that was found.
    awaited: Vec<HereDocument>,
}

struct HereDocument {
    end: String,
    strips_tabs: bool,
    is_literal: bool,
    /// Index in `found` once the command is pushed.
    command: usize,
}

impl Lexer<'_> {
    /// Commands up to the closing byte, which is consumed, or to the end.
    fn list(&mut self, until: Option<u8>) {
        let mut command = Command::default();
        loop {
            self.skip_blanks();
            let Some(byte) = self.peek() else { break };
            match byte {
                _ if Some(byte) == until => {
                    self.at += 1;
                    break;
                }
                b'\n' => {
                    self.at += 1;
                    self.push(&mut command);
                    self.read_here_documents();
                }
                b';' | b'&' | b'|' | b'(' | b')' => {
                    self.at += 1;
                    self.push(&mut command);
                }
                b'#' => self.at = self.line_end(),
                b'<' | b'>' => self.redirection(&mut command),
                _ => {
                    let word = self.word();
                    self.take(word, &mut command);
                }
            }
        }
        self.push(&mut command);
    }

    fn take(&mut self, word: Word, command: &mut Command) {
        if command.words.is_empty()
            && let Some((name, value)) = assignment(&word)
        {
            command.assignments.push((name, value));
            return;
        }
        let is_descriptor = matches!(self.peek(), Some(b'<' | b'>'))
            && word.text().bytes().all(|byte| byte.is_ascii_digit())
            && self.at > 0
            && self.text.as_bytes()[self.at - 1].is_ascii_digit();
        if !is_descriptor {
            command.words.push(word);
        }
    }

    fn push(&mut self, command: &mut Command) {
        let done = mem::take(command);
        if !done.words.is_empty() || !done.assignments.is_empty() || done.input.is_some() {
            self.found.push(done);
        }
    }

    fn redirection(&mut self, command: &mut Command) {
        let rest = &self.text[self.at..];
        if rest.starts_with("<<<") {
            self.at += 3;
            self.skip_blanks();
            command.input = Some(self.word());
        } else if rest.starts_with("<<") {
            let strips_tabs = rest.starts_with("<<-");
            self.at += if strips_tabs { 3 } else { 2 };
            self.skip_blanks();
            let start = self.at;
            let end = self.word().text();
            let is_literal = self.text[start..self.at].contains(['\'', '"', '\\']);
            self.awaited.push(HereDocument { end, strips_tabs, is_literal, command: self.found.len() });
            // a command that is nothing but its here-document is kept too
            command.input = Some(Word { node: self.script.clone(), parts: Vec::new() });
        } else {
            let writes = rest.starts_with('>');
            let operator = rest.bytes().take_while(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|')).count();
            self.at += operator;
            self.skip_blanks();
            let target = self.word();
            if writes && operator < 3 && !rest.starts_with(">&") {
                command.output = Some(target);
            }
        }
    }

    fn read_here_documents(&mut self) {
        for document in mem::take(&mut self.awaited) {
            let mut parts = Vec::new();
            while self.at < self.text.len() {
                let end = self.line_end();
                let line = &self.text[self.at..end];
                let tabs = if document.strips_tabs { line.len() - line.trim_start_matches('\t').len() } else { 0 };
                let start = self.at + tabs;
                let next = (end + 1).min(self.text.len());
                if self.text[start..end] == document.end {
                    self.at = next;
                    break;
                }
                if document.is_literal {
                    parts.push(Part::Text(start..next));
                } else {
                    self.expanded(start..next, &mut parts);
                }
                self.at = next;
            }
            if let Some(command) = self.found.get_mut(document.command) {
                command.input = Some(Word { node: self.script.clone(), parts });
            }
        }
    }

    /// A line of a here-document in which variables are filled in.
    fn expanded(&mut self, range: Range<usize>, parts: &mut Vec<Part>) {
        self.at = range.start;
        let mut start = range.start;
        while self.at < range.end {
            match self.text.as_bytes()[self.at] {
                b'\\' if matches!(self.text.as_bytes().get(self.at + 1), Some(b'$' | b'\\' | b'`')) => {
                    parts.push(Part::Text(start..self.at));
                    start = self.at + 1;
                    self.at += 2;
                }
                b'$' | b'`' => {
                    parts.push(Part::Text(start..self.at));
                    self.expansion(parts);
                    start = self.at;
                }
                _ => self.at += 1,
            }
        }
        if start < range.end {
            parts.push(Part::Text(start..range.end));
        }
    }

    fn word(&mut self) -> Word {
        let mut parts = Vec::new();
        let mut start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' => break,
                b'\'' => {
                    close(&mut parts, start..self.at);
                    let from = self.at + 1;
                    let end = self.text[from..].find('\'').map_or(self.text.len(), |found| from + found);
                    parts.push(Part::Text(from..end));
                    self.at = (end + 1).min(self.text.len());
                    start = self.at;
                }
                b'"' => {
                    close(&mut parts, start..self.at);
                    self.double_quoted(&mut parts);
                    start = self.at;
                }
                b'\\' => {
                    close(&mut parts, start..self.at);
                    self.at += 1;
                    start = self.at + usize::from(self.peek() == Some(b'\n'));
                    self.step();
                }
                b'$' | b'`' => {
                    close(&mut parts, start..self.at);
                    self.expansion(&mut parts);
                    start = self.at;
                }
                _ => self.step(),
            }
        }
        close(&mut parts, start..self.at);
        if parts.is_empty() && self.peek().is_some_and(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|' | b';')) {
            // an operator where a word should stand: never loop on it
            self.at += 1;
        }
        Word { node: self.script.clone(), parts }
    }

    fn double_quoted(&mut self, parts: &mut Vec<Part>) {
        self.at += 1;
        let mut start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => break,
                b'\\' => match self.text.as_bytes().get(self.at + 1) {
                    Some(b'"' | b'\\' | b'$' | b'`') => {
                        close(parts, start..self.at);
                        start = self.at + 1;
                        self.at += 2;
                    }
                    Some(b'\n') => {
                        close(parts, start..self.at);
                        self.at += 2;
                        start = self.at;
                    }
                    _ => self.at += 1,
                },
                b'$' | b'`' => {
                    close(parts, start..self.at);
                    self.expansion(parts);
                    start = self.at;
                }
                _ => self.step(),
            }
        }
        close(parts, start..self.at);
        self.at = (self.at + 1).min(self.text.len());
    }

    /// `$NAME`, `${…}`, `$(…)`, `$((…))` or backquotes; a lone `$` is text.
    fn expansion(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        let rest = &self.text[start + 1..];
        if self.peek() == Some(b'`') {
            let end = rest.find('`').map_or(self.text.len(), |found| start + found + 2);
            self.at = end.min(self.text.len());
            return parts.push(Part::Computed(start..self.at));
        }
        if rest.starts_with('(') {
            self.at += 2;
            if self.depth < DEEPEST {
                self.depth += 1;
                let awaited = mem::take(&mut self.awaited);
                self.list(Some(b')'));
                self.awaited = awaited
                    .into_iter()
                    .map(|document| HereDocument { command: self.found.len(), ..document })
                    .collect();
                self.depth -= 1;
            } else {
                self.at = self.text.len();
            }
            return parts.push(Part::Computed(start..self.at));
        }
        if let Some(inner) = rest.strip_prefix('{') {
            let length = inner.find('}').unwrap_or(inner.len());
            self.at = (start + 2 + length + 1).min(self.text.len());
            let name = inner[..length].split([':', '-', '=', '?', '%', '#', '/', '+']).next().unwrap_or_default();
            return parts.push(Part::Variable(start..self.at, name.to_owned()));
        }
        let name: String = rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
        self.at += 1 + name.len();
        parts.push(if name.is_empty() { Part::Text(start..self.at) } else { Part::Variable(start..self.at, name) });
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn step(&mut self) {
        self.at += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
    }

    fn line_end(&self) -> usize {
        self.text[self.at..].find('\n').map_or(self.text.len(), |found| self.at + found)
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.text[self.at + 1..].starts_with('\n') => self.at += 2,
                Some(b'\\') if self.text[self.at + 1..].starts_with("\r\n") => self.at += 3,
                _ => return,
            }
        }
    }
}

fn close(parts: &mut Vec<Part>, range: Range<usize>) {
    if !range.is_empty() {
        parts.push(Part::Text(range));
    }
}

/// `NAME=value`; the value keeps its parts.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Part::Text(first) = word.parts.first()? else { return None };
    let text = word.node.as_str()?.get(first.clone())?;
    let (name, _) = text.split_once('=')?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    is_name.then(|| {
        let mut parts = word.parts.clone();
        let value = first.start + name.len() + 1..first.end;
        if value.is_empty() {
            parts.remove(0);
        } else {
            parts[0] = Part::Text(value);
        }
        (name.to_owned(), Word { node: word.node.clone(), parts })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn words(script: &str) -> Vec<Vec<String>> {
        let node = Node::string(script, Origin::Derived);
        commands(&node).iter().map(|command| command.words.iter().map(Word::text).collect()).collect()
    }

    #[test]
    fn quotes_escapes_comments_and_continuations_are_taken_off() {
        assert_eq!(
            words("# c\ncurl -d '{\"a\": 1}' \\\n  \"x\\\"$URL/y\" z\\ z # end\nif true; then rm -f a; fi"),
            [
                vec!["curl", "-d", "{\"a\": 1}", "x\"$URL/y", "z z"],
                vec!["if", "true"],
                vec!["then", "rm", "-f", "a"],
                vec!["fi"]
            ]
        );
    }

    #[test]
    fn here_documents_belong_to_their_command() {
        let node = Node::string(
            "cat <<'EOF' >/tmp/b.json\n{\"x\": $1}\nEOF\nsend <<-E && done2\n\ta ${B:-c}\n\tE\nnext\n",
            Origin::Derived,
        );
        let found = commands(&node);
        let texts: Vec<_> = found.iter().map(|command| command.input.as_ref().map(Word::text)).collect();
        assert_eq!(texts, [Some("{\"x\": $1}\n".to_owned()), Some("a ${B:-c}\n".to_owned()), None, None]);
        assert_eq!(found[0].output.as_ref().map(Word::text).as_deref(), Some("/tmp/b.json"));
        assert!(
            found[1]
                .input
                .as_ref()
                .unwrap()
                .parts
                .iter()
                .any(|part| matches!(part, Part::Variable(_, name) if name == "B"))
        );
    }

    #[test]
    fn substitutions_are_read_too_and_assignments_kept() {
        let node = Node::string("N=$(curl -sf \"$U/c\" | jq -r '.x') B='{}' run 2>/dev/null", Origin::Derived);
        let found = commands(&node);
        assert_eq!(found[0].words.iter().map(Word::text).collect::<Vec<_>>(), ["curl", "-sf", "$U/c"]);
        assert_eq!(found[2].assignments.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["N", "B"]);
        assert_eq!(found[2].words.iter().map(Word::text).collect::<Vec<_>>(), ["run"]);
    }

    #[test]
    fn broken_scripts_end() {
        for script in
            ["'", "\"", "\"\\", "\\", "$(", "${", "`", "<<", "<<E", "<<E\nx", "a >", "$", "<<<", "((((", "ü\\", "<&>|;"]
        {
            words(script);
        }
        words(&"$(".repeat(5000));
    }
}
