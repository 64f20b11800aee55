//! Long streams are read in parts, side by side. A `---` at the start of a line ends whatever stands before it, so the
//! documents of a part do not depend on the others. When anything is wrong, or the whole comes near a bound, the parts
//! are dropped and the stream is read from the start: errors and bounds speak of the whole.

use rayon::prelude::*;

use super::super::document::Parsed;
use super::super::limits::Limits;
use super::super::place::Places;
use super::super::scalar::Schema;
use super::super::text::u32_from;
use super::super::{Data, SourceId, characters};
use super::Reader;

/// Shorter texts are read faster than threads are told of them.
const LONG: usize = 512 << 10;

/// A part has at least so many bytes; each keeps names of its own.
const PART: usize = 128 << 10;

/// Reads a stream in parts; none when it must be read as a whole.
pub(super) fn read(text: &str, source: SourceId, schema: Schema, limits: &Limits) -> Option<Parsed> {
    if text.len() < LONG || text.len() > limits.bytes || rayon::current_num_threads() < 2 {
        return None;
    }
    read_parts(text, &starts(text, PART)?, source, schema, limits)
}

fn read_parts(text: &str, starts: &[usize], source: SourceId, schema: Schema, limits: &Limits) -> Option<Parsed> {
    if starts.len() < 2 || characters::first_forbidden(text).is_some() {
        return None;
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    let parts: Vec<(usize, usize)> = starts.iter().copied().zip(ends).collect();
    let read: Vec<(Parsed, usize)> = parts
        .into_par_iter()
        .map(|(start, end)| {
            let places = Places::Lines(source, vec![(0, u32_from(start))]);
            let mut reader = Reader::new(&text[start..end], &places, schema, limits);
            reader.run();
            let cost = reader.builder.expanded();
            (reader.parsed, cost)
        })
        .collect();
    // behind the last part the text ends for both
    let is_cut_well = read.iter().rev().skip(1).all(|(parsed, _)| !ends_in_a_scalar(parsed));
    let is_whole = is_cut_well && read.iter().all(|(parsed, _)| parsed.errors.is_empty());
    let documents: usize = read.iter().map(|(parsed, _)| parsed.documents.len()).sum();
    let cost: usize = read.iter().map(|(_, cost)| cost).sum();
    if !is_whole || documents > limits.documents || cost > limits.expanded_nodes {
        return None;
    }
    let mut whole = Parsed { documents: Vec::with_capacity(documents), errors: Vec::new() };
    for (mut parsed, _) in read {
        whole.documents.append(&mut parsed.documents);
    }
    Some(whole)
}

/// Of a document that is no more than a text or a number, the parser does not say that the end of the line is its own.
fn ends_in_a_scalar(parsed: &Parsed) -> bool {
    let last = parsed.documents.last().map(|document| &document.root.data);
    !matches!(last, Some(Data::Mapping(_) | Data::Sequence(_)))
}

/// Where parts may begin: at the `---` of a document. None where directives or `...` tie lines to their neighbours.
fn starts(text: &str, part: usize) -> Option<Vec<usize>> {
    let mut starts = vec![0];
    let mut last = 0;
    let mut at = 0;
    let mut holds_something = false;
    for line in text.split_inclusive('\n') {
        if line.starts_with('%') || line.starts_with("...") {
            return None;
        }
        let is_marker = line.strip_prefix("---").is_some_and(|rest| rest.trim_start().is_empty());
        if is_marker {
            // behind a document that holds something: comments before the first one are its own
            if holds_something && at - last >= part {
                starts.push(at);
                last = at;
            }
            holds_something = false;
        } else {
            let line = line.trim_start();
            holds_something |= !line.is_empty() && !line.starts_with('#');
        }
        at += line.len();
    }
    Some(starts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::read_whole;
    use super::*;
    use crate::source::{Source, Sources};

    /// Reads at every `---`, however short the parts.
    fn in_parts(text: &str, limits: &Limits) -> Option<Parsed> {
        read_parts(text, &starts(text, 1)?, SourceId(0), Schema::Yaml11, limits)
    }

    fn whole(text: &str, limits: &Limits) -> Parsed {
        read_whole(text, &Places::Whole(SourceId(0)), Schema::Yaml11, limits)
    }

    fn shown(parsed: &Parsed) -> String {
        format!("{parsed:#?}")
    }

    const PIECES: [&str; 14] = [
        "a: 1\n",
        "---\n",
        "--- \r\n",
        "---\t\n",
        "# comment\n",
        "b: |\n  text\n\n",
        "b: |\n  ---\n  more\n",
        "- x\n- {y: [z]}\n",
        "\n",
        "c: &x {k: v}\nd: *x\n",
        "--- text\n",
        "e: 'two\n\n  lines'\n",
        "---",
        "é: ü # ø\n",
    ];

    proptest! {
        #[test]
        fn parts_are_read_as_the_whole_is(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12)) {
            let text = pieces.concat();
            let limits = Limits::default();
            if let Some(parts) = in_parts(&text, &limits) {
                prop_assert_eq!(shown(&parts), shown(&whole(&text, &limits)), "{:?}", text);
            }
        }
    }

    #[test]
    fn a_long_stream_is_read_in_parts() {
        let document = format!("---\nkey: {}\n# end\n", "x".repeat(1000));
        let text = document.repeat(1000) + "---\n";
        let limits = Limits::default();
        assert!(starts(&text, PART).unwrap().len() > 4);
        let parts = rayon::ThreadPoolBuilder::new()
            .num_threads(2)
            .build()
            .unwrap()
            .install(|| read(&text, SourceId(0), Schema::Yaml11, &limits))
            .unwrap();
        assert_eq!(shown(&parts), shown(&whole(&text, &limits)));
        let mut sources = Sources::default();
        let id = sources.add(Source::new("stream.yaml", text));
        let last = parts.documents.iter().rfind(|document| !document.root.is_null()).unwrap();
        assert!(sources.slice(last.span).starts_with("---\nkey"), "spans count from the start of the file");
        assert_eq!(last.source, id);
    }

    #[test]
    fn what_is_wrong_or_beyond_a_bound_is_left_to_the_reading_of_the_whole() {
        let text = "a: 1\n---\nb: 2\n---\nc: 3\n";
        let limits = Limits::default();
        assert_eq!(in_parts(text, &limits).unwrap().documents.len(), 3);
        assert!(in_parts(text, &Limits { documents: 2, ..limits }).is_none());
        assert!(in_parts(text, &Limits { expanded_nodes: 5, ..limits }).is_none());
        for broken in
            ["a: 1\n---\nb: [\n", "a: 1\n...\n---\nb: 1\n", "%YAML 1.1\n---\na: 1\n---\nb: 1\n", "a: 1\n---\nb: *x\n"]
        {
            assert!(in_parts(broken, &limits).is_none(), "{broken:?}");
        }
    }
}
