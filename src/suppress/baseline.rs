//! Findings that were there before: by fingerprint, which moved lines do not change.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use crate::finding::{Finding, Status};

/// Version of the file.
pub const SCHEMA: &str = "qdrant-lint/baseline/v1";

/// Fingerprints of known findings.
#[derive(Debug, Default)]
pub struct Baseline {
    fingerprints: BTreeSet<String>,
}

/// Why a baseline cannot be used; the user's to mend.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON, or not of the right shape.
    #[error("is no baseline: {0}")]
    Shape(String),
    /// It is something else.
    #[error("is no baseline but `{0}`")]
    Other(String),
}

#[derive(Deserialize)]
struct File {
    schema: String,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    fingerprint: String,
    #[serde(default)]
    status: Option<String>,
}

impl Baseline {
    /// Reads a baseline, or a JSON report, whose open findings are taken for known.
    pub fn parse(text: &str) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_str(text).map_err(|error| BaselineError::Shape(error.to_string()))?;
        if ![SCHEMA, "qdrant-lint/report/v1"].contains(&file.schema.as_str()) {
            return Err(BaselineError::Other(file.schema));
        }
        let known = |entry: &Entry| entry.status.as_deref().is_none_or(|status| ["open", "baseline"].contains(&status));
        let fingerprints = file.findings.into_iter().filter(known).map(|entry| entry.fingerprint).collect();
        Ok(Self { fingerprints })
    }

    /// The file that makes every finding known that counts now, or is known already.
    pub fn write(findings: &[Finding]) -> String {
        let known = findings.iter().filter(|finding| matches!(finding.status, Status::Open | Status::Baseline));
        let mut entries: Vec<_> = known
            .map(|finding| {
                let (rule, deployment) = (&finding.rule, &finding.deployment);
                (rule, deployment, &finding.location.file, &finding.fingerprint)
            })
            .collect();
        entries.sort();
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(rule, deployment, file, fingerprint)| {
                json!({"fingerprint": fingerprint, "rule": rule, "deployment": deployment, "file": file})
            })
            .collect();
        let file = json!({"schema": SCHEMA, "tool": env!("CARGO_PKG_VERSION"), "findings": entries});
        let mut text = serde_json::to_string_pretty(&file).expect("made of strings");
        text.push('\n');
        text
    }

    /// Marks the known findings; returns how many entries no finding has any more.
    pub fn apply(&self, findings: &mut [Finding]) -> usize {
        let mut gone: BTreeSet<&str> = self.fingerprints.iter().map(String::as_str).collect();
        for finding in findings {
            if gone.remove(finding.fingerprint.as_str()) && finding.status == Status::Open {
                finding.status = Status::Baseline;
            }
        }
        gone.len()
    }

    /// How many findings it holds.
    pub fn len(&self) -> usize {
        self.fingerprints.len()
    }

    /// It holds none.
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_baseline_of_what_was_open_in_it() {
        let text = r#"{"schema": "qdrant-lint/report/v1", "findings": [
            {"fingerprint": "a", "status": "open"}, {"fingerprint": "b", "status": "waived"}]}"#;
        assert_eq!(Baseline::parse(text).unwrap().fingerprints, BTreeSet::from(["a".to_owned()]));
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        assert!(matches!(Baseline::parse("[]"), Err(BaselineError::Shape(_))));
        let other = Baseline::parse(r#"{"schema": "x/v1", "findings": []}"#).unwrap_err();
        assert_eq!(other.to_string(), "is no baseline but `x/v1`");
    }
}
