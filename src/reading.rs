//! Facts as the views of a deployment read them (`reach`, `simulate`, the drawn topology): values by path, and where
//! each was written. Judges nothing.

use serde_json::Value;

use crate::model::build::Built;
use crate::source::{Origin, Path, Segment, Sources};

/// Where a fact was written, or whose default it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Place {
    /// File as shown.
    pub file: String,
    /// 1-based line; for a default the line where it would be set.
    pub line: usize,
    /// Whose default it is; absent when someone wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_of: Option<String>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.default_of {
            None => write!(formatter, "{}:{}", self.file, self.line),
            Some(owner) => write!(formatter, "default of {owner}"),
        }
    }
}

/// The facts of one deployment with their places.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    facts: &'a Value,
    built: Option<(&'a Built, &'a Sources)>,
}

impl<'a> Reading<'a> {
    /// Facts that know where they were written.
    pub fn of(built: &'a Built, sources: &'a Sources) -> Self {
        Self { facts: &built.facts, built: Some((built, sources)) }
    }

    /// Facts by themselves.
    pub fn bare(facts: &'a Value) -> Self {
        Self { facts, built: None }
    }

    /// A fact; null when it is absent.
    pub fn at(&self, pointer: &str) -> &'a Value {
        self.facts.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The items of a list; none when it is absent.
    pub fn list(&self, pointer: &str) -> &'a [Value] {
        self.at(pointer).as_array().map_or(&[], Vec::as_slice)
    }

    /// A text.
    pub fn text(&self, pointer: &str) -> Option<&'a str> {
        self.at(pointer).as_str()
    }

    /// A whole number.
    pub fn number(&self, pointer: &str) -> Option<u64> {
        self.at(pointer).as_u64()
    }

    /// A yes or no.
    pub fn flag(&self, pointer: &str) -> Option<bool> {
        self.at(pointer).as_bool()
    }

    /// Whether the input could show an aspect.
    pub fn observed(&self, aspect: &str) -> bool {
        self.list("/observed").iter().any(|seen| seen.as_str() == Some(aspect))
    }

    /// Why an aspect was not observed, and what to give.
    pub fn unobserved(&self, aspect: &str) -> Option<&'a str> {
        self.facts.get("unobserved")?.get(aspect)?.as_str()
    }

    /// Whether a fact, or one above it, is hidden.
    pub fn hidden(&self, path: &Path) -> bool {
        self.list("/unknown").iter().filter_map(|unknown| unknown.get("path")?.as_array()).any(|hidden| {
            hidden.len() <= path.0.len()
                && hidden.iter().zip(&path.0).all(|(step, segment)| match segment {
                    Segment::Key(key) => step.as_str() == Some(key),
                    Segment::Index(index) => step.as_u64() == Some(*index as u64),
                })
        })
    }

    /// Where the fact at a path was written.
    pub fn place(&self, path: &Path) -> Option<Place> {
        let (built, sources) = self.built?;
        let (origin, _) = built.provenance.find(path)?;
        let written = origin.place()?;
        let source = sources.get(written.source);
        let default_of = if let Origin::Default(default) = origin { Some(default.owner.to_string()) } else { None };
        Some(Place { file: source.name.clone(), line: source.position(written.key_span().start).line, default_of })
    }
}
