//! Severities and parameters of rules, and when a run fails.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::policy::Severity;

/// When a run fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// At critical findings.
    Critical,
    /// From high up.
    High,
    /// From medium up.
    Medium,
    /// From low up.
    Low,
    /// At any finding.
    Info,
    /// Never.
    Never,
}

impl FailOn {
    /// Least severity that fails; none for `never`.
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Critical => Some(Severity::Critical),
            Self::High => Some(Severity::High),
            Self::Medium => Some(Severity::Medium),
            Self::Low => Some(Severity::Low),
            Self::Info => Some(Severity::Info),
            Self::Never => None,
        }
    }
}

/// What the configuration says of a rule.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RuleSetting {
    /// `off` (a boolean to YAML 1.1).
    Off(bool),
    /// A severity, or `off`.
    Level(Level),
    /// Severity and parameters.
    Full(FullSetting),
}

/// A severity, or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Leave the rule out.
    Off,
    /// Note.
    Info,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

/// Severity and parameters of a rule.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FullSetting {
    /// Severity; `off` leaves the rule out.
    pub severity: Option<Level>,
    /// Parameters by name.
    pub params: Map<String, Value>,
}

impl RuleSetting {
    /// `Some(None)`: off. `Some(Some(severity))`: that severity. `None`: as the rule says.
    pub fn severity(&self) -> Option<Option<Severity>> {
        let level = match self {
            Self::Off(on) => return (!on).then_some(None),
            Self::Level(level) => Some(*level),
            Self::Full(full) => full.severity,
        }?;
        Some(match level {
            Level::Off => None,
            Level::Info => Some(Severity::Info),
            Level::Low => Some(Severity::Low),
            Level::Medium => Some(Severity::Medium),
            Level::High => Some(Severity::High),
            Level::Critical => Some(Severity::Critical),
        })
    }
}
