//! Verdicts of the built-in rules that hold for every deployment in which the facts that a rule reads are the same. A
//! fleet is one chart many times over: most of what its rules read does not differ from one release to the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::reads::{self, Read, What};
use super::{Registry, Rule, Verdict};

/// Contents of a part of the facts that are told apart. A part that has more differs with every deployment.
const CONTENTS: usize = 64;
/// Lookups without a match after which a part with that many contents is looked up no more.
const PATIENCE: usize = 64;
/// Bytes of the longest part that one run keeps.
const LONGEST: usize = 64 << 10;
/// Verdicts that are kept of one rule.
const VERDICTS: usize = 256;

/// What the rules said so far; shared by all threads.
pub struct Memo {
    parts: Vec<Part>,
    rules: BTreeMap<String, Arc<OfRule>>,
    longest: usize,
}

/// A part of the facts that a rule reads, and the contents it had so far.
struct Part {
    read: Read,
    contents: Mutex<Contents>,
}

#[derive(Default)]
struct Contents {
    numbers: HashMap<Vec<u8>, usize>,
    missed: usize,
}

/// What one rule reads, and its verdicts by the numbers of the contents.
struct OfRule {
    parts: Vec<usize>,
    verdicts: Mutex<HashMap<Vec<usize>, Verdict>>,
}

/// The contents of the parts of one facts document.
#[derive(Default)]
pub(super) struct Numbers(Vec<Content>);

impl Numbers {
    /// Equal contents of a part have equal numbers; none where nobody asked, or it has contents too many.
    pub(super) fn of(&self, part: usize) -> Option<usize> {
        if let Some(Content::Number(number)) = self.0.get(part) { Some(*number) } else { None }
    }
}

/// What one part holds.
#[derive(Clone, Copy, Default)]
enum Content {
    /// Nobody has asked yet.
    #[default]
    Unasked,
    /// Equal contents have equal numbers.
    Number(usize),
    /// The part differs too much from one deployment to the next.
    Unlike,
}

/// Where a verdict belongs that was not known yet.
pub(super) struct Gap {
    rule: Arc<OfRule>,
    numbers: Vec<usize>,
}

/// Whether a verdict is known.
pub(super) enum Lookup {
    /// It is.
    Known(Verdict),
    /// It is not, and may be kept here.
    Missing(Gap),
    /// The facts are of no kind that comes again, or the rule is the user's.
    Unknowable,
}

impl Memo {
    /// An empty one for the built-in rules of a registry.
    pub fn new(registry: &Registry) -> Self {
        Self::of_parts_below(registry, LONGEST)
    }

    /// Likewise, for who lives long: parts of more bytes than this are not kept, which bounds what all of them may take.
    pub fn of_parts_below(registry: &Registry, longest: usize) -> Self {
        let read = reads::of_modules(&registry.built_in);
        let mut numbered: BTreeMap<&Read, usize> = BTreeMap::new();
        let mut parts = Vec::new();
        let mut rules = BTreeMap::new();
        for rule in registry.rules().filter(|rule| rule.built_in) {
            let Some(of_rule) = read.get(rule.file.as_str()) else { continue };
            let number = |read| {
                *numbered.entry(read).or_insert_with(|| {
                    parts.push(Part { read: Read::clone(read), contents: Mutex::default() });
                    parts.len() - 1
                })
            };
            let of_rule = OfRule { parts: of_rule.iter().map(number).collect(), verdicts: Mutex::default() };
            rules.insert(rule.id.clone(), Arc::new(of_rule));
        }
        Self { parts, rules, longest }
    }

    /// What is known of a rule on a facts document. `numbers` are those of this very document.
    pub(super) fn look_up(&self, rule: &Rule, facts: &Value, numbers: &mut Numbers) -> Lookup {
        let Some(of_rule) = self.rules.get(&rule.id).filter(|_| rule.built_in) else { return Lookup::Unknowable };
        numbers.0.resize(self.parts.len(), Content::default());
        let number = |part: &usize| {
            let content = &mut numbers.0[*part];
            if let Content::Unasked = content {
                *content = self.parts[*part].number(facts, self.longest).map_or(Content::Unlike, Content::Number);
            }
            if let Content::Number(number) = content { Some(*number) } else { None }
        };
        // all of them: the parts that come again are made once even for a rule that runs each time
        let numbers: Vec<Option<usize>> = of_rule.parts.iter().map(number).collect();
        let Some(numbers) = numbers.into_iter().collect::<Option<Vec<usize>>>() else {
            return Lookup::Unknowable;
        };
        match held(&of_rule.verdicts).get(&numbers) {
            Some(verdict) => Lookup::Known(verdict.clone()),
            None => Lookup::Missing(Gap { rule: Arc::clone(of_rule), numbers }),
        }
    }
}

impl Memo {
    /// The parts that a rule reads, by number, each before those that lie in it. None when it is not known what it reads.
    pub(super) fn reads(&self, rule: &Rule) -> Option<impl Iterator<Item = (usize, &Read)>> {
        let of_rule = self.rules.get(&rule.id).filter(|_| rule.built_in)?;
        Some(of_rule.parts.iter().map(|part| (*part, &self.parts[*part].read)))
    }
}

impl Gap {
    /// Keeps a verdict. Errors are not kept: they may be of this run alone, of its time or memory.
    pub(super) fn fill(self, verdict: &Verdict) {
        let mut verdicts = held(&self.rule.verdicts);
        if verdicts.len() < VERDICTS {
            verdicts.insert(self.numbers, verdict.clone());
        }
    }
}

impl Part {
    /// The number of what a facts document holds here.
    fn number(&self, facts: &Value, longest: usize) -> Option<usize> {
        let mut contents = held(&self.contents);
        if contents.is_hopeless() {
            return None;
        }
        drop(contents);
        let content = self.read.of(facts);
        // the text of a value tells all of it; nothing at all is no text
        let text = match self.read.what {
            What::Content => content.map_or_else(|| Ok(Vec::new()), serde_json::to_vec).ok()?,
            What::Truth => vec![u8::from(content.is_some_and(|value| *value != Value::Bool(false)))],
        };
        contents = held(&self.contents);
        if let Some(number) = contents.numbers.get(&text).copied() {
            contents.missed = 0;
            return Some(number);
        }
        contents.missed += 1;
        if contents.is_hopeless() {
            contents.numbers.clear();
        }
        let number = contents.numbers.len();
        if number == CONTENTS || text.len() > longest || contents.is_hopeless() {
            return None;
        }
        contents.numbers.insert(text, number);
        Some(number)
    }
}

impl Contents {
    fn is_hopeless(&self) -> bool {
        self.missed >= CONTENTS + PATIENCE
    }
}

/// A thread that panicked leaves nothing half done behind.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
