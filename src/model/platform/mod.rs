//! Where the peers run and what they talk to.

mod endpoints;
mod locations;
mod managed_cloud;
mod region;
mod table;

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
const OF_CLOUDS: [(&str, &[&str]); 5] = [
    (
        "aws",
        &[
            "amazonaws.com",
            "ebs.csi.aws.com",
            "ebs.csi.eks",
            "eks.amazonaws",
            "aws-load-balancer",
            "arn:aws",
            "alb.ingress",
        ],
    ),
    (
        "azure",
        &["disk.csi.azure.com", "kubernetes.azure.com", "azure-load-balancer", "azurecr.io", "azure.workload.identity"],
    ),
    ("gcp", &["pd.csi.storage.gke.io", "cloud.google.com", "networking.gke.io", "pkg.dev", "iam.gke.io"]),
    ("oci", &["oraclecloud", "ocid1.", "ocir.io"]),
    ("alibaba", &["alibabacloud.com", "aliyun", "alicloud"]),
];

/// Which clouds the objects speak of.
fn hints(scope: &Scope<'_>) -> Hints {
    let mut clouds = Vec::new();
    for object in &scope.objects {
        each_word(&object.node, &mut |word, _| {
            for (cloud, words) in OF_CLOUDS {
                if !clouds.contains(&cloud) && words.iter().any(|known| word.contains(known)) {
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
