//! `qdrant-lint rules`.

use std::fmt::Write as _;

use super::args::{Global, Rules, RulesFormat};
use super::output::{self, Failure};
use super::plan;
use crate::policy::{Profile, Registry, Severity};

/// Lists the rules.
pub(super) fn run(arguments: &Rules, _: &Global) -> Result<u8, Failure> {
    let registry = plan::registry(&arguments.policy)?;
    let text = match arguments.format {
        RulesFormat::Table => table(&registry, arguments.profile),
        RulesFormat::Json => {
            let rules: Vec<_> = registry.rules().collect();
            serde_json::to_string_pretty(&rules).map_err(|error| Failure::new(error.to_string()))? + "\n"
        }
        RulesFormat::Markdown => crate::docs::rules_table(&registry),
    };
    output::print(&text);
    Ok(0)
}

fn table(registry: &Registry, profile: Profile) -> String {
    let mut text = String::new();
    let mut count = 0;
    for rule in registry.rules() {
        count += 1;
        let severity = rule.severity_in(profile).map_or("off", Severity::as_str);
        let _ = writeln!(text, "{:<44} {severity:<9} {}", rule.id, rule.title);
    }
    let _ = writeln!(text, "\n{count} rules; severities of profile {profile}. `qdrant-lint explain RULE` says more");
    text
}
