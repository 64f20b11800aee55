//! Who comes which way to which ports: the ways of all ports, joined by who comes and what they come through.

use crate::reach::{Circle, Port, State};
use crate::topology::Topology;

/// Callers of one side that are drawn.
const SHOWN: usize = 5;

/// Someone who comes one way.
pub(super) struct Caller<'a> {
    pub(super) who: &'a str,
    pub(super) through: &'a str,
    pub(super) circle: Circle,
    /// Index of the port, whether it is open, whether that alarms.
    pub(super) reaches: Vec<(usize, State, bool)>,
}

/// Callers from outside the cluster and from within, and how many have no room.
#[derive(Default)]
pub(super) struct Callers<'a> {
    pub(super) outside: Vec<Caller<'a>>,
    pub(super) inside: Vec<Caller<'a>>,
    pub(super) more: usize,
}

/// Whether an open way is one that ought not to be.
pub(super) fn alarms(port: &Port, circle: Circle, state: State) -> bool {
    let expected = if port.role == "p2p" { Circle::Peers } else { Circle::Named };
    state == State::Open && port.alarming() && circle > expected
        // a person with port-forward passes to the port between peers as well
        || state == State::Open && port.role == "p2p" && circle > Circle::Peers
}

/// Peers that cannot reach each other on the port that is theirs.
pub(super) fn peers_kept_out(port: &Port) -> bool {
    port.role == "p2p" && port.ways.iter().any(|way| way.circle == Circle::Peers && way.state == State::Stopped)
}

pub(super) fn callers(topology: &Topology) -> Callers<'_> {
    let mut all: Vec<Caller<'_>> = Vec::new();
    for (index, port) in topology.ports.iter().enumerate() {
        for way in port.ways.iter().filter(|way| way.circle != Circle::Peers) {
            let alarm = alarms(port, way.circle, way.state);
            let same = |caller: &&mut Caller<'_>| {
                caller.who == way.who && caller.through == way.through && caller.circle == way.circle
            };
            if let Some(caller) = all.iter_mut().find(same) {
                caller.reaches.push((index, way.state, alarm));
            } else {
                let reaches = vec![(index, way.state, alarm)];
                all.push(Caller { who: &way.who, through: &way.through, circle: way.circle, reaches });
            }
        }
    }
    // what alarms first, then what is open, then by the port, so that few lines cross
    all.sort_by_key(|caller| {
        let alarm = caller.reaches.iter().any(|(.., alarm)| *alarm);
        let state = caller.reaches.iter().map(|(_, state, _)| *state).min();
        (!alarm, state, std::cmp::Reverse(caller.circle), caller.reaches.first().map(|(port, ..)| *port))
    });
    let mut callers = Callers::default();
    for caller in all {
        let side = if caller.circle >= Circle::Network { &mut callers.outside } else { &mut callers.inside };
        if side.len() < SHOWN {
            side.push(caller);
        } else {
            callers.more += 1;
        }
    }
    callers
}

/// What comes through an object says so: `Service/qdrant (LoadBalancer)`, `Ingress/qdrant`.
pub(super) fn is_through(caller: &Caller<'_>, object: &str) -> bool {
    caller.through == object || caller.through.strip_prefix(object).is_some_and(|rest| rest.starts_with(" ("))
}
