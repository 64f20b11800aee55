//! The topology of a deployment as a drawing, twice: for wide pages and paper, and for narrow screens. Made without a
//! script, and said once more in tables for whoever does not look.

mod callers;
mod inside;
mod marks;
mod narrow;
mod parts;
mod svg;
mod wide;
mod words;

use std::collections::BTreeSet;

use super::findings::anchor;
use super::text::{cut, escaped, visible};
use crate::finding::Finding;
use crate::reach::State;
use crate::report::Report;
use crate::topology::Topology;
use marks::Marks;
use svg::Svg;

/// Deployments that are drawn.
const SHOWN: usize = 25;

/// One deployment.
pub(super) struct Drawing {
    pub(super) deployment: String,
    /// A few words beside the name, so that many can be told apart unopened; whether they alarm.
    pub(super) brief: Vec<(String, bool)>,
    /// Markup of both drawings.
    pub(super) markup: String,
    pub(super) ways: Vec<Row>,
    /// What there is, and how it is.
    pub(super) things: Vec<(&'static str, String)>,
    pub(super) questions: Vec<String>,
    pub(super) more_ways: usize,
}

/// One way to one port.
pub(super) struct Row {
    pub(super) port: String,
    pub(super) guard: String,
    pub(super) who: String,
    pub(super) through: String,
    pub(super) state: &'static str,
    pub(super) because: String,
    pub(super) alarm: bool,
}

/// The drawings, in the order of the ids given; and how many have no room.
pub(super) fn drawings<'a>(
    report: &Report,
    order: impl Iterator<Item = &'a str>,
    cards: &BTreeSet<&str>,
) -> (Vec<Drawing>, usize) {
    let mut drawings = Vec::new();
    let mut more = 0;
    for id in order {
        let Some(deployment) = report.deployments.iter().find(|one| visible(&one.id) == id) else { continue };
        let Some(topology) = &deployment.topology else { continue };
        if drawings.len() == SHOWN {
            more += 1;
            continue;
        }
        let findings = report
            .findings
            .iter()
            .filter(|finding| finding.deployment == deployment.id && cards.contains(anchor(finding).as_str()));
        drawings.push(drawing(id, topology, findings, drawings.len()));
    }
    (drawings, more)
}

fn drawing<'a>(id: &str, topology: &Topology, findings: impl Iterator<Item = &'a Finding>, number: usize) -> Drawing {
    let marks = Marks::new(topology, findings);
    let about = about(topology);
    let whole = |kind: &str, width: i32, (shapes, height): (Svg, i32)| {
        let name = format!("topo-{number}-{kind}");
        let title = escaped(&cut(&visible(&format!("Topology of {id}")), 200));
        format!(
            r#"<svg class="topo {kind}" viewBox="0 0 {width} {height}" role="group" aria-labelledby="{name}-t" aria-describedby="{name}-d"><title id="{name}-t">{title}</title><desc id="{name}-d">{}</desc>{}</svg>"#,
            escaped(&about),
            shapes.markup()
        )
    };
    let markup = whole("wide", wide::WIDTH, wide::draw(topology, &marks))
        + &whole("narrow", narrow::WIDTH, narrow::draw(topology, &marks));
    let ways = topology.ports.iter().flat_map(|port| {
        port.ways.iter().map(|way| Row {
            port: format!("{} {}", port.port, words::port_title(port)),
            guard: format!("{}, {}", words::asks(port), words::encrypted(port)),
            who: visible(&way.who),
            through: visible(&way.through),
            state: way.state.in_words(),
            because: visible(&way.because),
            alarm: callers::alarms(port, way.circle, way.state)
                || (way.state == State::Stopped && callers::peers_kept_out(port)),
        })
    });
    Drawing {
        deployment: id.to_owned(),
        brief: brief(topology),
        markup,
        ways: ways.collect(),
        things: things(topology),
        questions: topology.questions.iter().map(|question| visible(question)).collect(),
        more_ways: topology.more_ways,
    }
}

/// How many peers, and the ports that should not be open as they are.
fn brief(topology: &Topology) -> Vec<(String, bool)> {
    let ports = topology.ports.iter().filter(|port| port.alarming()).map(|port| {
        let words = format!("{} {} {}", port.port, words::port_title(port), words::open_to(port));
        (words, true)
    });
    std::iter::once((words::peers(topology), false)).chain(ports).collect()
}

/// The whole in a few sentences.
fn about(topology: &Topology) -> String {
    let mut sentences = vec![format!("{}.", words::peers(topology))];
    sentences.extend(topology.ports.iter().map(|port| {
        format!(
            "Port {} {}: {}, {}, {}.",
            port.port,
            words::port_title(port),
            words::open_to(port),
            words::asks(port),
            words::encrypted(port)
        )
    }));
    sentences.push(format!("{}. The tables below say the same.", capital(topology.policies.in_words())));
    sentences.join(" ")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Everything that is drawn besides the ways.
fn things(topology: &Topology) -> Vec<(&'static str, String)> {
    let mut things: Vec<(&'static str, String)> = Vec::new();
    if !topology.workload.is_empty() {
        things.push(("Workload", format!("{}, {}", topology.workload, words::peers(topology))));
    }
    things.extend(topology.peers.placed.iter().map(|peer| {
        let node = peer.node.as_deref().unwrap_or("not scheduled");
        let zone = peer.zone.as_ref().map_or_else(String::new, |zone| format!(", zone {zone}"));
        ("Peer", format!("{} on {node}{zone}", peer.name))
    }));
    let spread = words::spread(&topology.peers);
    if !spread.is_empty() {
        things.push(("Spread", spread.join(", ")));
    }
    things.extend(topology.data.iter().map(|volume| ("Data", words::volume(volume))));
    things.extend(topology.snapshots.iter().map(|volume| ("Snapshots", words::volume(volume))));
    things.push(("Policies", topology.policies.in_words().to_owned()));
    things.extend(topology.services.iter().map(|service| {
        let ports: Vec<String> = service.ports.iter().map(u16::to_string).collect();
        ("Service", format!("{}, {}, {}", service.name, service.kind, ports.join(" ")))
    }));
    things.extend(topology.routes.iter().map(|route| {
        let lost = if route.arrives { "" } else { ", leads to no port of the peers" };
        ("Route", format!("{}/{} {}{lost}", route.kind, route.name, route.hosts.join(", ")))
    }));
    things.extend(topology.collections.iter().map(|collection| {
        ("Collection", format!("{}: {}", words::collection_name(collection), words::shards(collection)))
    }));
    things.into_iter().map(|(what, text)| (what, visible(&text))).collect()
}

#[cfg(test)]
mod tests;
