//! Pages made from the METADATA of the rules. The committed files are compared with these texts by a test.

use std::fmt::Write as _;

use crate::policy::{Profile, Registry, Rule, Severity};

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// A case of a rule, without the comments that only tests read.
pub struct Example {
    /// What is wrong, each place marked by a comment.
    pub bad: Option<String>,
    /// How it may look instead.
    pub good: Option<String>,
}

/// The shortest bad and good case of a rule.
pub fn example(rule: &str) -> Example {
    let of = |bad: bool| {
        EXAMPLES.iter().find(|(id, is_bad, _)| *id == rule && *is_bad == bad).map(|(_, _, text)| readable(text))
    };
    Example { bad: of(true), good: of(false) }
}

/// `# expect: rule` becomes a mark; the flags of the case go.
fn readable(text: &str) -> String {
    let is_flag = |line: &&str| {
        const FLAGS: [&str; 7] =
            ["chart:", "namespace:", "release:", "profile:", "effective-date:", "config:", "skipped:"];
        line.strip_prefix("# ").is_some_and(|rest| FLAGS.iter().any(|flag| rest.starts_with(flag)))
    };
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !is_flag(line))
        .map(|line| match line.split_once("# expect:") {
            Some((before, _)) => format!("{before}# <-- here"),
            None => line.to_owned(),
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

/// The table of the README.
pub fn rules_table(registry: &Registry) -> String {
    let mut text = String::from("| rule | production | gcc-sovereign | what is wrong |\n|---|---|---|---|\n");
    for rule in registry.rules() {
        let severity = |profile| rule.severity_in(profile).map_or("–", Severity::as_str);
        let _ = writeln!(
            text,
            "| [`{}`](docs/rules.md#{}) | {} | {} | {} |",
            rule.id,
            anchor(rule),
            severity(Profile::Production),
            severity(Profile::GccSovereign),
            rule.title.replace('|', "\\|")
        );
    }
    text
}

/// `docs/rules.md`: every rule with its reasons.
pub fn rules_page(registry: &Registry) -> String {
    let mut text = String::from(
        "# Rules\n\nMade from the METADATA of `policies/`; `UPDATE=1 cargo test generated_files` writes it anew.\n",
    );
    for rule in registry.rules() {
        let _ = writeln!(text, "\n## {}\n\n**{}**\n", rule.id, rule.title);
        let severities: Vec<String> = Profile::ALL
            .iter()
            .map(|profile| format!("{} in `{profile}`", rule.severity_in(*profile).map_or("off", Severity::as_str)))
            .collect();
        let _ = writeln!(text, "Severity {} · consequence {}\n", severities.join(", "), rule.consequence.in_words());
        let _ = writeln!(text, "{}\n\n**Fix.** {}", rule.description, rule.remediation);
        if !rule.params.is_empty() {
            let _ = writeln!(text, "\n| parameter | default | meaning |\n|---|---|---|");
            for (name, param) in &rule.params {
                let _ = writeln!(text, "| `{name}` | {} {} | {} |", param.default, param.unit, param.description);
            }
        }
        if !rule.guide.is_empty() {
            let _ = writeln!(text, "\nGuide: {}", rule.guide.join(", "));
        }
        let Example { bad, good } = example(&rule.id);
        for (word, example) in [("Bad", bad), ("Good", good)] {
            if let Some(example) = example {
                let _ = writeln!(text, "\n{word}:\n\n```yaml\n{example}\n```");
            }
        }
        for resource in &rule.related_resources {
            let _ = writeln!(text, "\n* [{}]({})", resource.description, resource.address);
        }
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

fn anchor(rule: &Rule) -> String {
    rule.id.replace('/', "")
}
