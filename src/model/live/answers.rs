//! One peer's answers, by question.

use std::collections::BTreeMap;

use crate::model::facts::live::Unanswered;
use crate::model::recorded::{Answer, Endpoint, Probe};
use crate::source::{Data, Node};

/// Letters of a server's words that a reason repeats.
const WORDS: usize = 200;

/// A peer that was asked.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Way to it.
    pub endpoint: &'a Endpoint,
    /// Every answer, with its body where that can be pointed into.
    answers: Vec<(&'a Answer, Option<&'a Node>)>,
    /// Positions of the good answers, by path.
    good: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Asked<'a> {
    /// Pairs the answers of a peer with their bodies.
    pub fn new(endpoint: &'a Endpoint, bodies: &BTreeMap<usize, &'a Node>) -> Self {
        let answers: Vec<(&Answer, Option<&Node>)> =
            endpoint.answers.iter().enumerate().map(|(index, answer)| (answer, bodies.get(&index).copied())).collect();
        let mut good: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, (answer, body)) in answers.iter().enumerate() {
            if answer.probe.is_none() && answer.status == Some(200) && answer.error.is_none() && body.is_some() {
                good.entry(&answer.path).or_default().push(index);
            }
        }
        Self { endpoint, answers, good }
    }

    /// The pod, else the address.
    pub fn name(&self) -> &'a str {
        self.endpoint.pod.as_deref().unwrap_or(&self.endpoint.url)
    }

    /// The body of the first good answer to a question.
    pub fn good(&self, path: &str) -> Option<&'a Node> {
        self.answers[*self.good.get(path)?.first()?].1
    }

    /// The body of a second good answer to the same question.
    pub fn later(&self, path: &str) -> Option<&'a Node> {
        self.answers[*self.good.get(path)?.get(1)?].1
    }

    /// The answer to a probe, and its body.
    pub fn probe(&self, probe: Probe) -> Option<(&'a Answer, Option<&'a Node>)> {
        self.answers.iter().find(|(answer, _)| answer.probe == Some(probe)).copied()
    }

    /// Whether it answered anything at all.
    pub fn is_reached(&self) -> bool {
        self.answers.iter().any(|(answer, _)| answer.status.is_some())
    }

    /// Whether it shows its collections to callers without a key.
    pub fn answers_anyone(&self) -> bool {
        self.probe(Probe::Unauthenticated).is_some_and(|(answer, body)| {
            answer.status == Some(200) && body.is_some_and(|body| body.at(&["result", "collections"]).is_some())
        })
    }

    /// Questions that were asked and have no good answer.
    pub fn unanswered(&self) -> impl Iterator<Item = Unanswered> {
        let failed = self.answers.iter().filter(|(answer, _)| answer.probe.is_none());
        let failed = failed.filter(|(answer, _)| !self.good.contains_key(answer.path.as_str()));
        failed.map(|(answer, _)| Unanswered {
            peer: self.name().to_owned(),
            question: format!("GET {}", answer.path),
            reason: reason(answer),
        })
    }

    /// Why a question has no good answer; none when it has one.
    pub fn why_not(&self, path: &str) -> Option<String> {
        if self.good.contains_key(path) {
            return None;
        }
        let name = self.name();
        let asked = self.answers.iter().find(|(answer, _)| answer.probe.is_none() && answer.path == path);
        let what = match (asked, &self.endpoint.error) {
            (Some((answer, _)), _) => format!("GET {path} of {name}: {}", reason(answer)),
            (None, Some(error)) => format!("{name} could not be asked for GET {path}: {error}"),
            (None, None) => format!("{name} was not asked for GET {path}"),
        };
        Some(what)
    }
}

/// What came instead of an answer, in words.
fn reason(answer: &Answer) -> String {
    match (&answer.error, answer.status) {
        (Some(error), _) => error.clone(),
        (None, Some(401 | 403)) => {
            format!("refused ({}): {}", answer.status.unwrap_or_default(), words(answer))
        }
        (None, Some(200)) => "the answer has another form than Qdrant's".to_owned(),
        (None, Some(status)) => format!("status {status}: {}", words(answer)),
        (None, None) => "no answer".to_owned(),
    }
}

fn words(answer: &Answer) -> String {
    let said = answer.body.pointer("/status/error").and_then(serde_json::Value::as_str);
    let text = said.or_else(|| answer.body.as_str()).unwrap_or_default();
    text.chars().take(WORDS).collect()
}

/// A whole number that is not negative.
pub(super) fn whole(node: &Node) -> Option<u64> {
    let Data::Number(number) = &node.data else { return None };
    let float = || number.as_f64().filter(|value| value.fract() == 0.0 && (0.0..1.8e19).contains(value));
    number.as_u64().or_else(|| float().map(|value| value as u64))
}
