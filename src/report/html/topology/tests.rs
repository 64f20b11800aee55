use std::collections::BTreeSet;

use super::*;
use crate::reach::{Asks, Circle, Port, Way};
use crate::topology::{Collection, Peers, Placed, Policies, Route, Service, Volume};

fn topology(peers: u64, text: &str) -> Topology {
    let way = |circle: Circle, state: State| Way {
        who: text.to_owned(),
        circle,
        through: format!("Ingress/{text}"),
        state,
        because: text.to_owned(),
        ..Way::default()
    };
    let port = |role: &str, port: u16| Port {
        role: role.to_owned(),
        port,
        asks: Asks::Nothing,
        encrypted: Some(false),
        widest: Circle::Internet,
        maybe_wider: false,
        ways: vec![
            way(Circle::Internet, State::Open),
            way(Circle::Cluster, State::Unknown),
            way(Circle::Named, State::Stopped),
        ],
    };
    let volume =
        Volume { kind: "claim-template".to_owned(), size: Some(1 << 39), class: text.to_owned(), ..Volume::default() };
    Topology {
        workload: format!("StatefulSet/{text}"),
        namespace: Some(text.to_owned()),
        peers: Peers { count: Some(peers), only_zone: Some(text.to_owned()), ..Peers::default() },
        data: Some(volume.clone()),
        snapshots: Some(volume),
        services: vec![Service { name: text.to_owned(), kind: text.to_owned(), ports: vec![6333] }],
        routes: vec![Route {
            kind: "Ingress".to_owned(),
            name: text.to_owned(),
            hosts: vec![text.to_owned()],
            arrives: false,
        }],
        ports: vec![port("rest", 6333), port("grpc", 6334), port("p2p", 6335)],
        policies: Policies::None,
        questions: vec![text.to_owned()],
        collections: vec![Collection { name: text.to_owned(), shards: 6, copies: 1, fact: 0 }],
        ..Topology::default()
    }
}

fn drawn(topology: &Topology) -> Drawing {
    drawing("vectors/qdrant", topology, std::iter::empty(), 0)
}

#[test]
fn no_text_of_a_stranger_becomes_markup_or_takes_more_room_than_it_has() {
    let hostile = format!("</title></svg></script><script>alert(1)</script>\u{202e}\u{0}\"'><b {}", "x".repeat(10_000));
    let drawing = drawn(&topology(3, &hostile));
    assert_eq!(drawing.markup.matches("<svg").count(), 2);
    assert_eq!(drawing.markup.matches("</svg>").count(), 2);
    for bad in ["<script", "<b ", "\u{202e}", "\u{0}"] {
        assert!(!drawing.markup.contains(bad), "{bad:?}");
    }
    assert!(drawing.markup.len() < 60_000, "{} bytes", drawing.markup.len());
    // an attribute of a stranger would have to hold a quote
    assert!(!drawing.markup.contains("\"'>"));
}

#[test]
fn every_number_of_peers_makes_a_drawing_of_bounded_size() {
    for peers in [0, 1, 3, 12, 13, 50, 60, 61, 5_000, u64::MAX] {
        let drawing = drawn(&topology(peers, "qdrant"));
        assert!(drawing.markup.len() < 60_000, "{peers} peers: {} bytes", drawing.markup.len());
        assert_eq!(drawing.markup.matches("<g").count(), drawing.markup.matches("</g>").count(), "{peers}");
    }
}

#[test]
fn peers_stand_in_their_zones() {
    let mut topology = topology(3, "qdrant");
    topology.peers.placed = ["a", "b", "b"]
        .into_iter()
        .enumerate()
        .map(|(number, zone)| Placed {
            name: format!("qdrant-{number}"),
            node: Some(format!("node-{number}")),
            zone: Some(zone.to_owned()),
        })
        .collect();
    let drawing = drawn(&topology);
    // in either drawing
    assert_eq!(drawing.markup.matches("<g class=\"zone\">").count(), 4);
    assert!(drawing.markup.contains("zone b") && drawing.markup.contains("node-2"));
    assert!(drawing.things.contains(&("Peer", "qdrant-2 on node-2, zone b".to_owned())));
}

#[test]
fn what_should_not_be_open_is_drawn_so_and_said_so() {
    let drawing = drawn(&topology(3, "qdrant"));
    assert!(drawing.markup.contains("class=\"gate danger\"") && drawing.markup.contains("class=\"way danger\""));
    let alarming: Vec<&str> = drawing.ways.iter().filter(|row| row.alarm).map(|row| row.port.as_str()).collect();
    assert_eq!(alarming, ["6333 REST", "6334 gRPC", "6335 peers"]);
    assert!(drawing.markup.contains("Port 6335 peers: open to the internet, asks for no key, not encrypted."));
}

#[test]
fn only_so_many_deployments_are_drawn_and_the_rest_is_counted() {
    let deployments = (0..40).map(|number| crate::report::DeploymentSummary {
        id: format!("d{number:02}"),
        topology: Some(Box::new(topology(1, "qdrant"))),
        ..crate::report::DeploymentSummary::default()
    });
    let report = Report { deployments: deployments.collect(), ..Report::default() };
    let order = report.deployments.iter().map(|one| one.id.as_str());
    let (drawings, more) = drawings(&report, order, &BTreeSet::new());
    assert_eq!((drawings.len(), more), (SHOWN, 40 - SHOWN));
}
