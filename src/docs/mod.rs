//! Pages made from the METADATA of the rules. The committed files are compared with these texts by a test.

use std::fmt::Write as _;

use crate::policy::controls::{self, Basis};
use crate::policy::{Profile, Registry, Rule, Severity};

mod example;
mod page;

pub use example::{Example, example};
pub use page::{markdown as page, terminal};

/// The table of the README.
pub fn rules_table(registry: &Registry) -> String {
    let mut text = String::from("| rule | production | gcc-sovereign | what is wrong |\n|---|---|---|---|\n");
    for rule in registry.rules() {
        let severity = |profile| rule.severity_in(profile).map_or("–", Severity::as_str);
        let _ = writeln!(
            text,
            "| [`{}`](docs/{}) | {} | {} | {} |",
            rule.id,
            path(rule),
            severity(Profile::Production),
            severity(Profile::GccSovereign),
            cell(&rule.title)
        );
    }
    text
}

/// Path of a rule's page below `docs`.
pub fn path(rule: &Rule) -> String {
    format!("rules/{}.md", rule.id)
}

/// `docs/rules.md`: the rules by concern, each with its page, and the standards that they are relevant to.
pub fn index(registry: &Registry) -> String {
    let mut text = String::from(
        "# Rules\n\nMade from the METADATA of `policies/`, with a page for each rule; `UPDATE=1 cargo test generated_files` \
         writes them anew.\n",
    );
    let mut concern = "";
    for rule in registry.rules() {
        if rule.concern() != concern {
            concern = rule.concern();
            let _ = writeln!(text, "\n## {concern}\n\n| rule | severity in production | consequence | what is wrong |");
            text.push_str("|---|---|---|---|\n");
        }
        let severity = rule.severity_in(Profile::Production).map_or("–", Severity::as_str);
        let (page, consequence) = (path(rule), rule.consequence.in_words());
        let _ = writeln!(text, "| [`{}`]({page}) | {severity} | {consequence} | {} |", rule.id, cell(&rule.title));
    }
    text.push_str(&standards());
    text
}

/// The standards and laws behind the controls, each with what was read of it.
fn standards() -> String {
    let catalogue = controls::catalogue();
    let mut text = format!(
        "\n## Standards and laws\n\n{} Read on {}.\n\n| short | title | edition | state | read | where |\n|---|---|---|---|---|---|\n",
        catalogue.about, catalogue.as_of
    );
    for framework in catalogue.frameworks.values() {
        let basis = match framework.basis {
            Basis::Read => "the text",
            Basis::Transcription => "a transcription",
            Basis::Secondary => "texts about it",
            Basis::Domains => "its domains",
            Basis::Unchecked => "nothing",
        };
        let cells = [&framework.short, &framework.title, &framework.edition, &framework.state].map(|text| cell(text));
        let _ = writeln!(text, "| {} | {basis} | {} |", cells.join(" | "), cell(&framework.source));
    }
    text
}

/// The text with everything between two marks replaced.
pub fn between(text: &str, from: &str, to: &str, inner: &str) -> String {
    match (text.find(from), text.find(to)) {
        (Some(start), Some(end)) if start < end => {
            format!("{}{from}\n{}\n{}", &text[..start], inner.trim_end(), &text[end..])
        }
        _ => text.to_owned(),
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
