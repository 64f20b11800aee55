//! Kinds of documents.

use serde::Serialize;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Values of the official chart.
    HelmValues,
    /// Values of a chart that has the official one as a dependency.
    UmbrellaValues,
    /// Values of some other chart, or of none that can be told.
    OtherValues,
    /// `Chart.yaml`.
    Chart,
    /// Argo CD Application.
    ArgoApplication,
    /// Argo CD ApplicationSet.
    ArgoApplicationSet,
    /// Flux HelmRelease.
    FluxHelmRelease,
    /// HelmChart of k3s and RKE2.
    HelmChart,
    /// Kubernetes object.
    Manifest,
    /// Test hook of a chart: nothing that runs in production.
    TestHook,
    /// Resource of an operator for Qdrant.
    OperatorResource,
    /// Body that creates or updates a collection.
    Collection,
    /// Body that recovers a collection from a snapshot.
    Recover,
    /// Server configuration.
    ServerConfig,
    /// Template of Helm or helmfile that has not been rendered.
    Template,
    /// Encrypted by SOPS.
    Sops,
    /// Recording of an audit.
    Recording,
    /// `kustomization.yaml`.
    Kustomization,
    /// Patch that a kustomization applies.
    KustomizePatch,
    /// `helmfile.yaml`.
    Helmfile,
    /// `docker-compose.yaml`.
    Compose,
    /// Workflow of a CI system.
    Workflow,
    /// Configuration of this tool.
    Configuration,
    /// Nothing but comments.
    Empty,
    /// Not YAML or JSON.
    Broken,
    /// Anything else.
    Other,
}

impl Kind {
    /// The name in output: `helm-values`.
    pub fn name(self) -> &'static str {
        match self {
            Self::HelmValues => "helm-values",
            Self::UmbrellaValues => "umbrella-values",
            Self::OtherValues => "other-values",
            Self::Chart => "chart",
            Self::ArgoApplication => "argo-application",
            Self::ArgoApplicationSet => "argo-application-set",
            Self::FluxHelmRelease => "flux-helm-release",
            Self::HelmChart => "helm-chart",
            Self::Manifest => "manifest",
            Self::TestHook => "test-hook",
            Self::OperatorResource => "operator-resource",
            Self::Collection => "collection",
            Self::Recover => "recover",
            Self::ServerConfig => "server-config",
            Self::Template => "template",
            Self::Sops => "sops",
            Self::Recording => "recording",
            Self::Kustomization => "kustomization",
            Self::KustomizePatch => "kustomize-patch",
            Self::Helmfile => "helmfile",
            Self::Compose => "compose",
            Self::Workflow => "workflow",
            Self::Configuration => "configuration",
            Self::Empty => "empty",
            Self::Broken => "broken",
            Self::Other => "other",
        }
    }
}
