//! Findings by the part of the drawing that they speak of, by the fact that the rule pointed at.

use std::collections::BTreeMap;

use super::svg::Svg;
use crate::finding::{Finding, Status};
use crate::policy::Severity;
use crate::report::count_of;
use crate::report::html::findings::anchor;
use crate::source::Segment;
use crate::topology::Topology;

/// A part of the drawing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// A port, by its index.
    Port(usize),
    Service(usize),
    Route(usize),
    Policies,
    Peers,
    Data,
    Snapshots,
    Collection(usize),
    Collections,
}

/// Findings of one part.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) count: usize,
    pub(super) worst: Severity,
    /// Of the worst.
    pub(super) anchor: String,
    pub(super) title: String,
}

/// The open findings of one deployment on its drawing.
#[derive(Default)]
pub(super) struct Marks(BTreeMap<Part, Mark>);

impl Marks {
    /// Only findings whose card is on the page, so that every link arrives.
    pub(super) fn new<'a>(topology: &Topology, findings: impl Iterator<Item = &'a Finding>) -> Self {
        let mut marks: BTreeMap<Part, Mark> = BTreeMap::new();
        for finding in findings.filter(|finding| finding.status == Status::Open) {
            let Some(part) = part(topology, &finding.fact.0) else { continue };
            let mark = marks.entry(part).or_insert_with(|| Mark {
                count: 0,
                worst: finding.severity,
                anchor: anchor(finding),
                title: finding.title.to_string(),
            });
            mark.count += 1;
        }
        Self(marks)
    }

    pub(super) fn of(&self, part: &Part) -> Option<&Mark> {
        self.0.get(part)
    }

    /// Draws the count of a part at its corner.
    pub(super) fn draw(&self, svg: &mut Svg, part: &Part, (x, y): (i32, i32)) {
        let Some(mark) = self.of(part) else { return };
        let label = mark.in_words();
        svg.link(&format!("mark sev-{}", mark.worst.as_str()), &mark.anchor, &label, |svg| {
            svg.rect("dot", (x - 13, y - 11, 26, 22), 11);
            svg.middle("count", (x, y + 4), &mark.count.to_string());
        });
    }
}

impl Mark {
    pub(super) fn in_words(&self) -> String {
        format!("{}, the worst {}: {}", count_of(self.count, "finding"), self.worst.as_str(), self.title)
    }
}

/// Findings come worst first, so the first of a part is its worst.
fn part(topology: &Topology, fact: &[Segment]) -> Option<Part> {
    let key = |depth: usize| if let Some(Segment::Key(key)) = fact.get(depth) { Some(key.as_ref()) } else { None };
    let index = |depth: usize| if let Some(Segment::Index(index)) = fact.get(depth) { Some(*index) } else { None };
    let port = |role: &str| topology.ports.iter().position(|port| port.role == role).map(Part::Port);
    let any_port = |role: &str| port(role).or_else(|| port("rest")).or(Some(Part::Peers));
    match (key(0)?, key(1)) {
        ("exposure", _) => topology.exposed.get(index(1)?).and_then(|role| port(role)),
        ("services", _) => match index(1) {
            Some(index) if index < topology.services.len() => Some(Part::Service(index)),
            _ => Some(Part::Peers),
        },
        ("routes", _) => index(1).filter(|index| *index < topology.routes.len()).map(Part::Route),
        ("network", Some("open_to" | "between_peers")) => key(2).and_then(port).or(Some(Part::Policies)),
        ("network", _) => Some(Part::Policies),
        ("storage", Some("snapshots")) => Some(if topology.snapshots.is_some() { Part::Snapshots } else { Part::Data }),
        ("storage", _) => Some(Part::Data),
        ("collections", _) => {
            let own = index(1).and_then(|fact| topology.collections.iter().position(|one| one.fact == fact));
            Some(own.map_or(Part::Collections, Part::Collection))
        }
        ("qdrant", Some("bootstrap")) | ("mesh", Some("peers")) => any_port("p2p"),
        ("mesh", _)
        | (
            "qdrant",
            Some("api_key" | "read_only_api_key" | "plain_text_keys" | "key_delivery" | "tls_files" | "misplaced_tls"),
        ) => any_port("rest"),
        ("qdrant", Some("config")) => match (key(2), key(3)) {
            (Some("service"), Some(setting)) if setting.starts_with("grpc") => any_port("grpc"),
            (Some("service" | "tls"), _) => any_port("rest"),
            (Some("cluster"), _) => any_port("p2p"),
            (Some("storage"), Some("collection")) => Some(Part::Collections),
            _ => Some(Part::Peers),
        },
        (
            "workload" | "deployment" | "spread" | "budgets" | "autoscalers" | "pod_security" | "advisories" | "qdrant",
            _,
        ) => Some(Part::Peers),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::Port;
    use crate::source::Path;
    use crate::topology::{Service, Volume};

    #[test]
    fn a_finding_stands_at_the_part_that_its_fact_is() {
        let topology = Topology {
            ports: ["rest", "p2p"].map(|role| Port { role: role.to_owned(), ..Port::default() }).into(),
            exposed: vec!["p2p".to_owned()],
            services: vec![Service::default()],
            snapshots: Some(Volume::default()),
            ..Topology::default()
        };
        let part_of = |path: Path| part(&topology, &path.0);
        assert_eq!(part_of(Path::keys(["exposure"]).index(0)), Some(Part::Port(1)));
        assert_eq!(part_of(Path::keys(["services"]).index(0).key("ports").index(2)), Some(Part::Service(0)));
        assert_eq!(part_of(Path::keys(["network", "open_to", "rest"]).index(0)), Some(Part::Port(0)));
        assert_eq!(part_of(Path::keys(["storage", "snapshots", "kind"])), Some(Part::Snapshots));
        assert_eq!(part_of(Path::keys(["qdrant", "config", "service", "enable_tls"])), Some(Part::Port(0)));
        assert_eq!(part_of(Path::keys(["qdrant", "config", "cluster", "p2p", "enable_tls"])), Some(Part::Port(1)));
        assert_eq!(part_of(Path::keys(["routes"]).index(0)), None);
        assert_eq!(part_of(Path::keys(["backup"])), None);
    }
}
