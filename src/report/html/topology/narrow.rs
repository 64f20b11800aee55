//! The drawing for a narrow screen: each port with who comes to it, one below the other, then the peers.

use super::callers::{alarms, peers_kept_out};
use super::inside;
use super::marks::{Marks, Part};
use super::parts::{self, CROSS};
use super::svg::{Face, Svg};
use super::words;
use crate::reach::{Circle, Port, State, Way};
use crate::topology::Topology;

pub(super) const WIDTH: i32 = 344;
/// Ways to one port.
const WAYS: usize = 4;
const ARROW: &str = "M0 5h8M5 1l5 4-5 4";
const DOUBT: &str = "M1 2.6C1.4-.6 8-.6 7.6 2.8 7.4 4.8 4.4 4.8 4.4 7.4M4.4 10v.2";

/// The shapes and the height they take.
pub(super) fn draw(topology: &Topology, marks: &Marks) -> (Svg, i32) {
    let mut svg = Svg::default();
    let mut down = 2;
    for (index, port) in topology.ports.iter().enumerate() {
        down += gate(&mut svg, marks, index, port, down) + 12;
    }
    for index in parts::lost_routes(topology) {
        down += parts::lost_route(&mut svg, topology, marks, index, (2, down), WIDTH - 4) + 10;
    }
    down += parts::services(&mut svg, topology, marks, (2, down), WIDTH - 4, &|_| false) + 6;
    let mut within = Svg::default();
    let height = inside::draw(&mut within, topology, marks, (16, down + 92), WIDTH - 32) + 92 + 14;
    parts::frame(&mut svg, topology, marks, (2, down, WIDTH - 4, height), WIDTH - 16);
    svg.append(&within);
    (svg, down + height + 4)
}

fn gate(svg: &mut Svg, marks: &Marks, index: usize, port: &Port, y: i32) -> i32 {
    let others: Vec<&Way> = port.ways.iter().filter(|way| way.circle != Circle::Peers).collect();
    let mut rows = Svg::default();
    let mut down = y + 104;
    for way in others.iter().take(WAYS) {
        let alarm = alarms(port, way.circle, way.state);
        let lines = Face::Plain.lines(&words::who(&way.who), WIDTH - 60, 3);
        rows.group("path", &format!("{} · {} · {}", way.who, way.through, way.state.in_words()), |svg| {
            let (class, icon) = match way.state {
                State::Open if alarm => ("sign danger", ARROW),
                State::Open => ("sign", ARROW),
                State::Unknown => ("sign unknown", DOUBT),
                State::Stopped => ("cross", CROSS),
            };
            svg.icon(class, (18, down - 10), icon);
            for line in &lines {
                svg.text(if alarm { Face::Alarm } else { Face::Plain }, (40, down), WIDTH - 56, line);
                down += 16;
            }
            svg.text(Face::Small, (40, down), WIDTH - 56, &words::through(&way.through));
            down += 26;
        });
    }
    if others.len() > WAYS {
        rows.text(Face::Soft, (40, down), WIDTH - 56, &format!("and {} more, in the table", others.len() - WAYS));
        down += 24;
    }
    let danger = port.alarming() || peers_kept_out(port);
    svg.group("gate", &format!("{} {}: {}", port.port, words::port_title(port), words::open_to(port)), |svg| {
        svg.rect(if danger { "gate danger" } else { "gate" }, (2, y, WIDTH - 4, down - y - 8), 10);
        parts::port(svg, port, (16, y), WIDTH - 60);
    });
    marks.draw(svg, &Part::Port(index), (WIDTH - 22, y + 16));
    svg.append(&rows);
    down - y - 8
}
