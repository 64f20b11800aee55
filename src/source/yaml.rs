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

mod stream;

/// Every document of a stream, by the rules of YAML 1.1.
pub fn parse(sources: &Sources, id: SourceId, limits: &Limits) -> Parsed {
    parse_as(sources, id, Schema::Yaml11, limits)
}

/// Every document of a stream, by the rules of `schema`.
pub fn parse_as(sources: &Sources, id: SourceId, schema: Schema, limits: &Limits) -> Parsed {
    let text = &sources.get(id).text;
    stream::read(text, id, schema, limits).unwrap_or_else(|| read_whole(text, &Places::Whole(id), schema, limits))
}

/// Reads a text whose bytes lie at `places`.
pub(super) fn read_whole(text: &str, places: &Places, schema: Schema, limits: &Limits) -> Parsed {
    let refused = if text.len() > limits.bytes {
        Some(Problem::too_long(limits.bytes))
    } else {
        characters::first_forbidden(text)
    };
    if let Some(problem) = refused {
        return Parsed { documents: Vec::new(), errors: vec![problem.placed(places)] };
    }
    let mut reader = Reader::new(text, places, schema, limits);
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
    /// Where the next document begins; after a broken one that is not known until its `---`.
    document_start: Option<u32>,
    /// Documents so far, broken ones too.
    seen: usize,
    parsed: Parsed,
}

fn options(limits: &Limits) -> Options {
    granit_parser::options! {
        emit_unresolved_aliases: true,
        block_scalar_eof_without_line_feed: true,
        max_buffered_comment_events: limits.comments_in_a_row(),
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    }
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, places: &'t Places, schema: Schema, limits: &Limits) -> Self {
        Self {
            text,
            places,
            schema,
            limits: *limits,
            builder: Builder::new(places, *limits),
            comments: Vec::new(),
            document_start: Some(0),
            seen: 0,
            parsed: Parsed::default(),
        }
    }

    fn run(&mut self) {
        let mut parser = Parser::new_from_str_with_options(self.text, options(&self.limits));
        loop {
            let problem = match parser.next() {
                None => break,
                Some(Ok((event, mark))) => match self.event(event, &mark) {
                    Ok(()) => continue,
                    Err(problem) => problem,
                },
                Some(Err(error)) => syntax::explain(&error, self.text, &self.limits),
            };
            if self.give_up(problem).is_break() {
                break;
            }
            match parser.proceed_next_document() {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let problem = syntax::explain(&error, self.text, &self.limits);
                    self.parsed.errors.push(problem.placed(self.places));
                    break;
                }
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
        self.document_start = None;
        if is_final { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn event(&mut self, event: Event<'t>, mark: &Mark) -> Result<(), Problem> {
        let at = range(mark);
        match event {
            Event::DocumentStart(_, version) => {
                self.seen += 1;
                self.document_start.get_or_insert(at.0);
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
                self.builder.count(1, at)?;
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
            TagOrMerge::Merge | TagOrMerge::None if is_key && text == "<<" => {
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
                let data = scalar.into_data(self.schema, || self.builder.text(&value));
                self.builder.anchor_key(anchor, data, at);
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
        let data = scalar.into_data(self.schema, || self.builder.text(&value));
        self.builder.scalar(data, style, at, anchor)
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
            duplicates: self.builder.take_duplicates(),
            span: self.places.span((self.document_start.unwrap_or(at.0), at.1)),
        };
        self.document_start = Some(at.1);
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

#[derive(Clone, Copy)]
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
mod tests;
