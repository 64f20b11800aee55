//! The lines of a file around a finding, and a fix as a difference of lines. Keys never show.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::text::{cut, escaped, visible};
use crate::finding::{Finding, Fix};
use crate::report::excerpt::starred;
use crate::report::replacement;
use crate::source::{SourceId, Sources, Span};

/// Lines shown before and after.
const AROUND: usize = 2;
/// Lines of a marked stretch, or of either side of a difference, before the rest is left out.
const LINES: usize = 12;
/// Characters of a line.
const WIDTH: usize = 200;

/// The texts of a run with stars over its keys.
pub(super) struct Texts<'a> {
    sources: &'a Sources,
    secrets: &'a [Span],
    starred: BTreeMap<SourceId, Arc<str>>,
}

/// One line of an excerpt or a difference.
pub(super) struct Line {
    /// 1-based; 0 for one that is left out.
    pub(super) number: usize,
    /// ` `, `-`, `+`, `>` for a marked one, `…` for those left out.
    pub(super) kind: char,
    /// Escaped, the marked stretch within `mark`.
    pub(super) markup: String,
}

impl Line {
    /// What the style calls it.
    pub(super) fn class(&self) -> &'static str {
        match self.kind {
            '-' => "del",
            '+' => "ins",
            '>' => "hit",
            '…' => "gap",
            _ => "ctx",
        }
    }

    fn gap() -> Self {
        Self { number: 0, kind: '…', markup: "…".to_owned() }
    }
}

impl<'a> Texts<'a> {
    /// The texts of a run.
    pub(super) fn new(sources: &'a Sources, secrets: &'a [Span]) -> Self {
        Self { sources, secrets, starred: BTreeMap::new() }
    }

    /// Every key of one text, as it is written.
    fn keys(&self, id: SourceId) -> impl Iterator<Item = &str> {
        self.secrets.iter().filter(move |span| span.source == id).map(|span| self.sources.slice(*span))
    }

    fn text(&mut self, id: SourceId) -> Arc<str> {
        let (sources, secrets) = (self.sources, self.secrets);
        let text = self.starred.entry(id).or_insert_with(|| {
            let spans = secrets.iter().filter(|span| span.source == id);
            let hidden: Vec<_> = spans.map(|span| (span.start, span.end)).collect();
            let text = &sources.get(id).text;
            if hidden.is_empty() { Arc::clone(text) } else { starred(text, &hidden).into() }
        });
        Arc::clone(text)
    }

    /// The lines around a finding; empty when it stands in no text.
    pub(super) fn excerpt(&mut self, finding: &Finding) -> Vec<Line> {
        let Some(span) = finding.location.span else { return Vec::new() };
        let text = self.text(span.source);
        let (start, end) = (span.start as usize, (span.end as usize).min(text.len()));
        let starts = self.sources.get(span.source).line_starts();
        let line_of = |at: usize| starts.partition_point(|start| *start as usize <= at).max(1) - 1;
        let (first, last) = (line_of(start), line_of(end.saturating_sub(1).max(start)));
        let mut lines = Vec::new();
        for index in first.saturating_sub(AROUND)..=(last + AROUND).min(starts.len().saturating_sub(1)) {
            if index > first + LINES && index < last {
                if index == first + LINES + 1 {
                    lines.push(Line::gap());
                }
                continue;
            }
            let from = starts[index] as usize;
            let to = starts.get(index + 1).map_or(text.len(), |next| *next as usize);
            let line = text[from..to].trim_end_matches(['\n', '\r']);
            let is_last = index + 1 == starts.len();
            if is_last && line.is_empty() {
                continue;
            }
            let marked = (first..=last).contains(&index);
            let markup =
                if marked { mark(line, start.saturating_sub(from), end.saturating_sub(from)) } else { plain(line) };
            lines.push(Line { number: index + 1, kind: if marked { '>' } else { ' ' }, markup });
        }
        lines
    }

    /// A fix as lines that go and lines that come; none when no edit of one file makes it.
    pub(super) fn difference(&mut self, fix: &Fix) -> Option<Vec<Line>> {
        let made = replacement::of(fix, self.sources)?;
        let id = fix.edits.first()?.location.span?.source;
        let mut new = made.text;
        for key in self.keys(id).filter(|key| !key.trim().is_empty()) {
            new = new.replace(key, &"*".repeat(key.chars().count()));
        }
        let text = self.text(id);
        let lines: Vec<&str> = text.split('\n').map(|line| line.trim_end_matches('\r')).collect();
        let starts = self.sources.get(id).line_starts();
        let byte = |line: usize, column: usize| {
            let original = &self.sources.get(id).text[starts[line - 1] as usize..];
            starts[line - 1] as usize + original.char_indices().nth(column - 1).map_or(original.len(), |(at, _)| at)
        };
        let (from, to) = (byte(made.start.line, made.start.column), byte(made.end.line, made.end.column));
        let head = text.get(starts[made.start.line - 1] as usize..from)?;
        let line_end = starts.get(made.end.line).map_or(text.len(), |next| *next as usize);
        let tail = text.get(to..line_end)?;
        let new = format!("{head}{new}{tail}");
        let old: Vec<&str> = lines.get(made.start.line - 1..made.end.line)?.to_vec();
        let new: Vec<&str> = new.strip_suffix('\n').unwrap_or(&new).lines().collect();
        Some(difference(&lines, made.start.line, &old, &new))
    }
}

/// Unchanged lines at either end of both sides are context.
fn difference(all: &[&str], first: usize, old: &[&str], new: &[&str]) -> Vec<Line> {
    let same = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let room = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(room).take_while(|(one, other)| one == other).count();
    let (gone, come) = (&old[same..old.len() - tail], &new[same..new.len() - tail]);
    let start = first + same;
    let mut lines = Vec::new();
    let context = |number: usize| {
        let line = all.get(number.checked_sub(1)?)?;
        let past_the_end = number == all.len() && line.is_empty();
        (!past_the_end).then(|| Line { number, kind: ' ', markup: plain(line) })
    };
    lines.extend((start.saturating_sub(AROUND)..start).filter_map(context));
    side(&mut lines, '-', start, gone);
    side(&mut lines, '+', start, come);
    lines.extend((start + gone.len()..start + gone.len() + AROUND).filter_map(context));
    lines
}

fn side(lines: &mut Vec<Line>, kind: char, first: usize, side: &[&str]) {
    let shown = side.iter().take(LINES).enumerate();
    lines.extend(shown.map(|(index, line)| Line { number: first + index, kind, markup: plain(line) }));
    if side.len() > LINES {
        lines.push(Line::gap());
    }
}

fn plain(line: &str) -> String {
    escaped(&cut(line, WIDTH))
}

/// A line with a marked stretch of bytes; what stands far from it in a long line is left out.
fn mark(line: &str, start: usize, end: usize) -> String {
    let end = (0..=end.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let start = (0..=start.min(end)).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    // the indentation of the second line of a stretch is not part of it
    let start = if start == 0 { line[..end].len() - line[..end].trim_start().len() } else { start };
    let (before, marked, after) = (&line[..start], &line[start..end], &line[end..]);
    let skipped = before.chars().count().saturating_sub(WIDTH / 2);
    let before =
        if skipped > 0 { format!("…{}", before.chars().skip(skipped).collect::<String>()) } else { visible(before) };
    format!("{}<mark>{}</mark>{}", escaped(&before), plain(marked), plain(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: &[Line]) -> Vec<String> {
        lines.iter().map(|line| format!("{}{} {}", line.kind, line.number, line.markup)).collect()
    }

    #[test]
    fn a_difference_shows_only_lines_that_change_and_two_around() {
        let all = ["a", "b", "c: 1", "d", "e", "f"];
        let lines = difference(&all, 3, &["c: 1"], &["c: 2", "x: <3>"]);
        assert_eq!(shown(&lines), [" 1 a", " 2 b", "-3 c: 1", "+3 c: 2", "+4 x: &lt;3&gt;", " 4 d", " 5 e"]);
    }

    #[test]
    fn an_insertion_takes_nothing_away() {
        let lines = difference(&["a", "b", ""], 2, &["b"], &["b", "c"]);
        assert_eq!(shown(&lines), [" 1 a", " 2 b", "+3 c"]);
    }

    #[test]
    fn the_marked_stretch_stays_in_sight_of_a_long_line() {
        let line = format!("{}value{}", "x".repeat(500), "y".repeat(500));
        let markup = mark(&line, 500, 505);
        assert!(markup.starts_with('…') && markup.contains("<mark>value</mark>") && markup.ends_with('…'), "{markup}");
        assert_eq!(mark("  ü: 1", 2, 6), "  <mark>ü: </mark>1");
    }
}
