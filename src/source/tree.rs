//! Builds the tree of one document from events, without recursion: hostile nesting must not cost stack.

mod fields;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::document::Duplicate;
use super::limits::Limits;
use super::place::{Places, Range};
use super::problem::Problem;
use super::{Data, Mapping, Node, Style};

/// A tree under construction. One builder serves all documents of a stream.
#[derive(Debug)]
pub(super) struct Builder<'p> {
    places: &'p Places,
    limits: Limits,
    frames: Vec<Frame>,
    anchors: HashMap<usize, Anchored>,
    /// Keys and words repeat thousands of times in a stream of manifests; each is stored once.
    names: HashSet<Arc<str>>,
    /// Values so far in the whole stream, aliases written out.
    expanded: usize,
    root: Option<Node>,
    duplicates: Vec<Duplicate>,
}

/// A finished value and what it costs to use it again.
#[derive(Clone, Debug)]
struct Anchored {
    node: Node,
    size: Size,
}

/// Size of a subtree, aliases written out.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    nodes: usize,
    height: usize,
}

/// An open collection.
#[derive(Debug)]
struct Frame {
    open: Open,
    style: Style,
    anchor: usize,
    start: u32,
    /// End of the last thing inside.
    end: u32,
    size: Size,
}

#[derive(Debug)]
enum Open {
    Sequence(Vec<Node>),
    Mapping { fields: Mapping, key: Option<Key>, merged: Merged },
}

/// Keys that a merge brought in; nearly always none.
type Merged = Option<Box<HashSet<Arc<str>>>>;

#[derive(Debug)]
enum Key {
    Name(Arc<str>, Range),
    /// `<<`
    Merge(Range),
}

/// Where a value goes.
#[derive(Debug)]
enum Slot {
    Root,
    Item,
    Field(Key),
    Missing,
}

/// What a value is attached as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Via {
    Itself,
    Alias,
}

impl<'p> Builder<'p> {
    pub(super) fn new(places: &'p Places, limits: Limits) -> Self {
        Self {
            places,
            limits,
            frames: Vec::new(),
            anchors: HashMap::new(),
            names: HashSet::new(),
            expanded: 0,
            root: None,
            duplicates: Vec::new(),
        }
    }

    /// Values and comments so far, aliases written out.
    pub(super) fn expanded(&self) -> usize {
        self.expanded
    }

    /// Whether the next scalar is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame { open: Open::Mapping { key: None, .. }, .. }))
    }

    /// Text to keep: short ones are stored once.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if text.len() > LONGEST_SHARED {
            return text.into();
        }
        if let Some(known) = self.names.get(text) {
            return Arc::clone(known);
        }
        let text: Arc<str> = text.into();
        self.names.insert(Arc::clone(&text));
        text
    }

    /// The next value of the mapping goes under this key.
    pub(super) fn key(&mut self, name: &str, at: Range) {
        let name = self.text(name);
        self.set_key(Key::Name(name, at), at);
    }

    /// The next value of the mapping is merged into it.
    pub(super) fn merge_key(&mut self, at: Range) {
        self.set_key(Key::Merge(at), at);
    }

    fn set_key(&mut self, new: Key, at: Range) {
        if let Some(Frame { open: Open::Mapping { key, .. }, end, .. }) = self.frames.last_mut() {
            *key = Some(new);
            *end = at.1;
        }
    }

    /// A scalar value; `anchor` is 0 when it has none.
    pub(super) fn scalar(&mut self, data: Data, style: Style, at: Range, anchor: usize) -> Result<(), Problem> {
        self.attach(data, style, at, Size { nodes: 1, height: 0 }, anchor, Via::Itself)
    }

    /// Remembers an anchored key, so that it can be repeated by alias.
    pub(super) fn anchor_key(&mut self, anchor: usize, data: Data, at: Range) {
        let node = Node::new(data, self.places.origin((at.0, at.0), at));
        self.anchors.insert(anchor, Anchored { node, size: Size { nodes: 1, height: 0 } });
    }

    /// The value of an anchor; `None` while it is still open, because it would contain itself.
    pub(super) fn anchored(&self, anchor: usize) -> Option<&Data> {
        self.anchors.get(&anchor).map(|anchored| &anchored.node.data)
    }

    /// A value that was written elsewhere; its data is shared, its origin is the alias.
    pub(super) fn alias(&mut self, anchor: usize, at: Range) -> Result<(), Problem> {
        let Some(anchored) = self.anchors.get(&anchor) else {
            return Err(Problem::new(at, "this alias stands inside its own anchor, so the value would contain itself")
                .help("move the anchor to the part that is meant to repeat"));
        };
        let (data, style, size) = (anchored.node.data.clone(), anchored.node.style, anchored.size);
        self.attach(data, style, at, size, 0, Via::Alias)
    }

    pub(super) fn open_sequence(&mut self, style: Style, start: u32, anchor: usize) -> Result<(), Problem> {
        self.open(Open::Sequence(Vec::new()), style, start, anchor)
    }

    pub(super) fn open_mapping(&mut self, style: Style, start: u32, anchor: usize) -> Result<(), Problem> {
        self.open(Open::Mapping { fields: Mapping::new(), key: None, merged: None }, style, start, anchor)
    }

    fn open(&mut self, open: Open, style: Style, start: u32, anchor: usize) -> Result<(), Problem> {
        if self.frames.len() >= self.limits.depth {
            return Err(Problem::too_deep((start, start + 1), self.limits.depth));
        }
        self.frames.push(Frame { open, style, anchor, start, end: start, size: Size { nodes: 1, height: 1 } });
        Ok(())
    }

    /// Closes the innermost collection. Block collections end where their last value ends, because
    /// the parser notices the end only at the next token; flow collections end at their bracket.
    pub(super) fn close(&mut self, bracket_end: u32) -> Result<(), Problem> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let data = match frame.open {
            Open::Sequence(mut items) => {
                items.shrink_to_fit();
                Data::Sequence(Arc::new(items))
            }
            Open::Mapping { mut fields, .. } => {
                fields.shrink_to_fit();
                Data::Mapping(Arc::new(fields))
            }
        };
        let end = if frame.style == Style::Flow { bracket_end } else { frame.end };
        self.attach(data, frame.style, (frame.start, end), frame.size, frame.anchor, Via::Itself)
    }

    /// The finished document; null when there was none. Leaves the builder ready for the next one.
    pub(super) fn finish(&mut self, at: u32) -> Node {
        self.anchors.clear();
        self.frames.clear();
        self.root.take().unwrap_or_else(|| Node::null(self.places.origin((at, at), (at, at))))
    }

    /// The repeated keys of the finished document.
    pub(super) fn take_duplicates(&mut self) -> Vec<Duplicate> {
        std::mem::take(&mut self.duplicates)
    }

    /// Forgets the unfinished document.
    pub(super) fn abandon(&mut self) {
        self.anchors.clear();
        self.frames.clear();
        self.root = None;
        self.duplicates.clear();
    }

    fn attach(
        &mut self,
        data: Data,
        style: Style,
        at: Range,
        size: Size,
        anchor: usize,
        via: Via,
    ) -> Result<(), Problem> {
        self.count(if via == Via::Alias { size.nodes } else { 1 }, at)?;
        if self.frames.len() + size.height > self.limits.depth {
            return Err(Problem::too_deep(at, self.limits.depth));
        }
        let slot = self.slot(at, size);
        let key_at = match &slot {
            Slot::Root | Slot::Item => (at.0, at.0),
            Slot::Field(Key::Name(_, key_at) | Key::Merge(key_at)) => *key_at,
            Slot::Missing => return Err(Problem::new(at, "a value without a key")),
        };
        let node = Node { data, origin: self.places.origin(key_at, at), style };
        if anchor != 0 {
            self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        }
        match slot {
            Slot::Root => self.root = Some(node),
            Slot::Field(Key::Name(name, _)) => self.insert(name, node),
            Slot::Field(Key::Merge(_)) => return self.merge(&node, at, via),
            Slot::Item | Slot::Missing => {
                if let Some(Frame { open: Open::Sequence(items), .. }) = self.frames.last_mut() {
                    items.push(node);
                }
            }
        }
        Ok(())
    }

    /// Where the next value goes; the collection grows by its size.
    fn slot(&mut self, at: Range, size: Size) -> Slot {
        let Some(frame) = self.frames.last_mut() else { return Slot::Root };
        frame.end = frame.end.max(at.1);
        frame.size.nodes = frame.size.nodes.saturating_add(size.nodes);
        let slot = match &mut frame.open {
            Open::Sequence(_) => Slot::Item,
            Open::Mapping { key, .. } => key.take().map_or(Slot::Missing, Slot::Field),
        };
        // The fields of a merged mapping take its place, so nothing gets deeper.
        let deeper = usize::from(!matches!(slot, Slot::Field(Key::Merge(_))));
        frame.size.height = frame.size.height.max(size.height + deeper);
        slot
    }

    /// Counts values or comments against the bound on the stream.
    pub(super) fn count(&mut self, nodes: usize, at: Range) -> Result<(), Problem> {
        self.expanded = self.expanded.saturating_add(nodes);
        if self.expanded > self.limits.expanded_nodes {
            return Err(Problem::too_many_nodes(at, self.limits.expanded_nodes));
        }
        Ok(())
    }
}

/// Longer texts rarely repeat; bytes.
const LONGEST_SHARED: usize = 32;
