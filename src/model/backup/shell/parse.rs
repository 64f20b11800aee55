//! Commands of a script: pipelines, lists, loops, conditions, here-documents.

use super::word::range;
use super::{Command, Loop, Part, Redirect, Script, Word};

/// Scripts are configuration; beyond this a text is something else.
const BYTES: usize = 256 << 10;
/// Simple commands that are kept.
const COMMANDS: usize = 4096;
/// Substitutions inside substitutions.
const DEPTH: usize = 24;

pub(super) fn parse(text: &str) -> Script {
    let mut end = text.len().min(BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut parser = Parser { text, at: 0, end, script: Script::default(), depth: 0, pipelines: 0, here: Vec::new() };
    while parser.at < parser.end {
        parser.list(&Surroundings::default());
        // a stray `)`
        parser.at += 1;
    }
    parser.script
}

/// A cursor over the text.
pub(super) struct Parser<'a> {
    text: &'a str,
    pub(super) at: usize,
    pub(super) end: usize,
    script: Script,
    depth: usize,
    pipelines: usize,
    /// Here-documents whose bodies follow the next line break: delimiter, tabs stripped, command.
    here: Vec<(String, bool)>,
}

/// What lies around a list of commands.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    captured: bool,
    checked: bool,
    loops: Vec<usize>,
}

/// How a command ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Line,
    And,
    Or,
    Pipe,
    List,
}

impl<'a> Parser<'a> {
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to.min(self.end)).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        if at < self.end { self.bytes().get(at).copied() } else { None }
    }

    pub(super) fn take(&mut self, expected: &[u8]) -> bool {
        let found = self.bytes().get(self.at..self.end).is_some_and(|rest| rest.starts_with(expected));
        if found {
            self.at += expected.len();
        }
        found
    }

    pub(super) fn find(&self, byte: u8) -> Option<usize> {
        self.bytes().get(self.at..self.end)?.iter().position(|own| *own == byte).map(|found| self.at + found)
    }

    pub(super) fn commands_so_far(&self) -> usize {
        self.script.commands.len()
    }

    /// Reads the commands of a `$(…)` up to and with its parenthesis.
    pub(super) fn nested_list(&mut self) {
        if self.depth >= DEPTH {
            self.at = self.end;
            return;
        }
        self.depth += 1;
        self.list(&Surroundings { captured: true, ..Surroundings::default() });
        self.depth -= 1;
        self.take(b")");
    }

    /// Reads the commands between two places, as inside backticks.
    pub(super) fn inside(&mut self, from: usize, to: usize) -> (usize, usize) {
        let first = self.commands_so_far();
        if self.depth < DEPTH {
            let (at, end) = (self.at, self.end);
            (self.at, self.end) = (from, to);
            self.depth += 1;
            self.list(&Surroundings { captured: true, ..Surroundings::default() });
            self.depth -= 1;
            (self.at, self.end) = (at, end);
        }
        (first, self.commands_so_far())
    }

    fn blanks(&mut self) {
        loop {
            if self.take(b" ") || self.take(b"\t") || self.take(b"\r") || self.take(b"\\\n") || self.take(b"\\\r\n") {
                continue;
            }
            return;
        }
    }

    /// Reads commands up to an unmatched `)` or the end.
    fn list(&mut self, around: &Surroundings) {
        let mut around = around.clone();
        let base = around.checked;
        let mut cases = 0_usize;
        let mut command = Command::default();
        let mut start = None;
        let mut piped = None;
        loop {
            self.blanks();
            let Some(byte) = self.peek() else {
                self.finish(&mut command, &mut start, &around, &mut piped, End::List);
                return;
            };
            match byte {
                b'#' => self.at = self.find(b'\n').unwrap_or(self.end),
                b'\n' => {
                    self.at += 1;
                    self.finish(&mut command, &mut start, &around, &mut piped, End::Line);
                    self.here_documents();
                }
                b';' => {
                    self.at += 1;
                    self.finish(&mut command, &mut start, &around, &mut piped, End::Line);
                }
                b'&' if self.peek_at(1) == Some(b'>') => self.redirect(&mut command, &mut start),
                b'&' => {
                    self.at += 1;
                    let end = if self.take(b"&") { End::And } else { End::Line };
                    self.finish(&mut command, &mut start, &around, &mut piped, end);
                }
                b'|' => {
                    self.at += 1;
                    let end = if self.take(b"|") {
                        End::Or
                    } else {
                        self.take(b"&");
                        End::Pipe
                    };
                    self.finish(&mut command, &mut start, &around, &mut piped, end);
                }
                b'<' | b'>' => self.redirect(&mut command, &mut start),
                b'(' => {
                    self.at += 1;
                    if command.words.is_empty() && self.depth < DEPTH {
                        self.depth += 1;
                        self.list(&around);
                        self.depth -= 1;
                    }
                    // `name()` begins a function: its name is no command
                    self.blanks();
                    if self.take(b")") {
                        command = Command::default();
                        start = None;
                    }
                }
                b')' if cases > 0 => {
                    self.at += 1;
                    command = Command::default();
                    start = None;
                }
                b')' => {
                    self.finish(&mut command, &mut start, &around, &mut piped, End::List);
                    return;
                }
                _ => {
                    let at = self.at;
                    let digits = self.slice(at, (at + 1).min(self.end)).bytes().all(|byte| byte.is_ascii_digit());
                    if digits && matches!(self.peek_at(1), Some(b'>' | b'<')) {
                        self.redirect(&mut command, &mut start);
                        continue;
                    }
                    let Some(word) = self.word() else {
                        self.at += 1;
                        continue;
                    };
                    if command.words.is_empty()
                        && command.assignments.is_empty()
                        && self.reserved(&word, &mut around, base, &mut cases)
                    {
                        continue;
                    }
                    start.get_or_insert(at);
                    match assignment(&word).filter(|_| command.words.is_empty()) {
                        Some(assignment) => command.assignments.push(assignment),
                        None => command.words.push(word),
                    }
                }
            }
        }
    }

    /// Words that open and close compound commands; whether this is one.
    fn reserved(&mut self, word: &Word, around: &mut Surroundings, base: bool, cases: &mut usize) -> bool {
        let [Part::Text(text)] = word.parts.as_slice() else { return false };
        if word.quoted {
            return false;
        }
        match text.as_str() {
            "if" | "elif" => around.checked = true,
            "then" | "else" | "do" => around.checked = base,
            "while" | "until" => {
                around.checked = true;
                around.loops.push(self.script.loops.len());
                self.script.loops.push(Loop::default());
            }
            "for" | "select" => {
                around.loops.push(self.script.loops.len());
                let found = self.for_head();
                self.script.loops.push(found);
            }
            "done" => {
                around.loops.pop();
            }
            "case" => {
                *cases += 1;
                while let Some(word) = self.next_word() {
                    if word.is_text("in") {
                        break;
                    }
                }
            }
            "esac" => *cases = cases.saturating_sub(1),
            "fi" | "{" | "}" | "time" | "!" => {}
            "function" => {
                self.next_word();
            }
            _ => return false,
        }
        true
    }

    fn next_word(&mut self) -> Option<Word> {
        self.blanks();
        self.word()
    }

    fn for_head(&mut self) -> Loop {
        self.blanks();
        if self.take(b"((") {
            let from = self.at;
            let to = self.find(b')').unwrap_or(self.end);
            let name = self.slice(from, to).split('=').next().unwrap_or_default().trim().to_owned();
            self.at = (to + 2).min(self.end);
            return Loop { variable: Some(name), words: Vec::new() };
        }
        let variable = self.next_word().and_then(|word| word.literal());
        let mut words = Vec::new();
        if self.next_word().is_some_and(|word| word.is_text("in")) {
            while let Some(word) = self.next_word() {
                words.push(word);
            }
        }
        Loop { variable, words }
    }

    fn redirect(&mut self, command: &mut Command, start: &mut Option<usize>) {
        let from = self.at;
        start.get_or_insert(from);
        while self.peek().is_some_and(|byte| byte.is_ascii_digit() || byte == b'&') {
            self.at += 1;
        }
        if matches!(self.peek(), Some(b'<' | b'>')) && self.peek_at(1) == Some(b'(') {
            self.at += 2;
            self.nested_list();
            return;
        }
        while self.peek().is_some_and(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|' | b'-')) {
            self.at += 1;
        }
        let operator = self.slice(from, self.at).to_owned();
        let Some(target) = self.next_word() else { return };
        match operator.as_str() {
            "<<" | "<<-" => {
                let delimiter = target.literal().unwrap_or_else(|| target.written());
                self.here.push((delimiter, operator.ends_with('-')));
                command.here_document = Some((0, 0));
            }
            _ => command.redirects.push(Redirect { operator, target }),
        }
    }

    /// Reads the bodies of here-documents that begin on this line.
    fn here_documents(&mut self) {
        for (delimiter, strips) in std::mem::take(&mut self.here) {
            let from = self.at;
            let mut to = self.end;
            while self.at < self.end {
                let line_end = self.find(b'\n').unwrap_or(self.end);
                let line = self.slice(self.at, line_end).trim_end_matches('\r');
                let line = if strips { line.trim_start_matches('\t') } else { line };
                let line_start = self.at;
                self.at = (line_end + 1).min(self.end);
                if line == delimiter {
                    to = line_start;
                    break;
                }
            }
            let waiting = self.script.commands.iter_mut().rev().find(|one| one.here_document == Some((0, 0)));
            if let Some(command) = waiting {
                command.here_document = Some(range(from, to));
            }
        }
    }

    fn finish(
        &mut self,
        command: &mut Command,
        start: &mut Option<usize>,
        around: &Surroundings,
        piped: &mut Option<usize>,
        end: End,
    ) {
        let Some(from) = start.take() else {
            // a line break after `|` or `&&` goes on
            if end != End::Line && end != End::Pipe {
                *piped = None;
            }
            return;
        };
        let mut done = std::mem::take(command);
        let to = done
            .words
            .iter()
            .chain(done.assignments.iter().map(|(_, word)| word))
            .chain(done.redirects.iter().map(|redirect| &redirect.target))
            .map(|word| word.range.1 as usize)
            .max()
            .unwrap_or(from);
        done.range = range(from, to.max(from));
        done.reads_pipe = piped.is_some();
        done.pipeline = piped.take().unwrap_or_else(|| {
            self.pipelines += 1;
            self.pipelines
        });
        done.writes_pipe = end == End::Pipe;
        done.captured = around.captured;
        done.checked = around.checked || matches!(end, End::And | End::Or);
        done.loops.clone_from(&around.loops);
        *piped = (end == End::Pipe).then_some(done.pipeline);
        // in `a | b && c` the failure of all of `a | b` is looked at
        if done.checked && done.reads_pipe {
            let pipeline = done.pipeline;
            for earlier in self.script.commands.iter_mut().rev().take_while(|one| one.pipeline == pipeline) {
                earlier.checked = true;
            }
        }
        if self.script.commands.len() < COMMANDS {
            self.script.commands.push(done);
        }
    }
}

/// `NAME=value` as an assignment.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Part::Text(text) = word.parts.first()? else { return None };
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_end_matches('+');
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || !is_name || name.as_bytes()[0].is_ascii_digit() {
        return None;
    }
    let mut value = word.clone();
    value.parts[0] = Part::Text(rest.to_owned());
    if rest.is_empty() {
        value.parts.remove(0);
    }
    Some((name.to_owned(), value))
}
