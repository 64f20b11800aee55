//! Source excerpts for miette. Its own `NamedSource` scans from the start of the file for every label; this one uses
//! the line index, so a finding costs the same in a large file.

use std::sync::Arc;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// One text with its name and line starts.
#[derive(Clone, Debug)]
pub struct Excerpt {
    name: String,
    text: Arc<str>,
    lines: Arc<[u32]>,
}

impl Excerpt {
    /// An excerpt provider of a source.
    pub fn new(source: &crate::source::Source) -> Self {
        Self { name: source.name.clone(), text: Arc::clone(&source.text), lines: source.line_starts().into() }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        let first = self.line_of(span.offset()).saturating_sub(before);
        let last = self.line_of(span.offset() + span.len().saturating_sub(1)) + after;
        let start = self.lines.get(first).map_or(0, |start| *start as usize);
        let end = self.lines.get(last + 1).map_or(self.text.len(), |start| *start as usize);
        // the header asks for the span alone and prints its column
        let column = if before == 0 { self.text[start..span.offset()].chars().count() } else { 0 };
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &self.text.as_bytes()[start..end],
            (start, end - start).into(),
            first,
            column,
            last + 1 - first,
        )))
    }
}
