//! What was found of objects that were judged lately. A dry run comes before the real one, the old object of an update was
//! the new one of the last, and controllers write the same again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::view::{Known, View};
use crate::finding::Finding;

/// Findings of so many objects are remembered at least, and of twice as many at most.
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

/// A memory in two parts: when the young one is full, it takes the place of the old one.
#[derive(Default)]
pub struct Lately(Mutex<Parts>);

type Part = BTreeMap<Question, Arc<Vec<Finding>>>;

#[derive(Default)]
struct Parts {
    young: Part,
    old: Part,
}

impl Lately {
    /// What was found, or what is found now.
    pub fn of(&self, question: Question, find: impl FnOnce() -> Vec<Finding>) -> Arc<Vec<Finding>> {
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
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_question_is_asked_once_and_the_memory_is_bounded() {
        let lately = Lately::default();
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
        let parts = lately.0.lock().unwrap();
        assert!(parts.young.len() + parts.old.len() <= 2 * REMEMBERED);
    }
}
