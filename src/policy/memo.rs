//! Verdicts of the built-in rules that hold for every deployment in which the facts that a rule reads are the same. A
//! fleet is one chart many times over: most of what its rules read does not differ from one release to the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Deserialize as _;
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

/// What is known of the parts of one facts document.
#[derive(Default)]
pub(super) struct Known {
    contents: Vec<Content>,
    /// The parts as the machines take them.
    values: Vec<Option<regorus::Value>>,
}

/// Parts as the machines take them, by part and number of what it holds: what comes again is made once.
#[derive(Default)]
pub(super) struct Made(HashMap<(usize, usize), regorus::Value>);

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

    /// What is known of a rule on a facts document. `known` is of this very document.
    pub(super) fn look_up(&self, rule: &Rule, facts: &Value, known: &mut Known) -> Lookup {
        let Some(of_rule) = self.rules.get(&rule.id).filter(|_| rule.built_in) else { return Lookup::Unknowable };
        known.contents.resize(self.parts.len(), Content::default());
        let number = |part: &usize| {
            let content = &mut known.contents[*part];
            if let Content::Unasked = content {
                *content = self.parts[*part].number(facts, self.longest).map_or(Content::Unlike, Content::Number);
            }
            if let Content::Number(number) = content { Some(*number) } else { None }
        };
        let Some(numbers) = of_rule.parts.iter().map(number).collect::<Option<Vec<usize>>>() else {
            return Lookup::Unknowable;
        };
        match held(&of_rule.verdicts).get(&numbers) {
            Some(verdict) => Lookup::Known(verdict.clone()),
            None => Lookup::Missing(Gap { rule: Arc::clone(of_rule), numbers }),
        }
    }
}

impl Memo {
    /// As much of a facts document as a rule reads. None when it is not known what it reads. `made` is of this memory.
    pub(super) fn excerpt(
        &self,
        rule: &Rule,
        facts: &Value,
        known: &mut Known,
        made: &mut Made,
    ) -> Option<regorus::Value> {
        let of_rule = self.rules.get(&rule.id).filter(|_| rule.built_in)?;
        known.values.resize(self.parts.len(), None);
        let mut excerpt = regorus::Value::new_object();
        // a part stands before those that lie in it
        for part in &of_rule.parts {
            let make = || self.parts[*part].value(facts);
            let content = known.contents.get(*part);
            let value = known.values[*part].get_or_insert_with(|| match content {
                Some(Content::Number(number)) => made.0.entry((*part, *number)).or_insert_with(make).clone(),
                _ => make(),
            });
            if *value != regorus::Value::Undefined {
                put(&mut excerpt, &self.parts[*part].read.keys, value.clone());
            }
        }
        Some(excerpt)
    }
}

/// Puts a value below the objects that its keys name.
fn put(at: &mut regorus::Value, keys: &[String], value: regorus::Value) {
    let Some((key, below)) = keys.split_first() else {
        *at = value;
        return;
    };
    let Ok(fields) = at.as_object_mut() else { return };
    let key = regorus::Value::from(key.as_str());
    if !fields.contains_key(&key) {
        fields.insert(key.clone(), regorus::Value::new_object());
    }
    if let Some(inner) = fields.get_mut(&key) {
        put(inner, below, value);
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
    fn of<'f>(&self, facts: &'f Value) -> Option<&'f Value> {
        self.read.keys.iter().try_fold(facts, |value, key| value.get(key))
    }

    /// What the rules see of it. Of a condition that holds, others may read what lies in it.
    fn value(&self, facts: &Value) -> regorus::Value {
        match (self.read.what, self.of(facts)) {
            (_, None) | (What::Truth, Some(Value::Bool(false))) => regorus::Value::Undefined,
            (What::Truth, Some(Value::Object(_))) => regorus::Value::new_object(),
            (What::Truth, Some(_)) => regorus::Value::from(true),
            (What::Content, Some(content)) => regorus::Value::deserialize(content).unwrap_or(regorus::Value::Undefined),
        }
    }

    /// The number of what a facts document holds here.
    fn number(&self, facts: &Value, longest: usize) -> Option<usize> {
        let mut contents = held(&self.contents);
        if contents.is_hopeless() {
            return None;
        }
        drop(contents);
        let content = self.of(facts);
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
