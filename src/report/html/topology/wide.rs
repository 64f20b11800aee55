//! The drawing for wide pages and paper: who comes at the left, the ports as gates in the frame of the deployment, the
//! peers inside.

use super::callers::{Caller, Callers, callers, is_through, peers_kept_out};
use super::inside;
use super::marks::{Marks, Part};
use super::parts::{self, CROSS};
use super::svg::{Face, Svg};
use super::words;
use crate::reach::State;
use crate::topology::Topology;

pub(super) const WIDTH: i32 = 880;
const CALLER: i32 = 262;
const GATE: (i32, i32, i32) = (372, 190, 94);
const FRAME: i32 = 467;
const INSIDE: (i32, i32) = (580, 284);
const TOP: i32 = 96;

/// The shapes and the height they take.
pub(super) fn draw(topology: &Topology, marks: &Marks) -> (Svg, i32) {
    let callers = callers(topology);
    let mut left = Svg::default();
    let (boxes, left_end) = column(&mut left, topology, marks, &callers);
    let mut within = Svg::default();
    let inside_end = TOP + inside::draw(&mut within, topology, marks, (INSIDE.0, TOP), INSIDE.1);
    let gates_end = TOP + i32::try_from(topology.ports.len()).unwrap_or_default() * (GATE.2 + 18);
    let height = left_end.max(inside_end).max(gates_end) + 8;

    let mut svg = Svg::default();
    parts::frame(&mut svg, topology, marks, (FRAME, 2, WIDTH - FRAME - 2, height - 4), INSIDE.1 + INSIDE.0);
    lines(&mut svg, &boxes, topology.ports.len());
    svg.append(&left);
    for (index, port) in topology.ports.iter().enumerate() {
        let at = (GATE.0, gate(index));
        let danger = port.alarming() || peers_kept_out(port);
        svg.group("gate", &format!("{} {}: {}", port.port, words::port_title(port), words::open_to(port)), |svg| {
            svg.rect(if danger { "gate danger" } else { "gate" }, (at.0, at.1, GATE.1, GATE.2), 10);
            parts::port(svg, port, (at.0 + 14, at.1), GATE.1 - 24);
        });
        marks.draw(&mut svg, &Part::Port(index), (at.0 + GATE.1 - 10, at.1 + 3));
    }
    svg.append(&within);
    (svg, height)
}

fn gate(index: usize) -> i32 {
    TOP + i32::try_from(index).unwrap_or_default() * (GATE.2 + 18)
}

/// Draws who comes, and tells where each box stands.
fn column<'a>(
    svg: &mut Svg,
    topology: &Topology,
    marks: &Marks,
    callers: &'a Callers<'a>,
) -> (Vec<(&'a Caller<'a>, i32)>, i32) {
    let mut boxes = Vec::new();
    let mut down = 0;
    svg.text(Face::Strong, (0, down + 18), CALLER, "From outside the cluster");
    down += 32;
    let lost = parts::lost_routes(topology);
    if callers.outside.is_empty() && lost.is_empty() {
        svg.text(Face::Soft, (0, down + 10), GATE.0 - 10, "nothing that was given leads in");
        down += 26;
    }
    let mut draw = |svg: &mut Svg, list: &'a [Caller<'a>], down: &mut i32| {
        for caller in list {
            let height = caller_box(svg, topology, marks, caller, *down);
            boxes.push((caller, *down + height / 2));
            *down += height + 10;
        }
    };
    draw(svg, &callers.outside, &mut down);
    for index in lost {
        down += parts::lost_route(svg, topology, marks, index, (0, down), CALLER) + 10;
    }
    down += 14;
    svg.text(Face::Strong, (0, down + 18), CALLER, "Inside the cluster");
    down += 32;
    if callers.inside.is_empty() {
        svg.text(Face::Soft, (0, down + 10), CALLER, "nobody but the peers");
        down += 26;
    }
    draw(svg, &callers.inside, &mut down);
    if callers.more > 0 {
        svg.text(Face::Soft, (0, down + 12), CALLER, &format!("and {} more ways, in the table", callers.more));
        down += 26;
    }
    down += 14;
    down += parts::services(svg, topology, marks, (0, down), CALLER, &|object| {
        callers.outside.iter().any(|caller| is_through(caller, object))
    });
    (boxes, down)
}

fn caller_box(svg: &mut Svg, topology: &Topology, marks: &Marks, caller: &Caller<'_>, y: i32) -> i32 {
    let lines = Face::Plain.lines(&words::who(caller.who), CALLER - 58, 3);
    let through = parts::through(topology, caller);
    let height = 20 + 16 * i32::try_from(lines.len()).unwrap_or(2) + 16;
    let title = format!("{} · {through}", caller.who);
    svg.group("caller", &title, |svg| {
        svg.rect(parts::class(caller), (0, y, CALLER, height), 9);
        parts::who(svg, caller.circle, (12, y + height / 2 - 9));
        let mut line = y + 22;
        for text in &lines {
            svg.text(Face::Plain, (42, line), CALLER - 52, text);
            line += 16;
        }
        svg.text(Face::Small, (42, line), CALLER - 60, &through);
    });
    if let Some(part) = parts::part_of(topology, caller) {
        marks.draw(svg, &part, (CALLER - 10, y + 3));
    }
    height
}

/// From every caller to every port it may come to; what is stopped ends before the gate.
fn lines(svg: &mut Svg, boxes: &[(&Caller<'_>, i32)], ports: usize) {
    for port in 0..ports {
        let arriving: Vec<(&Caller<'_>, i32, State, bool)> = boxes
            .iter()
            .filter_map(|(caller, y)| {
                let (_, state, alarm) = caller.reaches.iter().find(|(index, ..)| *index == port)?;
                Some((*caller, *y, *state, *alarm))
            })
            .collect();
        let count = i32::try_from(arriving.len()).unwrap_or(1);
        for ((caller, from, state, alarm), place) in arriving.iter().zip(1..) {
            let to = gate(port) + GATE.2 * place / (count + 1);
            let class = match (state, alarm) {
                (State::Open, true) => "way danger",
                (State::Open, false) => "way open",
                (State::Unknown, _) => "way unknown",
                (State::Stopped, _) => "way stopped",
            };
            let end = if *state == State::Stopped { GATE.0 - 16 } else { GATE.0 - 8 };
            let middle = i32::midpoint(CALLER, end);
            let title = format!("{}: {}", caller.who, state.in_words());
            svg.group("path", &title, |svg| {
                svg.path(class, &format!("M{CALLER} {from}C{middle} {from} {middle} {to} {end} {to}"));
                if *state == State::Stopped {
                    svg.icon("cross", (GATE.0 - 15, to - 5), CROSS);
                } else {
                    let head = if *alarm {
                        "head danger"
                    } else if *state == State::Open {
                        "head"
                    } else {
                        "head unknown"
                    };
                    svg.path(head, &format!("M{} {}l9 5-9 5z", GATE.0 - 10, to - 5));
                }
            });
        }
    }
}
