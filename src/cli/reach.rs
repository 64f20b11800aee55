//! `qdrant-lint reach`: who can reach the ports of the peers.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{Global, Reach, ViewFormat};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use super::{COULD_NOT_JUDGE, views};
use crate::reach::{Port, State, Way, reach};
use crate::reading::Reading;

/// Version of the JSON.
const SCHEMA: &str = "qdrant-lint/reach/v1";

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    deployments: Vec<Deployment>,
    errors: Vec<views::Fault>,
}

#[derive(Serialize)]
struct Deployment {
    id: String,
    #[serde(flatten)]
    reach: crate::reach::Reach,
}

/// Prints each port with every way to it. Exit code 1 when the port between peers is open to more than peers, or a
/// port that asks for nothing to more than named clients.
pub(super) fn run(arguments: &Reach, global: &Global) -> Result<u8, Failure> {
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let session = Session::new(&arguments.input, &plan, false)?;
    let deployments: Vec<Deployment> = session
        .built()
        .iter()
        .filter(|built| views::has_peers_or(built, "/network/policies"))
        .map(|built| Deployment { id: built.deployment.id.clone(), reach: reach(Reading::of(built, &session.sources)) })
        .collect();
    let errors =
        views::faults(&session, deployments.is_empty(), "no workload of Qdrant and no policy about it was found");
    let alarming = deployments.iter().flat_map(|deployment| &deployment.reach.ports).any(Port::alarming);
    let code = if errors.is_empty() { u8::from(alarming) } else { COULD_NOT_JUDGE };
    match arguments.format {
        ViewFormat::Json => views::json(&Document { schema: SCHEMA, deployments, errors })?,
        ViewFormat::Table => {
            views::tell(&errors);
            let pen = views::Pen { color: output::colored(global) };
            let text: String = deployments.iter().map(|deployment| table(deployment, pen)).collect();
            output::print(&text);
        }
    }
    Ok(code)
}

fn table(deployment: &Deployment, pen: views::Pen) -> String {
    let mut text = format!("{}\n", pen.bold(&deployment.id));
    for port in &deployment.reach.ports {
        let encrypted = match port.encrypted {
            Some(true) => "TLS",
            Some(false) => "plain text",
            None => "TLS not known",
        };
        let maybe = if port.maybe_wider { ", perhaps more" } else { "" };
        let widest = format!("{}{maybe}", port.widest.in_words());
        let widest = if port.alarming() { pen.red(&widest) } else { widest };
        let head = pen.bold(&format!("{} {}", port.port, port.title()));
        let _ = writeln!(text, "\n  {head} · {} · {encrypted} · reached by {widest}", port.asks.in_words());
        for way in &port.ways {
            line(&mut text, way, pen);
        }
    }
    if !deployment.reach.open_questions.is_empty() {
        let _ = writeln!(text, "\n  not known");
        for note in &deployment.reach.open_questions {
            let place = note.place.as_ref().map_or_else(String::new, |place| format!(" ({place})"));
            let _ = writeln!(text, "    {}{place}", note.text);
        }
    }
    text.push('\n');
    text
}

fn line(text: &mut String, way: &Way, pen: views::Pen) {
    const STATE: usize = 8;
    let state = format!("{:<STATE$}", way.state.in_words());
    let state = match way.state {
        State::Open => pen.yellow(&state),
        State::Unknown => pen.dim(&state),
        State::Stopped => pen.green(&state),
    };
    let place = way.place.as_ref().map_or_else(String::new, |place| format!("  {place}"));
    let _ = writeln!(text, "    {state} {} through {}{place}", way.who, way.through);
    if !way.because.is_empty() {
        let _ = writeln!(text, "             {}", pen.dim(&way.because));
    }
}
