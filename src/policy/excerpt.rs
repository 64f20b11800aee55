//! As much of the facts as a rule reads, as the machines take it.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Deserialize as _;
use serde_json::Value;

use super::Rule;
use super::memo::{Memo, Numbers};
use super::reads::{Read, What};

/// The parts of facts that were made so far.
#[derive(Default)]
pub(super) struct Excerpts {
    /// Of the facts at hand, by part.
    parts: Vec<Option<regorus::Value>>,
    /// Of a memory, by part and number of what it holds: what comes again is made once.
    made: HashMap<(usize, usize), regorus::Value>,
    of: Option<Arc<Memo>>,
}

impl Excerpts {
    /// From now on other facts are at hand.
    pub(super) fn turn(&mut self) {
        self.parts.clear();
    }

    /// What a rule reads. None when that is not known. `numbers` are those of the facts at hand in this memory.
    pub(super) fn of(
        &mut self,
        memo: &Arc<Memo>,
        rule: &Rule,
        facts: &Value,
        numbers: &Numbers,
    ) -> Option<regorus::Value> {
        if self.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, memo)) {
            *self = Self { of: Some(Arc::clone(memo)), ..Self::default() };
        }
        let mut excerpt = regorus::Value::new_object();
        for (part, read) in memo.reads(rule)? {
            if self.parts.len() <= part {
                self.parts.resize(part + 1, None);
            }
            let value = self.parts[part].get_or_insert_with(|| match numbers.of(part) {
                Some(number) => self.made.entry((part, number)).or_insert_with(|| value(read, facts)).clone(),
                None => value(read, facts),
            });
            if *value != regorus::Value::Undefined {
                put(&mut excerpt, &read.keys, value.clone());
            }
        }
        Some(excerpt)
    }
}

/// What the rules see of a part. Of a condition that holds, others may read what lies in it.
fn value(read: &Read, facts: &Value) -> regorus::Value {
    match (read.what, read.of(facts)) {
        (_, None) | (What::Truth, Some(Value::Bool(false))) => regorus::Value::Undefined,
        (What::Truth, Some(Value::Object(_))) => regorus::Value::new_object(),
        (What::Truth, Some(_)) => regorus::Value::from(true),
        (What::Content, Some(content)) => regorus::Value::deserialize(content).unwrap_or(regorus::Value::Undefined),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_condition_only_its_truth_is_seen_and_what_lies_in_it_where_it_is_read() {
        let facts = json!({"workload": {"name": "db", "replicas": 3}, "chart": false, "input": {"size": null}});
        let reads = [
            (&["chart"][..], What::Truth),
            (&["input", "size"], What::Content),
            (&["nothing", "there"], What::Content),
            (&["workload"], What::Truth),
            (&["workload", "name"], What::Content),
        ];
        let mut excerpt = regorus::Value::new_object();
        for (keys, what) in reads {
            let read = Read { keys: keys.iter().map(|key| (*key).to_owned()).collect(), what };
            let value = value(&read, &facts);
            if value != regorus::Value::Undefined {
                put(&mut excerpt, &read.keys, value);
            }
        }
        let seen = serde_json::to_value(&excerpt).unwrap();
        assert_eq!(seen, json!({"workload": {"name": "db"}, "input": {"size": null}}));
    }
}
