//! Buckets as resources: ACK, Crossplane, Config Connector, Azure Service Operator.

use super::BTreeSet;
use crate::model::build::Scope;
use crate::model::build::scope::absent_field;
use crate::model::facts::backup::Bucket;
use crate::model::input::Object;
use crate::model::network::labels::labels_of;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

/// How a kind of bucket is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// AWS Controllers for Kubernetes.
    Ack,
    /// Crossplane's Upbound provider: settings are resources of their own.
    Upbound,
    /// Crossplane's community provider.
    Community,
    /// Google, by Crossplane.
    UpboundGoogle,
    /// Google, by Config Connector.
    ConfigConnector,
    /// Azure Service Operator.
    AzureOperator,
    /// Azure, by Crossplane.
    UpboundAzure,
}

fn dialect(object: &Object) -> Option<Dialect> {
    let group = object.group();
    match object.kind() {
        "Bucket" if group == "s3.services.k8s.aws" => Some(Dialect::Ack),
        "Bucket" if group.starts_with("s3.aws.") && group.ends_with("upbound.io") => Some(Dialect::Upbound),
        "Bucket" if group == "s3.aws.crossplane.io" => Some(Dialect::Community),
        "Bucket" if group.starts_with("storage.gcp.") => Some(Dialect::UpboundGoogle),
        "StorageBucket" if group == "storage.cnrm.cloud.google.com" => Some(Dialect::ConfigConnector),
        "StorageAccount" if group == "storage.azure.com" => Some(Dialect::AzureOperator),
        "Account" if group.starts_with("storage.azure.") => Some(Dialect::UpboundAzure),
        _ => None,
    }
}

/// Buckets that the snapshots go to; `named` are those that uploads name.
pub(super) fn buckets(scope: &Scope<'_>, named: &BTreeSet<String>) -> Vec<Tracked<Bucket>> {
    let all: Vec<(&Object, Dialect)> =
        scope.objects.iter().filter_map(|object| Some((object, dialect(object)?))).collect();
    let only = all.len() == 1 && named.is_empty();
    all.into_iter()
        .filter(|(object, dialect)| {
            let name = name_of(object, *dialect);
            named.contains(&name)
                || [name.as_str(), object.name()].iter().any(|name| name.contains("qdrant"))
                || (only && ["snapshot", "backup", "vector"].iter().any(|word| name.contains(word)))
        })
        .map(|(object, dialect)| bucket(scope, object, dialect))
        .collect()
}

fn name_of(object: &Object, dialect: Dialect) -> String {
    let node = &object.node;
    let external = node.at(&["metadata", "annotations", "crossplane.io/external-name"]);
    let own = match dialect {
        Dialect::Ack => node.at(&["spec", "name"]),
        Dialect::ConfigConnector => node.at(&["spec", "resourceID"]),
        Dialect::AzureOperator => node.at(&["spec", "azureName"]),
        _ => external,
    };
    own.and_then(Node::scalar_text).unwrap_or_else(|| object.name().to_owned())
}

/// One bucket while it is read.
struct Reader<'a> {
    scope: &'a Scope<'a>,
    object: &'a Object,
    /// Resources of their own that set something of this bucket.
    beside: Vec<&'a Object>,
}

fn bucket(scope: &Scope<'_>, object: &Object, dialect: Dialect) -> Tracked<Bucket> {
    let name = name_of(object, dialect);
    let beside = if dialect == Dialect::Upbound { companions(scope, object, &name) } else { Vec::new() };
    let reader = Reader { scope, object, beside };
    let mut fact = match dialect {
        Dialect::Ack => reader.ack(),
        Dialect::Upbound => reader.upbound(),
        Dialect::Community => reader.community(),
        Dialect::UpboundGoogle => reader.google("forProvider"),
        Dialect::ConfigConnector => reader.google(""),
        Dialect::AzureOperator | Dialect::UpboundAzure => reader.azure(dialect),
    };
    fact.object = format!("{}/{}", object.kind(), object.name());
    fact.name = name;
    scope.origins.track(fact, &object.node.at(&["metadata", "name"]).unwrap_or(&object.node).origin)
}

/// Resources that name this bucket in `spec.forProvider`.
fn companions<'a>(scope: &'a Scope<'_>, object: &Object, name: &str) -> Vec<&'a Object> {
    let labels = labels_of(object.node.at(&["metadata", "labels"]));
    scope
        .objects
        .iter()
        .filter(|other| {
            other.group() == object.group() && other.kind().starts_with("Bucket") && other.kind() != "Bucket"
        })
        .filter(|other| {
            let of = |field: &[&str]| other.node.at(&[&["spec", "forProvider"], field].concat());
            let text = |field: &[&str]| of(field).and_then(Node::scalar_text);
            let selected = labels_of(of(&["bucketSelector", "matchLabels"]));
            text(&["bucket"]).as_deref() == Some(name)
                || text(&["bucketRef", "name"]).as_deref() == Some(object.name())
                || (!selected.is_empty() && selected.iter().all(|(key, value)| labels.get(key) == Some(value)))
        })
        .collect()
}

impl Reader<'_> {
    fn at(&self, path: &[&str]) -> Option<&Node> {
        self.object.node.at(path)
    }

    #[expect(clippy::unnecessary_wraps, reason = "every field of a bucket may be absent")]
    fn track<T>(&self, value: T, origin: &Origin) -> Option<Tracked<T>> {
        Some(self.scope.origins.track(value, origin))
    }

    fn absent(&self, owner: &str, path: &[&str]) -> Origin {
        absent_field(owner, &self.object.node, path)
    }

    fn region(&self, node: Option<&Node>) -> Option<Tracked<String>> {
        let node = node?;
        self.track(node.scalar_text()?.to_ascii_lowercase(), &node.origin)
    }

    /// Whether a setting is on, where its absence means off.
    fn is_on(&self, owner: &str, path: &[&str], on: impl Fn(&Node) -> bool) -> Option<Tracked<bool>> {
        match self.at(path) {
            Some(node) => self.track(on(node), &node.origin),
            None => self.track(false, &self.absent(owner, path)),
        }
    }

    /// `applyServerSideEncryptionByDefault`, an object or the first of a list.
    fn aws_encryption(&self, rule: Option<&Node>, absent: &Origin) -> Option<Tracked<String>> {
        let first =
            |node: &'_ Node| node.as_sequence().map_or_else(|| Some(node.clone()), |items| items.first().cloned());
        let by_default =
            rule.and_then(first).and_then(|rule| rule.at(&["applyServerSideEncryptionByDefault"]).and_then(first));
        let Some(by_default) = by_default else { return self.track("provider-key".to_owned(), absent) };
        let algorithm = by_default.at(&["sseAlgorithm"]);
        let is_kms = algorithm.and_then(Node::as_str).is_some_and(|text| text.starts_with("aws:kms"));
        let key =
            ["kmsMasterKeyID", "kmsMasterKeyId", "kmsMasterKeyIdRef", "kmsMasterKeyIDRef", "kmsMasterKeyIdSelector"]
                .iter()
                .find_map(|field| by_default.at(&[field]));
        let is_own = key.is_some_and(|key| key.as_str().is_none_or(|text| !text.contains("alias/aws/")));
        let kind = if is_kms && is_own { "customer-key" } else { "provider-key" };
        let origin = &algorithm.unwrap_or(&by_default).origin;
        self.track(kind.to_owned(), origin)
    }

    fn blocked(&self, settings: Option<&Node>) -> Option<Tracked<bool>> {
        let settings = settings?;
        let all = [
            ["blockPublicACLs", "blockPublicAcls"],
            ["blockPublicPolicy", "blockPublicPolicy"],
            ["ignorePublicACLs", "ignorePublicAcls"],
            ["restrictPublicBuckets", "restrictPublicBuckets"],
        ]
        .iter()
        .all(|names| names.iter().any(|name| settings.at(&[name]).and_then(Node::as_bool) == Some(true)));
        self.track(all, &settings.origin)
    }

    fn ack(&self) -> Bucket {
        let rule = self.at(&["spec", "encryption", "rules"]);
        let region = self
            .at(&["spec", "createBucketConfiguration", "locationConstraint"])
            .or_else(|| self.at(&["metadata", "annotations", "services.k8s.aws/region"]));
        Bucket {
            cloud: Some("aws".to_owned()),
            region: self.region(region),
            encryption: self.aws_encryption(rule, &self.absent("Amazon S3", &["spec", "encryption"])),
            public_access_blocked: self.blocked(self.at(&["spec", "publicAccessBlock"])),
            versioning: self
                .is_on("Amazon S3", &["spec", "versioning", "status"], |node| node.as_str() == Some("Enabled")),
            object_lock: self
                .is_on("Amazon S3", &["spec", "objectLockEnabledForBucket"], |node| node.as_bool() == Some(true)),
            lifecycle: self.is_on("Amazon S3", &["spec", "lifecycle", "rules"], |node| {
                node.as_sequence().is_some_and(|rules| !rules.is_empty())
            }),
            ..Bucket::default()
        }
    }

    fn community(&self) -> Bucket {
        let spec = |field: &'static str| ["spec", "forProvider", field];
        let rule = self.at(&["spec", "forProvider", "serverSideEncryptionConfiguration", "rules"]);
        let absent = self.absent("Amazon S3", &spec("serverSideEncryptionConfiguration"));
        Bucket {
            cloud: Some("aws".to_owned()),
            region: self.region(self.at(&spec("locationConstraint"))),
            encryption: self.aws_encryption(rule, &absent),
            public_access_blocked: self.blocked(self.at(&spec("publicAccessBlockConfiguration"))),
            versioning: self.is_on(
                "Amazon S3",
                &["spec", "forProvider", "versioningConfiguration", "status"],
                |node| node.as_str() == Some("Enabled"),
            ),
            object_lock: self
                .is_on("Amazon S3", &spec("objectLockEnabledForBucket"), |node| node.as_bool() == Some(true)),
            lifecycle: self.is_on("Amazon S3", &["spec", "forProvider", "lifecycleConfiguration", "rules"], |node| {
                node.as_sequence().is_some_and(|rules| !rules.is_empty())
            }),
            ..Bucket::default()
        }
    }

    /// A setting that is a resource of its own. Where some of these are given, an absent one is off; where none is, they
    /// may lie elsewhere.
    fn companion(&self, kind: &str, field: &[&str], on: impl Fn(&Node) -> bool) -> Option<Tracked<bool>> {
        let Some(object) = self.beside.iter().find(|object| object.kind() == kind) else {
            let absent = || self.track(false, &self.object.node.origin);
            return if self.beside.is_empty() { None } else { absent() };
        };
        let node = object.node.at(&[&["spec", "forProvider"], field].concat());
        let origin = node.map_or(&object.node.origin, |node| &node.origin);
        self.track(node.is_some_and(on), origin)
    }

    fn upbound(&self) -> Bucket {
        let of = |kind: &str| self.beside.iter().find(|object| object.kind() == kind);
        let encryption = match of("BucketServerSideEncryptionConfiguration") {
            Some(object) => self.aws_encryption(object.node.at(&["spec", "forProvider", "rule"]), &object.node.origin),
            None if self.beside.is_empty() => self.track("unseen".to_owned(), &self.object.node.origin),
            None => self.track("provider-key".to_owned(), &self.absent("Amazon S3", &["spec", "forProvider"])),
        };
        let public = of("BucketPublicAccessBlock").and_then(|object| object.node.at(&["spec", "forProvider"]));
        let enabled = |node: &Node| {
            let one = node.as_sequence().and_then(<[Node]>::first).unwrap_or(node);
            one.text(&["status"]) == Some("Enabled")
        };
        Bucket {
            cloud: Some("aws".to_owned()),
            region: self.region(self.at(&["spec", "forProvider", "region"])),
            encryption,
            public_access_blocked: self.blocked(public),
            versioning: self.companion("BucketVersioning", &["versioningConfiguration"], enabled),
            object_lock: match self.at(&["spec", "forProvider", "objectLockEnabled"]) {
                Some(node) => self.track(node.as_bool() == Some(true), &node.origin),
                None => self.companion("BucketObjectLockConfiguration", &["rule"], |_| true),
            },
            lifecycle: self.companion("BucketLifecycleConfiguration", &["rule"], |_| true),
            ..Bucket::default()
        }
    }

    fn google(&self, below: &str) -> Bucket {
        let path = |field: &[&'static str]| -> Vec<&str> {
            let mut path = vec!["spec"];
            if !below.is_empty() {
                path.push(below);
            }
            path.extend(field);
            path
        };
        let owner = "Google Cloud Storage";
        let keys: [&[&'static str]; 3] =
            [&["encryption", "kmsKeyRef"], &["encryption", "defaultKmsKeyName"], &["encryption"]];
        let key = keys.iter().find_map(|field| self.at(&path(field)));
        let encryption = match key {
            Some(node) => self.track("customer-key".to_owned(), &node.origin),
            None => self.track("provider-key".to_owned(), &self.absent(owner, &path(&["encryption"]))),
        };
        let on = |node: &Node| {
            let one = node.as_sequence().and_then(<[Node]>::first).unwrap_or(node);
            one.as_bool().or_else(|| one.at(&["enabled"]).and_then(Node::as_bool)) == Some(true)
        };
        let public = self.at(&path(&["publicAccessPrevention"]));
        Bucket {
            cloud: Some("gcp".to_owned()),
            region: self.region(self.at(&path(&["location"]))),
            encryption,
            public_access_blocked: public.and_then(|node| self.track(node.as_str() == Some("enforced"), &node.origin)),
            versioning: self.is_on(owner, &path(&["versioning"]), on),
            object_lock: self.is_on(owner, &path(&["retentionPolicy"]), |_| true),
            lifecycle: self.is_on(owner, &path(&["lifecycleRule"]), |_| true),
            ..Bucket::default()
        }
    }

    fn azure(&self, dialect: Dialect) -> Bucket {
        let owner = "Azure Storage";
        let (location, public, key): (&[&str], &[&str], Option<&Node>) = if dialect == Dialect::AzureOperator {
            let source = self.at(&["spec", "encryption", "keySource"]);
            let own =
                source.filter(|node| node.as_str().is_some_and(|text| text.eq_ignore_ascii_case("Microsoft.Keyvault")));
            (&["spec", "location"], &["spec", "allowBlobPublicAccess"], own)
        } else {
            (
                &["spec", "forProvider", "location"],
                &["spec", "forProvider", "allowNestedItemsToBePublic"],
                self.at(&["spec", "forProvider", "customerManagedKey"]),
            )
        };
        Bucket {
            cloud: Some("azure".to_owned()),
            region: self.region(self.at(location)),
            encryption: match key {
                Some(node) => self.track("customer-key".to_owned(), &node.origin),
                None => self.track("provider-key".to_owned(), &self.absent(owner, &["spec", "encryption"])),
            },
            public_access_blocked: self
                .at(public)
                .and_then(|node| self.track(node.as_bool() == Some(false), &node.origin)),
            ..Bucket::default()
        }
    }
}
