//! The direction of dependencies: a module may only name what lies before it.

use std::fs;
use std::path::Path;

use crate::support::project;

/// Module, and the modules of the crate it may name.
const ALLOWED: &[(&str, &[&str])] = &[
    ("source", &["source"]),
    ("model", &["source", "model"]),
    ("load", &["source", "model", "load"]),
    ("policy", &["source", "model", "policy"]),
    ("reading", &["source", "model", "reading"]),
    ("reach", &["source", "reading", "reach"]),
    ("simulate", &["source", "reading", "simulate"]),
    ("topology", &["source", "reading", "reach", "topology"]),
    ("finding", &["source", "policy", "finding"]),
    ("config", &["source", "policy", "config"]),
    ("resolve", &["source", "model", "policy", "finding", "resolve"]),
    ("suppress", &["source", "model", "policy", "finding", "config", "resolve", "suppress"]),
    ("fix", &["source", "policy", "finding", "fix"]),
    ("report", &["source", "policy", "finding", "resolve", "fix", "reach", "topology", "report"]),
    (
        "lint",
        &[
            "source", "model", "policy", "finding", "config", "resolve", "suppress", "reading", "topology", "report",
            "lint",
        ],
    ),
    ("docs", &["policy", "report", "docs"]),
    (
        "admission",
        &[
            "source",
            "model",
            "load",
            "policy",
            "finding",
            "config",
            "resolve",
            "suppress",
            "report",
            "lint",
            "admission",
        ],
    ),
    (
        "cli",
        &[
            "source",
            "model",
            "load",
            "policy",
            "finding",
            "config",
            "resolve",
            "suppress",
            "report",
            "lint",
            "reading",
            "reach",
            "simulate",
            "docs",
            "fix",
            "admission",
            "cli",
        ],
    ),
];

#[test]
fn modules_name_only_what_lies_before_them() {
    let mut faults = Vec::new();
    for (module, allowed) in ALLOWED {
        each_file(module, &mut |file, text| {
            for named in text.match_indices("crate::").map(|(at, _)| &text[at + 7..]) {
                let name: String =
                    named.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
                if !name.is_empty() && !allowed.contains(&name.as_str()) {
                    faults.push(format!("{file} names crate::{name}"));
                }
            }
        });
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_has_its_place() {
    let lib = fs::read_to_string(project("src/lib.rs")).unwrap();
    let modules: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert!(!modules.is_empty());
    for module in modules {
        assert!(ALLOWED.iter().any(|(known, _)| *known == module), "`{module}` is not in ALLOWED");
    }
}

#[test]
fn three_files_name_the_rego_engine_and_files_are_read_at_the_rim() {
    for (module, _) in ALLOWED {
        each_file(module, &mut |file, text| {
            let is_test = file.contains("/tests/") || file.ends_with("/tests.rs");
            let code = if is_test { "" } else { text.split("#[cfg(test)]").next().unwrap_or_default() };
            if !["engine", "excerpt", "interpreter"].iter().any(|name| file.ends_with(&format!("policy/{name}.rs"))) {
                assert!(!code.contains("regorus::"), "{file} names regorus");
            }
            let rim = ["load", "fix", "cli"].contains(module) || file.ends_with("policy/registry.rs");
            assert!(rim || !code.contains("std::fs"), "{file} reads files");
            let reads_stdin = file.ends_with("load/store.rs")
                && !code.contains("std::io::stdout")
                && !code.contains("std::io::stderr");
            assert!(
                *module == "cli" || reads_stdin || !code.contains("std::io::std"),
                "{file} names a standard stream"
            );
        });
    }
}

fn each_file(module: &str, visit: &mut dyn FnMut(&str, &str)) {
    let file = project(&format!("src/{module}.rs"));
    if file.is_file() {
        visit(&file.display().to_string(), &fs::read_to_string(&file).unwrap());
    }
    each_below(&project(&format!("src/{module}")), visit);
}

fn each_below(folder: &Path, visit: &mut dyn FnMut(&str, &str)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            each_below(&path, visit);
        } else {
            visit(&path.display().to_string().replace('\\', "/"), &fs::read_to_string(&path).unwrap());
        }
    }
}
