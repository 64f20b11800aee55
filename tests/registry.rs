//! What must hold for every rule: cases, sources, documentation; and generated files are fresh.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use qdrant_lint::policy::engine;

use crate::rules::cases;
use crate::support::{project, rules};

#[test]
fn every_rule_has_a_bad_and_a_good_case() {
    let (registry, _) = rules();
    let with = |prefix: &str| -> BTreeSet<String> {
        let of_kind = |case: &Path| case.file_name().unwrap_or_default().to_string_lossy().starts_with(prefix);
        cases().into_iter().filter(|(_, case)| of_kind(case)).map(|(rule, _)| rule).collect()
    };
    let (bad, good) = (with("bad-"), with("good-"));
    let lacking: Vec<&str> =
        registry.rules().map(|rule| rule.id.as_str()).filter(|id| !bad.contains(*id) || !good.contains(*id)).collect();
    assert!(lacking.is_empty(), "rules without a bad or a good case: {lacking:?}");
}

#[test]
fn every_case_belongs_to_a_rule() {
    let (registry, _) = rules();
    let strays: Vec<String> =
        cases().into_iter().map(|(rule, _)| rule).filter(|rule| registry.get(rule).is_none()).collect();
    assert!(strays.is_empty(), "cases of no rule: {strays:?}");
}

#[test]
fn every_rule_judges_an_empty_document_without_error() {
    let (registry, engine) = rules();
    let mut evaluator = engine.evaluator();
    let facts = serde_json::json!({"profile": "production", "now": "2026-11-22", "observed": [], "unknown": [], "params": registry.params(&std::collections::BTreeMap::new())});
    evaluator.set_facts(&facts);
    for rule in registry.rules() {
        let findings = evaluator.run(rule, "findings", &facts);
        assert!(findings.is_ok(), "{}: {:?}", rule.id, findings.err());
    }
}

#[test]
fn the_metadata_of_every_rule_follows_the_schema() {
    // rules of a user are validated at every start, the built-in ones here
    let mut registry = qdrant_lint::policy::Registry::default();
    registry.add_folder(&project("policies")).unwrap();
    assert_eq!(registry.rules().count(), rules().0.rules().count());
}

#[test]
fn every_family_of_controls_that_a_rule_names_is_known_and_every_known_one_is_named() {
    use qdrant_lint::policy::controls::catalogue;
    let (registry, _) = rules();
    let named: BTreeSet<&String> = registry.rules().flat_map(|rule| &rule.controls).collect();
    let unknown: Vec<&&String> = named.iter().filter(|family| !catalogue().families.contains_key(**family)).collect();
    assert!(unknown.is_empty(), "data/controls.json does not hold {unknown:?}");
    let of_items: BTreeSet<&String> =
        qdrant_lint::report::checklist::items().iter().flat_map(|item| &item.controls).collect();
    let unknown: Vec<&&String> =
        of_items.iter().filter(|family| !catalogue().families.contains_key(**family)).collect();
    assert!(unknown.is_empty(), "data/controls.json does not hold {unknown:?}");
    let idle: Vec<&String> =
        catalogue().families.keys().filter(|family| !named.contains(family) && !of_items.contains(family)).collect();
    assert!(idle.is_empty(), "nothing is relevant to {idle:?}");
}

#[test]
fn the_pages_are_those_of_the_rules() {
    let (registry, _) = rules();
    let pages = walkdir::WalkDir::new(project("docs/rules")).into_iter().flatten();
    let strays: Vec<String> = pages
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| entry.path().strip_prefix(project("docs")).unwrap().to_string_lossy().replace('\\', "/"))
        .filter(|page| !registry.rules().any(|rule| qdrant_lint::docs::path(rule) == *page))
        .collect();
    assert!(strays.is_empty(), "pages of no rule: {strays:?}");
}

#[test]
fn the_checklist_names_rules_and_evidence_that_exist() {
    let (registry, _) = rules();
    let items = qdrant_lint::report::checklist::items();
    assert!(!items.is_empty());
    let keys: BTreeSet<&String> = registry.rules().flat_map(|rule| &rule.evidence).collect();
    let named = items.iter().flat_map(|item| &item.rules);
    let unknown: Vec<&String> = named.filter(|id| registry.get(id).is_none()).collect();
    assert!(unknown.is_empty(), "the checklist names {unknown:?}");
    let asked = items.iter().filter_map(|item| item.evidence.as_ref());
    let unasked: Vec<&String> = asked.filter(|key| !keys.contains(key)).collect();
    assert!(unasked.is_empty(), "the checklist asks for {unasked:?}");
    let page = fs::read_to_string(project("docs/configuration.md")).unwrap();
    let untold: Vec<&&String> = keys.iter().filter(|key| !page.contains(&format!("`{key}`"))).collect();
    assert!(untold.is_empty(), "docs/configuration.md does not tell of {untold:?}");
}

#[test]
fn the_compiled_rules_are_those_of_the_folder() {
    let registry = &qdrant_lint::policy::Registry::built_in_from(Path::new("policies")).unwrap();
    let file = project("policies/compiled.bin");
    let digest = engine::digest_of(registry);
    // the names of files are in it: from the root of the project, wherever that lies
    let here = env!("CARGO_MANIFEST_DIR").as_bytes();
    let is_fresh = || {
        let bytes = fs::read(&file).unwrap_or_default();
        bytes.starts_with(&digest) && !bytes.windows(here.len()).any(|part| part == here)
    };
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, engine::compiled(registry).unwrap()).unwrap();
    }
    assert!(is_fresh(), "policies/compiled.bin is stale: run `UPDATE=1 cargo test compiled_rules`");
}

#[test]
fn generated_files_are_fresh() {
    let (registry, _) = rules();
    let schema = |value: serde_json::Value| serde_json::to_string_pretty(&value).unwrap() + "\n";
    fresh("docs/report.schema.json", &schema(qdrant_lint::report::json::schema()));
    fresh("docs/config.schema.json", &schema(qdrant_lint::config::schema()));
    fresh("policies/facts.schema.json", &schema(qdrant_lint::model::facts::schema()));
    fresh("docs/rules.md", &qdrant_lint::docs::index(registry));
    for rule in registry.rules() {
        fresh(&format!("docs/{}", qdrant_lint::docs::path(rule)), &qdrant_lint::docs::page(rule));
    }
    let readme = fs::read_to_string(project("README.md")).unwrap();
    let table = qdrant_lint::docs::rules_table(registry);
    fresh("README.md", &qdrant_lint::docs::between(&readme, "<!-- rules -->", "<!-- /rules -->", &table));
}

/// With `UPDATE=1` writes the file, else compares.
fn fresh(path: &str, text: &str) {
    let file = project(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is stale: run `UPDATE=1 cargo test generated_files`");
}
