//! The GitHub Action, run step by step as a runner does: inputs reach the shell only through the environment.

mod hostile;
mod judging;
mod program;
mod runner;

use std::fs;

use crate::support::project;
use runner::{action, steps};

#[test]
fn no_expression_stands_in_a_script_and_no_action_of_others_is_named_by_a_tag() {
    let action = action();
    for step in steps(&action) {
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{}", step["name"]);
        assert_eq!(step["run"].is_string(), step["shell"] == "bash", "{}", step["name"]);
        if let Some(uses) = step["uses"].as_str() {
            let (_, commit) = uses.split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit()), "{uses}");
        }
    }
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["default"].is_string() && input["description"].is_string(), "{name}");
        let used = steps(&action).iter().any(|step| step.to_string().contains(&format!("inputs.{name} ")));
        assert!(used, "nothing reads the input {name}");
    }
}

#[test]
fn the_checksums_name_each_archive_once() {
    let text = fs::read_to_string(project("action/checksums.txt")).unwrap();
    let mut archives: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (sum, archive) = line.split_once("  ").expect("as sha256sum prints");
        let named = archive.strip_prefix("qdrant-lint-").and_then(|name| name.strip_suffix(".tgz"));
        assert!(sum.len() == 64 && named.is_some(), "{line}");
        assert!(!archives.contains(&archive), "{archive} twice");
        archives.push(archive);
    }
}
