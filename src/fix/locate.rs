//! From bytes of a file to an address that survives edits elsewhere: the document and the path in it, through the texts
//! that strings carry.

use crate::source::{
    Data, Limits, Node, Origin, Parsed, Path, Schema, Source, SourceId, Sources, TextPlace, Written, parse_as,
    parse_embedded, parse_json,
};

/// Texts inside texts; deeper ones are nobody's configuration.
const DEEPEST_TEXT: usize = 4;

/// One text of an address: a document of it, and a path in that document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Index of the document in its text.
    pub document: usize,
    /// Path in the document; in all but the last level it leads to a string.
    pub path: Path,
}

/// A value of a file: the last level is where it stands, those before lead to the texts that carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(pub Vec<Level>);

impl Address {
    /// The path in the innermost text.
    pub fn path(&self) -> &Path {
        static ROOT: Path = Path(Vec::new());
        self.0.last().map_or(&ROOT, |level| &level.path)
    }

    /// The same text, another path in it.
    #[must_use]
    pub fn with_path(mut self, path: Path) -> Self {
        if let Some(level) = self.0.last_mut() {
            level.path = path;
        }
        self
    }

    /// Whether one of the two holds the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        let flat = |address: &Self| -> Vec<String> {
            let levels = address.0.iter();
            levels
                .flat_map(|level| {
                    std::iter::once(format!("#{}", level.document))
                        .chain(level.path.0.iter().map(|segment| format!("{segment:?}")))
                })
                .collect()
        };
        let (one, other) = (flat(self), flat(other));
        let shared = one.len().min(other.len());
        one[..shared] == other[..shared]
    }
}

/// A file's text, read.
#[derive(Debug)]
pub struct Text {
    sources: Sources,
    id: SourceId,
    schema: Schema,
    parsed: Parsed,
}

impl Text {
    /// Reads a text by the rules of a schema; `None` when any part of it is no YAML, because then nobody can tell what an
    /// edit does.
    pub fn read(name: &str, text: &str, schema: Schema) -> Option<Self> {
        let mut sources = Sources::default();
        let id = sources.add(Source::new(name, text));
        let limits = Limits::default();
        let is_json = name.to_ascii_lowercase().ends_with(".json");
        let parsed = if is_json { parse_json(&sources, id, &limits) } else { parse_as(&sources, id, schema, &limits) };
        (parsed.errors.is_empty() && !parsed.documents.is_empty()).then_some(Self { sources, id, schema, parsed })
    }

    /// The text itself.
    pub fn text(&self) -> &str {
        &self.sources.get(self.id).text
    }

    /// Its documents.
    pub fn documents(&self) -> &Parsed {
        &self.parsed
    }

    /// The documents of the text that a string carries.
    pub fn carried(&self, string: &Node) -> Option<Parsed> {
        let parsed = parse_embedded(&self.sources, string, self.schema, &Limits::default());
        (parsed.errors.is_empty() && !parsed.documents.is_empty()).then_some(parsed)
    }

    /// The address of a written value.
    pub fn address(&self, at: Written) -> Option<Address> {
        let at = Written { source: self.id, ..at };
        let mut levels = Vec::new();
        self.find(&self.parsed, at, &mut levels).then_some(Address(levels))
    }

    fn find(&self, parsed: &Parsed, at: Written, levels: &mut Vec<Level>) -> bool {
        let carried = levels.len();
        if carried > DEEPEST_TEXT {
            return false;
        }
        for (document, root) in parsed.documents.iter().map(|document| &document.root).enumerate() {
            let mut path = Path::new();
            let mut node = root;
            loop {
                if written(node).is_some_and(|own| (own.key, own.value) == (at.key, at.value)) {
                    levels.push(Level { document, path });
                    return true;
                }
                let next = match &node.data {
                    Data::Mapping(fields) => {
                        fields.iter().find(|(_, child)| holds(child, at)).map(|(key, child)| (path.key(key), child))
                    }
                    Data::Sequence(items) => items
                        .iter()
                        .enumerate()
                        .find(|(_, child)| holds(child, at))
                        .map(|(index, child)| (path.index(index), child)),
                    _ => None,
                };
                match next {
                    Some((deeper, child)) => (path, node) = (deeper, child),
                    None => break,
                }
            }
            if node.as_str().is_some()
                && holds(node, at)
                && is_mapped(&self.sources, node)
                && let Some(inner) = self.carried(node)
            {
                levels.push(Level { document, path });
                if self.find(&inner, at, levels) {
                    return true;
                }
                levels.truncate(carried);
            }
        }
        false
    }
}

/// Whether the text of a string lies in the file byte by byte, so that it can be edited there.
fn is_mapped(sources: &Sources, node: &Node) -> bool {
    let Some(place) = written(node) else { return false };
    let first = TextPlace::of(sources, node).origin(0, 1);
    !matches!(first, Origin::Written(part) if part.value == place.value)
}

pub(super) fn written(node: &Node) -> Option<Written> {
    if let Origin::Written(written) = node.origin { Some(written) } else { None }
}

/// Whether a value, its key included, holds a place.
pub(super) fn holds(node: &Node, at: Written) -> bool {
    written(node).is_some_and(|own| {
        let start = if own.has_key() { own.key.0 } else { own.value.0 };
        let wanted = if at.has_key() { at.key.0 } else { at.value.0 };
        start <= wanted && at.value.1.max(at.key.1) <= own.value.1.max(own.key.1)
    })
}
