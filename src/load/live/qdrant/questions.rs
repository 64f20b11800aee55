//! What a peer is asked, in which order, and when it is no use to go on.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::time::Instant;

use super::dial::Way;
use super::request::{Channel, Form, Question};
use super::{Asking, Target};
use crate::load::live::list::escaped;
use crate::load::live::recording::{Answer, Endpoint, Probe, Via};

/// Of a Qdrant no more collections are read.
const MOST: usize = 1000;
/// Longest name of a collection.
const LONGEST_NAME: usize = 255;

/// A peer while it is asked.
pub(super) struct Peer {
    channel: Channel,
    endpoint: Endpoint,
    /// Everything is asked with the key.
    with_key: bool,
}

impl Peer {
    /// The first questions: who it is, whether it lets anyone in, what it knows of its cluster.
    pub(super) async fn meet(target: Target, asking: &Asking, deadline: Instant) -> Self {
        let Target { namespace, workload, pod, address, scheme_is_known, via, client } = target;
        let way = match (client, &pod) {
            (Some(client), Some(pod)) if via == Via::PortForward => {
                Way::Forward { client, namespace: namespace.clone(), pod: pod.clone() }
            }
            _ => Way::Direct,
        };
        let endpoint = Endpoint { namespace, workload, pod, url: address.to_string(), via, ..Endpoint::default() };
        let channel = Channel::new(address, way, asking.trust.clone(), asking.key.clone(), asking.patience, deadline);
        let mut peer = Self { channel, endpoint, with_key: false };
        if peer.root(scheme_is_known).await {
            peer.introduce(asking).await;
        }
        peer
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn into_endpoint(self) -> Endpoint {
        self.endpoint
    }

    /// `GET /`, which needs no key; where nothing says whether TLS is spoken, first without.
    async fn root(&mut self, scheme_is_known: bool) -> bool {
        let open = Question { path: "/", probe: None, form: Form::Json, with_key: false };
        let first = self.channel.ask(open).await;
        let is_answer = |answer: &Answer| answer.status.is_some();
        if scheme_is_known || first.as_ref().is_ok_and(is_answer) {
            return self.keep(first);
        }
        self.channel.address.tls = true;
        let second = self.channel.ask(open).await;
        match (first, second) {
            (_, Ok(answer)) if is_answer(&answer) => {
                self.endpoint.url = self.channel.address.to_string();
                self.keep(Ok(answer))
            }
            // a certificate that is not trusted says more than the refusal of plain text
            (_, Err(why)) if why.contains("certificate") => {
                self.endpoint.url = self.channel.address.to_string();
                self.keep(Err(why))
            }
            (first, _) => {
                self.channel.address.tls = false;
                self.keep(first)
            }
        }
    }

    async fn introduce(&mut self, asking: &Asking) {
        let is_tls = self.channel.address.tls;
        if is_tls {
            let answer = self.channel.plain().await;
            self.endpoint.answers.push(answer);
        }
        let open =
            Question { path: "/collections", probe: Some(Probe::Unauthenticated), form: Form::Json, with_key: false };
        if !self.put(open).await {
            return;
        }
        let lets_in = self.endpoint.answers.last().and_then(|answer| answer.status) == Some(200);
        let open =
            Question { path: "/metrics", probe: Some(Probe::MetricsWithoutKey), form: Form::Text, with_key: false };
        if !self.put(open).await {
            return;
        }
        // metrics that anyone may read are read once
        let metrics_are_open = self.endpoint.answers.last().and_then(|answer| answer.status) == Some(200);
        let is_private = is_tls || self.endpoint.via == Via::PortForward || self.channel.address.is_loopback();
        if asking.key.is_some() && !is_private && !asking.key_in_plain_text {
            if !lets_in {
                let why = "not asked: the API key is not sent in plain text; use https, or --key-in-plain-text where \
                           nobody reads along";
                let path = "/collections".to_owned();
                self.endpoint.answers.push(Answer { path, error: Some(why.to_owned()), ..Answer::default() });
                return;
            }
        } else {
            self.with_key = asking.key.is_some();
        }
        if !self.get("/collections", Form::Json).await {
            return;
        }
        if matches!(self.endpoint.answers.last().and_then(|answer| answer.status), Some(401 | 403)) {
            return;
        }
        for (path, form) in
            [("/cluster", Form::Json), ("/telemetry?details_level=1", Form::Json), ("/metrics", Form::Text)]
        {
            if path == "/metrics" && metrics_are_open && !self.with_key {
                continue;
            }
            if !self.get(path, form).await {
                return;
            }
            if path.starts_with("/telemetry") {
                self.forget_requests();
            }
        }
    }

    /// The statistics of every endpoint are most of the telemetry and tell nothing.
    fn forget_requests(&mut self) {
        let result = self.endpoint.answers.last_mut().and_then(|answer| answer.body.get_mut("result"));
        if let Some(result) = result.and_then(Value::as_object_mut) {
            result.remove("requests");
        }
    }

    /// Collections, each with its shards.
    pub(super) async fn describe(&mut self, names: &[&String]) {
        for name in names {
            for path in [of_collection(name), shards_of(name)] {
                if self.endpoint.error.is_some() || !self.get(&path, Form::Json).await {
                    return;
                }
            }
        }
    }

    /// Snapshots that lie on this peer, of the collections that it lists.
    pub(super) async fn list_snapshots(&mut self) {
        for name in listed(&self.endpoint) {
            if self.endpoint.error.is_some()
                || !self.get(&format!("{}/snapshots", of_collection(&name)), Form::Json).await
            {
                return;
            }
        }
    }

    /// `/cluster` once more.
    pub(super) async fn look_again(&mut self) {
        if self.endpoint.error.is_none() && answered(&self.endpoint, "/cluster").is_some() {
            self.get("/cluster", Form::Json).await;
        }
    }

    pub(super) fn was_asked_of(&self, name: &str) -> bool {
        let path = of_collection(name);
        self.endpoint.error.is_some() || self.endpoint.answers.iter().any(|answer| answer.path == path)
    }

    async fn get(&mut self, path: &str, form: Form) -> bool {
        self.put(Question { path, probe: None, form, with_key: self.with_key }).await
    }

    async fn put(&mut self, question: Question<'_>) -> bool {
        let answer = self.channel.ask(question).await;
        self.keep(answer)
    }

    fn keep(&mut self, answer: Result<Answer, String>) -> bool {
        match answer {
            Ok(answer) => {
                self.endpoint.answers.push(answer);
                true
            }
            Err(why) => {
                self.endpoint.error = Some(why);
                false
            }
        }
    }
}

fn of_collection(name: &str) -> String {
    format!("/collections/{}", escaped(name))
}

fn shards_of(name: &str) -> String {
    format!("{}/cluster", of_collection(name))
}

/// Names that no path can hold are left out; the list itself says that they are there.
fn listed(endpoint: &Endpoint) -> Vec<String> {
    let list = answered(endpoint, "/collections").and_then(|body| body.pointer("/result/collections")?.as_array());
    let names = list.into_iter().flatten().filter_map(|one| one.get("name")?.as_str());
    let usable = |name: &&str| !name.is_empty() && name.len() <= LONGEST_NAME && !matches!(*name, "." | "..");
    names.filter(usable).take(MOST).map(str::to_owned).collect()
}

/// Every collection that some peer lists, by name.
pub(super) fn collections(peers: &[Peer]) -> Vec<String> {
    let names: BTreeSet<String> = peers.iter().flat_map(|peer| listed(&peer.endpoint)).collect();
    names.into_iter().take(MOST).collect()
}

/// Whether a peer said all there is to say of a collection.
pub(super) fn is_described(endpoint: &Endpoint, name: &str) -> bool {
    [of_collection(name), shards_of(name)].iter().all(|path| answered(endpoint, path).is_some())
}

/// Whether a peer reports that others do not hear it.
pub(super) fn is_troubled(endpoint: &Endpoint) -> bool {
    let failures = answered(endpoint, "/cluster").and_then(|body| body.pointer("/result/message_send_failures"));
    failures.and_then(Value::as_object).is_some_and(|failures| !failures.is_empty())
}

/// Whether peers stand at different places of the log.
pub(super) fn differ(peers: &[Peer]) -> bool {
    let commits: BTreeSet<u64> = peers
        .iter()
        .filter_map(|peer| answered(&peer.endpoint, "/cluster")?.pointer("/result/raft_info/commit")?.as_u64())
        .collect();
    commits.len() > 1
}

/// The first good answer to a plain question.
fn answered<'e>(endpoint: &'e Endpoint, path: &str) -> Option<&'e Value> {
    let good = |answer: &&Answer| {
        answer.path == path && answer.probe.is_none() && answer.status == Some(200) && answer.error.is_none()
    };
    endpoint.answers.iter().find(good).map(|answer| &answer.body)
}
