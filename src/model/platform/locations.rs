//! Places of the input that name a region: nodes, volumes, buckets, keys, registries, stores of secrets.

use super::region::{Hints, Region};
use super::table;
use crate::model::build::Scope;
use crate::model::facts::cluster::Location;
use crate::model::input::Object;
use crate::model::peer_address::host_of;
use crate::model::server::Effective;
use crate::model::tracked::Tracked;
use crate::source::{Node, Origin};

/// Labels of nodes and volumes that name a region or a zone.
const TOPOLOGY: [&str; 8] = [
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "topology.ebs.csi.aws.com/zone",
    "topology.disk.csi.azure.com/zone",
    "topology.gke.io/zone",
    "topology.diskplugin.csi.alibabacloud.com/zone",
];
/// Variables that tell the client of an object store its region.
const REGION_VARIABLES: [&str; 4] = ["AWS_REGION", "AWS_DEFAULT_REGION", "S3_REGION", "OCI_REGION"];
/// Variables that hold the address of a cache.
const CACHE_WORDS: [&str; 4] = ["REDIS", "VALKEY", "MEMCACHED", "CACHE"];

struct Finder<'a> {
    scope: &'a Scope<'a>,
    hints: &'a Hints,
    found: Vec<Tracked<Location>>,
}

/// Every place that names a region, in the order of the input.
pub(super) fn locations(scope: &Scope<'_>, effective: &Effective, hints: &Hints) -> Vec<Tracked<Location>> {
    let mut finder = Finder { scope, hints, found: Vec::new() };
    finder.pods();
    finder.bucket_of_the_server(effective);
    for object in &scope.objects {
        finder.object(object);
    }
    finder.found
}

impl Finder<'_> {
    fn add(&mut self, what: &str, object: String, region: Region, strength: &str, origin: &Origin) {
        let fact = Location {
            what: what.to_owned(),
            object,
            cloud: region.cloud.map(str::to_owned),
            region: region.id,
            country: region.country.map(str::to_owned),
            strength: strength.to_owned(),
        };
        if !self.found.iter().any(|one| same(&one.value, &fact)) {
            self.found.push(self.scope.origins.track(fact, origin));
        }
    }

    fn topology(&mut self, what: &str, object: &str, value: &Node, strength: &str) {
        // a placeholder is filled in later
        if let Some(text) = value.as_str().filter(|text| !text.is_empty() && !text.contains(['$', '{'])) {
            let region = Region::of(text, self.hints);
            self.add(what, object.to_owned(), region, strength, &value.origin);
        }
    }

    /// Where the pods may be scheduled, and where their images come from.
    fn pods(&mut self) {
        let Some(pods) = &self.scope.pods else { return };
        let spec = pods.spec.clone();
        for (key, value) in spec.fields(&["nodeSelector"]) {
            if TOPOLOGY.contains(&key.as_ref()) {
                self.topology("nodes", &format!("nodeSelector {key}"), value, "medium");
            }
        }
        let required = ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"];
        self.terms("nodes", "nodeAffinity", spec.at(&required), "medium");
        for container in spec.items(&["containers"]).iter().chain(spec.items(&["initContainers"])) {
            let Some(image) = container.at(&["image"]) else { continue };
            let host = image.as_str().unwrap_or_default().split('/').next().unwrap_or_default();
            if let Some(region) = Region::of_host(host) {
                self.add("registry", format!("registry {host}"), region, "hint", &image.origin);
            }
        }
    }

    /// `nodeSelectorTerms[].matchExpressions[]` with `In`.
    fn terms(&mut self, what: &str, object: &str, required: Option<&Node>, strength: &str) {
        let Some(required) = required else { return };
        for expression in
            required.items(&["nodeSelectorTerms"]).iter().flat_map(|term| term.items(&["matchExpressions"]))
        {
            let key = expression.text(&["key"]).unwrap_or_default();
            if TOPOLOGY.contains(&key) && expression.text(&["operator"]) == Some("In") {
                for value in expression.items(&["values"]) {
                    self.topology(what, &format!("{object} {key}"), value, strength);
                }
            }
        }
    }

    /// The bucket that the server writes snapshots to.
    fn bucket_of_the_server(&mut self, effective: &Effective) {
        let of = |key: &str| effective.get(&format!("storage.snapshots_config.s3_config.{key}"));
        let is_s3 = effective
            .text("storage.snapshots_config.snapshots_storage")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("s3"));
        if !is_s3 {
            return;
        }
        let by_endpoint = of("endpoint_url").and_then(|endpoint| {
            let region = Region::of_host(host_of(endpoint.node.as_str()?))?;
            Some((region, endpoint.node.origin.clone()))
        });
        let own_endpoint = of("endpoint_url").is_some_and(|endpoint| !endpoint.node.is_null());
        let by_region = of("region").and_then(|region| {
            let text = region.node.as_str()?;
            // another store than Amazon's may call its region as it likes
            let found = if own_endpoint { Region::of(text, self.hints) } else { Region::in_cloud("aws", text) };
            Some((found, region.node.origin.clone()))
        });
        if let Some((region, origin)) = by_endpoint.or(by_region) {
            self.add("bucket", "storage.snapshots_config".to_owned(), region, "medium", &origin);
        }
    }

    fn object(&mut self, object: &Object) {
        let node = &object.node;
        let name = format!("{}/{}", object.kind(), object.name());
        match object.kind() {
            "Node" => {
                for (key, value) in node.fields(&["metadata", "labels"]) {
                    if TOPOLOGY.contains(&key.as_ref()) {
                        self.topology("nodes", &name, value, "strong");
                    }
                }
            }
            "StorageClass" if self.is_used(object) => self.storage_class(node, &name),
            "PersistentVolume" => {
                self.terms("volume", &name, node.at(&["spec", "nodeAffinity", "required"]), "strong");
            }
            "Bucket" | "StorageBucket" => self.bucket(node, &name),
            "SecretStore" | "ClusterSecretStore" => {
                for (provider, cloud, field) in
                    [("aws", "aws", "region"), ("oracle", "oci", "region"), ("gcpsm", "gcp", "location")]
                {
                    if let Some(region) = node.at(&["spec", "provider", provider, field])
                        && let Some(text) = region.as_str()
                    {
                        self.add("secret-store", name.clone(), Region::in_cloud(cloud, text), "medium", &region.origin);
                    }
                }
            }
            "CronJob" => self.variables(node.at(&["spec", "jobTemplate", "spec", "template"]), &name),
            "Job" | "Deployment" | "StatefulSet" => self.variables(node.at(&["spec", "template"]), &name),
            _ => {}
        }
    }

    /// The class of the peers' volumes.
    fn is_used(&self, class: &Object) -> bool {
        let Some(pods) = &self.scope.pods else { return false };
        let templates = pods.workload.node.items(&["spec", "volumeClaimTemplates"]);
        templates.iter().any(|claim| claim.text(&["spec", "storageClassName"]) == Some(class.name()))
    }

    fn storage_class(&mut self, node: &Node, name: &str) {
        let expressions =
            node.items(&["allowedTopologies"]).iter().flat_map(|one| one.items(&["matchLabelExpressions"]));
        for expression in expressions {
            if expression.text(&["key"]).is_some_and(|key| TOPOLOGY.contains(&key)) {
                for value in expression.items(&["values"]) {
                    self.topology("volume", name, value, "medium");
                }
            }
        }
        for (key, value) in node.fields(&["parameters"]) {
            let Some(text) = value.as_str() else { continue };
            if let Some(region) = Region::of_key(text) {
                self.add("key", format!("{name}, {key}"), region, "medium", &value.origin);
            } else if key.as_ref() == "location" || key.eq_ignore_ascii_case("regionId") {
                self.topology("volume", name, value, "medium");
            }
        }
    }

    /// Buckets of Crossplane, ACK and Config Connector.
    fn bucket(&mut self, node: &Node, name: &str) {
        let cloud = match node.text(&["apiVersion"]).unwrap_or_default() {
            group if group.contains("aws") || group.contains("s3.services.k8s") => "aws",
            group if group.contains("gcp") || group.contains("cnrm") => "gcp",
            _ => return,
        };
        let fields: [&[&str]; 4] = [
            &["spec", "forProvider", "region"],
            &["spec", "forProvider", "location"],
            &["spec", "createBucketConfiguration", "locationConstraint"],
            &["spec", "location"],
        ];
        if let Some(region) = fields.iter().find_map(|field| node.at(field))
            && let Some(text) = region.as_str()
        {
            self.add("bucket", name.to_owned(), Region::in_cloud(cloud, text), "medium", &region.origin);
        }
    }

    /// Variables of pods that upload or cache.
    fn variables(&mut self, template: Option<&Node>, name: &str) {
        let containers = template.map(|template| template.items(&["spec", "containers"])).unwrap_or_default();
        for variable in containers.iter().flat_map(|container| container.items(&["env"])) {
            let (Some(key), Some(value)) = (variable.text(&["name"]), variable.at(&["value"])) else { continue };
            let Some(text) = value.as_str().filter(|text| !text.contains('$')) else { continue };
            if REGION_VARIABLES.contains(&key) {
                let region =
                    if key.starts_with("AWS") { Region::in_cloud("aws", text) } else { Region::of(text, self.hints) };
                self.add("bucket", format!("{name}, {key}"), region, "medium", &value.origin);
            } else if key.contains("KMS")
                && let Some(region) = Region::of_key(text)
            {
                self.add("key", format!("{name}, {key}"), region, "medium", &value.origin);
            } else if CACHE_WORDS.iter().any(|word| key.contains(word))
                && table::cloud_of_host(host_of(text)).is_some()
                && let Some(region) = Region::of_host(host_of(text))
            {
                self.add("cache", format!("{name}, {key}"), region, "medium", &value.origin);
            }
        }
    }
}

fn same(one: &Location, other: &Location) -> bool {
    (&one.what, &one.object, &one.cloud, &one.region) == (&other.what, &other.object, &other.cloud, &other.region)
}
