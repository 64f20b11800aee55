//! A finding as people and machines read it: plain data, ordered, with a fingerprint.

use std::cmp::Ordering;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::policy::eval::Applicability;
use crate::policy::{Consequence, Severity};
use crate::source::{Node, Path, Shared, Span, Written};

/// One thing that is wrong, at a place. A fleet has many, so what is alike is shared.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Id of the rule.
    pub rule: Shared,
    /// How bad, in this profile and configuration.
    pub severity: Severity,
    /// What happens in production.
    pub consequence: Consequence,
    /// Open, or why it does not count.
    pub status: Status,
    /// Who says that it does not count, and why; none when it is open or in the baseline.
    pub exemption: Option<Box<Exemption>>,
    /// Id of the deployment; empty where it is about the exemptions and attestations of the run as a whole.
    pub deployment: Shared,
    /// The rule's title.
    pub title: Shared,
    /// What is wrong here, and whose default it is.
    pub message: Shared,
    /// Short text at the underline.
    pub label: Shared,
    /// The exact next step.
    pub help: Shared,
    /// Who wrote the value.
    pub origin: OriginKind,
    /// Whose default the value is; none when somebody wrote it.
    pub default_of: Option<Arc<DefaultOf>>,
    /// Where.
    pub location: Location,
    /// The fact it speaks of.
    pub fact: Arc<Path>,
    /// The Kubernetes object, where there is one.
    pub object: Option<Arc<ObjectRef>>,
    /// Other places.
    pub related: Vec<Related>,
    /// Mechanical fix.
    pub fix: Option<Box<Fix>>,
    /// Stable over moved lines: rule, deployment and fact.
    pub fingerprint: Shared,
    /// Statements of the guide.
    pub guide: Arc<[String]>,
    /// Families of controls.
    pub controls: Arc<[String]>,
    /// Page of the rule.
    pub docs: Shared,
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It counts.
    #[default]
    Open,
    /// A comment or annotation ignores it.
    Ignored,
    /// A waiver covers it.
    Waived,
    /// The baseline holds it.
    Baseline,
}

impl Status {
    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ignored => "ignored",
            Self::Waived => "waived",
            Self::Baseline => "in the baseline",
        }
    }
}

/// Why a finding is accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Exemption {
    /// What accepts it.
    pub by: ExemptedBy,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// Last day on which it counts, `YYYY-MM-DD`; none = as long as it is written.
    pub until: Option<String>,
    /// Where it is written.
    pub location: Location,
}

impl Exemption {
    /// `waived until 2027-03-31: accepted by the owner`.
    pub fn in_words(&self, status: Status) -> String {
        let until = self.until.as_ref().map_or_else(String::new, |until| format!(" until {until}"));
        format!("{}{until}: {}", status.in_words(), self.reason)
    }
}

/// What accepts a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExemptedBy {
    /// A comment on or above the line.
    Comment,
    /// An annotation of the object.
    Annotation,
    /// A waiver of the configuration.
    Waiver,
}

impl ExemptedBy {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Annotation => "annotation",
            Self::Waiver => "waiver",
        }
    }

    /// The status of what it accepts.
    pub fn status(self) -> Status {
        match self {
            Self::Comment | Self::Annotation => Status::Ignored,
            Self::Waiver => Status::Waived,
        }
    }
}

/// Who wrote the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OriginKind {
    /// The user, in a file.
    Written,
    /// The user, by `--set`.
    Set,
    /// Nobody: a default.
    Default,
    /// Read from the cluster.
    Live,
    /// Read from the Qdrant API.
    Api,
    /// Computed.
    Derived,
}

/// A default.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DefaultOf {
    /// `chart 1.12.4`, `Qdrant 1.12`, `Kubernetes`.
    pub owner: String,
    /// Where it would be set; empty when the whole is left out.
    pub path: Path,
}

/// A place in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Location {
    /// File as shown; none for live objects.
    pub file: Option<String>,
    /// Bytes, for excerpts.
    pub span: Option<Span>,
    /// 1-based; 0 without a file.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// 1-based.
    pub end_line: usize,
    /// 1-based, exclusive.
    pub end_column: usize,
    /// Path in the document.
    pub path: Arc<Path>,
}

/// A Kubernetes object.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
pub struct ObjectRef {
    /// `apps/v1`
    #[serde(rename = "apiVersion")]
    pub api_version: String,
    /// `StatefulSet`
    pub kind: String,
    /// Namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl ObjectRef {
    /// What an object says that it is; none of what is no object, or has no name.
    pub fn of(object: &Node) -> Option<Self> {
        Some(Self {
            api_version: object.text(&["apiVersion"]).unwrap_or_default().to_owned(),
            kind: object.text(&["kind"])?.to_owned(),
            namespace: object.text(&["metadata", "namespace"]).map(str::to_owned),
            name: object.text(&["metadata", "name"])?.to_owned(),
        })
    }
}

/// Another place.
#[derive(Clone, Debug)]
pub struct Related {
    /// What it has to do with the finding.
    pub message: String,
    /// Where.
    pub location: Location,
}

/// A mechanical fix.
#[derive(Clone, Debug)]
pub struct Fix {
    /// Imperative.
    pub title: Shared,
    /// Whether a person must look.
    pub applicability: Applicability,
    /// Edits, resolved to places; none where no file holds them.
    pub edits: Vec<Edit>,
}

/// One edit of a file.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The value's place, or the nearest written ancestor's.
    pub location: Location,
    /// Full path in the document that holds the values.
    pub path: Path,
    /// Where the edit starts; none for what stands in no file.
    pub target: Option<Target>,
    /// What to do there.
    pub action: EditAction,
}

/// Where an edit starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A value that is written, and the path below it.
    Value(Written, Path),
    /// Something unset: the nearest written value around it, and the path from the root of the object or body.
    Unset(Written, Path),
    /// A path from the object, pod or container that holds a written value.
    Within(Written, Scope, Path),
    /// A setting of the server: in the configuration around a written value, else a variable of the container that holds it.
    Setting(Written, Path),
}

/// What holds a value in a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The Kubernetes object.
    Object,
    /// The `spec` of its pods.
    Pod,
    /// The container.
    Container,
}

/// What an edit does.
#[derive(Clone, Debug, PartialEq)]
pub enum EditAction {
    /// Set a value (null too).
    Set(Value),
    /// Rename the key.
    Rename(String),
    /// Remove the key.
    Remove,
}

/// Worst first, then by consequence, place and rule: the order of every output.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(compare);
}

/// Which of two comes first in every output.
pub fn compare(a: &Finding, b: &Finding) -> Ordering {
    b.severity
        .cmp(&a.severity)
        .then_with(|| a.consequence.cmp(&b.consequence))
        .then_with(|| a.deployment.cmp(&b.deployment))
        .then_with(|| a.location.file.cmp(&b.location.file))
        .then_with(|| (a.location.line, a.location.column).cmp(&(b.location.line, b.location.column)))
        .then_with(|| a.rule.cmp(&b.rule))
        .then_with(|| a.message.cmp(&b.message))
}

/// Of the deployment and the key of a fact (rule and place in the document); what stands on which line does not matter.
pub fn fingerprint(deployment: &str, key: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{deployment}\n{key}"));
    digest.iter().take(10).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
