//! Findings that do not count: comments, annotations, waivers, the baseline; and what is wrong with these themselves, which
//! the rules of `policies/waivers` judge. Nothing is hidden: a finding keeps its place and says who accepted it, and why.

mod accept;
pub mod annotations;
pub mod baseline;
pub mod comments;
pub mod evidence;
mod facts;
mod judge;
pub mod scope;
pub mod waivers;

use std::collections::BTreeSet;

use globset::GlobMatcher;
use jiff::civil::Date;

pub use accept::accept;
pub use baseline::Baseline;
pub use evidence::Evidence;
pub use judge::{Deployed, Judged, Judging, Outcome, Ran, judge, mark};
use scope::Scope;

use crate::finding::{ExemptedBy, Finding};
use crate::resolve::one_line;
use crate::source::{Document, Origin, Sources};

/// Rules about exemptions; they take none themselves.
pub const CONCERN: &str = "waivers/";

/// One rule that a comment, an annotation or a waiver names.
#[derive(Debug)]
pub struct Exemption {
    /// What it is.
    pub by: ExemptedBy,
    /// Id or glob of rules as written; empty when it names none.
    pub rule: String,
    /// Where it is valid.
    pub scope: Scope,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// Last day on which it counts.
    pub until: Option<Date>,
    /// Where the rule is named.
    pub origin: Origin,
    /// Where the end is written.
    pub until_origin: Origin,
}

impl Exemption {
    /// An exemption without an end.
    fn new(by: ExemptedBy, rule: &str, reason: &str, scope: Scope, origin: Origin) -> Self {
        let reason = Some(one_line(reason.trim())).filter(|reason| !reason.is_empty());
        let until_origin = origin.clone();
        let rule = one_line(rule.trim());
        Self { by, rule, scope, reason, owner: None, ticket: None, until: None, origin, until_origin }
    }

    /// It counts: someone says why, and it has not ended.
    fn counts(&self, now: Date) -> bool {
        self.reason.is_some() && self.until.is_none_or(|until| until >= now)
    }

    /// Finds the rules that it names.
    fn matcher(&self) -> Option<GlobMatcher> {
        let glob = globset::Glob::new(&self.rule).ok().filter(|_| !self.rule.is_empty());
        glob.map(|glob| glob.compile_matcher())
    }
}

/// A rule about exemptions.
fn is_about_exemptions(rule: &str) -> bool {
    rule.starts_with(CONCERN)
}

/// A finding and what may be asked of its deployment.
struct Covered<'a> {
    finding: &'a Finding,
    files: &'a [String],
}

/// The exemptions in comments and annotations of documents. A file that was read twice has its own only once.
pub fn inline<'a>(documents: impl Iterator<Item = &'a Document>, sources: &Sources) -> Vec<Exemption> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for document in documents {
        let own = comments::read(document, sources).into_iter().chain(annotations::read(&document.root, sources));
        for exemption in own {
            let place = exemption.origin.place().map(|place| place.value_span());
            let at = place.map(|span| (sources.get(span.source).name.clone(), span.start));
            if at.is_none() || seen.insert((at, exemption.rule.clone())) {
                found.push(exemption);
            }
        }
    }
    found
}
