//! The commands of a script with their variables filled in, as far as the input shows them.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::script::{Interpreter, Script};
use super::shell::{self, Command, Part, Range, Word};
use crate::source::Origin;

/// Longest text of a word that is kept.
const LONGEST: usize = 4096;
/// Substitutions up to this length are kept as text inside a value: `$(date +%F)`.
const SHORT_SUBSTITUTION: usize = 48;
/// Scripts inside `sh -c '…'` inside scripts.
const DEPTH: usize = 3;
/// Programs that run another program; its words follow.
const WRAPPERS: [&str; 10] =
    ["sudo", "exec", "command", "nohup", "time", "nice", "ionice", "stdbuf", "busybox", "eval"];

/// A word with its variables filled in.
#[derive(Debug, Clone)]
pub(super) struct Filled {
    /// The text; what is unknown stands as written: `$NAME`.
    pub(super) text: String,
    /// Where its beginning is written.
    pub(super) head: Origin,
    /// Where the word stands.
    pub(super) origin: Origin,
}

/// A command with its words filled in.
#[derive(Debug)]
pub(super) struct Line {
    /// Program and arguments, without wrappers.
    pub(super) words: Vec<Filled>,
    /// Files of redirections, by operator.
    pub(super) redirects: Vec<(String, String)>,
    /// As read.
    pub(super) command: Command,
    /// Where it begins.
    pub(super) origin: Origin,
    /// Words of `kubectl exec …` before `--`, when it runs inside a pod.
    pub(super) inside_pod: Option<Vec<String>>,
}

impl Line {
    /// Base name of the program.
    pub(super) fn program(&self) -> &str {
        let word = self.words.first().map_or("", |word| word.text.as_str());
        word.rsplit('/').next().unwrap_or(word)
    }

    /// The arguments as text.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &str> {
        self.words.iter().skip(1).map(|word| word.text.as_str())
    }
}

/// A script as lines.
#[derive(Debug, Default)]
#[expect(clippy::struct_field_names, reason = "a script is its lines")]
pub(super) struct Lines {
    /// In the order of the text; those inside `$(…)` before the command that uses them.
    pub(super) lines: Vec<Line>,
    /// Loops with their words filled in.
    pub(super) loops: Vec<(Option<String>, Vec<Filled>)>,
    /// Variables that a command fills: name → indices of its lines.
    pub(super) from_commands: BTreeMap<String, Vec<usize>>,
    /// Texts handed to other interpreters: here-documents of `python3`, `python3 -c`.
    pub(super) foreign: Vec<(String, Origin)>,
}

#[derive(Debug, Clone)]
struct Value {
    text: String,
    head: Origin,
}

/// Fills in the commands of a shell script.
pub(super) fn lines(script: &Script, environment: &Environment) -> Lines {
    let mut lines = Lines::default();
    if !matches!(script.interpreter, Interpreter::Shell | Interpreter::Arguments | Interpreter::Unknown) {
        return lines;
    }
    let mut filler = Filler { environment, variables: BTreeMap::new(), place: Place::Script(script) };
    filler.read(&script.text, &mut lines, 0);
    lines
}

#[derive(Clone, Copy)]
enum Place<'a> {
    Script(&'a Script),
    /// A script inside a word: everything stands where the word does.
    Word(&'a Origin),
}

struct Filler<'a> {
    environment: &'a Environment,
    variables: BTreeMap<String, Value>,
    place: Place<'a>,
}

impl Filler<'_> {
    fn origin(&self, range: Range) -> Origin {
        match self.place {
            Place::Script(script) => script.origin(range),
            Place::Word(origin) => origin.clone(),
        }
    }

    fn read(&mut self, text: &str, lines: &mut Lines, depth: usize) {
        let script = shell::parse(text);
        let first_loop = lines.loops.len();
        for one in &script.loops {
            if let Some(variable) = &one.variable {
                self.variables.remove(variable);
            }
        }
        // words of loops are filled when the first command inside is reached; variables before it are known then
        let mut filled_loops = vec![None; script.loops.len()];
        let mut line_of = Vec::with_capacity(script.commands.len());
        for command in &script.commands {
            line_of.push(lines.lines.len());
            for index in &command.loops {
                if filled_loops[*index].is_none() {
                    let words = script.loops[*index].words.iter().map(|word| self.fill(word)).collect::<Vec<_>>();
                    filled_loops[*index] = Some(words);
                }
            }
            let line = self.line(command, text, lines, depth, first_loop);
            for (name, value) in assignments(command) {
                let of_commands: Vec<usize> = value
                    .parts
                    .iter()
                    .filter_map(|part| {
                        if let Part::Substitution { commands, .. } = part { Some(commands.0..commands.1) } else { None }
                    })
                    .flatten()
                    .filter_map(|index| line_of.get(index).copied())
                    .collect();
                if of_commands.is_empty() {
                    let filled = self.fill(&value);
                    self.variables.insert(name, Value { text: filled.text, head: filled.head });
                } else {
                    let filled = self.fill(&value);
                    let short = filled.text.len() <= SHORT_SUBSTITUTION && !filled.text.contains('/');
                    if short {
                        self.variables.insert(name.clone(), Value { text: filled.text, head: filled.head });
                    } else {
                        self.variables.remove(&name);
                    }
                    lines.from_commands.entry(name).or_default().extend(of_commands);
                }
            }
            lines.lines.push(line);
        }
        for (index, one) in script.loops.iter().enumerate() {
            let words = filled_loops[index].take().unwrap_or_default();
            lines.loops.push((one.variable.clone(), words));
        }
    }

    fn line(&mut self, command: &Command, text: &str, lines: &mut Lines, depth: usize, first_loop: usize) -> Line {
        let mut words: Vec<Filled> = command.words.iter().map(|word| self.fill(word)).collect();
        let mut inside_pod = None;
        unwrap(&mut words, &mut inside_pod);
        let program = words.first().map(|word| base_name(&word.text).to_owned()).unwrap_or_default();
        if let Some(range) = command.here_document
            && (program.starts_with("python") || matches!(program.as_str(), "node" | "ruby"))
        {
            let body = text.get(range.0 as usize..range.1 as usize).unwrap_or_default();
            lines.foreign.push((body.to_owned(), self.origin((range.0, range.0 + first_line_length(body)))));
        }
        if let Some(script) = script_word(&program, &words)
            && depth < DEPTH
        {
            if program.starts_with("python") {
                lines.foreign.push((script.text.clone(), script.origin.clone()));
            } else {
                let before = lines.lines.len();
                let origin = script.origin.clone();
                let mut inner = Filler {
                    environment: self.environment,
                    variables: self.variables.clone(),
                    place: Place::Word(&origin),
                };
                inner.read(&script.text, lines, depth + 1);
                for line in &mut lines.lines[before..] {
                    line.inside_pod = line.inside_pod.take().or_else(|| inside_pod.clone());
                    line.command.loops = command.loops.iter().map(|index| index + first_loop).collect();
                    line.command.captured |= command.captured;
                }
            }
        }
        let redirects =
            command.redirects.iter().map(|one| (one.operator.clone(), self.fill(&one.target).text)).collect();
        let mut kept = command.clone();
        for index in &mut kept.loops {
            *index += first_loop;
        }
        let end = command.words.first().map_or(command.range.1, |word| word.range.1);
        Line { words, redirects, origin: self.origin((command.range.0, end)), command: kept, inside_pod }
    }

    fn fill(&self, word: &Word) -> Filled {
        let own = self.origin(word.range);
        let mut text = String::new();
        let mut head = None;
        for part in &word.parts {
            let (piece, from) = match part {
                Part::Text(text) => (text.clone(), None),
                Part::Variable { name, default, written } => match self.value(name) {
                    Some(value) => (value.text, Some(value.head)),
                    None => (default.clone().filter(|_| self.is_unset(name)).unwrap_or_else(|| written.clone()), None),
                },
                Part::Substitution { written, .. } => {
                    // Kubernetes fills `$(NAME)` in commands and arguments
                    let name = written.strip_prefix("$(").and_then(|rest| rest.strip_suffix(')'));
                    match name.and_then(|name| self.value(name)) {
                        Some(value) => (value.text, Some(value.head)),
                        None => (written.clone(), None),
                    }
                }
            };
            if head.is_none() && !piece.is_empty() {
                head = Some(from.unwrap_or_else(|| own.clone()));
            }
            text.push_str(&piece);
            if text.len() > LONGEST {
                let mut end = LONGEST;
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.truncate(end);
                break;
            }
        }
        Filled { text, head: head.unwrap_or_else(|| own.clone()), origin: own }
    }

    fn value(&self, name: &str) -> Option<Value> {
        self.variables.get(name).cloned().or_else(|| {
            let (text, origin) = self.environment.text(name)?;
            Some(Value { text: text.to_owned(), head: origin.clone() })
        })
    }

    /// Whether a default applies: nothing that the input shows sets the variable.
    fn is_unset(&self, name: &str) -> bool {
        self.environment.get(name).is_none()
    }
}

/// `NAME=value` alone on a line, or after `export` and its kin.
fn assignments(command: &Command) -> Vec<(String, Word)> {
    let mut found = if command.words.is_empty() { command.assignments.clone() } else { Vec::new() };
    let declares = command.words.first().and_then(Word::literal);
    if declares.is_some_and(|word| matches!(word.as_str(), "export" | "local" | "readonly" | "declare" | "typeset")) {
        found.extend(command.words[1..].iter().filter_map(|word| {
            let Part::Text(text) = word.parts.first()? else { return None };
            let (name, rest) = text.split_once('=')?;
            let mut value = word.clone();
            value.parts[0] = Part::Text(rest.to_owned());
            Some((name.to_owned(), value))
        }));
    }
    found
}

fn first_line_length(text: &str) -> u32 {
    text.lines().next().map_or(0, |line| line.len() as u32)
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Takes off `sudo`, `timeout 60`, `env A=b`, `kubectl exec pod --`, …
fn unwrap(words: &mut Vec<Filled>, inside_pod: &mut Option<Vec<String>>) {
    for _ in 0..8 {
        let Some(first) = words.first() else { return };
        match base_name(&first.text) {
            "kubectl" | "oc" if words.iter().any(|word| word.text == "exec") => {
                let Some(dashes) = words.iter().position(|word| word.text == "--") else { return };
                *inside_pod = Some(words.drain(..=dashes).map(|word| word.text).collect());
            }
            "timeout" | "retry" | "flock" | "xargs" | "env" => {
                let mut skip = 1;
                while words.get(skip).is_some_and(|word| {
                    word.text.starts_with('-')
                        || word.text.contains('=')
                        || word.text.starts_with(|first: char| first.is_ascii_digit())
                        || word.text == "{}"
                }) {
                    skip += 1;
                }
                words.drain(..skip.min(words.len()));
            }
            name if WRAPPERS.contains(&name) => {
                words.remove(0);
            }
            _ => return,
        }
    }
}

/// The script of `sh -c '…'`, `python3 -c '…'`.
fn script_word<'w>(program: &str, words: &'w [Filled]) -> Option<&'w Filled> {
    let runs = matches!(program, "sh" | "bash" | "ash" | "dash") || program.starts_with("python");
    let at = words.iter().position(|word| {
        word.text.starts_with('-') && !word.text.starts_with("--") && word.text.len() < 8 && word.text.ends_with('c')
    })?;
    if runs { words.get(at + 1) } else { None }
}
