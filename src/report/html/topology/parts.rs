//! Parts that both drawings share.

use super::callers::{Caller, is_through, peers_kept_out};
use super::marks::{Marks, Part};
use super::svg::{Face, Svg};
use super::words;
use crate::reach::{Circle, Port, State};
use crate::topology::{Policies, Topology};

pub(super) const CROSS: &str = "M1 1l8 8M9 1l-8 8";
const GLOBE: &str = "M9 1a8 8 0 1 0 .1 0zM1.3 9h15.4M9 1c-5 4.6-5 11.4 0 16M9 1c5 4.6 5 11.4 0 16";
const NETWORK: &str = "M6.5 1h5v5h-5zM1 12h5v5H1zM12 12h5v5h-5zM9 6v3M3.5 12V9h11v3";
const POD: &str = "M9 1l7 4v8l-7 4-7-4V5zM2 5l7 4 7-4M9 9v8";
const PERSON: &str = "M9 1.5a3.4 3.4 0 1 0 .1 0zM2 16.5c.6-8 13.4-8 14 0z";

/// The icon of a caller.
pub(super) fn who(svg: &mut Svg, circle: Circle, at: (i32, i32)) {
    let data = match circle {
        Circle::Internet => GLOBE,
        Circle::Network => NETWORK,
        Circle::Named => PERSON,
        Circle::Nobody | Circle::Peers | Circle::Namespace | Circle::Cluster => POD,
    };
    svg.icon("who", at, data);
}

/// How a caller's box looks, by the worst of its ways.
pub(super) fn class(caller: &Caller<'_>) -> &'static str {
    let alarm = caller.reaches.iter().any(|(.., alarm)| *alarm);
    match caller.reaches.iter().map(|(_, state, _)| *state).min() {
        _ if alarm => "caller danger",
        Some(State::Open) => "caller",
        Some(State::Unknown) | None => "caller unknown",
        Some(State::Stopped) => "caller stopped",
    }
}

/// What a caller comes through, with the host names of a route.
pub(super) fn through(topology: &Topology, caller: &Caller<'_>) -> String {
    let route = topology.routes.iter().find(|route| is_through(caller, &format!("{}/{}", route.kind, route.name)));
    match route.map(|route| route.hosts.join(", ")).filter(|hosts| !hosts.is_empty()) {
        Some(hosts) => format!("{} · {hosts}", caller.through),
        None => words::through(caller.through),
    }
}

/// The Service or route that a caller comes through.
pub(super) fn part_of(topology: &Topology, caller: &Caller<'_>) -> Option<Part> {
    let service = topology.services.iter().position(|one| is_through(caller, &format!("Service/{}", one.name)));
    let route = || topology.routes.iter().position(|one| is_through(caller, &format!("{}/{}", one.kind, one.name)));
    service.map(Part::Service).or_else(|| route().map(Part::Route))
}

/// The four lines of a port.
pub(super) fn port(svg: &mut Svg, port: &Port, (x, y): (i32, i32), room: i32) {
    svg.text(Face::Strong, (x, y + 25), room, &format!("{} {}", port.port, words::port_title(port)));
    svg.text(Face::Plain, (x, y + 46), room, words::asks(port));
    svg.text(Face::Plain, (x, y + 63), room, words::encrypted(port));
    if peers_kept_out(port) {
        svg.text(Face::Alarm, (x, y + 80), room, "peers are kept out");
    } else {
        svg.text(if port.alarming() { Face::Alarm } else { Face::Soft }, (x, y + 80), room, words::open_to(port));
    }
}

/// The deployment as a whole; its own text reaches to `right`.
pub(super) fn frame(
    svg: &mut Svg,
    topology: &Topology,
    marks: &Marks,
    (x, y, width, height): (i32, i32, i32, i32),
    right: i32,
) {
    let name = if topology.workload.is_empty() { "workload not given" } else { topology.workload.as_str() };
    let mut below = words::peers(topology);
    if topology.peers.clustered == Some(false) {
        below.push_str(" · cluster mode is off");
    }
    if let Some(namespace) = &topology.namespace {
        below = format!("{below} · namespace {namespace}");
    }
    svg.group("frame", &format!("{name} · {below}"), |svg| {
        svg.rect("frame", (x, y, width, height), 14);
        svg.text(Face::Name, (x + 16, y + 28), right - x - 56, name);
        svg.text(Face::Plain, (x + 16, y + 48), right - x - 56, &below);
    });
    marks.draw(svg, &Part::Peers, (right - 12, y + 24));
    let open = matches!(topology.policies, Policies::None | Policies::HostNetwork);
    let face = if open { Face::Alarm } else { Face::Soft };
    svg.text(face, (x + 16, y + 68), right - x - 56, topology.policies.in_words());
    marks.draw(svg, &Part::Policies, (right - 12, y + 62));
}

/// Routes that lead to no port of the peers.
pub(super) fn lost_routes(topology: &Topology) -> Vec<usize> {
    let lost = topology.routes.iter().enumerate().filter(|(_, route)| !route.arrives);
    lost.map(|(index, _)| index).take(3).collect()
}

pub(super) fn lost_route(
    svg: &mut Svg,
    topology: &Topology,
    marks: &Marks,
    index: usize,
    (x, y): (i32, i32),
    width: i32,
) -> i32 {
    let route = &topology.routes[index];
    let name = format!("{}/{}", route.kind, route.name);
    let title = format!("{name} · {} · leads to no port of the peers", route.hosts.join(", "));
    svg.group("caller", &title, |svg| {
        svg.rect("caller stopped", (x, y, width, 58), 9);
        who(svg, Circle::Internet, (x + 12, y + 20));
        svg.text(Face::Alarm, (x + 42, y + 24), width - 60, "leads to no port of the peers");
        svg.text(Face::Small, (x + 42, y + 43), width - 60, &name);
    });
    marks.draw(svg, &Part::Route(index), (x + width - 10, y + 3));
    58
}

/// Services by which pods find the peers, without those that are drawn elsewhere.
pub(super) fn services(
    svg: &mut Svg,
    topology: &Topology,
    marks: &Marks,
    (x, y): (i32, i32),
    width: i32,
    elsewhere: &dyn Fn(&str) -> bool,
) -> i32 {
    let shown: Vec<usize> = (0..topology.services.len())
        .filter(|index| !elsewhere(&format!("Service/{}", topology.services[*index].name)))
        .collect();
    if shown.is_empty() {
        return 0;
    }
    svg.text(Face::Strong, (x, y + 18), width, "Services");
    let mut down = y + 32;
    for index in shown.iter().take(4) {
        let service = &topology.services[*index];
        let ports: Vec<String> = service.ports.iter().map(u16::to_string).collect();
        let below = format!("{} · {}", service.kind, ports.join(" "));
        svg.group("service", &format!("Service/{} · {below}", service.name), |svg| {
            svg.rect("box", (x, down, width, 46), 9);
            svg.text(Face::Name, (x + 12, down + 20), width - 36, &service.name);
            svg.text(Face::Small, (x + 12, down + 37), width - 24, &below);
        });
        marks.draw(svg, &Part::Service(*index), (x + width - 10, down + 3));
        down += 54;
    }
    let more = shown.len().saturating_sub(4) + topology.more_services;
    if more > 0 {
        svg.text(Face::Soft, (x, down + 12), width, &format!("and {more} more Services"));
        down += 22;
    }
    down - y
}
