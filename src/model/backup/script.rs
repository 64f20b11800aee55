//! What a container runs: inline texts, files of mounted ConfigMaps, or a program with its arguments.

use std::collections::BTreeMap;

use super::images;
use crate::model::input::Object;
use crate::source::{Node, Origin, Sources, TextPlace};

/// What reads a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interpreter {
    /// A shell of the Bourne family.
    Shell,
    /// A program with arguments, written as a command line.
    Arguments,
    /// Python.
    Python,
    /// Anything else: only its words are looked at.
    Unknown,
}

/// A script, and where its bytes lie.
#[derive(Debug)]
pub(crate) struct Script {
    /// The text.
    pub(crate) text: String,
    /// What reads it.
    pub(crate) interpreter: Interpreter,
    /// The shell was started with `-e`.
    pub(crate) errexit: bool,
    /// The shell was started with `-o pipefail`.
    pub(crate) pipefail: bool,
    places: Places,
}

#[derive(Debug)]
enum Places {
    Text(TextPlace),
    Words(Vec<(u32, u32, Origin)>),
}

impl Script {
    /// Origin of a range of bytes.
    pub(crate) fn origin(&self, (start, end): (u32, u32)) -> Origin {
        match &self.places {
            Places::Text(place) => place.origin(start, end),
            Places::Words(words) => words
                .iter()
                .find(|(from, to, _)| *from <= start && start < *to)
                .or_else(|| words.first())
                .map_or(Origin::Derived, |(_, _, origin)| origin.clone()),
        }
    }

    fn of_text(node: &Node, interpreter: Interpreter, sources: &Sources) -> Option<Self> {
        let text = node.as_str()?.to_owned();
        let first = text.lines().next().unwrap_or_default();
        let interpreter = match first.strip_prefix("#!") {
            Some(line) if line.contains("python") => Interpreter::Python,
            Some(line) if line.contains("sh") => Interpreter::Shell,
            Some(_) => Interpreter::Unknown,
            None => interpreter,
        };
        let flags = first.strip_prefix("#!").map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>());
        let errexit = flags.is_some_and(|flags| flags.iter().any(|flag| is_short(flag, 'e')));
        let place = TextPlace::of(sources, node);
        Some(Self { text, interpreter, errexit, pipefail: false, places: Places::Text(place) })
    }

    /// A program with its arguments as one quoted command line.
    fn of_words(words: &[&Node]) -> Self {
        let mut text = String::new();
        let mut places = Vec::new();
        for word in words {
            let start = text.len() as u32;
            text.push('\'');
            text.push_str(&word.scalar_text().unwrap_or_default().replace('\'', "'\\''"));
            text.push_str("' ");
            places.push((start, text.len() as u32, word.origin.clone()));
        }
        Self {
            text,
            interpreter: Interpreter::Arguments,
            errexit: false,
            pipefail: false,
            places: Places::Words(places),
        }
    }
}

fn is_short(flag: &str, letter: char) -> bool {
    flag.starts_with('-') && !flag.starts_with("--") && flag.contains(letter)
}

/// The scripts of a container, and a script file that it runs but the input does not hold.
pub(super) fn scripts<'a>(
    container: &'a Node,
    spec: &'a Node,
    config_maps: &BTreeMap<&str, &'a Object>,
    sources: &Sources,
) -> (Vec<Script>, Option<(String, &'a Node)>) {
    // Argo's `script:` holds the text itself
    if let Some(source) = container.at(&["source"]) {
        let interpreter = container.items(&["command"]).first().and_then(Node::as_str).map_or("sh", base_name);
        let interpreter = interpreter_of(interpreter).unwrap_or(Interpreter::Unknown);
        return (Script::of_text(source, interpreter, sources).into_iter().collect(), None);
    }
    let command = container.items(&["command"]);
    let words: Vec<&Node> = command.iter().chain(container.items(&["args"])).collect();
    let Some(first) = words.first().and_then(|word| word.as_str()) else { return (Vec::new(), None) };
    let Some(interpreter) = interpreter_of(base_name(first)) else {
        if command.is_empty() {
            // the arguments go to whatever the image starts
            let script = container.at(&["image"]).map(|image| {
                let program = image.as_str().and_then(images::entry_point);
                let start = program.map(|program| Node::string(program, image.origin.clone()));
                let all: Vec<&Node> = start.iter().chain(words.iter().copied()).collect();
                let interpreter = if start.is_some() { Interpreter::Arguments } else { Interpreter::Unknown };
                Script { interpreter, ..Script::of_words(&all) }
            });
            return (script.into_iter().collect(), None);
        }
        return match file(first, container, spec, config_maps) {
            File::Held(node) => (Script::of_text(node, Interpreter::Unknown, sources).into_iter().collect(), None),
            File::Mounted => (Vec::new(), Some((first.to_owned(), words[0]))),
            File::NotMounted => (vec![Script::of_words(&words)], None),
        };
    };
    let mut errexit = false;
    let mut pipefail = false;
    let mut rest = words[1..].iter().copied();
    while let Some(word) = rest.next() {
        let text = word.as_str().unwrap_or_default();
        if text == "-o" || text == "-eo" || text == "-euo" || text.ends_with('o') && is_short(text, 'o') {
            errexit |= is_short(text, 'e');
            match rest.next().and_then(Node::as_str) {
                Some("errexit") => errexit = true,
                Some("pipefail") => pipefail = true,
                _ => {}
            }
            continue;
        }
        if is_short(text, 'c') {
            errexit |= interpreter == Interpreter::Shell && is_short(text, 'e');
            let script = rest.next().and_then(|node| Script::of_text(node, interpreter, sources));
            return (script.map(|script| script.with(errexit, pipefail)).into_iter().collect(), None);
        }
        if text.starts_with('-') || text == "--" {
            errexit |= is_short(text, 'e');
            continue;
        }
        return match file(text, container, spec, config_maps) {
            File::Held(node) => {
                let script = Script::of_text(node, interpreter, sources).map(|one| one.with(errexit, pipefail));
                (script.into_iter().collect(), None)
            }
            File::Mounted | File::NotMounted => (Vec::new(), Some((text.to_owned(), word))),
        };
    }
    (Vec::new(), None)
}

impl Script {
    fn with(mut self, errexit: bool, pipefail: bool) -> Self {
        self.errexit |= errexit;
        self.pipefail |= pipefail;
        self
    }
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

fn interpreter_of(program: &str) -> Option<Interpreter> {
    match program {
        "sh" | "bash" | "ash" | "dash" | "ksh" | "zsh" => Some(Interpreter::Shell),
        name if name.starts_with("python") => Some(Interpreter::Python),
        "node" | "ruby" | "perl" => Some(Interpreter::Unknown),
        _ => None,
    }
}

enum File<'a> {
    /// A ConfigMap of the input holds it.
    Held(&'a Node),
    /// Something is mounted there that the input does not show.
    Mounted,
    /// It comes with the image.
    NotMounted,
}

/// The text behind a path in a container.
fn file<'a>(path: &str, container: &Node, spec: &'a Node, config_maps: &BTreeMap<&str, &'a Object>) -> File<'a> {
    let mut found = File::NotMounted;
    for mount in container.items(&["volumeMounts"]) {
        let (Some(at), Some(volume)) = (mount.text(&["mountPath"]), mount.text(&["name"])) else { continue };
        let sub_path = mount.text(&["subPath"]);
        let below = match sub_path {
            Some(sub_path) if path == at => sub_path,
            Some(_) => continue,
            None => match path.strip_prefix(at.trim_end_matches('/')).and_then(|rest| rest.strip_prefix('/')) {
                Some(below) => below,
                None => continue,
            },
        };
        found = File::Mounted;
        let volumes = spec.items(&["volumes"]);
        let Some(volume) = volumes.iter().find(|one| one.text(&["name"]) == Some(volume)) else { continue };
        let Some(map) = volume.text(&["configMap", "name"]).and_then(|name| config_maps.get(name)) else { continue };
        let renamed = volume
            .items(&["configMap", "items"])
            .iter()
            .find(|item| item.text(&["path"]) == Some(below))
            .and_then(|item| item.text(&["key"]));
        if let Some(node) = map.node.at(&["data", renamed.unwrap_or(below)]) {
            return File::Held(node);
        }
    }
    found
}
