//! `Chart.yaml`: what a folder's chart is and which dependency of it is Qdrant.

use std::path::{Path, PathBuf};

use super::identity::{Identity, identify};
use super::store::{File, FileId};
use crate::source::{Node, Origin};

/// The chart of a folder.
#[derive(Debug)]
pub(super) struct Chart {
    pub folder: PathBuf,
    /// Its `Chart.yaml`.
    pub file: FileId,
    pub name: String,
    pub version: Option<(String, Origin)>,
    /// It is the official chart, unpacked.
    pub is_official: bool,
    pub dependencies: Vec<Dependency>,
}

/// An entry of `dependencies`.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    pub name: String,
    /// The key of its values: alias, else name.
    pub key: String,
    pub repository: String,
    pub version: Option<(String, Origin)>,
    /// Paths of values; the first that is a boolean decides.
    pub conditions: Vec<Vec<String>>,
    pub tags: Vec<String>,
    pub identity: Identity,
    pub origin: Origin,
}

impl Chart {
    /// Reads the chart of a folder from its `Chart.yaml`.
    pub(super) fn read(folder: &Path, id: FileId, file: &File) -> Option<Self> {
        let root = &file.documents.first()?.root;
        let name = root.text(&["name"])?.to_owned();
        // charts of Helm 2 kept them in a file of their own; nobody writes those for Qdrant
        let dependencies: Vec<Dependency> = root.items(&["dependencies"]).iter().filter_map(Dependency::read).collect();
        // wrappers often copy the official chart's metadata; the official chart itself depends on nothing
        let is_official = name == "qdrant" && dependencies.is_empty() && is_published_by_qdrant(root);
        let folder = folder.to_path_buf();
        Some(Self { folder, file: id, name, version: written(root, "version"), is_official, dependencies })
    }
}

/// The official chart says where it comes from.
fn is_published_by_qdrant(root: &Node) -> bool {
    let sources = root.items(&["sources"]).iter().filter_map(Node::as_str);
    let own_texts = root.text(&["icon"]).into_iter().chain(root.text(&["home"]));
    sources.chain(own_texts).any(|text| text.contains("qdrant/qdrant-helm") || text.contains("qdrant.github.io"))
}

impl Dependency {
    fn read(node: &Node) -> Option<Self> {
        let name = node.text(&["name"])?.to_owned();
        let key = node.text(&["alias"]).unwrap_or(&name).to_owned();
        let repository = node.text(&["repository"]).unwrap_or_default().to_owned();
        let path = |text: &str| text.trim().split('.').map(str::to_owned).collect::<Vec<_>>();
        let conditions = node.text(&["condition"]).unwrap_or_default();
        let conditions = conditions.split(',').filter(|text| !text.trim().is_empty()).map(path).collect();
        let tags = node.items(&["tags"]).iter().filter_map(Node::as_str).map(str::to_owned).collect();
        let identity = match identify(&name, &repository) {
            // without a repository Helm takes the folder below `charts`
            _ if repository.is_empty() => Identity::Local(format!("charts/{name}")),
            identity => identity,
        };
        let version = written(node, "version");
        Some(Self { name, key, repository, version, conditions, tags, identity, origin: node.origin.clone() })
    }
}

fn written(node: &Node, key: &str) -> Option<(String, Origin)> {
    let version = node.get(key)?;
    Some((version.scalar_text()?, version.origin.clone()))
}
