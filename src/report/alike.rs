//! What findings and verdicts of a fleet have in common, kept once: rules, messages, objects and paths repeat with every
//! deployment.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use super::RuleVerdict;
use crate::finding::{DefaultOf, Finding, Location, ObjectRef};
use crate::source::{Path, Texts};

/// Everything that was seen so far.
#[derive(Debug, Default)]
pub struct Alike {
    texts: Texts,
    paths: HashSet<Arc<Path>>,
    objects: HashSet<Arc<ObjectRef>>,
    defaults: HashSet<Arc<DefaultOf>>,
    words: HashSet<Arc<[String]>>,
}

impl Alike {
    /// Shares the parts of a finding. Its fingerprint is its own.
    pub(super) fn finding(&mut self, finding: &mut Finding) {
        let Finding { rule, deployment, title, message, label, help, docs, .. } = finding;
        for text in [rule, deployment, title, message, label, help, docs] {
            self.texts.keep(text);
        }
        for words in [&mut finding.guide, &mut finding.controls] {
            once(&mut self.words, words);
        }
        if let Some(fix) = &mut finding.fix {
            self.texts.keep(&mut fix.title);
        }
        if let Some(object) = &mut finding.object {
            once(&mut self.objects, object);
        }
        if let Some(default) = &mut finding.default_of {
            once(&mut self.defaults, default);
        }
        once(&mut self.paths, &mut finding.fact);
        self.location(&mut finding.location);
        for related in &mut finding.related {
            self.location(&mut related.location);
        }
    }

    fn location(&mut self, location: &mut Location) {
        once(&mut self.paths, &mut location.path);
    }

    /// Shares the parts of a verdict.
    pub(super) fn verdict(&mut self, verdict: &mut RuleVerdict) {
        let RuleVerdict { rule, deployment, reason, attested, verdict: _ } = verdict;
        for text in [Some(rule), Some(deployment), reason.as_mut(), attested.as_mut()].into_iter().flatten() {
            self.texts.keep(text);
        }
    }
}

/// Puts the one that is equal, if there was one, in the place of this.
fn once<T: ?Sized + Eq + Hash>(known: &mut HashSet<Arc<T>>, this: &mut Arc<T>) {
    match known.get(&*this) {
        Some(equal) => this.clone_from(equal),
        None => {
            known.insert(Arc::clone(this));
        }
    }
}
