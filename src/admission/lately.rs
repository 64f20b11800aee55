//! What was found of objects that were judged lately, and what was decided on what was written. A dry run comes before the
//! real one, the old object of an update was the new one of the last, and controllers write the same again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::mode::Mode;
use super::view::{Known, View};

/// So many answers are remembered at least, and of twice as many at most.
const REMEMBERED: usize = 128;

/// Everything that findings depend on besides the rules.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    object: [u8; 32],
    view: u64,
    alone: bool,
    day: Date,
}

impl Question {
    /// The question of an object by a view: alone or beside what is known.
    pub fn new(object: &Known, view: &View, alone: bool, day: Date) -> Self {
        Self { object: Sha256::digest(object.source.text.as_bytes()).into(), view: view.number, alone, day }
    }
}

/// Everything that a decision on something written depends on besides the rules. Telling it takes a fraction of the time of
/// reading the object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Written {
    new: [u8; 32],
    old: Option<[u8; 32]>,
    namespace: String,
    mode: Mode,
    view: u64,
    day: Date,
}

impl Written {
    /// Of an object, and the one that it takes the place of.
    pub fn new(new: &Value, old: Option<&Value>, namespace: &str, mode: Mode, view: &View, day: Date) -> Self {
        let digest = |object: &Value| Sha256::digest(object.to_string()).into();
        Self { new: digest(new), old: old.map(digest), namespace: namespace.to_owned(), mode, view: view.number, day }
    }
}

/// A memory in two parts: when the young one is full, it takes the place of the old one.
pub struct Lately<Q, A>(Mutex<Parts<Q, A>>);

struct Parts<Q, A> {
    young: BTreeMap<Q, Arc<A>>,
    old: BTreeMap<Q, Arc<A>>,
}

impl<Q, A> Default for Lately<Q, A> {
    fn default() -> Self {
        Self(Mutex::new(Parts { young: BTreeMap::new(), old: BTreeMap::new() }))
    }
}

impl<Q: Ord, A> Lately<Q, A> {
    /// What was answered, or what is answered now.
    pub fn of(&self, question: Q, find: impl FnOnce() -> A) -> Arc<A> {
        let known = {
            let parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            parts.young.get(&question).or_else(|| parts.old.get(&question)).map(Arc::clone)
        };
        let found = known.unwrap_or_else(|| Arc::new(find()));
        let mut parts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if parts.young.len() >= REMEMBERED && !parts.young.contains_key(&question) {
            parts.old = std::mem::take(&mut parts.young);
        }
        parts.young.insert(question, Arc::clone(&found));
        found
    }
}

#[cfg(test)]
impl<Q, A> Lately<Q, A> {
    /// Answers that are remembered.
    pub(super) fn count(&self) -> usize {
        let parts = self.0.lock().unwrap();
        parts.young.len() + parts.old.len()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::finding::Finding;

    #[test]
    fn the_same_question_is_asked_once_and_the_memory_is_bounded() {
        let lately: Lately<Question, Vec<Finding>> = Lately::default();
        let view = View::default();
        let day = Date::constant(2026, 11, 28);
        let object = |name: usize| {
            let object = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name.to_string()}});
            Known::reviewed(&object).unwrap()
        };
        let mut asked = 0;
        for _ in 0..3 {
            lately.of(Question::new(&object(0), &view, true, day), || {
                asked += 1;
                Vec::new()
            });
        }
        lately.of(Question::new(&object(0), &view, false, day), || {
            asked += 1;
            Vec::new()
        });
        assert_eq!(asked, 2, "alone and beside others are two questions");
        for name in 0..1000 {
            lately.of(Question::new(&object(name), &view, true, day), Vec::new);
        }
        assert!(lately.count() <= 2 * REMEMBERED);
    }

    #[test]
    fn what_was_written_before_in_the_same_place_and_mode_is_decided_once() {
        let view = View::default();
        let day = Date::constant(2026, 11, 28);
        let (one, other) = (json!({"kind": "Service"}), json!({"kind": "Pod"}));
        let written = |new: &Value, old: Option<&Value>, namespace: &str, mode, day| {
            Written::new(new, old, namespace, mode, &view, day)
        };
        let first = written(&one, None, "a", Mode::Enforce, day);
        assert_eq!(first, written(&json!({"kind": "Service"}), None, "a", Mode::Enforce, day));
        for different in [
            written(&other, None, "a", Mode::Enforce, day),
            written(&one, Some(&other), "a", Mode::Enforce, day),
            written(&one, None, "b", Mode::Enforce, day),
            written(&one, None, "a", Mode::Warn, day),
            written(&one, None, "a", Mode::Enforce, day.tomorrow().unwrap()),
        ] {
            assert_ne!(first, different);
        }
    }
}
