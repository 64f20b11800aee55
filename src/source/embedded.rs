//! Text inside a string: Argo CD's `values: |`, a `ConfigMap`'s `production.yaml: |`, a JSON body in a script.

use std::ops::Range;

use super::document::Parsed;
use super::limits::Limits;
use super::place::Places;
use super::problem::Problem;
use super::scalar::Schema;
use super::text::u32_from;
use super::{Node, Origin, Sources, Span, Style, Written, json, yaml};

/// Reads the text of a string node. Every span lies in the file that holds the string: exactly for
/// literal blocks and for strings on one line, else on the string as a whole. Of a string that
/// nobody wrote, every value has the origin of the string.
pub fn parse_embedded(sources: &Sources, node: &Node, schema: Schema, limits: &Limits) -> Parsed {
    let places = places(sources, node);
    let Some(text) = node.as_str() else {
        let problem = Problem::new((0, 0), format!("{} where YAML text should stand", node.kind_in_words()))
            .help("write the text in a block: `key: |`");
        return Parsed { documents: Vec::new(), errors: vec![problem.placed(&Places::One(node.origin.clone()))] };
    };
    yaml::read_whole(text, &places, schema, limits)
}

/// Where the text of a string node lies in its file: byte by byte where the writing allows it, else as a whole.
#[derive(Debug)]
pub struct TextPlace(Places);

impl TextPlace {
    /// The place of a string node's text.
    pub fn of(sources: &Sources, node: &Node) -> Self {
        Self(places(sources, node))
    }

    /// Origin of a range of bytes of the text.
    pub fn origin(&self, start: u32, end: u32) -> Origin {
        self.0.origin((start, start), (start, end))
    }
}

/// A piece of a string's text, or something that is put between pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of the text.
    Text(Range<usize>),
    /// Put in at an offset of the text, one byte long.
    Mark(usize, char),
}

impl Piece {
    pub(super) fn at(&self) -> usize {
        match self {
            Self::Text(range) => range.start,
            Self::Mark(at, _) => *at,
        }
    }

    pub(super) fn length(&self) -> usize {
        match self {
            Self::Text(range) => range.len(),
            Self::Mark(..) => 1,
        }
    }
}

/// The text that pieces of a string make; pieces that do not fit the text are left out.
pub fn text_of(node: &Node, pieces: &[Piece]) -> String {
    let text = node.as_str().unwrap_or_default();
    let mut made = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(range) => made.push_str(text.get(range.clone()).unwrap_or_default()),
            Piece::Mark(_, mark) => made.push(*mark),
        }
    }
    made
}

/// Reads JSON that pieces of a string node make: a body that a shell script quotes. Spans lie in the file that holds the
/// string, as with [`parse_embedded`].
pub fn parse_json_of(sources: &Sources, node: &Node, pieces: &[Piece], limits: &Limits) -> Parsed {
    let text = text_of(node, pieces);
    json::read(&text, &places(sources, node).of_pieces(pieces), limits)
}

fn places(sources: &Sources, node: &Node) -> Places {
    let exact = || {
        let (Origin::Written(written), Some(text)) = (&node.origin, node.as_str()) else { return None };
        let outer = &sources.get(written.source).text;
        let lines = match node.style {
            Style::Literal => block_lines(outer, written.value.0, text),
            _ => one_line(sources, *written, node.style, text),
        };
        lines.map(|lines| Places::Lines(written.source, lines))
    };
    exact().unwrap_or_else(|| Places::One(node.origin.clone()))
}

/// A literal block keeps its lines; each is a suffix of a line outside, whatever the indentation,
/// the chomping or the line breaks are. `None` when that does not hold (an alias, say).
fn block_lines(outer: &str, content: u32, text: &str) -> Option<Vec<(u32, u32)>> {
    let blank = text.split('\n').take_while(|line| line.trim().is_empty()).count();
    let from = content as usize;
    let first = from + outer.get(from..)?.find(|character: char| !character.is_whitespace()).unwrap_or_default();
    let mut outside = outer.get(..first)?.rfind('\n').map_or(0, |found| found + 1);
    let mut inside = 0;
    let mut lines = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index < blank {
            lines.push((u32_from(inside), u32_from(outside)));
        } else {
            let rest = outer.get(outside..)?;
            let ended = rest.find('\n');
            let written = &rest[..ended.unwrap_or(rest.len())];
            let is_last = inside + line.len() == text.len();
            let unbroken =
                if is_last { written.trim_end_matches('\r') } else { written.strip_suffix('\r').unwrap_or(written) };
            let indent = if line.is_empty() { 0 } else { unbroken.strip_suffix(line)?.len() };
            lines.push((u32_from(inside), u32_from(outside + indent)));
            outside += ended.map_or(rest.len(), |found| found + 1);
        }
        inside += line.len() + 1;
    }
    Some(lines)
}

/// A string without escapes on one line lies there byte by byte.
fn one_line(sources: &Sources, written: Written, style: Style, text: &str) -> Option<Vec<(u32, u32)>> {
    let quote = u32::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    let (start, end) = (written.value.0 + quote, written.value.1.checked_sub(quote)?);
    let inner = Span { source: written.source, start, end };
    (!text.is_empty() && sources.slice(inner) == text).then(|| vec![(0, start)])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Path, Source, parse};
    use super::*;

    /// Reads the text under `values` inside `outer`; the inner spans as text of the outer file.
    fn read(outer: &str) -> (Parsed, impl Fn(&Parsed, &[&str]) -> (String, String)) {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("application.yaml", outer));
        let document = parse(&sources, id, &Limits::default()).documents.remove(0);
        let node = document.root.get("values").expect("it has values");
        let parsed = parse_embedded(&sources, node, Schema::Yaml11, &Limits::default());
        let written = move |parsed: &Parsed, keys: &[&str]| {
            let node = parsed.documents[0].root.find(&Path::keys(keys.iter().copied())).expect("the path exists");
            let Origin::Written(written) = node.origin else { panic!("not written") };
            (sources.slice(written.key_span()).to_owned(), sources.slice(written.value_span()).to_owned())
        };
        (parsed, written)
    }

    #[test]
    fn literal_blocks_map_byte_by_byte() {
        for header in ["|", "|-", "|+", "| # comment"] {
            for line_break in ["\n", "\r\n"] {
                let outer =
                    format!("ü: 1\nvalues: {header}\n\n  a:\n    é: 'x'\n\n    # c\n    list: [1, 2]\n\n\nafter: 1\n")
                        .replace('\n', line_break);
                let (parsed, written) = read(&outer);
                assert_eq!(parsed.documents[0].root.to_json(), json!({"a": {"é": "x", "list": [1, 2]}}), "{outer:?}");
                assert_eq!(written(&parsed, &["a", "é"]), ("é".into(), "'x'".into()), "{outer:?}");
                assert_eq!(written(&parsed, &["a", "list"]), ("list".into(), "[1, 2]".into()), "{outer:?}");
                assert_eq!(parsed.documents[0].comments.len(), 1);
            }
        }
    }

    #[test]
    fn blocks_inside_blocks_map_byte_by_byte() {
        let mut sources = Sources::default();
        let text = "values: |\n  config: |\n    storage:\n      on_disk: true\n";
        let id = sources.add(Source::new("application.yaml", text));
        let limits = Limits::default();
        let outer = parse(&sources, id, &limits).documents.remove(0).root;
        let values = parse_embedded(&sources, outer.get("values").expect("it has values"), Schema::Yaml11, &limits);
        let config = values.documents[0].root.get("config").expect("it has a config");
        let config = parse_embedded(&sources, config, Schema::Core12, &limits);
        let on_disk = config.documents[0].root.at(&["storage", "on_disk"]).expect("it is set");
        let place = on_disk.origin.place().expect("it is written");
        assert_eq!(sources.get(id).position(place.value_span().start), crate::source::Position { line: 4, column: 16 });
        assert_eq!((sources.slice(place.key_span()), sources.slice(place.value_span())), ("on_disk", "true"));
    }

    #[test]
    fn an_explicit_indentation_keeps_the_extra_spaces() {
        let (parsed, written) = read("values: |2\n     a: 1\n     b: x y\n");
        assert_eq!(written(&parsed, &["a"]), ("a".into(), "1".into()));
        assert_eq!(written(&parsed, &["b"]), ("b".into(), "x y".into()));
    }

    #[test]
    fn a_literal_block_may_end_the_file_without_a_line_break() {
        let (parsed, written) = read("values: |\n  a: 1\n  b: 2");
        assert_eq!(written(&parsed, &["b"]), ("b".into(), "2".into()));
    }

    #[test]
    fn strings_on_one_line_map_byte_by_byte() {
        for outer in ["values: '{a: {b: c}}'\n", "values: \"{a: {b: c}}\"\n"] {
            let (parsed, written) = read(outer);
            assert_eq!(written(&parsed, &["a", "b"]), ("b".into(), "c".into()), "{outer}");
        }
    }

    #[test]
    fn folded_and_escaped_strings_have_one_place() {
        let (parsed, written) = read("values: \"a: 1\\nb: 2\\n\"\n");
        assert_eq!(written(&parsed, &["b"]).1, "\"a: 1\\nb: 2\\n\"");
        let (parsed, written) = read("values: >\n  a: 1\n\n  b: 2\n");
        assert_eq!(written(&parsed, &["b"]).1, "a: 1\n\n  b: 2");
    }

    #[test]
    fn errors_point_into_the_outer_file() {
        let outer = "ü: 1\nvalues: |\n    a:\n    \tb: 1\n";
        let (parsed, _) = read(outer);
        assert_eq!(parsed.errors[0].span.start as usize, outer.find('\t').expect("it has a tab"));
    }

    #[test]
    fn the_schema_decides_what_words_mean() {
        let sources = Sources::default();
        let node = Node::string("on: yes\nmode: 0777\n", Origin::Derived);
        let read = |schema| parse_embedded(&sources, &node, schema, &Limits::default()).documents[0].root.to_json();
        assert_eq!(read(Schema::Yaml11), json!({"true": true, "mode": 511}));
        assert_eq!(read(Schema::Core12), json!({"on": "yes", "mode": 777}));
    }

    #[test]
    fn of_a_made_string_every_value_has_its_origin() {
        let sources = Sources::default();
        let origin = Origin::default_of(&"chart 1.0".into(), Path::keys(["values"]), None);
        let parsed =
            parse_embedded(&sources, &Node::string("a: {b: 1}", origin.clone()), Schema::Yaml11, &Limits::default());
        assert_eq!(parsed.documents[0].root.get("a").and_then(|a| a.get("b")).map(|b| &b.origin), Some(&origin));
    }

    #[test]
    fn json_in_pieces_of_a_string_keeps_its_places() {
        let mut sources = Sources::default();
        // a script in double quotes of the shell: each backslash goes, and `$N` is put in quotes
        let text = "run: |\n  curl -d \"{\\\"a\\\":\n    {\\\"b\\\": $N}}\"\n";
        let id = sources.add(Source::new("job.yaml", text));
        let limits = Limits::default();
        let document = parse(&sources, id, &limits).documents.remove(0);
        let script = document.root.get("run").expect("it has a script");
        let inner = script.as_str().expect("it is a text");
        let start = inner.find('{').expect("it has a body");
        let end = inner.rfind('}').expect("it has a body") + 1;
        let mut pieces = Vec::new();
        let mut from = start;
        for (at, letter) in inner.char_indices().filter(|(at, _)| (start..end).contains(at)) {
            if letter == '\\' {
                pieces.push(Piece::Text(from..at));
                from = at + 1;
            }
            if letter == '$' {
                pieces.extend([Piece::Text(from..at), Piece::Mark(at, '"'), Piece::Text(at..at + 2)]);
                pieces.push(Piece::Mark(at + 2, '"'));
                from = at + 2;
            }
        }
        pieces.push(Piece::Text(from..end));
        let parsed = parse_json_of(&sources, script, &pieces, &limits);
        let root = &parsed.documents.first().unwrap_or_else(|| panic!("{:?}", parsed.errors)).root;
        assert_eq!(root.to_json(), json!({"a": {"b": "$N"}}));
        let place = root.at(&["a", "b"]).and_then(|b| b.origin.place()).expect("it is written");
        assert_eq!(sources.get(id).position(place.key_span().start), crate::source::Position { line: 3, column: 7 });
        assert!(sources.slice(place.value_span()).starts_with("$N"));
    }

    #[test]
    fn anything_but_text_is_an_error() {
        let parsed =
            parse_embedded(&Sources::default(), &Node::bool(true, Origin::Derived), Schema::Yaml11, &Limits::default());
        assert_eq!(parsed.errors[0].message, "a boolean where YAML text should stand");
    }
}
