//! `qdrant-lint explain RULE`.

use std::fmt::Write as _;

use super::args::{Explain, Global};
use super::output::{self, Failure};
use super::plan;
use crate::policy::{Profile, Rule, Severity};

/// Explains one rule.
pub(super) fn run(arguments: &Explain, _: &Global) -> Result<u8, Failure> {
    let registry = plan::registry(&arguments.policy)?;
    let Some(rule) = registry.get(&arguments.rule) else {
        let help = registry.nearest(&arguments.rule).map_or_else(
            || "`qdrant-lint rules` lists them all".to_owned(),
            |near| format!("did you mean `{near}`? `qdrant-lint rules` lists them all"),
        );
        return Err(Failure::new(format!("no rule is called `{}`", arguments.rule)).help(help));
    };
    output::print(&page(rule));
    Ok(0)
}

fn page(rule: &Rule) -> String {
    let mut text = format!("{}: {}\n\n", rule.id, rule.title);
    let severities: Vec<String> = Profile::ALL
        .iter()
        .map(|profile| format!("{} in {profile}", rule.severity_in(*profile).map_or("off", Severity::as_str)))
        .collect();
    let _ = writeln!(text, "severity     {}", severities.join(", "));
    let _ = writeln!(text, "consequence  {}", rule.consequence.in_words());
    let inputs: Vec<String> = rule.inputs.iter().map(|input| format!("{input:?}").to_lowercase()).collect();
    let _ = writeln!(text, "judges       {}", inputs.join(", "));
    if !rule.needs.is_empty() {
        let _ = writeln!(text, "needs        {}", rule.needs.join(", "));
    }
    if !rule.guide.is_empty() {
        let _ = writeln!(text, "guide        {}", rule.guide.join(", "));
    }
    let _ = writeln!(text, "\nwhy\n{}\n\nfix\n{}", indented(&rule.description), indented(&rule.remediation));
    let crate::docs::Example { bad, good } = crate::docs::example(&rule.id);
    for (word, example) in [("bad", bad), ("good", good)] {
        if let Some(example) = example {
            let _ = writeln!(text, "\n{word}\n{}", indented(&example));
        }
    }
    if !rule.params.is_empty() {
        let _ = writeln!(text, "\nparameters (in .qdrant-lint.yaml: `rules: {{{}: {{params: {{…}}}}}}`)", rule.id);
        for (name, param) in &rule.params {
            let unit = if param.unit.is_empty() { String::new() } else { format!(" {}", param.unit) };
            let _ = writeln!(text, "  {name} = {}{unit}: {}", param.default, param.description);
        }
    }
    if !rule.related_resources.is_empty() {
        let _ = writeln!(text, "\nsources");
        for resource in &rule.related_resources {
            let _ = writeln!(text, "  {}: {}", resource.description, resource.address);
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
