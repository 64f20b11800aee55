//! The four events, each at best and at worst.

use super::facts::{Cluster, Keeps};
use super::placement::Layout;
use super::{Collection, Event, Fate, Outcome, Reason, Scenario, Simulation, State};

/// What an event takes, on one side of what is not known.
#[derive(Clone, Copy, Debug)]
struct Blow {
    /// Peers away at once.
    down: u64,
    /// Peers whose data does not come back.
    wiped: u64,
}

/// The better or the worse of what is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Best,
    Worst,
}

pub(super) fn play(cluster: &Cluster) -> Simulation {
    Simulation {
        peers: cluster.peers,
        majority: if cluster.clustered { majority(cluster.peers) } else { 0 },
        assumptions: cluster.assumptions.clone(),
        collections: cluster.collections.clone(),
        scenarios: vec![drain(cluster), node_loss(cluster), zone_loss(cluster), upgrade(cluster)],
    }
}

/// Raft decides with more than half of the members.
fn majority(peers: u64) -> u64 {
    peers / 2 + 1
}

fn scenario(cluster: &Cluster, event: Event, best: Blow, worst: Blow, because: Vec<Reason>) -> Scenario {
    Scenario {
        event,
        blocked: None,
        best: outcome(cluster, best, Side::Best),
        worst: outcome(cluster, worst, Side::Worst),
        because,
    }
}

fn drain(cluster: &Cluster) -> Scenario {
    let (budget, node, keeps) = (&cluster.budget, &cluster.node, cluster.volume.keeps);
    let because = [Some(budget.because.clone()), node.because.clone(), Some(cluster.volume.because.clone())]
        .into_iter()
        .flatten()
        .collect();
    if budget.blocks {
        let none = Blow { down: 0, wiped: 0 };
        return Scenario {
            blocked: Some(budget.because.clone()),
            ..scenario(cluster, Event::Drain, none, none, because)
        };
    }
    let at_once = |peers: u64, allowed: Option<u64>| allowed.map_or(peers, |allowed| allowed.min(peers));
    let blow = |peers: u64, allowed: Option<u64>, side: Side| {
        let wiped = wiped(keeps, peers, side);
        // a peer that comes back empty is not back, so the budget only holds for a while
        Blow { down: at_once(peers, allowed).max(wiped), wiped }
    };
    let best = blow(node.fewest, budget.best, Side::Best);
    let worst = blow(node.most, budget.worst, Side::Worst);
    scenario(cluster, Event::Drain, best, worst, because)
}

fn node_loss(cluster: &Cluster) -> Scenario {
    let because = [cluster.node.because.clone(), Some(cluster.volume.because.clone())].into_iter().flatten().collect();
    let blow = |peers: u64, side: Side| Blow { down: peers, wiped: wiped(cluster.volume.keeps, peers, side) };
    let (best, worst) = (blow(cluster.node.fewest, Side::Best), blow(cluster.node.most, Side::Worst));
    scenario(cluster, Event::NodeLoss, best, worst, because)
}

fn zone_loss(cluster: &Cluster) -> Scenario {
    let zone = &cluster.zone;
    let mut because: Vec<Reason> = zone.because.clone().into_iter().collect();
    let follows = cluster.volume.keeps == Keeps::Follows;
    if follows {
        because.push(super::facts::reason("volumes of one zone come back with it, not in another zone", None));
    } else {
        because.push(cluster.volume.because.clone());
    }
    let blow = |peers: u64, side: Side| Blow { down: peers, wiped: wiped(cluster.volume.keeps, peers, side) };
    scenario(cluster, Event::ZoneLoss, blow(zone.fewest, Side::Best), blow(zone.most, Side::Worst), because)
}

fn upgrade(cluster: &Cluster) -> Scenario {
    let at_once = cluster.upgrade.at_once;
    let blow = |side: Side| {
        // one after the other, every pod is made anew
        let wiped = match (cluster.volume.keeps, side) {
            (Keeps::Nothing, _) | (Keeps::Unknown, Side::Worst) => cluster.peers,
            (Keeps::Follows | Keeps::OnNode, _) | (Keeps::Unknown, Side::Best) => 0,
        };
        Blow { down: at_once.max(wiped), wiped }
    };
    let mut because = vec![cluster.upgrade.because.clone()];
    if matches!(cluster.volume.keeps, Keeps::Nothing | Keeps::Unknown) {
        because.push(cluster.volume.because.clone());
    }
    scenario(cluster, Event::RollingUpgrade, blow(Side::Best), blow(Side::Worst), because)
}

/// Peers of a node or zone that is gone whose data does not come back.
fn wiped(keeps: Keeps, peers: u64, side: Side) -> u64 {
    match (keeps, side) {
        (Keeps::Nothing, _) | (Keeps::OnNode | Keeps::Unknown, Side::Worst) => peers,
        (Keeps::Follows, _) | (Keeps::OnNode | Keeps::Unknown, Side::Best) => 0,
    }
}

fn outcome(cluster: &Cluster, blow: Blow, side: Side) -> Outcome {
    let quorum = cluster.clustered.then(|| cluster.peers - blow.down.min(cluster.peers) >= majority(cluster.peers));
    Outcome {
        peers_down: blow.down,
        quorum,
        collections: cluster
            .collections
            .iter()
            .map(|collection| fate(collection, cluster.peers, blow, quorum, side))
            .collect(),
    }
}

fn fate(collection: &Collection, peers: u64, blow: Blow, quorum: Option<bool>, side: Side) -> Fate {
    let layout = Layout::new(collection.shards, collection.copies, peers);
    let pick = |(least, most): (u64, u64)| if side == Side::Best { least } else { most };
    let copies = collection.copies;
    // a write that misses a copy must take it out of service, which only the consensus can decide
    let tolerated = if quorum == Some(false) { 0 } else { copies.saturating_sub(collection.acknowledgements) };
    let unreachable = pick(layout.hit(blow.down, copies));
    let refusing = pick(layout.hit(blow.down, tolerated + 1));
    let lost = pick(layout.hit(blow.wiped, copies));
    let state = match (lost, unreachable, refusing) {
        (0, 0, 0) => State::Works,
        (0, 0, _) => State::ReadOnly,
        (0, ..) => State::Unavailable,
        _ => State::DataLoss,
    };
    Fate { state, shards_unreachable: unreachable, shards_refusing_writes: refusing, shards_lost: lost }
}
