//! The arena of texts that were read, and positions in them.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// Index of a text in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

/// A half-open range of bytes in one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as people count: 1-based line, 1-based column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: usize,
    /// 1-based column in characters (not bytes).
    pub column: usize,
}

/// The object of a cluster that a text shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveObject {
    /// `apps/v1`
    pub api_version: String,
    /// `StatefulSet`
    pub kind: String,
    /// Namespace, unless it belongs to the cluster.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl LiveObject {
    /// In place of the API version of what is no object of Kubernetes but an answer of the Qdrant API.
    pub const ANSWER: &str = "qdrant";

    /// What an object of Kubernetes says that it is.
    pub fn of(object: &serde_json::Value) -> Self {
        let part = |pointer: &str| object.pointer(pointer).and_then(serde_json::Value::as_str).map(str::to_owned);
        Self {
            api_version: part("/apiVersion").unwrap_or_default(),
            kind: part("/kind").unwrap_or_default(),
            namespace: part("/metadata/namespace"),
            name: part("/metadata/name").unwrap_or_default(),
        }
    }

    /// Whether the Qdrant API showed it.
    pub fn is_answer(&self) -> bool {
        self.api_version == Self::ANSWER
    }
}

impl fmt::Display for LiveObject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(out, "{namespace}/")?;
        }
        write!(out, "{}/{}", self.kind, self.name)
    }
}

/// One text: a file, standard input, a `--set` argument, or what a cluster said.
#[derive(Debug)]
pub struct Source {
    /// Name as shown: relative to the working folder, `/` as separator.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: Arc<str>,
    /// The object of a cluster that the text was printed from; no file holds it.
    pub live: Option<LiveObject>,
    lines: OnceLock<Vec<u32>>,
}

impl Source {
    /// A text under the name it is shown by.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), text: text.into(), live: None, lines: OnceLock::new() }
    }

    /// The text of an object that no file holds.
    pub fn live(object: LiveObject, name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { live: Some(object), ..Self::new(name, text) }
    }

    /// Byte offsets at which lines start; the first is 0.
    pub fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(
                self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| u32_from(at + 1)),
            );
            starts
        })
    }

    /// The place of a byte offset; an offset beyond the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start <= offset).max(1);
        let start = starts[line - 1] as usize;
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text.get(start..end).map_or(0, |text| text.chars().count()) + 1;
        Position { line, column }
    }
}

/// Every text of a run. Appended to while loading, read by everything after.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
}

impl Sources {
    /// Adds a text and returns its id.
    pub fn add(&mut self, source: Source) -> SourceId {
        self.share(Arc::new(source))
    }

    /// Adds a text of another arena.
    pub fn share(&mut self, source: Arc<Source>) -> SourceId {
        self.files.push(source);
        SourceId(u32_from(self.files.len() - 1))
    }

    /// Puts another text in the place of one that this arena gave out.
    pub fn replace(&mut self, id: SourceId, source: Arc<Source>) {
        self.files[id.0 as usize] = source;
    }

    /// The text of an id, for another arena.
    pub fn shared(&self, id: SourceId) -> Arc<Source> {
        Arc::clone(&self.files[id.0 as usize])
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text of an id that this arena gave out.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The characters of a span; empty when the span lies outside its text.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// All texts with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (SourceId(u32_from(index)), &**source))
    }
}

/// Offsets are 32 bits wide because inputs are bounded far below 4 GiB.
pub(crate) fn u32_from(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
