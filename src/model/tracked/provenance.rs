//! From paths in the facts to origins.

use std::cmp::Ordering;

use super::OriginId;
use crate::source::{Origin, Path, Segment};

/// From paths in the facts to origins.
#[derive(Debug, Default)]
pub struct Provenance {
    root: Step,
    origins: Vec<Origin>,
}

/// What is known below one key or index: only steps that lead to an origin are kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Step {
    pub(super) origin: Option<OriginId>,
    /// In the order of the names, once it is complete.
    below: Vec<(Name, Step)>,
}

/// A [`Segment`] that costs nothing where it is a field of a type, as nearly all are.
#[derive(Clone, Debug)]
pub(super) enum Name {
    Index(usize),
    Field(&'static str),
    Key(Box<str>),
}

impl Provenance {
    pub(super) fn new(root: Step, origins: Vec<Origin>) -> Self {
        Self { root, origins }
    }

    /// The origin of a fact, and how many segments of the path it covers: the longest prefix that has one.
    pub fn find(&self, path: &Path) -> Option<(&Origin, usize)> {
        let mut step = &self.root;
        let mut best = step.origin.map(|id| (id, 0));
        for (depth, segment) in path.0.iter().enumerate() {
            let Some(next) = step.get(segment) else { break };
            step = next;
            best = step.origin.map(|id| (id, depth + 1)).or(best);
        }
        best.and_then(|(id, depth)| Some((self.origins.get(id.0 as usize)?, depth)))
    }

    /// Takes in the origins of another document that was put into this one under a key.
    pub fn graft(&mut self, key: &str, other: &Self) {
        let shift = u32::try_from(self.origins.len()).unwrap_or(u32::MAX);
        self.origins.extend(other.origins.iter().cloned());
        self.root.put(Name::Key(key.into()), other.root.shifted(shift));
        self.root.sort();
    }

    /// Every tracked path with its origin, in order.
    pub fn entries(&self) -> Vec<(Path, &Origin)> {
        let mut found = Vec::new();
        self.walk(&self.root, &Path::new(), &mut found);
        found
    }

    fn walk<'a>(&'a self, step: &Step, path: &Path, found: &mut Vec<(Path, &'a Origin)>) {
        if let Some(origin) = step.origin.and_then(|id| self.origins.get(id.0 as usize)) {
            found.push((path.clone(), origin));
        }
        for (name, below) in &step.below {
            let mut path = path.clone();
            path.0.push(name.segment());
            self.walk(below, &path, found);
        }
    }
}

impl Step {
    /// Adds a part that holds an origin; [`Self::sort`] comes before the first look.
    pub(super) fn put(&mut self, name: Name, step: Self) {
        if !step.is_empty() {
            self.below.push((name, step));
        }
    }

    pub(super) fn sort(&mut self) {
        self.below.sort_by(|(left, _), (right, _)| left.cmp(right));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.origin.is_none() && self.below.is_empty()
    }

    fn get(&self, segment: &Segment) -> Option<&Self> {
        let found = self.below.binary_search_by(|(name, _)| match (name, segment) {
            (Name::Index(own), Segment::Index(index)) => own.cmp(index),
            (Name::Index(_), Segment::Key(_)) => Ordering::Less,
            (_, Segment::Index(_)) => Ordering::Greater,
            (name, Segment::Key(key)) => name.text().cmp(key),
        });
        found.ok().map(|index| &self.below[index].1)
    }

    fn shifted(&self, by: u32) -> Self {
        Self {
            origin: self.origin.map(|id| OriginId(id.0.saturating_add(by))),
            below: self.below.iter().map(|(name, step)| (name.clone(), step.shifted(by))).collect(),
        }
    }
}

impl Name {
    /// The text of a key; an index has none.
    fn text(&self) -> &str {
        match self {
            Self::Index(_) => "",
            Self::Field(name) => name,
            Self::Key(name) => name,
        }
    }

    fn segment(&self) -> Segment {
        if let Self::Index(index) = self { Segment::Index(*index) } else { Segment::Key(self.text().into()) }
    }

    /// The order of [`Segment`].
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Index(own), Self::Index(other)) => own.cmp(other),
            (Self::Index(_), _) => Ordering::Less,
            (_, Self::Index(_)) => Ordering::Greater,
            (own, other) => own.text().cmp(other.text()),
        }
    }
}
