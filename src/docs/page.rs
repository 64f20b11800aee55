//! What there is to say of one rule: its page in `docs/rules` and the answer of `explain` are two drawings of it.

use std::fmt::Write as _;

use super::example::{Example, example, fixed};
use crate::policy::controls::{self, Control};
use crate::policy::eval::Applicability;
use crate::policy::{Profile, Rule, Severity};

/// A part of a page.
struct Section {
    title: &'static str,
    body: Body,
}

enum Body {
    Prose(String),
    Code(String),
    /// A unified diff.
    Diff(String),
    /// Name and text; the name may be an address.
    Entries(Vec<(Name, String)>),
}

enum Name {
    Code(String),
    Words(String),
    Link(String),
}

/// `docs/rules/<concern>/<rule>.md`
pub fn markdown(rule: &Rule) -> String {
    let mut text = format!("# {}\n\n**{}**\n\n| | |\n|---|---|\n", rule.id, rule.title);
    for (name, value) in facts(rule) {
        let _ = writeln!(text, "| {name} | {} |", cell(&value));
    }
    for Section { title, body } in sections(rule) {
        let _ = writeln!(text, "\n## {title}\n");
        match body {
            Body::Prose(prose) => text.push_str(&(prose + "\n")),
            Body::Code(code) => {
                let _ = writeln!(text, "```yaml\n{code}\n```");
            }
            Body::Diff(diff) => {
                let _ = writeln!(text, "```diff\n{diff}\n```");
            }
            Body::Entries(entries) => {
                for (name, words) in entries {
                    let _ = match name {
                        Name::Code(name) => writeln!(text, "* `{name}`: {words}"),
                        Name::Words(name) => writeln!(text, "* {name}: {words}"),
                        Name::Link(address) => writeln!(text, "* [{words}]({address})"),
                    };
                }
            }
        }
    }
    text
}

/// The answer of `explain`.
pub fn terminal(rule: &Rule) -> String {
    let mut text = format!("{}: {}\n\n", rule.id, rule.title);
    let facts = facts(rule);
    let widest = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in facts {
        let _ = writeln!(text, "{name:<widest$}  {value}");
    }
    for Section { title, body } in sections(rule) {
        let _ = writeln!(text, "\n{}", title.to_lowercase());
        let inner = match body {
            Body::Prose(text) | Body::Code(text) | Body::Diff(text) => text,
            Body::Entries(entries) => {
                let lines = entries.into_iter().map(|(name, words)| match name {
                    Name::Code(name) | Name::Words(name) => format!("{name}: {words}"),
                    Name::Link(address) => format!("{words}: {address}"),
                });
                lines.collect::<Vec<_>>().join("\n")
            }
        };
        for line in inner.lines() {
            let _ = writeln!(text, "{}", format!("  {line}").trim_end());
        }
    }
    text
}

/// What fits on one line each.
fn facts(rule: &Rule) -> Vec<(&'static str, String)> {
    let severities = Profile::ALL
        .iter()
        .map(|profile| format!("{} in {profile}", rule.severity_in(*profile).map_or("off", Severity::as_str)));
    let inputs = rule.inputs.iter().map(|input| format!("{input:?}").to_lowercase());
    let mut facts = vec![
        ("severity", joined(severities)),
        ("consequence", rule.consequence.in_words().to_owned()),
        ("judges", joined(inputs)),
    ];
    for (name, list) in [("needs", &rule.needs), ("guide", &rule.guide), ("attested by", &rule.evidence)] {
        if !list.is_empty() {
            facts.push((name, joined(list.iter().cloned())));
        }
    }
    facts.push(("mended by", mended_by(rule)));
    facts.push(("since", rule.since.clone()));
    facts
}

/// The commands that mend it, or that none does.
fn mended_by(rule: &Rule) -> String {
    let has = |applicability| rule.fixes.contains(&applicability);
    match (has(Applicability::Safe), has(Applicability::Unsafe)) {
        (true, true) => "`qdrant-lint fix`, some of it with `--unsafe`".to_owned(),
        (true, false) => "`qdrant-lint fix`".to_owned(),
        (false, true) => "`qdrant-lint fix --unsafe`: it changes what the deployment does, so look at it".to_owned(),
        (false, false) => "hand".to_owned(),
    }
}

fn sections(rule: &Rule) -> Vec<Section> {
    let mut sections = vec![Section { title: "Why", body: Body::Prose(rule.description.clone()) }];
    let Example { bad, good } = example(&rule.id);
    for (title, example) in [("Bad", bad), ("Good", good)] {
        sections.extend(example.map(|example| Section { title, body: Body::Code(example) }));
    }
    sections.push(Section { title: "Fix", body: Body::Prose(rule.remediation.clone()) });
    sections.extend(fixed(&rule.id).map(|diff| Section { title: "What `fix` does", body: Body::Diff(diff) }));
    if !rule.params.is_empty() {
        let mut entries = vec![(
            Name::Words("in .qdrant-lint.yaml".to_owned()),
            format!("`rules: {{{}: {{params: {{NAME: VALUE}}}}}}`", rule.id),
        )];
        entries.extend(rule.params.iter().map(|(name, param)| {
            let unit = if param.unit.is_empty() { String::new() } else { format!(" {}", param.unit) };
            (Name::Code(name.clone()), format!("{}; {}{unit} unless set", param.description, param.default))
        }));
        sections.push(Section { title: "Parameters", body: Body::Entries(entries) });
    }
    if !rule.controls.is_empty() {
        sections.push(Section { title: "Controls", body: Body::Entries(of_controls(rule)) });
    }
    if !rule.related_resources.is_empty() {
        let of = |resource: &crate::policy::rule::RelatedResource| {
            (Name::Link(resource.address.clone()), resource.description.clone())
        };
        let entries = rule.related_resources.iter().map(of).collect();
        sections.push(Section { title: "Sources", body: Body::Entries(entries) });
    }
    sections
}

/// The families, then every control that the rule is relevant to.
fn of_controls(rule: &Rule) -> Vec<(Name, String)> {
    let families = rule.controls.iter().map(|name| {
        let title = controls::family(name).map_or("a family of your own", |family| family.title.as_str());
        (Name::Code(name.clone()), title.to_owned())
    });
    let controls = controls::of_families(rule.controls.iter().map(String::as_str));
    let told = controls.into_iter().map(|control| (Name::Words(control.to_string()), about(control)));
    families.chain(told).collect()
}

fn about(control: &Control) -> String {
    // without an id its title stands in its place
    let title = control.printed_id().map_or("", |_| control.title.as_str());
    let page = control.page.filter(|_| control.printed_id().is_some()).map(|page| format!("page {page}"));
    let strength = control.strength.as_str().to_owned();
    let parts = [Some(title.to_owned()).filter(|title| !title.is_empty()), Some(strength), page, control.note.clone()];
    joined(parts.into_iter().flatten())
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
