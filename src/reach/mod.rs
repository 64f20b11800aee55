//! Who can open a connection to a port of the peers: each way, what lets it through and what stops it. From facts
//! alone; where another kind of policy decides, or nothing was given that could, the answer is `unknown`.

mod inside;
mod outside;
mod ports;

use serde::Serialize;

use crate::reading::{Place, Reading};
use crate::source::Path;

/// Who can reach the ports of one deployment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Reach {
    /// Each port of the peers.
    pub ports: Vec<Port>,
    /// What was not given, or decides and cannot be computed.
    pub open_questions: Vec<Note>,
}

/// One port of the peers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Port {
    /// `p2p`, `rest`, `grpc`, `metrics`.
    pub role: String,
    /// Port of the pods.
    pub port: u16,
    /// What a caller must show.
    pub asks: Asks,
    /// Whether the connection is encrypted; absent = not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted: Option<bool>,
    /// The widest circle that certainly gets in.
    pub widest: Circle,
    /// A wider circle may get in; the ways that are `unknown` say why.
    pub maybe_wider: bool,
    /// Each way.
    pub ways: Vec<Way>,
}

/// A way to a port.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Way {
    /// Who comes this way.
    pub who: String,
    /// How wide a circle that is.
    pub circle: Circle,
    /// What they come through: `NetworkPolicy/qdrant`, `Service/qdrant (LoadBalancer)`.
    pub through: String,
    /// Where that is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether it is open.
    pub state: State,
    /// What stops it, or why it is not known; empty for ways that are open and need no more words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// Something that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note {
    /// In words, with what to give.
    pub text: String,
    /// Where it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// Whether a way is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Connections get through.
    Open,
    /// The input cannot tell.
    #[default]
    Unknown,
    /// Something stops them.
    Stopped,
}

/// What a caller must show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// Nothing.
    Nothing,
    /// The API key (or a token signed with it).
    ApiKey,
    /// The input does not show it.
    #[default]
    Unknown,
}

/// Who, from nobody to everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Circle {
    /// Nobody.
    #[default]
    Nobody,
    /// The peers themselves.
    Peers,
    /// Pods or people that are named.
    Named,
    /// Every pod of the namespace.
    Namespace,
    /// Every pod of the cluster.
    Cluster,
    /// A network around the cluster.
    Network,
    /// Anyone.
    Internet,
}

impl Circle {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Peers => "only peers",
            Self::Named => "named clients",
            Self::Namespace => "every pod of the namespace",
            Self::Cluster => "every pod of the cluster",
            Self::Network => "the network around the cluster",
            Self::Internet => "the internet",
        }
    }
}

impl State {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
        }
    }
}

impl Asks {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Nothing => "asks for nothing",
            Self::ApiKey => "asks for an API key",
            Self::Unknown => "whether it asks for a key is not known",
        }
    }
}

impl Port {
    /// In words.
    pub fn title(&self) -> &'static str {
        match self.role.as_str() {
            "p2p" => "between peers",
            "rest" => "REST",
            "grpc" => "gRPC",
            "metrics" => "metrics",
            _ => "other",
        }
    }

    /// More than peers get in where nobody is asked, or the port between peers is open to others.
    pub fn alarming(&self) -> bool {
        let others = self.widest > Circle::Peers;
        match self.role.as_str() {
            "p2p" => others,
            "metrics" => false,
            _ => self.widest > Circle::Named && self.asks == Asks::Nothing,
        }
    }
}

/// Who can reach the ports of a deployment.
pub fn reach(reading: Reading<'_>) -> Reach {
    let policies = inside::policies(reading);
    let mut reach = Reach { ports: ports::ports(reading), open_questions: policies.questions.clone() };
    for port in &mut reach.ports {
        port.ways = inside::ways(reading, port, &policies);
        port.ways.extend(outside::ways(reading, port, &policies));
        port.ways.sort_by(|one, other| {
            one.state
                .cmp(&other.state)
                .then_with(|| other.circle.cmp(&one.circle))
                .then_with(|| one.who.cmp(&other.who))
        });
        let widest = |state: State| port.ways.iter().filter(|way| way.state == state).map(|way| way.circle).max();
        port.widest = widest(State::Open).unwrap_or_default();
        port.maybe_wider = widest(State::Unknown).is_some_and(|circle| circle > port.widest);
    }
    for (aspect, what) in
        [("services", "Services"), ("routes", "Ingresses and routes"), ("access", "roles and bindings")]
    {
        if !reading.observed(aspect) {
            let why = reading.unobserved(aspect).map_or_else(String::new, |why| format!(": {why}"));
            reach.open_questions.push(Note { text: format!("{what} were not given{why}"), place: None });
        }
    }
    reach
}

/// `network.policies[…]`, `exposure[…]`: where a fact of a list was written.
fn place(reading: Reading<'_>, keys: &[&str], index: usize) -> Option<Place> {
    reading.place(&Path::keys(keys.iter().copied()).index(index))
}

#[cfg(test)]
mod tests;
