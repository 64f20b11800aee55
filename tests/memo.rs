//! A verdict that is remembered is the one that the rule would give: whatever fact is taken away, one that the rule looks
//! at makes it look again.

use std::sync::Arc;

use qdrant_lint::policy::engine::Engine;
use qdrant_lint::policy::memo::Memo;
use qdrant_lint::policy::{Registry, Rule, eval};
use rayon::prelude::*;
use serde_json::Value;

use crate::rules::{cases, files_of};
use crate::support::{Flags, judge, rules};

/// Facts are taken away down to this depth.
const DEPTH: usize = 3;

#[test]
fn a_remembered_verdict_is_that_of_the_rule_with_any_fact_taken_away() {
    let (registry, engine) = rules();
    let bad = cases()
        .into_iter()
        .filter(|(_, case)| case.file_name().is_some_and(|name| name.to_string_lossy().starts_with("bad-")));
    let compared: Vec<(usize, Vec<String>)> = bad
        .par_bridge()
        .filter_map(|(id, case)| {
            let rule = registry.get(&id)?;
            let files = files_of(&case);
            let flags = files.first().map(|file| Flags::read(&std::fs::read_to_string(file).unwrap()));
            let judged = judge(&files, &flags.unwrap_or_default());
            let facts = judged.built.into_iter().map(|built| built.facts).chain(judged.governance);
            let (counts, faults): (Vec<usize>, Vec<Vec<String>>) =
                facts.map(|facts| compare(registry, engine, rule, &facts)).unzip();
            Some((counts.iter().sum(), faults.concat()))
        })
        .collect();
    let faults: Vec<&String> = compared.iter().flat_map(|(_, faults)| faults).collect();
    assert!(compared.iter().map(|(count, _)| count).sum::<usize>() > 1_000, "hardly anything was compared");
    assert!(faults.is_empty(), "{} verdicts differ:\n{faults:#?}", faults.len());
}

/// How many documents were judged, and where the memory said something else.
fn compare(registry: &Registry, engine: &Engine, rule: &Rule, facts: &Value) -> (usize, Vec<String>) {
    let memo = Arc::new(Memo::new(registry));
    let (mut forgetful, mut remembering) = (engine.evaluator(), engine.evaluator());
    remembering.remember_in(memo);
    let mut places = Vec::new();
    collect(facts, &mut Vec::new(), &mut places);
    let mut faults = Vec::new();
    for place in &places {
        let mut without = facts.clone();
        take(&mut without, place);
        forgetful.set_facts(&without);
        remembering.set_facts(&without);
        let own = format!("{:?}", eval::judge(&mut forgetful, rule, &without));
        let remembered = format!("{:?}", eval::judge(&mut remembering, rule, &without));
        if own != remembered {
            faults.push(format!("{} without {}: {own} is remembered as {remembered}", rule.id, place.join(".")));
        }
    }
    (places.len(), faults)
}

fn collect(facts: &Value, path: &mut Vec<String>, places: &mut Vec<Vec<String>>) {
    let Value::Object(fields) = facts else { return };
    for (key, value) in fields {
        path.push(key.clone());
        places.push(path.clone());
        if path.len() < DEPTH {
            collect(value, path, places);
        }
        path.pop();
    }
}

fn take(facts: &mut Value, path: &[String]) {
    let (Value::Object(fields), [key, below @ ..]) = (facts, path) else { return };
    match fields.get_mut(key) {
        Some(value) if !below.is_empty() => take(value, below),
        _ => drop(fields.shift_remove(key)),
    }
}
