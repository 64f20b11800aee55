//! Reads YAML as Helm and kubectl do: granit's events become a tree with spans.

use std::borrow::Cow;
use std::ops::ControlFlow;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span as Mark, StructureStyle};

use super::document::{Comment, Document, Parsed};
use super::limits::Limits;
use super::place::{Places, Range};
use super::problem::Problem;
use super::scalar::{self, Schema, Tag};
use super::text::u32_from;
use super::tree::Builder;
use super::{SourceId, Sources, Style, characters, syntax};

/// Every document of a stream, by the rules of YAML 1.1.
pub fn parse(sources: &Sources, id: SourceId, limits: &Limits) -> Parsed {
    parse_as(sources, id, Schema::Yaml11, limits)
}

/// Every document of a stream, by the rules of `schema`.
pub fn parse_as(sources: &Sources, id: SourceId, schema: Schema, limits: &Limits) -> Parsed {
    read(&sources.get(id).text, &Places::Whole(id), schema, limits)
}

/// Reads a text whose bytes lie at `places`.
pub(super) fn read(text: &str, places: &Places, schema: Schema, limits: &Limits) -> Parsed {
    let refused = if text.len() > limits.bytes {
        Some(Problem::too_long(limits.bytes))
    } else {
        characters::first_forbidden(text)
    };
    if let Some(problem) = refused {
        return Parsed { documents: Vec::new(), errors: vec![problem.placed(places)] };
    }
    let mut reader = Reader {
        text,
        places,
        schema,
        limits: *limits,
        builder: Builder::new(places, *limits),
        comments: Vec::new(),
        document_start: 0,
        seen: 0,
        parsed: Parsed::default(),
    };
    reader.run();
    reader.parsed
}

struct Reader<'t> {
    text: &'t str,
    places: &'t Places,
    schema: Schema,
    limits: Limits,
    builder: Builder<'t>,
    comments: Vec<Comment>,
    document_start: u32,
    /// Documents so far, broken ones too.
    seen: usize,
    parsed: Parsed,
}

fn options(limits: &Limits) -> Options {
    granit_parser::options! {
        emit_unresolved_aliases: true,
        block_scalar_eof_without_line_feed: true,
        max_buffered_comment_events: limits.bytes,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    }
}

impl<'t> Reader<'t> {
    fn run(&mut self) {
        let mut parser = Parser::new_from_str_with_options(self.text, options(&self.limits));
        loop {
            let problem = match parser.next() {
                None => break,
                Some(Ok((event, mark))) => match self.event(event, &mark) {
                    Ok(()) => continue,
                    Err(problem) => problem,
                },
                Some(Err(error)) => syntax::explain(&error, self.text, self.limits.depth),
            };
            if self.give_up(problem).is_break() || !matches!(parser.proceed_next_document(), Ok(true)) {
                break;
            }
        }
        self.end_of_stream();
    }

    /// Records the error and forgets the document it is in.
    fn give_up(&mut self, problem: Problem) -> ControlFlow<()> {
        let is_final = problem.is_final;
        self.parsed.errors.push(problem.placed(self.places));
        self.builder.abandon();
        self.comments.clear();
        if is_final { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn event(&mut self, event: Event<'t>, mark: &Mark) -> Result<(), Problem> {
        let at = range(mark);
        match event {
            Event::DocumentStart(_, version) => {
                self.seen += 1;
                if self.seen > self.limits.documents {
                    return Err(Problem::too_many_documents(at, self.limits.documents));
                }
                match version {
                    Some(version) if self.schema == Schema::Yaml11 && (version.major, version.minor) != (1, 1) => {
                        Err(syntax::version(at, version.major, version.minor))
                    }
                    _ => Ok(()),
                }
            }
            Event::DocumentEnd => {
                self.end_of_document(at);
                Ok(())
            }
            Event::Comment(text, _) => {
                self.comments.push(Comment { span: self.places.span(at), text: text.as_ref().into() });
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let at = if at.0 == at.1 { self.after_colon(at) } else { self.without_line_end(at) };
                // An empty value is an event with the text `~` and an empty span.
                let text = if style == ScalarStyle::Plain && at.0 == at.1 { Cow::Borrowed("") } else { text };
                let tag = tag.map_or_else(|| quoted(style), |tag| named(&tag));
                self.scalar(&text, style, at, anchor, tag)
            }
            Event::SequenceStart(style, anchor, _) => {
                self.refuse_key(at)?;
                self.builder.open_sequence(structure(style), at.0, anchor)
            }
            Event::MappingStart(style, anchor, _) => {
                self.refuse_key(at)?;
                self.builder.open_mapping(structure(style), at.0, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.builder.close(at.1),
            Event::Alias(anchor) if self.builder.expects_key() => self.alias_as_key(anchor, at),
            Event::Alias(anchor) => self.builder.alias(anchor, at),
            Event::UnresolvedAlias(name) => Err(syntax::unknown_anchor(at, &name)),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        at: Range,
        anchor: usize,
        tag: TagOrMerge,
    ) -> Result<(), Problem> {
        let is_key = self.builder.expects_key();
        let tag = match tag {
            TagOrMerge::Merge if is_key && text == "<<" => {
                self.builder.merge_key(at);
                return Ok(());
            }
            TagOrMerge::None if is_key && text == "<<" => {
                self.builder.merge_key(at);
                return Ok(());
            }
            TagOrMerge::None => None,
            TagOrMerge::Merge => Some(Tag::Text),
            TagOrMerge::Tag(tag) => Some(tag),
        };
        let (scalar, value) = scalar::resolve(self.schema, tag, text).map_err(|error| syntax::scalar(at, &error))?;
        if is_key {
            if anchor != 0 {
                self.builder.anchor_key(anchor, scalar.into_data(self.schema, &value), at);
            }
            let key = scalar.into_key(value).ok_or_else(|| syntax::key(at, text))?;
            self.builder.key(&key, at);
            return Ok(());
        }
        let style = match style {
            ScalarStyle::Plain if tag.is_none() && scalar::is_ambiguous(text) => Style::Ambiguous,
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            ScalarStyle::Literal => Style::Literal,
            ScalarStyle::Folded => Style::Folded,
        };
        self.builder.scalar(scalar.into_data(self.schema, &value), style, at, anchor)
    }

    fn alias_as_key(&mut self, anchor: usize, at: Range) -> Result<(), Problem> {
        let key = self.builder.anchored(anchor).and_then(|data| match data {
            super::Data::Bool(value) => Some(value.to_string()),
            super::Data::Number(number) => Some(number.to_string()),
            super::Data::String(text) => Some(text.to_string()),
            _ => None,
        });
        let key = key.ok_or_else(|| syntax::key(at, "the value of this alias"))?;
        self.builder.key(&key, at);
        Ok(())
    }

    /// A collection can be no key; the usual cause is a template that was not rendered.
    fn refuse_key(&self, at: Range) -> Result<(), Problem> {
        if self.builder.expects_key() { Err(syntax::collection_as_key(at, self.text)) } else { Ok(()) }
    }

    /// A missing value stands behind the colon of its key, where one would write it.
    fn after_colon(&self, (start, end): Range) -> Range {
        let colon = !self.builder.expects_key() && self.text.as_bytes().get(start as usize) == Some(&b':');
        if colon { (start + 1, end + 1) } else { (start, end) }
    }

    /// Block scalars end in the line breaks after them, which nobody wants underlined.
    fn without_line_end(&self, (start, end): Range) -> Range {
        let written = self.text.get(start as usize..end as usize).unwrap_or_default();
        (start, start + u32_from(written.trim_end_matches(['\n', '\r', ' ', '\t']).len()))
    }

    fn end_of_document(&mut self, at: Range) {
        let root = self.builder.finish(at.0);
        let document = Document {
            source: self.places.source(),
            root,
            comments: std::mem::take(&mut self.comments),
            duplicates: std::mem::take(&mut self.builder.duplicates),
            span: self.places.span((self.document_start, at.1)),
        };
        self.document_start = at.1;
        self.parsed.documents.push(document);
    }

    /// Comments after the last document belong to it; a text without any document is null.
    fn end_of_stream(&mut self) {
        let end = u32_from(self.text.len());
        if self.seen == 0 && self.parsed.errors.is_empty() {
            self.end_of_document((end, end));
        }
        if let Some(last) = self.parsed.documents.last_mut().filter(|_| self.parsed.errors.is_empty()) {
            last.comments.append(&mut self.comments);
            last.span.end = self.places.span((end, end)).end;
        }
    }
}

enum TagOrMerge {
    None,
    /// `!!merge`
    Merge,
    Tag(Tag),
}

fn quoted(style: ScalarStyle) -> TagOrMerge {
    if style == ScalarStyle::Plain { TagOrMerge::None } else { TagOrMerge::Tag(Tag::Text) }
}

fn named(tag: &granit_parser::Tag) -> TagOrMerge {
    match tag.suffix_in_namespace("tag:yaml.org,2002:").as_deref() {
        Some("merge") => TagOrMerge::Merge,
        name => TagOrMerge::Tag(Tag::named(name)),
    }
}

fn structure(style: StructureStyle) -> Style {
    match style {
        StructureStyle::Block => Style::Block,
        StructureStyle::Flow => Style::Flow,
    }
}

fn range(mark: &Mark) -> Range {
    mark.byte_range().map_or((0, 0), |range| (u32_from(range.start), u32_from(range.end)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Origin, Path, Source};
    use super::*;

    fn read_text(text: &str) -> (Sources, Parsed) {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("values.yaml", text));
        let parsed = parse(&sources, id, &Limits::default());
        (sources, parsed)
    }

    /// The key and the value at a path as they stand in the text.
    fn written<'s>(sources: &'s Sources, document: &Document, keys: &[&str]) -> (&'s str, &'s str) {
        let node = document
            .root
            .find(&Path::keys(keys.iter().copied()))
            .unwrap_or_else(|| panic!("no {keys:?} in {}", document.root.to_json()));
        let Origin::Written(written) = node.origin else { panic!("not written") };
        (sources.slice(written.key_span()), sources.slice(written.value_span()))
    }

    fn only_error(text: &str) -> SyntaxErrorText {
        let (sources, parsed) = read_text(text);
        assert_eq!(parsed.errors.len(), 1, "{text:?}: {:?}", parsed.errors);
        let error = &parsed.errors[0];
        let position = error.position(&sources);
        (error.message.clone(), error.help.clone().unwrap_or_default(), (position.line, position.column))
    }

    type SyntaxErrorText = (String, String, (usize, usize));

    #[test]
    fn every_document_of_a_stream_is_read() {
        let (_, parsed) = read_text("a: 1\n---\n# nothing\n---\n- b\n");
        let roots: Vec<_> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
        assert_eq!(roots, [json!({"a": 1}), json!(null), json!(["b"])]);
    }

    #[test]
    fn a_text_without_documents_is_one_null() {
        for text in ["", "\n\n", "# only a comment\n"] {
            let (_, parsed) = read_text(text);
            assert_eq!(parsed.documents.len(), 1, "{text:?}");
            assert!(parsed.documents[0].root.is_null());
        }
    }

    #[test]
    fn a_broken_document_does_not_hide_its_neighbours() {
        let (_, parsed) = read_text("a: 1\n---\nb: [1\n---\nc: 3\n---\nd: *none\n---\ne: 5\n");
        let roots: Vec<_> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
        assert_eq!(roots, [json!({"a": 1}), json!({"c": 3}), json!({"e": 5})]);
        assert_eq!(parsed.errors.len(), 2);
    }

    #[test]
    fn keys_and_values_have_exact_spans() {
        let text = "é: ü # x\nblock:\n  k: v\n\n  m:\n  # tail\nflow: {a: [1, 'q q']}\ntext: |\n  one\n  two\n\nlast: \"\\u00e9\"\n";
        let (sources, parsed) = read_text(text);
        let document = &parsed.documents[0];
        assert_eq!(written(&sources, document, &["é"]), ("é", "ü"));
        assert_eq!(written(&sources, document, &["block"]), ("block", "k: v\n\n  m:"));
        assert_eq!(written(&sources, document, &["block", "m"]), ("m", ""));
        assert_eq!(written(&sources, document, &["flow"]), ("flow", "{a: [1, 'q q']}"));
        assert_eq!(written(&sources, document, &["flow", "a"]), ("a", "[1, 'q q']"));
        assert_eq!(written(&sources, document, &["text"]), ("text", "one\n  two"));
        assert_eq!(written(&sources, document, &["last"]), ("last", "\"\\u00e9\""));
    }

    #[test]
    fn spans_count_from_the_start_of_the_file_in_later_documents() {
        let (sources, parsed) = read_text("ü: 1\r\n---\r\nkey: value\r\n");
        assert_eq!(written(&sources, &parsed.documents[1], &["key"]), ("key", "value"));
    }

    #[test]
    fn of_a_repeated_key_the_last_value_stands_and_both_are_known() {
        let (sources, parsed) = read_text("a:\n  - b: 1\n    c: 2\n    b: 3\n");
        let document = &parsed.documents[0];
        assert_eq!(document.root.to_json(), json!({"a": [{"b": 3, "c": 2}]}));
        let duplicate = &document.duplicates[0];
        assert_eq!(duplicate.path, Path::keys(["a"]).index(0).key("b"));
        let line = |span: crate::source::Span| sources.get(span.source).position(span.start).line;
        assert_eq!((line(duplicate.first), line(duplicate.last)), (2, 4));
    }

    #[test]
    fn aliases_share_data_and_stand_at_their_own_place() {
        let (sources, parsed) = read_text("a: &x {k: 1}\nb: *x\n");
        let document = &parsed.documents[0];
        assert_eq!(document.root.to_json(), json!({"a": {"k": 1}, "b": {"k": 1}}));
        assert_eq!(written(&sources, document, &["b"]), ("b", "*x"));
        assert_eq!(written(&sources, document, &["b", "k"]), ("k", "1"));
    }

    #[test]
    fn merges_are_written_in_place_as_go_yaml_does() {
        for (text, merged) in [
            ("<<: {a: 1, b: 2}\na: 3\n", json!({"a": 3, "b": 2})),
            ("a: 3\n<<: {a: 1}\n", json!({"a": 1})),
            ("<<: [{a: 1}, {a: 2, b: 2}]\n", json!({"a": 1, "b": 2})),
            ("<<: {a: 1}\n<<: {b: 2}\n", json!({"a": 1, "b": 2})),
            ("\"<<\": {a: 1}\n", json!({"<<": {"a": 1}})),
        ] {
            let (_, parsed) = read_text(text);
            assert_eq!(parsed.documents[0].root.to_json(), merged, "{text}");
            assert!(parsed.documents[0].duplicates.is_empty(), "{text}");
        }
    }

    #[test]
    fn comments_stay_with_their_document() {
        let (sources, parsed) = read_text("# top\na: 1 # right\n---\n# second\nb: 2\n# end\n");
        let comments = |index: usize| -> Vec<&str> {
            parsed.documents[index].comments.iter().map(|comment| sources.slice(comment.span)).collect()
        };
        assert_eq!(comments(0), ["# top", "# right"]);
        assert_eq!(comments(1), ["# second", "# end"]);
        assert_eq!(&*parsed.documents[0].comments[0].text, " top");
    }

    #[test]
    fn a_style_is_ambiguous_where_yaml_1_1_and_1_2_part() {
        let (_, parsed) = read_text("[yes, 0777, 1_000, true, 12, 1.0, text, 'yes', 08, !!str yes]");
        let styles: Vec<_> =
            parsed.documents[0].root.items(&[]).iter().map(|node| node.style == Style::Ambiguous).collect();
        assert_eq!(styles, [true, true, true, false, false, false, false, false, false, false]);
    }

    #[test]
    fn errors_say_where_and_what_to_do() {
        for (text, message, help, position) in [
            ("a:\n\tb: 1\n", "tab", "spaces", (2, 1)),
            ("a: 'x\n", "never closed", "cut off", (1, 4)),
            ("a: [1\n", "never closed", "cut off", (1, 4)),
            ("%YAML 1.2\n---\na: 1\n", "%YAML 1.2", "remove", (2, 1)),
            ("a: *x\n", "&x", "anchor", (1, 4)),
            ("a: &x [*x]\n", "contain itself", "move", (1, 8)),
            ("a: \"\u{1}\"\n", "U+0001", "escape", (1, 5)),
            ("a: .inf\n", "JSON", "number", (1, 4)),
            ("~: 1\n", "cannot be a key", "quote", (1, 1)),
            ("a: {{ .Values.x }}\n", "cannot be a key", "render", (1, 5)),
            ("{{- if .Values.x }}\na: 1\n{{- end }}\n", "", "render", (1, 3)),
            ("<<: 1\n", "merge", "alias", (1, 5)),
        ] {
            let (said, advice, at) = only_error(text);
            assert!(said.contains(message), "{text:?}: {said}");
            assert!(advice.contains(help), "{text:?}: {said}: {advice}");
            assert_eq!(at, position, "{text:?}: {said}");
        }
    }

    #[test]
    fn the_deepest_value_at_an_offset_has_a_path() {
        let text = "a:\n  b: [x, {c: d}]\ne: f\n";
        let (_, parsed) = read_text(text);
        let at = |needle: &str| parsed.documents[0].path_at(u32_from(text.find(needle).expect("is there"))).to_string();
        assert_eq!(at("b:"), "a.b");
        assert_eq!(at("x"), "a.b[0]");
        assert_eq!(at("c:"), "a.b[1].c");
        assert_eq!(at("f"), "e");
        assert_eq!(at("\ne"), "");
    }
}
