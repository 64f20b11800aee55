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
    /// An excerpt provider of a source; `hidden` are bytes that nobody shall read.
    pub fn new(source: &crate::source::Source, hidden: &[(u32, u32)]) -> Self {
        let text = if hidden.is_empty() { Arc::clone(&source.text) } else { starred(&source.text, hidden).into() };
        Self { name: source.name.clone(), text, lines: source.line_starts().into() }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }
}

/// The text with a star for every byte of these ranges; lines and offsets stay.
pub(super) fn starred(text: &str, hidden: &[(u32, u32)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for (start, end) in hidden {
        if let Some(range) = bytes.get_mut(*start as usize..*end as usize) {
            range.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b'*');
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
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

#[cfg(test)]
mod tests {
    use super::starred;

    #[test]
    fn stars_hide_a_key_and_keep_every_offset() {
        let text = "ü: 1\napiKey: gehöim\nafter: 2\n";
        let start = text.find("gehöim").expect("it is there") as u32;
        let hidden = starred(text, &[(start, start + 7)]);
        assert_eq!(hidden, "ü: 1\napiKey: *******\nafter: 2\n");
        assert_eq!(hidden.len(), text.len());
        assert_eq!(starred("a\nb", &[(0, 3), (9, 12)]), "*\n*");
    }
}
