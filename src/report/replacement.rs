//! A fix as the one replacement in one file that makes it, for formats that carry fixes.

use crate::finding::Fix;
use crate::fix;
use crate::source::{Position, Source, Sources};

/// Bytes of a file whose fixes are worked out; every edit is proven by reading the file again.
const LONGEST: usize = 256 << 10;

/// What to replace, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Replacement {
    /// The file, as shown.
    pub(super) file: String,
    /// The first character that goes.
    pub(super) start: Position,
    /// The first that stays again.
    pub(super) end: Position,
    /// What comes there.
    pub(super) text: String,
}

/// The replacement that makes a fix; none when it cannot be made, or touches more than one file.
pub(super) fn of(fix: &Fix, sources: &Sources) -> Option<Replacement> {
    let place = &fix.edits.first()?.location;
    // of a live object there is no file to edit, and its text may not have been kept
    place.file.as_ref()?;
    let source = sources.get(place.span?.source);
    let one_file = fix.edits.iter().all(|edit| edit.location.file.as_deref() == Some(source.name.as_str()));
    if !one_file || source.text.len() > LONGEST || !super::forge::is_file(&source.name) {
        return None;
    }
    // addresses are found before anything moves
    let mut steps: Vec<fix::Step> = Vec::new();
    for edit in &fix.edits {
        let step = fix::step(&source.name, &source.text, edit).ok()?;
        steps.push(step.behind(&steps));
    }
    let after =
        steps.iter().try_fold(source.text.to_string(), |text, step| match fix::apply(&source.name, &text, step) {
            Err(fix::STANDS_ALREADY) => Some(text),
            applied => applied.ok(),
        })?;
    difference(source, &after)
}

/// The smallest stretch whose replacement turns one text into the other.
fn difference(source: &Source, after: &str) -> Option<Replacement> {
    let before: &str = &source.text;
    if before == after {
        return None;
    }
    let same = before.bytes().zip(after.bytes()).take_while(|(one, other)| one == other).count();
    let start = (0..=same).rev().find(|at| before.is_char_boundary(*at) && after.is_char_boundary(*at))?;
    let room = before.len().min(after.len()) - start;
    let same = before.bytes().rev().zip(after.bytes().rev()).take(room).take_while(|(one, other)| one == other).count();
    let tail = (0..=same).rev().find(|length| {
        before.is_char_boundary(before.len() - length) && after.is_char_boundary(after.len() - length)
    })?;
    let end = before.len() - tail;
    Some(Replacement {
        file: source.name.clone(),
        start: source.position(u32::try_from(start).ok()?),
        end: source.position(u32::try_from(end).ok()?),
        text: after[start..after.len() - tail].to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_as_small_as_it_can_be() {
        let source = Source::new("a.yaml", "replicas: 1\nname: ü\n");
        let made = difference(&source, "replicas: 3\nname: ü\n").unwrap();
        assert_eq!((made.start.line, made.start.column, made.end.column, made.text.as_str()), (1, 11, 12, "3"));
        let made = difference(&source, "replicas: 1\nname: ö\n").unwrap();
        assert_eq!((made.start.line, made.start.column, made.end.column, made.text.as_str()), (2, 7, 8, "ö"));
        assert_eq!(difference(&source, &source.text), None);
    }

    #[test]
    fn an_insertion_deletes_nothing() {
        let source = Source::new("a.yaml", "a: 1\n");
        let made = difference(&source, "a: 1\nb: 2\n").unwrap();
        assert_eq!(made.start, made.end);
        assert_eq!(made.text, "b: 2\n");
    }
}
