//! Which facts a rule can read, as its text and that of its libraries tell: what stands behind `input` in any of them.
//! More than it reads is harmless; where the text does not tell, it is the whole document.

use std::collections::{BTreeMap, BTreeSet};

use super::bare::{bare, is_part_of_name};
use super::registry::Module;

/// Keys from the root of the facts; none = the whole document.
pub(super) type Keys = Vec<String>;

/// The parts of the facts that each module can read, by the path of its file. No part lies in another one.
pub(super) fn of_modules(modules: &[Module]) -> BTreeMap<&str, BTreeSet<Keys>> {
    let mentions: Vec<Mentions> = modules.iter().map(|module| Mentions::of(&module.text)).collect();
    let reads = |index: usize| {
        let mut seen = BTreeSet::from([index]);
        let mut open = vec![index];
        let mut parts = BTreeSet::new();
        while let Some(index) = open.pop() {
            parts.extend(mentions[index].input.iter().cloned());
            let used = (0..modules.len()).filter(|other| mentions[index].uses(&mentions[*other].package));
            open.extend(used.filter(|other| seen.insert(*other)));
        }
        outermost(parts)
    };
    modules.iter().enumerate().map(|(index, module)| (module.file.as_str(), reads(index))).collect()
}

/// What lies in another part goes with it. Sorted, a part stands before all that lies in it.
fn outermost(parts: BTreeSet<Keys>) -> BTreeSet<Keys> {
    let mut kept: Vec<Keys> = Vec::new();
    for part in parts {
        if kept.last().is_none_or(|last| !part.starts_with(last)) {
            kept.push(part);
        }
    }
    kept.into_iter().collect()
}

/// The documents that one text names.
struct Mentions {
    package: Keys,
    input: BTreeSet<Keys>,
    data: BTreeSet<Keys>,
}

impl Mentions {
    fn of(text: &str) -> Self {
        let bared = bare(text);
        let package = bared.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default();
        let mut mentions = Self {
            package: package.trim().split('.').map(str::to_owned).collect(),
            input: named(&bared, "input"),
            data: named(&bared, "data"),
        };
        // a string with expressions inside is blanked out, and what they read with it
        if ["$\"", "$`"].iter().any(|opening| text.contains(opening)) {
            mentions.input.insert(Keys::new());
            mentions.data.insert(Keys::new());
        }
        mentions
    }

    /// Modules of one package see each other's rules without naming them.
    fn uses(&self, package: &Keys) -> bool {
        self.package == *package || self.data.iter().any(|path| path.starts_with(package) || package.starts_with(path))
    }
}

/// The keys behind each mention of a document, as far as they are written as names.
fn named(text: &str, document: &str) -> BTreeSet<Keys> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(document) {
        let mut rest = &text[at + document.len()..];
        let is_inside_a_name = text[..at].ends_with(|letter| is_part_of_name(letter) || letter == '.')
            || rest.starts_with(is_part_of_name);
        if is_inside_a_name {
            continue;
        }
        let mut keys = Keys::new();
        while let Some(behind) = rest.strip_prefix('.') {
            let length = behind.find(|letter| !is_part_of_name(letter)).unwrap_or(behind.len());
            if length == 0 {
                break;
            }
            keys.push(behind[..length].to_owned());
            rest = &behind[length..];
        }
        found.insert(keys);
    }
    found
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
        of_modules(&modules)["0.rego"].iter().map(|keys| keys.join(".")).collect()
    }

    #[test]
    fn names_behind_input_are_parts_and_a_bracket_ends_one() {
        let text =
            "package a.b\n\nx if input.one.two == 1\n\ny := input.three[\"four\"].five\n\nz if input.six[_].seven\n";
        assert_eq!(reads(&[text]), ["one.two", "six", "three"]);
        assert_eq!(reads(&["package a\n\nx := input.one.two\n\ny := input.one\n\nz := input.ones\n"]), ["one", "ones"]);
    }

    #[test]
    fn the_document_as_a_whole_holds_all_parts() {
        for text in
            ["f(input)", "input[\"one\"]", "f(1) with input as {}", "input.one + input[key]", "$\"{input.one}\""]
        {
            assert_eq!(reads(&[&format!("package a\n\nx := {text}\n")]), [""], "{text}");
        }
        assert_eq!(reads(&["package a\n\nimport input\n\nx := input.one\n"]), [""]);
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
        assert_eq!(all("package a\n\nx := data.lib.two.f(1)\n"), ["three", "two"]);
        assert_eq!(all("package a\n\nx := data.lib[name]\n"), ["four", "three", "two"]);
    }
}
