//! Rego without its strings and comments, and the names that are left in it.

use std::collections::BTreeMap;

/// The text with strings and comments blanked out; every other byte stays where it is.
pub(super) fn bare(text: &str) -> String {
    let (mut quote, mut comment, mut escaped) = (None, false, false);
    let mut bared = String::with_capacity(text.len());
    for letter in text.chars() {
        let kept = match quote {
            _ if letter == '\n' => {
                comment = false;
                if quote == Some('"') {
                    quote = None;
                }
                true
            }
            Some(end) => {
                if escaped {
                    escaped = false;
                } else if letter == '\\' && end == '"' {
                    escaped = true;
                } else if letter == end {
                    quote = None;
                }
                false
            }
            None if comment => false,
            None if letter == '#' => {
                comment = true;
                false
            }
            None if matches!(letter, '"' | '`') => {
                quote = Some(letter);
                false
            }
            None => true,
        };
        if kept {
            bared.push(letter);
        } else {
            bared.extend(std::iter::repeat_n(' ', letter.len_utf8()));
        }
    }
    bared
}

/// Names of a bare text that stand by themselves or before a dot, and where they begin.
pub(super) fn names(bared: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += bared[at..].find(is_part_of_name)?;
        let start = at;
        at += bared[start..].find(|letter| !is_part_of_name(letter)).unwrap_or(bared.len() - start);
        Some((start, &bared[start..at]))
    })
    .filter(|(start, _)| !bared[..*start].ends_with('.'))
}

/// The word that an import of a document brings, and its path behind `data`.
pub(super) fn alias(line: &str) -> Option<(&str, &str)> {
    let path = line.strip_prefix("import data.")?;
    let (path, alias) = match path.split_once(" as ") {
        Some((path, alias)) => (path.trim(), alias.trim()),
        None => (path.trim(), path.trim().rsplit('.').next()?),
    };
    path.chars().all(|letter| is_part_of_name(letter) || letter == '.').then_some((alias, path))
}

/// The same text with what it imports named in full: a name behind a dot of an import has the machine make the whole library
/// first, all its rules, and then take one.
pub(super) fn in_full(text: &str) -> String {
    let bared = bare(text);
    let imports: BTreeMap<&str, &str> = bared.lines().filter_map(alias).collect();
    let mut written = String::with_capacity(text.len());
    let mut at = 0;
    for (start, name) in names(&bared) {
        let Some(path) = imports.get(name).filter(|_| bared[start + name.len()..].starts_with('.')) else { continue };
        written.push_str(&text[at..start]);
        written.push_str("data.");
        written.push_str(path);
        at = start + name.len();
    }
    written.push_str(&text[at..]);
    written
}

/// Letters of a Rego name.
pub(super) fn is_part_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_are_blank_and_every_other_byte_is_where_it_was() {
        let text = "x := \"„a\\\"b\" # ü\ny := `c\nd` + e";
        let bared = bare(text);
        assert_eq!(bared.len(), text.len());
        let left: String = bared.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(left, "x := y := + e");
        assert_eq!(bared.find('e'), text.rfind('e'));
    }

    #[test]
    fn what_is_imported_is_named_in_full_wherever_a_dot_follows() {
        let text = "package a\n\nimport data.lib.fix\nimport data.lib.workload as peers\nimport data.lib.server.named\n\n\
                    x := fix.safe(peers.several, input.fix.y, \"fix.z\", named) # peers.q\n";
        let full = in_full(text);
        let line = full.lines().last().unwrap();
        assert_eq!(line, "x := data.lib.fix.safe(data.lib.workload.several, input.fix.y, \"fix.z\", named) # peers.q");
        assert!(full.contains("\nimport data.lib.fix\nimport data.lib.workload as peers\n"), "{full}");
    }
}
