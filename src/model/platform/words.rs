//! What the words of an object say of clouds. Objects that a whole cluster shares belong to every deployment of it, so each
//! is read through once.

use std::sync::{Arc, LazyLock, OnceLock};

use aho_corasick::AhoCorasick;

use crate::source::{Data, Node};

/// The domain of Qdrant Cloud.
pub(super) const QDRANT_CLOUD: &str = "cloud.qdrant.io";

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

/// What was found in an object; copies of it share that.
#[derive(Clone, Debug, Default)]
pub struct Words(Arc<OnceLock<Found>>);

/// What an object speaks of.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Clouds by words of their own.
    pub(super) clouds: Vec<&'static str>,
    /// The domain of Qdrant Cloud.
    pub(super) names_qdrant_cloud: bool,
}

impl Words {
    /// What is found in the object that holds these; always the same one.
    pub(super) fn found_in(&self, object: &Node) -> &Found {
        self.0.get_or_init(|| {
            let mut found = Found::default();
            each_word(object, &mut |word, _| found.read(word));
            found
        })
    }
}

impl Found {
    fn read(&mut self, word: &str) {
        for one in WORDS.find_overlapping_iter(word) {
            let (_, cloud) = OF_CLOUDS[one.pattern().as_usize()];
            if !self.clouds.contains(&cloud) {
                self.clouds.push(cloud);
            }
        }
        self.names_qdrant_cloud |= word.contains(QDRANT_CLOUD);
    }
}

/// Every key and every text below a node, with the node that holds it.
pub(super) fn each_word(node: &Node, see: &mut dyn FnMut(&str, &Node)) {
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
