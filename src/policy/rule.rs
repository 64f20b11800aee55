//! A rule as its METADATA describes it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is. Ordered: `Info` is the least.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A note.
    Info,
    /// Worth mending some day.
    Low,
    /// Mend before production.
    Medium,
    /// An outage, a leak or a failed audit waits here.
    High,
    /// Data is lost or open now.
    Critical,
}

impl Severity {
    /// All, worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::WORST_FIRST.into_iter().find(|severity| severity.as_str() == text).ok_or(())
    }
}

/// What a deployment is judged for.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// A cluster people rely on.
    #[default]
    Production,
    /// Production under Gulf (GCC) data-sovereignty duties.
    GccSovereign,
    /// One machine, nobody relies on it: only what is wrong there too.
    Development,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Self; 3] = [Self::Production, Self::GccSovereign, Self::Development];

    /// The name used on the command line, in METADATA and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::GccSovereign => "gcc-sovereign",
            Self::Development => "development",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

/// What happens in production. Ordered: the worst comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Consequence {
    /// Data is gone.
    DataLoss,
    /// The API server or Helm refuses it.
    DoesNotInstall,
    /// Qdrant exits or never becomes ready.
    DoesNotStart,
    /// Others can read or write.
    Exposure,
    /// Queries fail.
    Outage,
    /// Data leaves the country.
    Residency,
    /// No backup that could be restored.
    Unrecoverable,
    /// Nobody would notice.
    Blind,
    /// A setting has no effect.
    Ignored,
    /// Resources are wasted.
    Waste,
}

impl Consequence {
    /// All, worst first.
    pub const ALL: [Self; 10] = [
        Self::DataLoss,
        Self::DoesNotInstall,
        Self::DoesNotStart,
        Self::Exposure,
        Self::Outage,
        Self::Residency,
        Self::Unrecoverable,
        Self::Blind,
        Self::Ignored,
        Self::Waste,
    ];

    /// The word used in METADATA and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataLoss => "data-loss",
            Self::DoesNotInstall => "does-not-install",
            Self::DoesNotStart => "does-not-start",
            Self::Exposure => "exposure",
            Self::Outage => "outage",
            Self::Residency => "residency",
            Self::Unrecoverable => "unrecoverable",
            Self::Blind => "blind",
            Self::Ignored => "ignored",
            Self::Waste => "waste",
        }
    }

    /// As people say it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::DataLoss => "data loss",
            Self::DoesNotInstall => "does not install",
            Self::DoesNotStart => "does not start",
            Self::Exposure => "exposure",
            Self::Outage => "outage",
            Self::Residency => "residency",
            Self::Unrecoverable => "unrecoverable",
            Self::Blind => "blind",
            Self::Ignored => "ignored",
            Self::Waste => "waste",
        }
    }
}

/// A kind of input that a rule can judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// Helm values.
    Values,
    /// Kubernetes manifests.
    Manifests,
    /// A live cluster.
    Live,
    /// The Qdrant API.
    Api,
    /// Collection bodies.
    Collection,
    /// Backup jobs.
    Backup,
    /// Exemptions and attestations.
    Governance,
}

/// A source of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RelatedResource {
    /// What it is.
    pub description: String,
    /// Address.
    #[serde(rename = "ref")]
    pub address: String,
}

/// A parameter of a rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Param {
    /// Value without configuration.
    pub default: serde_json::Value,
    /// Unit, in words.
    pub unit: String,
    /// What it does.
    pub description: String,
}

/// One rule.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// `<concern>/<what-is-wrong>`, from the file's path.
    pub id: String,
    /// Rego package, `qdrant.<concern>.<what_is_wrong>`.
    #[serde(skip)]
    pub package: String,
    /// Short: what is wrong.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// Sources.
    pub related_resources: Vec<RelatedResource>,
    /// Severity by profile; a profile in which the rule is off has none.
    pub severity: BTreeMap<Profile, Option<Severity>>,
    /// What happens in production.
    pub consequence: Consequence,
    /// Aspects and fact paths without which it cannot judge.
    pub needs: Vec<String>,
    /// Inputs it can judge.
    pub inputs: Vec<InputKind>,
    /// The next step.
    pub remediation: String,
    /// Statements of the guide, `Gnn`.
    pub guide: Vec<String>,
    /// Families of controls.
    pub controls: Vec<String>,
    /// Keys under which a person may attest what it cannot see.
    pub evidence: Vec<String>,
    /// Which mechanical fixes its findings may carry.
    pub fixes: Vec<super::eval::Applicability>,
    /// Parameters by name.
    pub params: BTreeMap<String, Param>,
    /// Version of the tool that brought it.
    pub since: String,
    /// Built into the binary.
    pub built_in: bool,
    /// Path of the file below its policy folder.
    pub file: String,
    /// The rule also says when it cannot judge.
    #[serde(skip)]
    pub has_skips: bool,
}

impl Rule {
    /// The concern: `network` of `network/p2p-exposed`.
    pub fn concern(&self) -> &str {
        self.id.split_once('/').map_or(self.id.as_str(), |(concern, _)| concern)
    }

    /// It is about exemptions and attestations of the run, not about a deployment.
    pub fn is_about_the_run(&self) -> bool {
        self.inputs == [InputKind::Governance]
    }

    /// Severity in a profile; none when the rule is off there.
    pub fn severity_in(&self, profile: Profile) -> Option<Severity> {
        self.severity.get(&profile).copied().flatten()
    }
}
