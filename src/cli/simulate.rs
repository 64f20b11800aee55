//! `qdrant-lint simulate`: what becomes of the collections when peers go away.

use std::fmt::Write as _;

use serde::Serialize;

use super::args::{Global, Simulate, ViewFormat};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use super::{COULD_NOT_JUDGE, views};
use crate::reading::Reading;
use crate::simulate::{Fate, Ground, Outcome, Scenario, Simulation, State, simulate};

/// Version of the JSON.
const SCHEMA: &str = "qdrant-lint/simulation/v1";

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    deployments: Vec<Deployment>,
    errors: Vec<views::Fault>,
}

#[derive(Serialize)]
struct Deployment {
    id: String,
    /// Why it could not be simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    #[serde(flatten)]
    simulation: Option<Simulation>,
}

/// Prints each event at best and at worst. Exit code 1 when a client may notice any of them.
pub(super) fn run(arguments: &Simulate, global: &Global) -> Result<u8, Failure> {
    let plan = Plan::new(&arguments.input, &arguments.policy)?;
    let session = Session::new(&arguments.input, &plan, false)?;
    let ground = Ground { nodes: arguments.nodes, zones: arguments.zones };
    let deployments: Vec<Deployment> = session
        .built()
        .iter()
        .map(|built| {
            let result = simulate(Reading::of(built, &session.sources), ground);
            let (simulation, skipped) = match result {
                Ok(simulation) => (Some(simulation), None),
                Err(why) => (None, Some(why)),
            };
            Deployment { id: built.deployment.id.clone(), skipped, simulation }
        })
        .collect();
    let none = deployments.iter().all(|deployment| deployment.simulation.is_none());
    let why = deployments.iter().find_map(|deployment| deployment.skipped.clone());
    let errors = views::faults(&session, none, &why.unwrap_or_else(|| "no workload of Qdrant was found".to_owned()));
    let harmed = deployments.iter().filter_map(|deployment| deployment.simulation.as_ref()).any(|one| !one.survives());
    let code = if errors.is_empty() { u8::from(harmed) } else { COULD_NOT_JUDGE };
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
    let id = pen.bold(&deployment.id);
    let Some(simulation) = &deployment.simulation else {
        let why = deployment.skipped.as_deref().unwrap_or_default();
        return format!("{id}\n  not simulated: {why}\n\n");
    };
    let peers = if simulation.peers == 1 { "1 peer".to_owned() } else { format!("{} peers", simulation.peers) };
    let majority = match simulation.majority {
        0 => "no consensus".to_owned(),
        majority => format!("the consensus needs {majority}"),
    };
    let mut text = format!("{id} · {peers} · {majority}\n");
    for collection in &simulation.collections {
        let place = collection.place.as_ref().map_or_else(String::new, |place| format!("  {place}"));
        let asked = if collection.copies == collection.replication_factor {
            String::new()
        } else {
            format!(" ({} asked for)", collection.replication_factor)
        };
        let _ = writeln!(
            text,
            "  {}: {}, {} each{asked}, a write needs {}{place}",
            collection.name,
            counted(collection.shards, "shard"),
            if collection.copies == 1 { "1 copy".to_owned() } else { format!("{} copies", collection.copies) },
            collection.acknowledgements,
        );
    }
    for scenario in &simulation.scenarios {
        event(&mut text, scenario, simulation, pen);
    }
    let _ = writeln!(text, "\n  assumed");
    for assumption in &simulation.assumptions {
        let _ = writeln!(text, "    {assumption}");
    }
    text.push('\n');
    text
}

fn event(text: &mut String, scenario: &Scenario, simulation: &Simulation, pen: views::Pen) {
    let _ = writeln!(text, "\n  {}", pen.bold(scenario.event.in_words()));
    if let Some(reason) = &scenario.blocked {
        let place = reason.place.as_ref().map_or_else(String::new, |place| format!("  {place}"));
        let _ = writeln!(text, "    {} {}{place}", pen.red("blocked"), reason.text);
        return;
    }
    if scenario.best == scenario.worst {
        outcome(text, "always", &scenario.worst, simulation, pen);
    } else {
        outcome(text, "best  ", &scenario.best, simulation, pen);
        outcome(text, "worst ", &scenario.worst, simulation, pen);
    }
    for reason in &scenario.because {
        let place = reason.place.as_ref().map_or_else(String::new, |place| format!("  {place}"));
        let _ = writeln!(text, "           {}", pen.dim(&format!("{}{place}", reason.text)));
    }
}

fn outcome(text: &mut String, word: &str, outcome: &Outcome, simulation: &Simulation, pen: views::Pen) {
    let quorum = match outcome.quorum {
        Some(true) => "quorum kept".to_owned(),
        Some(false) => pen.red("quorum lost"),
        None => "no consensus".to_owned(),
    };
    let _ = writeln!(text, "    {word} {} of {} peers down · {quorum}", outcome.peers_down, simulation.peers);
    for (collection, fate) in simulation.collections.iter().zip(&outcome.collections) {
        let state = match fate.state {
            State::Works => pen.green(fate.state.in_words()),
            State::ReadOnly => pen.yellow(fate.state.in_words()),
            State::Unavailable | State::DataLoss => pen.red(fate.state.in_words()),
        };
        let _ = writeln!(text, "           {}: {state}{}", collection.name, detail(fate, collection.shards));
    }
}

fn detail(fate: &Fate, shards: u64) -> String {
    let of = |count: u64| format!("{count} of {}", counted(shards, "shard"));
    match fate.state {
        State::Works => String::new(),
        State::ReadOnly => format!(", writes to {} answer an error", of(fate.shards_refusing_writes)),
        State::Unavailable => format!(", no copy of {} answers, so searches fail", of(fate.shards_unreachable)),
        State::DataLoss => format!(", no copy of {} is left", of(fate.shards_lost)),
    }
}

fn counted(count: u64, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
