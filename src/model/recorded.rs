//! What was read of a live cluster besides its objects: which lists succeeded, and what each Qdrant answered. Recordings
//! hold these types as they are.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A cluster as it was seen once.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Name of the context, or `in-cluster`; empty where no cluster was read.
    pub context: String,
    /// Version of the API server, `v1.34.4`.
    pub kubernetes: Option<String>,
    /// When it was read, RFC 3339.
    pub recorded_at: String,
    /// Other clusters are judged in the same run, so names need the context.
    pub among_others: bool,
    /// What was asked for, and with what success.
    pub lists: Vec<List>,
    /// What the Qdrant API answered.
    pub qdrant: Arc<Vec<Endpoint>>,
    /// What the pods of Qdrant said when they started.
    pub logs: Vec<StartLog>,
}

/// The beginning of the log of one pod, as far as rules read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartLog {
    /// Namespace of the pod.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// Lines that rules read.
    #[serde(default)]
    pub lines: Vec<String>,
    /// Why it could not be read, or not from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One list (or one object fetched by its name) and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// API group; empty for the core group.
    pub group: String,
    /// Version.
    pub version: String,
    /// Plural name, `pods`.
    pub resource: String,
    /// Namespace; null for all of them and for what has none.
    pub namespace: Option<String>,
    /// Name, when one object was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What came of it.
    pub status: ListStatus,
    /// The API server's words, where it did not succeed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What came of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListStatus {
    /// Complete.
    #[default]
    Ok,
    /// The cluster does not know the resource: there are none.
    NotServed,
    /// The user may not.
    Forbidden,
    /// It could not be read, or not to its end.
    Failed,
}

/// One way to one Qdrant, and what it answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Namespace of the peers.
    pub namespace: String,
    /// `Kind/name` of the workload that the pod belongs to; null where nothing says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workload: Option<String>,
    /// The pod that answered; null where a Service chose one.
    pub pod: Option<String>,
    /// Address asked, without credentials.
    pub url: String,
    /// How it was reached.
    pub via: Via,
    /// Why nothing could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Answers in the order of the questions.
    #[serde(default)]
    pub answers: Vec<Answer>,
}

/// How a Qdrant was reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// Through the API server to one pod.
    PortForward,
    /// Through the API server's proxy to the Service.
    Service,
    /// The address was given.
    #[default]
    Url,
    /// By its name inside the cluster.
    Dns,
}

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Path with query, `/collections`.
    pub path: String,
    /// What the question tried besides reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probe>,
    /// HTTP status; absent when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// JSON, or the text of what is no JSON.
    #[serde(default)]
    pub body: Value,
    /// Why there is no answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The body was longer than what is read.
    #[serde(default, skip_serializing_if = "is_false")]
    pub truncated: bool,
}

/// A question that tries whether something is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    /// Without any key.
    Unauthenticated,
    /// Without TLS.
    Plaintext,
    /// Metrics without a key.
    MetricsWithoutKey,
}

/// Percent-encodes what may not stand in a query or in a part of a path.
pub fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Live {
    /// The list that shows a resource to a namespace: its own, or one over all namespaces.
    pub fn list(&self, group: &str, resource: &str, namespace: Option<&str>) -> Option<&List> {
        let of_resource = || {
            self.lists
                .iter()
                .filter(move |list| list.group == group && list.resource == resource && list.name.is_none())
        };
        let own = of_resource().find(|list| list.namespace.is_some() && list.namespace.as_deref() == namespace);
        own.or_else(|| of_resource().find(|list| list.namespace.is_none()))
    }
}

impl Live {
    /// What came of asking for one object of the cluster by its name.
    pub fn named(&self, group: &str, resource: &str, namespace: Option<&str>, name: &str) -> Option<&List> {
        self.lists.iter().find(|list| {
            list.group == group
                && list.resource == resource
                && list.namespace.as_deref() == namespace
                && list.name.as_deref() == Some(name)
        })
    }
}

impl List {
    /// Whether all of it is known, be it that there is none.
    pub fn is_known(&self) -> bool {
        matches!(self.status, ListStatus::Ok | ListStatus::NotServed)
    }

    /// `networkpolicies.networking.k8s.io in namespace vectordb`.
    pub fn subject(&self) -> String {
        let group = if self.group.is_empty() { String::new() } else { format!(".{}", self.group) };
        let name = self.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
        let place = match &self.namespace {
            Some(namespace) => format!(" in namespace {namespace}"),
            None => " in the cluster".to_owned(),
        };
        format!("{}{group}{name}{place}", self.resource)
    }

    /// The verb it takes.
    pub fn verb(&self) -> &'static str {
        if self.name.is_some() { "get" } else { "list" }
    }
}

impl fmt::Display for ListStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ok => "ok",
            Self::NotServed => "not served",
            Self::Forbidden => "forbidden",
            Self::Failed => "failed",
        })
    }
}
