//! What changed in the templates between 1.12.4 and 1.19.0, each change with the version that brought it.

use semver::Version;

/// A change of the templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Scheme and port of the peers' URIs come from `config.cluster.p2p`; they were fixed to http and 6335.
    PeerUrisFollowConfig,
    /// `config` and `topologySpreadConstraints` may hold templates.
    ConfigIsTemplate,
    /// The headless Service gets `service.annotations` too.
    HeadlessAnnotations,
    /// `service.ports[].appProtocol` is read.
    AppProtocol,
    /// `persistence.storageSubPath` and `snapshotPersistence.snapshotsSubPath` are read.
    SubPaths,
    /// With `image.useUnprivilegedImage` the init container that changes ownership is left out.
    UnprivilegedNeedsNoChown,
    /// User and group of the init container's chown are converted to whole numbers.
    WholeOwnerNumbers,
    /// Whether `readOnlyApiKey` is a mapping is asked of itself; it was asked of `apiKey`.
    ReadOnlyKeyJudgedItself,
    /// `additionalAnnotations` is read.
    AdditionalAnnotations,
    /// `volumeAttributesClassName` of both claims is read.
    VolumeAttributesClass,
    /// `metrics.serviceMonitor.authorization` is read.
    MonitorAuthorization,
    /// `additionalLabels` go to every object and to the pods; they went to the StatefulSet alone.
    LabelsEverywhere,
    /// The update strategy is spelled out.
    ExplicitRollingUpdate,
    /// `minReadySeconds` is read.
    MinReadySeconds,
    /// `persistence.additionalLabels` and `snapshotPersistence.additionalLabels` are read.
    ClaimLabels,
    /// `terminationGracePeriodSeconds` is read.
    TerminationGracePeriod,
    /// Claim templates carry apiVersion and kind.
    ClaimTypeMeta,
}

impl Change {
    /// The first chart version that has it.
    pub(super) const fn since(self) -> Version {
        match self {
            Self::PeerUrisFollowConfig
            | Self::ConfigIsTemplate
            | Self::HeadlessAnnotations
            | Self::AppProtocol
            | Self::SubPaths => Version::new(1, 13, 5),
            Self::UnprivilegedNeedsNoChown => Version::new(1, 14, 0),
            Self::WholeOwnerNumbers | Self::ReadOnlyKeyJudgedItself => Version::new(1, 15, 0),
            Self::AdditionalAnnotations => Version::new(1, 15, 1),
            Self::VolumeAttributesClass => Version::new(1, 16, 0),
            Self::MonitorAuthorization => Version::new(1, 16, 1),
            Self::LabelsEverywhere | Self::ExplicitRollingUpdate | Self::MinReadySeconds | Self::ClaimLabels => {
                Version::new(1, 16, 3)
            }
            Self::TerminationGracePeriod => Version::new(1, 18, 0),
            Self::ClaimTypeMeta => Version::new(1, 18, 3),
        }
    }
}
