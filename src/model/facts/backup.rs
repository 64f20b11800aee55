//! Backup jobs, restores, buckets.

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::tracked::Tracked;

/// What is known of backups.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Backup {
    /// CronJobs and Jobs that make snapshots.
    pub jobs: Vec<Tracked<BackupJob>>,
    /// Other means: VolumeSnapshot schedules, Velero, operator schedules; in words.
    pub other_means: Vec<Tracked<String>>,
    /// Recover requests.
    pub restores: Vec<Tracked<Restore>>,
    /// CronJobs that restore (a drill).
    pub drills: Vec<Tracked<String>>,
    /// Bucket resources (Crossplane, ACK, Config Connector, …).
    pub buckets: Vec<Tracked<Bucket>>,
    /// Kinds that claim to be Qdrant snapshots but are no known CRD.
    pub unknown_kinds: Vec<Tracked<UnknownKind>>,
    /// Native S3 snapshot storage of the server (`storage.snapshots_config`).
    pub native: Option<Tracked<NativeStorage>>,
    /// Static cloud credentials: each place.
    pub static_credentials: Vec<Tracked<StaticCredential>>,
}

/// A job that makes snapshots.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct BackupJob {
    /// `CronJob/qdrant-snapshot`.
    pub object: String,
    /// Schedule.
    pub schedule: Option<Tracked<String>>,
    /// `concurrencyPolicy`; Kubernetes' default is `Allow`.
    pub concurrency_policy: Option<Tracked<String>>,
    /// `service` (the load-balanced Service), `peers` (each peer), `localhost`, `unknown`.
    pub endpoint: Option<Tracked<String>>,
    /// Host the job talks to.
    pub host: Option<String>,
    /// `http`, `https`.
    pub scheme: Option<Tracked<String>>,
    /// The key is sent.
    pub sends_key: bool,
    /// Collections it names; empty = it lists them at run time or none was found.
    pub collections: Vec<String>,
    /// It lists collections at run time.
    pub lists_collections: bool,
    /// Full-storage snapshots (`/snapshots`).
    pub full: bool,
    /// It exports aliases.
    pub exports_aliases: bool,
    /// It deletes snapshots after upload.
    pub deletes: bool,
    /// Script faults, each at its line.
    pub faults: Vec<Tracked<JobFault>>,
    /// Uploads.
    pub uploads: Vec<Tracked<Upload>>,
    /// Image.
    pub image: Option<Tracked<String>>,
    /// Labels of its pods match the selector of the Qdrant Service.
    pub selected_by_service: bool,
}

/// A fault of a job's script or pod.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct JobFault {
    /// `key-over-http`, `no-set-e`, `curl-without-fail`, `binary-through-terminal`, `no-checksum`, `unbounded-tmp`,
    /// `image-unpinned`, `tool-missing`, `not-an-option`.
    pub kind: String,
    /// In words.
    pub message: String,
    /// Loses data silently.
    pub silent_loss: bool,
}

/// An upload.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Upload {
    /// `aws-s3`, `gcs`, `azure-blob`, `rclone`, `mc`, `restic`, `other`.
    pub tool: String,
    /// Bucket, when a literal shows it.
    pub bucket: Option<String>,
    /// Endpoint URL, when set.
    pub endpoint: Option<String>,
    /// Region, when set.
    pub region: Option<String>,
    /// Server-side encryption flag: `AES256`, `aws:kms`; absent = no flag.
    pub sse: Option<String>,
    /// Key id of `aws:kms`.
    pub kms_key: Option<String>,
}

/// A recover request.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Restore {
    /// Location as written.
    pub location: String,
    /// URL scheme.
    pub scheme: String,
    /// In words: `file`, `curl in Job/z`.
    pub carrier: String,
}

/// A bucket resource.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Bucket {
    /// `Bucket/name`.
    pub object: String,
    /// Name of the bucket.
    pub name: String,
    /// Cloud.
    pub cloud: Option<String>,
    /// Region.
    pub region: Option<Tracked<String>>,
    /// `customer-key`, `provider-key`, `none`, `unseen`.
    pub encryption: String,
    /// Public access is blocked wholly: true, false; absent = not shown.
    pub public_access_blocked: Option<bool>,
    /// Versioning; absent = not shown.
    pub versioning: Option<bool>,
    /// Object lock; absent = not shown.
    pub object_lock: Option<bool>,
    /// A lifecycle rule exists; absent = not shown.
    pub lifecycle: Option<bool>,
}

/// A kind that is no CRD of Qdrant.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct UnknownKind {
    /// `apiVersion/kind`.
    pub kind: String,
    /// What to use.
    pub instead: String,
    /// A scheduled snapshot of the official operator without `retention`.
    pub without_retention: bool,
}

/// Native S3 snapshot storage.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct NativeStorage {
    /// `local` or `s3`.
    pub storage: String,
    /// Bucket.
    pub bucket: Option<String>,
    /// Region.
    pub region: Option<Tracked<String>>,
    /// Endpoint.
    pub endpoint: Option<Tracked<String>>,
    /// `AWS_SERVER_SIDE_ENCRYPTION` of the pods.
    pub sse: Option<String>,
    /// `AWS_SSE_KMS_KEY_ID` of the pods.
    pub kms_key: Option<String>,
}

/// A static cloud credential.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct StaticCredential {
    /// Key or variable.
    pub name: String,
    /// `literal` or `secret`.
    pub from: String,
    /// Object or layer.
    pub place: String,
}
