//! Which facts a rule can read, as its text and that of its libraries tell: what stands behind `input` in it and in the
//! definitions that it reaches. More than it reads is harmless; where the text does not tell, it is the whole document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bare::{alias, bare, is_part_of_name, names};
use super::registry::Module;

/// Keys from the root of the facts; none = the whole document.
pub(super) type Keys = Vec<String>;

/// A part of the facts, and what of it a rule looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Read {
    /// Where it lies.
    pub keys: Keys,
    /// What of it counts.
    pub what: What,
}

impl Read {
    /// What a facts document holds there.
    pub(super) fn of<'f>(&self, facts: &'f Value) -> Option<&'f Value> {
        self.keys.iter().try_fold(facts, |value, key| value.get(key))
    }
}

/// What of a part counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// All of it.
    Content,
    /// Whether it holds as a condition: it is there, and not `false`.
    Truth,
}

/// The parts of the facts that each module can read, by the path of its file. No part lies in another one whose content is
/// read.
pub(super) fn of_modules(modules: &[Module]) -> BTreeMap<&str, BTreeSet<Read>> {
    let texts: Vec<Text> = modules.iter().map(|module| Text::of(&module.text)).collect();
    let mut packages: BTreeMap<&Keys, Vec<usize>> = BTreeMap::new();
    for (index, text) in texts.iter().enumerate() {
        packages.entry(&text.package).or_default().push(index);
    }
    let all = |index: usize| (0..texts[index].definitions.len()).map(move |number| (index, number));
    let reads = |index: usize| {
        let mut seen: BTreeSet<(usize, usize)> = all(index).collect();
        let mut open: Vec<(usize, usize)> = seen.iter().copied().collect();
        let mut parts = BTreeSet::new();
        while let Some((index, number)) = open.pop() {
            let definition = &texts[index].definitions[number];
            parts.extend(definition.input.iter().cloned());
            // definitions of one package see each other without naming it
            let mut reach = |of: &[usize], may_be_meant: &dyn Fn(&str) -> bool| {
                for reached in of.iter().flat_map(|index| all(*index)) {
                    let name = texts[reached.0].definitions[reached.1].name.as_deref();
                    if name.is_none_or(may_be_meant) && seen.insert(reached) {
                        open.push(reached);
                    }
                }
            };
            reach(&packages[&texts[index].package], &|name| definition.words.contains(name));
            for path in &definition.data {
                for (_, of) in packages.range::<Keys, _>(path..).take_while(|(package, _)| package.starts_with(path)) {
                    reach(of, &|_| true);
                }
                for length in 0..path.len() {
                    if let Some(of) = packages.get(&path[..length].to_vec()) {
                        reach(of, &|name| name == path[length]);
                    }
                }
            }
        }
        outermost(parts)
    };
    modules.iter().enumerate().map(|(index, module)| (module.file.as_str(), reads(index))).collect()
}

/// What lies in another part goes with it. Sorted, a part stands before all that lies in it.
fn outermost(parts: BTreeSet<Read>) -> BTreeSet<Read> {
    let mut kept: BTreeSet<Read> = BTreeSet::new();
    let mut outer: Option<Keys> = None;
    for part in parts {
        if outer.as_ref().is_some_and(|outer| part.keys.starts_with(outer)) {
            continue;
        }
        if part.what == What::Content {
            outer = Some(part.keys.clone());
        }
        kept.insert(part);
    }
    kept
}

/// One text: its package and what it defines.
struct Text {
    package: Keys,
    definitions: Vec<Definition>,
}

/// One rule or function of a text, or all that could not be told apart.
#[derive(Default)]
struct Definition {
    /// None: every name may mean it.
    name: Option<String>,
    input: BTreeSet<Read>,
    /// Documents by their whole path.
    data: BTreeSet<Keys>,
    /// Words that may be names of the same package.
    words: BTreeSet<String>,
}

impl Text {
    fn of(text: &str) -> Self {
        let bared = bare(text);
        let lines: Vec<&str> = bared.lines().collect();
        let package = lines.iter().find_map(|line| line.strip_prefix("package ")).unwrap_or_default();
        let imports: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with("import ")).collect();
        let aliases: BTreeMap<&str, Keys> =
            imports.iter().filter_map(|import| alias(import)).map(|(alias, path)| (alias, keys(path))).collect();
        let body = |line: &&str| !["package ", "import "].iter().any(|word| line.starts_with(word));
        let mut definitions: Vec<Definition> = statements(lines.iter().copied().filter(body))
            .into_iter()
            .map(|(name, statement)| Definition::of(name, &statement, &aliases))
            .collect();
        for definition in &mut definitions {
            // what is imported from the facts may be meant by any word
            for import in imports.iter().filter(|import| alias(import).is_none()) {
                definition.input.extend(mentions(import, "input").map(|keys| Read { keys, what: What::Content }));
            }
            // a string with expressions inside is blanked out, and what they read with it
            if opens_template(text, &bared) {
                definition.input.insert(Read { keys: Keys::new(), what: What::Content });
                definition.data.insert(Keys::new());
            }
        }
        Self { package: keys(package.trim()), definitions }
    }
}

/// The statements at the margin, with the name that each defines. One text when the lines do not tell where one begins.
fn statements<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(Option<String>, String)> {
    let mut found: Vec<(Option<String>, String)> = Vec::new();
    for line in lines {
        let inner = line.is_empty() || line.starts_with([' ', '\t', '}', ')', ']']);
        let head = line.strip_prefix("default ").unwrap_or(line);
        let name: String = head.chars().take_while(|letter| is_part_of_name(*letter)).collect();
        match found.last_mut() {
            Some((_, statement)) if inner || name == "else" => {
                statement.push('\n');
                statement.push_str(line);
            }
            _ if line.trim().is_empty() => {}
            _ => found.push((Some(name).filter(|name| !name.is_empty() && !inner), line.to_owned())),
        }
    }
    if found.iter().all(|(name, _)| name.is_some()) {
        return found;
    }
    let whole: Vec<String> = found.into_iter().map(|(_, statement)| statement).collect();
    vec![(None, whole.join("\n"))]
}

/// Whether a string with expressions inside begins somewhere. A `$` at the end of a string is none.
fn opens_template(text: &str, bared: &str) -> bool {
    let opened = |at: usize| matches!(text.as_bytes().get(at + 1), Some(b'"' | b'`'));
    bared.bytes().enumerate().any(|(at, byte)| byte == b'$' && opened(at))
}

fn keys(dotted: &str) -> Keys {
    dotted.split('.').map(str::to_owned).collect()
}

impl Definition {
    fn of(name: Option<String>, text: &str, aliases: &BTreeMap<&str, Keys>) -> Self {
        let mut definition = Self { name, ..Self::default() };
        definition.data.extend(mentions(text, "data"));
        for (alias, path) in aliases {
            definition.data.extend(mentions(text, alias).map(|keys| [path.as_slice(), &keys].concat()));
        }
        let conditions = text.lines().filter_map(condition).fold(BTreeMap::new(), |mut counts, keys| {
            *counts.entry(keys).or_insert(0) += 1;
            counts
        });
        let mut all: BTreeMap<Keys, usize> = BTreeMap::new();
        for keys in mentions(text, "input") {
            *all.entry(keys).or_default() += 1;
        }
        for (keys, count) in all {
            let what = if conditions.get(&keys) == Some(&count) { What::Truth } else { What::Content };
            definition.input.insert(Read { keys, what });
        }
        definition.words = names(text).map(|(_, word)| word.to_owned()).collect();
        definition
    }
}

/// The fact that a line asks for and does nothing else with: `input.a`, `not input.a`, the same behind the `if` of a head.
fn condition(line: &str) -> Option<Keys> {
    let behind_if = line.rsplit_once(" if ").map(|(_, condition)| condition);
    let asked = behind_if.or_else(|| line.starts_with(['\t', ' ']).then_some(line))?.trim();
    let path = asked.strip_prefix("not ").unwrap_or(asked).strip_prefix("input.")?;
    path.chars().all(|letter| is_part_of_name(letter) || letter == '.').then(|| keys(path))
}

/// The keys behind each mention of a document, as far as they are written as names.
fn mentions<'a>(text: &'a str, document: &'a str) -> impl Iterator<Item = Keys> + 'a {
    names(text).filter(move |(_, word)| *word == document).map(move |(start, word)| {
        let mut rest = &text[start + word.len()..];
        let mut keys = Keys::new();
        while let Some(behind) = rest.strip_prefix('.') {
            let length = behind.find(|letter| !is_part_of_name(letter)).unwrap_or(behind.len());
            if length == 0 {
                break;
            }
            keys.push(behind[..length].to_owned());
            rest = &behind[length..];
        }
        keys
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(texts: &[&str]) -> Vec<String> {
        let modules: Vec<Module> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| Module {
                file: format!("{index}.rego"),
                shown: String::new(),
                text: (*text).to_owned(),
            })
            .collect();
        let shown = |read: &Read| match read.what {
            What::Content => read.keys.join("."),
            What::Truth => format!("{}?", read.keys.join(".")),
        };
        of_modules(&modules)["0.rego"].iter().map(shown).collect()
    }

    #[test]
    fn names_behind_input_are_parts_and_a_bracket_ends_one() {
        let text =
            "package a.b\n\nx if input.one.two == 1\n\ny := input.three[\"four\"].five\n\nz if input.six[_].seven\n";
        assert_eq!(reads(&[text]), ["one.two", "six", "three"]);
        assert_eq!(reads(&["package a\n\nx := input.one.two\n\ny := input.one\n\nz := input.ones\n"]), ["one", "ones"]);
    }

    #[test]
    fn a_fact_that_is_only_a_condition_is_read_for_its_truth() {
        let text = "package a\n\nx if {\n\tinput.one\n\tnot input.two.three\n}\n\ny := 1 if not input.four\n";
        assert_eq!(reads(&[text]), ["four?", "one?", "two.three?"]);
        for content in ["y := input.one", "y if input.one == 1", "y if f(input.one)", "y if some z in input.one"] {
            assert_eq!(reads(&[&format!("package a\n\nx if input.one\n\n{content}\n")]), ["one"], "{content}");
        }
        assert_eq!(reads(&["package a\n\nx if {\n\tinput.one\n\tinput.one.two == 1\n}\n"]), ["one?", "one.two"]);
    }

    #[test]
    fn the_document_as_a_whole_holds_all_parts() {
        for text in
            ["f(input)", "input[\"one\"]", "f(1) with input as {}", "input.one + input[key]", "$\"{input.one}\""]
        {
            assert_eq!(reads(&[&format!("package a\n\nx := {text}\n")]), [""], "{text}");
        }
        for text in ["regex.match(`^a$`, input.one)", "input.one == \"$\""] {
            assert_eq!(reads(&[&format!("package a\n\nx if {text}\n")]), ["one"], "{text}");
        }
        assert_eq!(reads(&["package a\n\nimport input\n\nx := input.one\n"]), [""]);
        assert_eq!(reads(&["package a\n\nimport input.one as two\n\nx := two\n"]), ["one"]);
    }

    #[test]
    fn words_in_texts_comments_and_other_names_are_none() {
        let text =
            "package a\n\n# input.one\nx := \"input.two\"\n\ny := my_input.three + inputs.four + other.input.five\n";
        assert_eq!(reads(&[text]), Vec::<String>::new());
    }

    #[test]
    fn libraries_are_followed_however_they_are_named() {
        let second = "package lib.two\n\nimport data.lib.three as other\n\nf(x) := other.g(x) + input.two\n";
        let third = "package lib.three\n\ng(x) := input.three\n";
        let stranger = "package lib.four\n\nh := input.four\n";
        let all = |first: &str| reads(&[first, second, third, stranger]);
        assert_eq!(all("package a\n\nimport data.lib.two\n\nx := two.f(1)\n"), ["three", "two"]);
        assert_eq!(all("package a\n\nimport data.lib.two.f\n\nx := f(1)\n"), ["three", "two"]);
        assert_eq!(all("package a\n\nx := data.lib.two.f(1)\n"), ["three", "two"]);
        assert_eq!(all("package a\n\nx := data.lib[name]\n"), ["four", "three", "two"]);
    }

    #[test]
    fn of_a_library_only_what_is_reached_counts() {
        let library = "package lib\n\ndefault f := 1\n\nf := input.one if {\n\tg\n} else := input.two\n\nelse := input.three\n\n\
                       g if input.four == 1\n\nh := input.five\n";
        assert_eq!(reads(&["package a\n\nimport data.lib\n\nx := lib.f\n", library]), ["four", "one", "three", "two"]);
        assert_eq!(reads(&["package a\n\nimport data.lib\n\nx := lib.g\n", library]), ["four"]);
        assert_eq!(reads(&["package a\n\nimport data.lib\n\nx := lib[name]\n", library]).len(), 5);
        assert_eq!(reads(&["package lib\n\nx := h\n", library]), ["five"], "one package, no import");
        let untold = "package lib\n\n[f, g] := [input.one, input.two]\n";
        assert_eq!(reads(&["package a\n\nimport data.lib\n\nx := lib.f\n", untold]), ["one", "two"]);
    }
}
