//! `qdrant-lint explain RULE`.

use super::args::{Explain, Global};
use super::output::{self, Failure};
use super::plan;

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
    output::print(&crate::docs::terminal(rule));
    Ok(0)
}
