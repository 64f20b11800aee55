//! Backup jobs, restores, buckets.

use schemars::JsonSchema;
use serde::Serialize;

use super::cluster::Location;
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
    /// Where backups are kept: regions of uploads, buckets, their keys and the server's snapshot storage.
    pub stores: Vec<Tracked<Location>>,
    /// Kinds that claim to be Qdrant snapshots but are no known CRD.
    pub unknown_kinds: Vec<Tracked<UnknownKind>>,
    /// Native S3 snapshot storage of the server (`storage.snapshots_config`).
    pub native: Option<Tracked<NativeStorage>>,
    /// Static cloud credentials: each place.
    pub static_credentials: Vec<Tracked<StaticCredential>>,
}

/// Something that makes snapshots through the API: a CronJob, a Job, an Argo workflow, a sidecar.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct BackupJob {
    /// `CronJob/qdrant-snapshot`.
    pub object: String,
    /// It comes back by itself: a schedule, or a pod that stays.
    pub recurs: bool,
    /// Schedule.
    pub schedule: Option<Tracked<String>>,
    /// `suspend: true`: it does not run.
    pub suspended: Option<Tracked<bool>>,
    /// `concurrencyPolicy`; Kubernetes' default is `Allow`.
    pub concurrency_policy: Option<Tracked<String>>,
    /// What it runs is in the input and could be read.
    pub readable: bool,
    /// A script file that it runs and the input does not hold.
    pub unseen_script: Option<Tracked<String>>,
    /// `service` (a Service that balances over the peers), `one-peer`, `peers` (each peer), `localhost`, `unknown`.
    pub endpoint: Option<Tracked<String>>,
    /// Host the job talks to; variables as written.
    pub host: Option<String>,
    /// `http`, `https`.
    pub scheme: Option<Tracked<String>>,
    /// The key is sent.
    pub sends_key: bool,
    /// Collections it names; absent when it lists them at run time or none was found.
    pub collections: Option<Tracked<Vec<String>>>,
    /// It lists collections at run time.
    pub lists_collections: bool,
    /// Full-storage snapshots (`/snapshots`).
    pub full: bool,
    /// It exports aliases.
    pub exports_aliases: bool,
    /// It deletes snapshots from the peers.
    pub deletes: bool,
    /// What it makes is taken off the peers: fetched, copied or uploaded.
    pub leaves_peers: bool,
    /// It removes old copies at the destination.
    pub prunes: bool,
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
    /// `key-over-http`, `no-errexit`, `no-pipefail`, `curl-without-fail`, `binary-through-terminal`, `headers-in-file`,
    /// `no-checksum`, `unbounded-space`, `image-unpinned`, `tool-missing`, `not-an-option`.
    pub kind: String,
    /// What it is about: a program, an option, a path, an image, a host.
    pub subject: String,
    /// The snapshot is lost and nothing fails.
    pub silent_loss: bool,
    /// curl does it, in whatever words the message has for it.
    pub by_curl: bool,
}

/// An upload.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Upload {
    /// `aws-s3`, `gcs`, `azure-blob`, `rclone`, `mc`, `restic`.
    pub tool: String,
    /// Bucket, when a literal shows it.
    pub bucket: Option<String>,
    /// Endpoint URL, when set.
    pub endpoint: Option<Tracked<String>>,
    /// Region, when set.
    pub region: Option<Tracked<String>>,
    /// Server-side encryption that is asked for: `AES256`, `aws:kms`; absent = the bucket decides.
    pub sse: Option<Tracked<String>>,
    /// Key id of `aws:kms`.
    pub kms_key: Option<String>,
    /// Encrypted with a key of the user's own before or while it is sent (SSE-C, restic, crypt, an encryption scope).
    pub own_key: bool,
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
    /// `aws`, `gcp`, `azure`.
    pub cloud: Option<String>,
    /// Region.
    pub region: Option<Tracked<String>>,
    /// `customer-key`, `provider-key`, `unseen` (set by another resource that is not in the input).
    pub encryption: Option<Tracked<String>>,
    /// Public access is blocked wholly: true, false; absent = not shown.
    pub public_access_blocked: Option<Tracked<bool>>,
    /// Versioning; absent = not shown.
    pub versioning: Option<Tracked<bool>>,
    /// Object lock or a retention policy; absent = not shown.
    pub object_lock: Option<Tracked<bool>>,
    /// A lifecycle rule exists; absent = not shown.
    pub lifecycle: Option<Tracked<bool>>,
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
    pub sse: Option<Tracked<String>>,
    /// `AWS_SSE_KMS_KEY_ID` of the pods.
    pub kms_key: Option<String>,
}

/// A static cloud credential.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct StaticCredential {
    /// Key or variable.
    pub name: String,
    /// `literal` (in the input) or `secret` (by reference).
    pub from: String,
    /// `CronJob/qdrant-snapshot`, `the peers`.
    pub place: String,
    /// Its store is not the cloud's own (MinIO, Ceph): there is no workload identity to use instead.
    pub own_store: bool,
}
