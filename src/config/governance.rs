//! Exemptions with a reason and an end, and attestations of what no file can prove.

use schemars::JsonSchema;
use serde::Deserialize;

/// Waivers, here or in a file of their own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum WaiversSetting {
    /// A file that holds the list, relative to this one.
    File(String),
    /// The list.
    List(Vec<WaiverSetting>),
}

/// Findings that are accepted for a while.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaiverSetting {
    /// Id of the rule, or a glob: `network/*`.
    pub rule: String,
    /// Only in deployments whose id, or name in `deployments`, matches this glob.
    pub deployment: Option<String>,
    /// Only on objects that match: `StatefulSet/qdrant`, `vectordb/Service/*`.
    pub object: Option<String>,
    /// Only in files that match this glob, relative to the configuration.
    pub path: Option<String>,
    /// Why it is accepted. A waiver without a reason does not count.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is tracked.
    pub ticket: Option<String>,
    /// Last day on which it counts, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub until: String,
}

/// What a person vouches for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceSetting {
    /// What it proves: a key that a rule asks for (`restore-drill`), or a row of the checklist (`G6`).
    pub key: String,
    /// What was seen, in words.
    pub statement: String,
    /// Who saw it.
    pub by: String,
    /// Where the record is: an address, or a file relative to the configuration.
    pub link: Option<String>,
    /// Digest of that file.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
    /// Last day on which it counts, `YYYY-MM-DD`.
    #[schemars(regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub until: String,
}
