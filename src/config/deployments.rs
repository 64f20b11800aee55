//! The deployments of a project by name: what `check` without paths judges.

use schemars::JsonSchema;
use serde::Deserialize;

/// One deployment of the matrix. Paths are relative to the configuration.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeploymentSetting {
    /// Helm values, merged in order (like `helm -f`).
    pub values: Vec<String>,
    /// Version of the Qdrant chart the values are for.
    pub chart_version: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// Namespace the release goes to.
    pub namespace: Option<String>,
    /// Files and folders with manifests that belong to it.
    pub manifests: Vec<String>,
    /// Files and folders with collection bodies.
    pub collections: Vec<String>,
}
