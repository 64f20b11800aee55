//! Exemptions and attestations of a run: what the rules of `policies/waivers` judge. No deployment has these facts.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// What people wrote to keep findings from counting, and what they vouch for.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Governance {
    /// Comments, annotations and waivers; one for each rule that they name.
    pub exemptions: Vec<Tracked<Exemption>>,
    /// Attestations.
    pub evidence: Vec<Tracked<Evidence>>,
}

/// A rule that a comment, an annotation or a waiver names.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Exemption {
    /// `comment`, `annotation`, `waiver`.
    pub kind: String,
    /// Id or glob of rules as written; empty when it names none.
    pub rule: String,
    /// Rules of this run that it names.
    pub rules: usize,
    /// It names every rule.
    pub everything: bool,
    /// It names rules about exemptions, which take none.
    pub about_exemptions: bool,
    /// The rule that was probably meant, when it names none.
    pub nearest: Option<String>,
    /// It is narrowed to a line, an object, a deployment or files.
    pub scoped: bool,
    /// Of `reason`, `owner` and `ticket` those that are not written.
    pub missing: Vec<String>,
    /// Last day on which it counts.
    pub until: Option<Tracked<String>>,
    /// Days until then; negative when it has passed.
    pub days_left: Option<i64>,
    /// Findings that it covers, or would cover if it counted.
    pub findings: usize,
    /// Severity of the worst of them; of the worst rule it names when there are none.
    pub worst: Option<String>,
    /// The rules that it names judged all that it could be about.
    pub conclusive: bool,
}

/// An attestation.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Evidence {
    /// What it proves.
    pub key: String,
    /// Who vouches.
    pub by: String,
    /// Last day on which it counts.
    pub until: Option<Tracked<String>>,
    /// Days until then; negative when it has passed.
    pub days_left: i64,
    /// File of the record that is not as it was attested, or cannot be read.
    pub altered: Option<Tracked<String>>,
}
