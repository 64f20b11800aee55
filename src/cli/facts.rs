//! `qdrant-lint facts`: the document that rules see.

use serde_json::{Value, json};

use super::COULD_NOT_JUDGE;
use super::args::{Facts, Global};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::source::{Origin, Written};

/// Prints the facts of every deployment, one JSON document each.
pub(super) fn run(arguments: &Facts, _: &Global) -> Result<u8, Failure> {
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let session = Session::new(&arguments.input, &plan, true)?;
    for line in session.errors() {
        output::error(&Failure(line));
    }
    let built = session.built();
    let documents: Vec<Value> = built
        .iter()
        .map(|built| {
            if !arguments.provenance {
                return built.facts.clone();
            }
            let provenance: Vec<Value> = built
                .provenance
                .entries()
                .into_iter()
                .map(|(path, origin)| json!({"path": path, "origin": describe(origin, &session)}))
                .collect();
            json!({"facts": built.facts, "provenance": provenance})
        })
        .collect();
    let shown = match documents.as_slice() {
        [only] => only.clone(),
        _ => Value::Array(documents),
    };
    let text = serde_json::to_string_pretty(&shown).map_err(|error| Failure::new(error.to_string()))?;
    output::print(&(text + "\n"));
    Ok(if built.is_empty() || !session.loaded.errors.is_empty() { COULD_NOT_JUDGE } else { 0 })
}

fn describe(origin: &Origin, session: &Session) -> Value {
    let place = |written: &Written| {
        let source = session.sources.get(written.source);
        let position = source.position(written.key_span().start);
        json!({"file": source.name, "line": position.line, "column": position.column})
    };
    match origin {
        Origin::Written(written) => json!({"kind": "written", "at": place(written)}),
        Origin::Set(written) => json!({"kind": "set", "at": place(written)}),
        Origin::Default(default) => {
            json!({"kind": "default", "of": default.owner.as_ref(), "path": default.path, "set_at": default.anchor.as_ref().map(place)})
        }
        Origin::Derived => json!({"kind": "derived"}),
    }
}
