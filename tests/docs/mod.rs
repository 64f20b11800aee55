//! The documentation: every command is run or at least read, links lead somewhere, tables are those of the files they are
//! about. `UPDATE=1 cargo test --test suite docs` writes what is generated anew, and what commands print.

mod page;
mod recipes;
mod session;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use qdrant_lint::source::{self, Limits, Source, Sources};
use serde_json::Value;

use crate::support::{project, rules};
use page::{Page, Treatment, pages};
use session::Session;

fn updates() -> bool {
    std::env::var_os("UPDATE").is_some()
}

#[test]
fn commands_print_what_the_pages_show() {
    let mut wrong = Vec::new();
    for mut page in pages() {
        let mut blocks = page.blocks();
        // from the end, so that a block that grows moves none that is still to come
        blocks.reverse();
        let mut changed = false;
        for block in blocks {
            let Treatment::Run { folder, exit } = &block.treatment else { continue };
            let lines = page.lines[block.lines.clone()].to_vec();
            let commands = session::commands(&lines);
            assert!(!commands.is_empty(), "{}: a block without a command", page.path);
            let ran = Session::new(folder, &page).run(&commands);
            let made = session::shown(&lines, &ran.printed);
            let agrees = session::matches(&lines, &made);
            if !agrees && updates() {
                page.lines.splice(block.lines.clone(), made);
                changed = true;
            } else if !agrees {
                wrong.push(format!("{}: {}\nprints\n{}", page.path, commands[0], made.join("\n")));
            }
            if ran.code != *exit {
                wrong.push(format!(
                    "{}: {} ends with {}\n{}",
                    page.path,
                    commands[commands.len() - 1],
                    ran.code,
                    ran.printed.concat().join("\n")
                ));
            }
        }
        if changed {
            page.write();
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn documents(text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("block", text));
    let parsed = source::parse(&sources, id, &Limits::default());
    assert!(parsed.errors.is_empty(), "{text}");
    parsed.documents.iter().map(|document| document.root.to_json()).collect()
}

#[test]
fn commands_about_a_cluster_are_run_on_one() {
    use crate::support::apiserver::ApiServer;
    use serde_json::json;
    let blocks = |page: &Page| -> Vec<(Vec<String>, i32)> {
        let of_cluster = page.blocks().into_iter().filter_map(|block| match block.treatment {
            Treatment::Cluster { exit } => Some((session::commands(&page.lines[block.lines]), exit)),
            _ => None,
        });
        of_cluster.collect()
    };
    let pages: Vec<Page> = pages().into_iter().filter(|page| !blocks(page).is_empty()).collect();
    assert!(!pages.is_empty());
    let Some(server) = ApiServer::shared() else { return };
    server.namespace("search");
    let labels = json!({"app": "qdrant"});
    server.create(&json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "qdrant", "namespace": "search"},
        "spec": {"replicas": 2, "serviceName": "qdrant-headless", "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels}, "spec": {"containers": [{"name": "qdrant", "image": "qdrant/qdrant:v1.15.4"}]}}}}));
    for page in pages {
        for (commands, exit) in blocks(&page) {
            let session = Session::new("testdata/example", &page).with_cluster(server.kubeconfig("admin"));
            let ran = session.run(&commands);
            assert_eq!(ran.code, exit, "{}: {commands:?}\n{}", page.path, ran.printed.concat().join("\n"));
        }
    }
}

#[test]
fn every_command_has_a_page_with_its_flags() {
    let help = Command::new(env!("CARGO_BIN_EXE_qdrant-lint")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let names: BTreeSet<String> = listed
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .filter(|name| name != "help")
        .collect();
    let mut pages = Vec::new();
    page::collect(&project("docs/commands"), &mut pages);
    let documented: BTreeSet<String> =
        pages.iter().map(|path| Path::new(path).file_stem().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names, documented);
    for name in names {
        let text = Page::read(&format!("docs/commands/{name}.md")).text();
        assert!(text.contains(&format!("$ qdrant-lint {name} --help\n")), "{name}");
    }
}

/// Targets of the links of a text that are not on the web, without code.
fn links(text: &str) -> Vec<String> {
    let prose: String = text.split("```").step_by(2).collect();
    let prose: String = prose.split('`').step_by(2).collect::<Vec<_>>().join("code");
    prose
        .match_indices("](")
        .filter_map(|(at, _)| prose[at + 2..].split_once(')').map(|(target, _)| target.to_owned()))
        .filter(|target| !target.starts_with("https://"))
        .collect()
}

/// The anchor that a heading has on GitHub and in the book.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    headings
        .map(|heading| {
            let kept = heading
                .to_lowercase()
                .chars()
                .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
                .collect::<String>();
            kept.replace(' ', "-")
        })
        .collect()
}

#[test]
fn links_lead_to_pages_and_headings() {
    let mut all = vec!["README.md".to_owned()];
    page::collect(&project("docs"), &mut all);
    for path in all {
        let text = Page::read(&path).text();
        for link in links(&text) {
            assert!(!link.starts_with("http:"), "{path}: {link}");
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let folder = project(&path).parent().unwrap().to_owned();
            let target = if file.is_empty() { project(&path) } else { folder.join(file) };
            assert!(target.exists(), "{path}: {link} leads nowhere");
            let inside = target.canonicalize().unwrap().starts_with(project("docs").canonicalize().unwrap());
            assert!(inside || path == "README.md", "{path}: {link} leads out of the book");
            if !anchor.is_empty() {
                let headings = anchors(&fs::read_to_string(&target).unwrap());
                assert!(headings.contains(anchor), "{path}: {link}: no heading is called so, only {headings:?}");
            }
        }
    }
}

/// Replaces what stands between two comments of a page, or says that it is not what it should be.
fn generated(path: &str, name: &str, text: &str) {
    let page = fs::read_to_string(project(path)).unwrap();
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = page.split_once(&open).unwrap_or_else(|| panic!("{path} has no {open}"));
    let (old, after) = rest.split_once(&close).unwrap();
    if updates() {
        fs::write(project(path), format!("{before}{open}{text}{close}{after}")).unwrap();
    } else {
        assert_eq!(old, text, "{path}: UPDATE=1 cargo test --test suite docs");
    }
}

fn table(head: &str, fields: &Value, with_default: bool) -> String {
    let mut text = format!("{head}\n{}\n", "|---".repeat(if with_default { 3 } else { 2 }) + "|");
    for (name, field) in fields.as_object().unwrap() {
        let description = field["description"].as_str().unwrap_or_default();
        let default = field["default"].as_str().map_or_else(|| field["default"].to_string(), str::to_owned);
        let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
        let _ = if with_default {
            writeln!(text, "| `{name}` | {default} | {description} |")
        } else {
            writeln!(text, "| `{name}` | {description} |")
        };
    }
    text
}

#[test]
fn generated_tables_are_those_of_the_action_and_the_component() {
    let action = &documents(&fs::read_to_string(project("action.yml")).unwrap())[0];
    generated("docs/ci/github.md", "inputs", &table("| input | default | |", &action["inputs"], true));
    generated("docs/ci/github.md", "outputs", &table("| output | |", &action["outputs"], false));
    let component = &documents(&fs::read_to_string(project("templates/qdrant-lint.yml")).unwrap())[0];
    generated("docs/ci/gitlab.md", "component", &table("| input | default | |", &component["spec"]["inputs"], true));
}

#[test]
fn generated_contents_name_every_page_once() {
    let mut text = String::new();
    let mut concern = "";
    for rule in rules().0.rules() {
        if rule.concern() != concern {
            concern = rule.concern();
            let _ = writeln!(text, "  - [{concern}]()");
        }
        let _ = writeln!(text, "    - [{}](rules/{}.md)", rule.id.split_once('/').unwrap().1, rule.id);
    }
    let path = project("docs/SUMMARY.md");
    let contents = fs::read_to_string(&path).unwrap();
    let (before, old) = contents.split_once("- [All rules](rules.md)\n").unwrap();
    if updates() {
        fs::write(path, format!("{before}- [All rules](rules.md)\n{text}")).unwrap();
        return;
    }
    assert_eq!(old, text, "UPDATE=1 cargo test --test suite docs");
    let mut pages = Vec::new();
    page::collect(&project("docs"), &mut pages);
    for page in pages.iter().filter(|page| *page != "docs/SUMMARY.md") {
        let link = format!("]({})", page.trim_start_matches("docs/"));
        assert_eq!(contents.matches(&link).count(), 1, "{page}");
    }
}
