//! Where the peers run and what they talk to.

mod endpoints;
mod locations;
mod managed_cloud;
mod region;
mod table;

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use self::region::Hints;
pub(crate) use self::region::Region;
use super::build::Scope;
use super::facts::cluster::Platform;
use super::server::Effective;
use crate::source::{Data, Node};

/// Regions, endpoints, traces of Qdrant Cloud.
pub fn platform(scope: &Scope<'_>, effective: &Effective) -> Platform {
    let hints = hints(scope);
    Platform {
        locations: locations::locations(scope, effective, &hints),
        endpoints: endpoints::endpoints(scope, effective),
        managed_cloud: managed_cloud::managed_cloud(scope),
    }
}

/// Words that only one cloud uses: drivers, annotations, controllers.
const OF_CLOUDS: [(&str, &str); 23] = [
    ("amazonaws.com", "aws"),
    ("ebs.csi.aws.com", "aws"),
    ("ebs.csi.eks", "aws"),
    ("eks.amazonaws", "aws"),
    ("aws-load-balancer", "aws"),
    ("arn:aws", "aws"),
    ("alb.ingress", "aws"),
    ("disk.csi.azure.com", "azure"),
    ("kubernetes.azure.com", "azure"),
    ("azure-load-balancer", "azure"),
    ("azurecr.io", "azure"),
    ("azure.workload.identity", "azure"),
    ("pd.csi.storage.gke.io", "gcp"),
    ("cloud.google.com", "gcp"),
    ("networking.gke.io", "gcp"),
    ("pkg.dev", "gcp"),
    ("iam.gke.io", "gcp"),
    ("oraclecloud", "oci"),
    ("ocid1.", "oci"),
    ("ocir.io", "oci"),
    ("alibabacloud.com", "alibaba"),
    ("aliyun", "alibaba"),
    ("alicloud", "alibaba"),
];

/// Finds all of them in one pass over a text.
static WORDS: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(OF_CLOUDS.iter().map(|(word, _)| word)).expect("a handful of short words"));

/// Which clouds the objects speak of.
fn hints(scope: &Scope<'_>) -> Hints {
    let mut clouds = Vec::new();
    for object in &scope.objects {
        each_word(&object.node, &mut |word, _| {
            for found in WORDS.find_overlapping_iter(word) {
                let (_, cloud) = OF_CLOUDS[found.pattern().as_usize()];
                if !clouds.contains(&cloud) {
                    clouds.push(cloud);
                }
            }
        });
    }
    Hints { clouds, declared: scope.settings.residency.regions.clone().unwrap_or_default() }
}

/// Every key and every text below a node, with the node that holds it.
fn each_word(node: &Node, see: &mut dyn FnMut(&str, &Node)) {
    match &node.data {
        Data::String(text) => see(text, node),
        Data::Sequence(items) => items.iter().for_each(|item| each_word(item, see)),
        Data::Mapping(fields) => {
            for (key, value) in fields.iter() {
                see(key, value);
                each_word(value, see);
            }
        }
        Data::Null | Data::Bool(_) | Data::Number(_) => {}
    }
}
