//! `qdrant-lint`: a policy-as-code compliance linter for deployments of Qdrant on Kubernetes.
//!
//! `source` (text, spans) → `load` (what is this?) → `model` (chart values → objects → joined facts) →
//! `policy` (Rego over facts) → `resolve` (facts back to spans) → `suppress` (what is accepted) → `report` → `cli`.

#[cfg(feature = "webhook")]
pub mod admission;
pub mod cli;
pub mod config;
pub mod docs;
pub mod finding;
pub mod fix;
pub mod lint;
pub mod load;
pub mod model;
pub mod policy;
pub mod reach;
pub mod reading;
pub mod report;
pub mod resolve;
pub mod simulate;
pub mod source;
pub mod suppress;
pub mod topology;
