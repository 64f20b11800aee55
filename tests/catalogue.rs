//! The registry holds every rule of the catalogue (`testdata/catalogue.tsv`) on the inputs that it names.

use std::collections::BTreeSet;

use qdrant_lint::policy::rule::InputKind;

use crate::support::{project, rules};

/// A row of the catalogue.
struct Row {
    id: String,
    inputs: BTreeSet<char>,
    /// Only a running cluster can show it.
    live: bool,
    /// Inputs that the rule does not judge, with the reason after a colon.
    without: String,
}

fn catalogue() -> Vec<Row> {
    let text = std::fs::read_to_string(project("testdata/catalogue.tsv")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let cell = |index: usize| cells.get(index).copied().unwrap_or_default();
        Row {
            id: cell(0).to_owned(),
            inputs: cell(1).chars().filter(|letter| !letter.is_whitespace()).collect(),
            live: cell(2) == "live",
            without: cell(3).to_owned(),
        }
    };
    lines.map(row).collect()
}

fn letter(input: InputKind) -> Option<char> {
    match input {
        InputKind::Values => Some('V'),
        InputKind::Manifests => Some('M'),
        InputKind::Live => Some('K'),
        InputKind::Api => Some('Q'),
        InputKind::Collection => Some('C'),
        InputKind::Backup => Some('B'),
        InputKind::Governance => None,
    }
}

#[test]
fn every_rule_of_the_catalogue_is_there_unless_only_a_cluster_can_show_it() {
    let (registry, _) = rules();
    let rows = catalogue();
    assert!(rows.len() > 150, "{} rows", rows.len());
    let absent: Vec<&str> =
        rows.iter().filter(|row| !row.live && registry.get(&row.id).is_none()).map(|row| row.id.as_str()).collect();
    assert!(absent.is_empty(), "the registry lacks {absent:?}");
    let known: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    // rules about exemptions are the tool's own
    let unknown: Vec<&str> = registry
        .rules()
        .map(|rule| rule.id.as_str())
        .filter(|id| !known.contains(id) && !id.starts_with("waivers/"))
        .collect();
    assert!(unknown.is_empty(), "the catalogue lacks {unknown:?}");
}

#[test]
fn every_rule_judges_the_inputs_that_its_row_names() {
    let (registry, _) = rules();
    let mut faults = Vec::new();
    for row in catalogue() {
        let Some(rule) = registry.get(&row.id) else { continue };
        let judged: BTreeSet<char> = rule.inputs.iter().filter_map(|input| letter(*input)).collect();
        let (without, reason) = row.without.split_once(':').unwrap_or_default();
        let without: BTreeSet<char> = without.chars().filter(|letter| !letter.is_whitespace()).collect();
        for input in &row.inputs {
            match (judged.contains(input), without.contains(input)) {
                (false, false) => faults.push(format!("{} does not judge {input}", row.id)),
                (true, true) => faults.push(format!("{} judges {input}, the catalogue says otherwise", row.id)),
                _ => {}
            }
        }
        if !without.is_empty() && reason.trim().is_empty() {
            faults.push(format!("{}: no reason for {without:?}", row.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
