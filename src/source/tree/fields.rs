//! How fields enter a mapping: repeated keys and merges.

use std::sync::Arc;

use indexmap::map::Entry;

use super::super::document::{Duplicate, MOST_DUPLICATES};
use super::super::place::Range;
use super::super::problem::Problem;
use super::super::{Data, Mapping, Node, Origin, Path, Segment, Span};
use super::{Builder, Frame, Key, Open, Via};

/// What a merged field counts: its entry in the mapping takes about four times the memory of a value.
const MERGED_FIELD: usize = 4;

impl Builder<'_> {
    /// Of the same key twice the last value stands, as Helm and kubectl have it.
    pub(super) fn insert(&mut self, name: Arc<str>, node: Node) {
        let Some(Frame { open: Open::Mapping { fields, merged, .. }, .. }) = self.frames.last_mut() else { return };
        match fields.entry(name) {
            Entry::Vacant(slot) => {
                slot.insert(node);
            }
            Entry::Occupied(mut slot) => {
                let overrides_merged = merged.as_mut().is_some_and(|merged| merged.remove(slot.key()));
                let old = std::mem::replace(slot.get_mut(), node);
                if !overrides_merged && self.duplicates.len() < MOST_DUPLICATES {
                    let (first, last) = (key_span(&old.origin), key_span(&slot.get().origin));
                    let key = Arc::clone(slot.key());
                    if let (Some(first), Some(last)) = (first, last) {
                        let path = self.path_to(key);
                        self.duplicates.push(Duplicate { path, first, last });
                    }
                }
            }
        }
    }

    /// Merges one mapping, or of several the earlier over the later. As in go-yaml v2, a merge is
    /// one more write: it replaces keys above it and is replaced by keys below it.
    pub(super) fn merge(&mut self, node: &Node, at: Range, via: Via) -> Result<(), Problem> {
        let wrong = || {
            Problem::new(at, "the merge key `<<` takes a mapping or a list of mappings")
                .help("merge the alias of a mapping: `<<: *name`, or several: `<<: [*one, *two]`")
        };
        let layers: Vec<&Arc<Mapping>> = match &node.data {
            Data::Mapping(fields) => vec![fields],
            Data::Sequence(items) if via == Via::Itself => items
                .iter()
                .rev()
                .map(|item| if let Data::Mapping(fields) = &item.data { Ok(fields) } else { Err(wrong()) })
                .collect::<Result<_, _>>()?,
            _ => return Err(wrong()),
        };
        for layer in layers {
            // Unlike aliases, merged fields are copied, so they count again.
            self.count(layer.len().saturating_mul(MERGED_FIELD), at)?;
            let Some(Frame { open: Open::Mapping { fields, merged, .. }, .. }) = self.frames.last_mut() else {
                continue;
            };
            for (name, value) in layer.iter() {
                fields.insert(Arc::clone(name), value.clone());
                merged.get_or_insert_default().insert(Arc::clone(name));
            }
        }
        Ok(())
    }

    /// Path of a key in the innermost mapping.
    fn path_to(&self, key: Arc<str>) -> Path {
        let outer = self.frames.len().saturating_sub(1);
        let mut segments: Vec<Segment> = self.frames[..outer]
            .iter()
            .map(|frame| match &frame.open {
                Open::Sequence(items) => Segment::Index(items.len()),
                Open::Mapping { key: Some(Key::Name(name, _)), .. } => Segment::Key(Arc::clone(name)),
                Open::Mapping { .. } => Segment::Key("<<".into()),
            })
            .collect();
        segments.push(Segment::Key(key));
        Path(segments)
    }
}

fn key_span(origin: &Origin) -> Option<Span> {
    origin.place().map(|written| written.key_span())
}
