//! Where the bytes of a text that is being read lie in the text that the user sees.

use super::embedded::Piece;
use super::text::u32_from;
use super::{Origin, SourceId, Span, Written};

/// A half-open range of bytes in the text being read.
pub(super) type Range = (u32, u32);

/// Maps ranges of the text being read to origins.
#[derive(Debug)]
pub(super) enum Places {
    /// The text is a source of its own.
    Whole(SourceId),
    /// The text lies line by line in another one: offsets of the line here and there, ascending.
    Lines(SourceId, Vec<(u32, u32)>),
    /// The text has one place as a whole.
    One(Origin),
}

impl Places {
    /// Origin of a value; for items and roots the key is empty at the start of the value.
    pub(super) fn origin(&self, key: Range, value: Range) -> Origin {
        match self {
            Self::Whole(source) => Origin::Written(Written { source: *source, key, value }),
            Self::Lines(source, lines) => {
                let range = |(start, end)| (outer(lines, start), outer(lines, end));
                Origin::Written(Written { source: *source, key: range(key), value: range(value) })
            }
            Self::One(origin) => origin.clone(),
        }
    }

    /// Span of a range. A text that was computed has no place: its spans are empty, at the very start.
    pub(super) fn span(&self, (start, end): Range) -> Span {
        match self {
            Self::Whole(source) => Span { source: *source, start, end },
            Self::Lines(source, lines) => Span { source: *source, start: outer(lines, start), end: outer(lines, end) },
            Self::One(origin) => {
                origin.place().map_or(Span { source: SourceId(0), start: 0, end: 0 }, |written| written.value_span())
            }
        }
    }

    /// Places of a text that is put together from pieces of this one.
    pub(super) fn of_pieces(self, pieces: &[Piece]) -> Self {
        let Self::Lines(source, lines) = self else { return self };
        let mut composed = Vec::new();
        let mut length = 0;
        for piece in pieces {
            composed.push((length, outer(&lines, u32_from(piece.at()))));
            if let Piece::Text(range) = piece {
                let (start, end) = (u32_from(range.start), u32_from(range.end));
                let within = lines.iter().filter(|(here, _)| (start + 1..end).contains(here));
                composed.extend(within.map(|(here, there)| (length + here - start, *there)));
            }
            length += u32_from(piece.length());
        }
        Self::Lines(source, composed)
    }

    /// The source that spans point into.
    pub(super) fn source(&self) -> SourceId {
        self.span((0, 0)).source
    }
}

fn outer(lines: &[(u32, u32)], offset: u32) -> u32 {
    let line = lines.partition_point(|(here, _)| *here <= offset).saturating_sub(1);
    lines.get(line).map_or(0, |(here, there)| there + offset.saturating_sub(*here))
}
