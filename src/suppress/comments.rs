//! `# qdrant-lint: ignore[rule, rule] reason`, on the line or above it, also in texts inside literal blocks.

use super::Exemption;
use super::scope::{Line, Scope};
use crate::finding::ExemptedBy;
use crate::source::{Data, Document, Origin, Source, SourceId, Sources, Style, Written};

const MARK: &str = "qdrant-lint:";

/// The exemptions that the comments of a document are.
pub fn read(document: &Document, sources: &Sources) -> Vec<Exemption> {
    let source = sources.get(document.source);
    let text = sources.slice(document.span);
    let mut found = Vec::new();
    for (at, _) in text.match_indices(MARK) {
        let at = document.span.start as usize + at;
        let Some(comment) = comment_at(&source.text, at) else { continue };
        if is_comment(document, comment.hash) {
            exemptions(source, document.source, &comment, &mut found);
        }
    }
    found
}

/// A comment by its bytes.
struct Comment {
    /// Of the `#`.
    hash: usize,
    /// After the mark.
    rest: usize,
    /// Of the line.
    end: usize,
}

/// The comment whose first word is the mark at `at`.
fn comment_at(text: &str, at: usize) -> Option<Comment> {
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let before = text[start..at].trim_end();
    let hash = start + before.strip_suffix('#')?.len();
    let alone = text[start..hash].chars().next_back().is_none_or(char::is_whitespace);
    alone.then_some(Comment { hash, rest: at + MARK.len(), end })
}

/// A comment of the document, or one of the text that a literal block holds: values of a carrier, a script.
fn is_comment(document: &Document, hash: usize) -> bool {
    let offset = hash as u32;
    if document.comments.iter().any(|comment| comment.span.start == offset) {
        return true;
    }
    let node = document.root.find(&document.path_at(offset));
    node.is_some_and(|node| node.style == Style::Literal && matches!(node.data, Data::String(_)))
}

fn exemptions(source: &Source, id: SourceId, comment: &Comment, found: &mut Vec<Exemption>) {
    let text = &source.text;
    let line = Line { file: source.name.clone(), line: target(source, comment.hash) };
    let mut add = |from: usize, to: usize, reason: &str| {
        let written = Written { source: id, key: (from as u32, from as u32), value: (from as u32, to as u32) };
        let scope = Scope::Line(Line { file: line.file.clone(), line: line.line });
        let rule = if text[from..to].starts_with('#') { "" } else { &text[from..to] };
        found.push(Exemption::new(ExemptedBy::Comment, rule, reason, scope, Origin::Written(written)));
    };
    let rest = &text[comment.rest..comment.end];
    let listed = rest.trim_start().strip_prefix("ignore").and_then(|rest| rest.strip_prefix('['));
    let Some((list, reason)) = listed.and_then(|rest| rest.split_once(']')) else {
        // what cannot be read names no rule, and is told
        return add(comment.hash, comment.hash + text[comment.hash..comment.end].trim_end().len(), "");
    };
    let reason = reason.split(" #").next().unwrap_or_default();
    let reason = reason.trim().trim_start_matches([':', '-', '–', '—']).trim();
    let mut from = comment.end - listed.map_or(0, str::len);
    for part in list.split(',') {
        let start = from + (part.len() - part.trim_start().len());
        let length = part.trim().len();
        if length == 0 {
            add(comment.hash, comment.hash + text[comment.hash..comment.end].trim_end().len(), reason);
        } else {
            add(start, start + length, reason);
        }
        from += part.len() + 1;
    }
}

/// The line that a comment speaks of: its own, or the next one that is no comment when nothing stands before it.
fn target(source: &Source, hash: usize) -> usize {
    let own = source.position(hash as u32).line;
    let starts = source.line_starts();
    let line = |number: usize| {
        let start = *starts.get(number - 1)? as usize;
        let end = starts.get(number).map_or(source.text.len(), |next| *next as usize);
        source.text.get(start..end)
    };
    let is_comment = |number: usize| line(number).is_some_and(|text| text.trim_start().starts_with('#'));
    if is_comment(own) { (own..=starts.len()).find(|number| !is_comment(*number)).unwrap_or(own) } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Limits, parse};

    fn read_text(text: &str) -> Vec<(String, Option<String>, usize, String)> {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.yaml", text));
        let parsed = parse(&sources, id, &Limits::default());
        assert!(parsed.errors.is_empty(), "{:?}", parsed.errors);
        let found = parsed.documents.iter().flat_map(|document| read(document, &sources));
        found
            .map(|exemption| {
                let Scope::Line(line) = &exemption.scope else { panic!("comments stand on lines") };
                let place = exemption.origin.place().expect("comments are written").value_span();
                let place = sources.slice(place).to_owned();
                (exemption.rule.clone(), exemption.reason.clone(), line.line, place)
            })
            .collect()
    }

    fn rules(text: &str) -> Vec<(String, usize)> {
        read_text(text).into_iter().map(|(rule, _, line, _)| (rule, line)).collect()
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_of_the_one_below() {
        let text = "a: 1 # qdrant-lint: ignore[x/y, z/*] because\n# qdrant-lint: ignore[q/r] why\n# another\nb: 2\n";
        let found = read_text(text);
        assert_eq!(found[0], ("x/y".into(), Some("because".into()), 1, "x/y".into()));
        assert_eq!(found[1], ("z/*".into(), Some("because".into()), 1, "z/*".into()));
        assert_eq!(found[2], ("q/r".into(), Some("why".into()), 4, "q/r".into()));
    }

    #[test]
    fn a_reason_ends_where_another_comment_begins() {
        assert_eq!(read_text("a: 1 # qdrant-lint: ignore[x/y]: why # more\n")[0].1.as_deref(), Some("why"));
        assert_eq!(read_text("a: 1 # qdrant-lint: ignore[x/y] # more\n")[0].1, None);
    }

    #[test]
    fn comments_inside_a_literal_block_count_and_text_that_only_looks_like_one_does_not() {
        let carried = "values: |\n  # qdrant-lint: ignore[x/y] why\n  replicaCount: 1\n";
        assert_eq!(rules(carried), [("x/y".to_owned(), 3)]);
        assert_eq!(rules("a: '# qdrant-lint: ignore[x/y] why'\n"), []);
        assert_eq!(rules("a: b#qdrant-lint:ignore[x/y]\n"), []);
        assert_eq!(rules("a: >\n  # qdrant-lint: ignore[x/y] why\n"), []);
    }

    #[test]
    fn each_document_of_a_stream_has_its_own() {
        let text = "# qdrant-lint: ignore[x/y] why\na: 1\n---\n# qdrant-lint: ignore[x/z] why\nb: 1\n";
        assert_eq!(rules(text), [("x/y".to_owned(), 2), ("x/z".to_owned(), 5)]);
    }

    #[test]
    fn what_cannot_be_read_names_no_rule() {
        for comment in ["ignore", "ignore x/y", "ingore[x/y] why", "ignore[x/y", "ignore[] why"] {
            let text = format!("a: 1 # qdrant-lint: {comment}\n");
            assert_eq!(rules(&text), [(String::new(), 1)], "{comment}");
        }
    }
}
