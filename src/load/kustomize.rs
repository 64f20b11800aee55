//! What the kustomizations of the input change of the files they list: namespaces, images, and which files are patches.
//! Everything else that Kustomize does is left to Kustomize: the user is told to give its output.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::Context;
use super::names::absolute;
use super::sniff::Kind;
use crate::source::{Data, Mapping, Node};

/// Kustomizations of kustomizations are followed so deep.
const DEEPEST: usize = 8;
/// Parts of workloads are looked for so deep: CronJob, Job, pod.
const DEEPEST_POD: usize = 8;

/// Kinds of which a namespace would be wrong.
const CLUSTER_SCOPED: [&str; 9] = [
    "StorageClass",
    "PersistentVolume",
    "Node",
    "ClusterRole",
    "ClusterRoleBinding",
    "IngressClass",
    "GatewayClass",
    "ClusterIssuer",
    "ClusterSecretStore",
];

/// What the kustomizations of one input say.
#[derive(Debug, Default)]
pub(super) struct Kustomized {
    patches: BTreeSet<PathBuf>,
    by_file: BTreeMap<PathBuf, Vec<usize>>,
    layers: Vec<Layer>,
}

/// One kustomization.
#[derive(Debug)]
struct Layer {
    folder: PathBuf,
    /// Folders of the kustomizations that it builds on.
    includes: BTreeSet<PathBuf>,
    namespace: Option<Node>,
    images: Vec<Node>,
}

impl Kustomized {
    /// Reads every kustomization that was seen, Flux's too.
    pub(super) fn read(context: &mut Context<'_>) -> Self {
        let seen = context.seen.clone();
        let kustomizations: BTreeMap<PathBuf, Node> = seen
            .iter()
            .filter(|seen| seen.sniffed.kind == Kind::Kustomization)
            .map(|seen| (context.folder_path(seen.file), seen.document.root.clone()))
            .collect();
        let mut found = Self::default();
        for (folder, root) in &kustomizations {
            found.patches.extend(patches(root).map(|path| absolute(folder, Path::new(path))));
            found.add(folder, root.get("namespace").cloned(), root.items(&["images"]).to_vec(), &kustomizations);
        }
        for one in seen {
            let root = &one.document.root;
            let is_flux = root.text(&["apiVersion"]).is_some_and(|api| api.starts_with("kustomize.toolkit.fluxcd.io/"));
            let Some(namespace) = root.at(&["spec", "targetNamespace"]).filter(|_| is_flux) else { continue };
            let path = root.text(&["spec", "path"]).unwrap_or_default().trim_start_matches("./").to_owned();
            if let Some(folder) = context.in_repository(one.file, &path) {
                found.add(&folder, Some(namespace.clone()), Vec::new(), &kustomizations);
            }
        }
        found
    }

    fn add(&mut self, folder: &Path, namespace: Option<Node>, images: Vec<Node>, all: &BTreeMap<PathBuf, Node>) {
        let namespace = namespace.filter(|node| node.as_str().is_some_and(|text| !text.is_empty()));
        if namespace.is_none() && images.is_empty() {
            return;
        }
        let mut includes = BTreeSet::new();
        let mut files = BTreeSet::new();
        gather(folder, all, 0, &mut includes, &mut files);
        for file in files {
            self.by_file.entry(file).or_default().push(self.layers.len());
        }
        self.layers.push(Layer { folder: folder.to_path_buf(), includes, namespace, images });
    }

    /// Whether a kustomization lays the file over others.
    pub(super) fn is_patch(&self, file: &Path) -> bool {
        self.patches.contains(file)
    }

    /// The namespace that every outermost kustomization of a file agrees on.
    pub(super) fn namespace(&self, file: &Path) -> Option<&Node> {
        let outermost = self.outermost(file, |layer| layer.namespace.is_some());
        let mut values = outermost.iter().filter_map(|layer| layer.namespace.as_ref());
        let first = values.next()?;
        values.all(|other| other.as_str() == first.as_str()).then_some(first)
    }

    /// Layers of a file that have something to say and that no other such layer builds on.
    fn outermost(&self, file: &Path, speaks: impl Fn(&Layer) -> bool) -> Vec<&Layer> {
        let layers: Vec<&Layer> = self
            .by_file
            .get(file)
            .into_iter()
            .flatten()
            .map(|index| &self.layers[*index])
            .filter(|layer| speaks(layer))
            .collect();
        let covered = |layer: &Layer| {
            layers.iter().any(|other| other.folder != layer.folder && other.includes.contains(&layer.folder))
        };
        layers.iter().copied().filter(|layer| !covered(layer)).collect()
    }

    /// The object as the kustomizations of its file make it.
    pub(super) fn applied(&self, file: &Path, object: Node) -> Node {
        if !self.by_file.contains_key(file) {
            return object;
        }
        let object = self.with_images(file, &object, 0);
        match self.namespace(file) {
            Some(namespace) => in_namespace(object, namespace),
            None => object,
        }
    }

    fn with_images(&self, file: &Path, node: &Node, depth: usize) -> Node {
        let Some(fields) = node.as_mapping().filter(|_| depth < DEEPEST_POD) else { return node.clone() };
        let mut changed = Mapping::new();
        for (key, value) in fields {
            let value = match (key.as_ref(), value.as_sequence()) {
                ("containers" | "initContainers", Some(items)) => {
                    let items = items.iter().map(|container| self.with_image(file, container)).collect();
                    Node { data: Node::sequence(items, value.origin.clone()).data, ..value.clone() }
                }
                ("spec" | "template" | "jobTemplate", None) => self.with_images(file, value, depth + 1),
                _ => value.clone(),
            };
            changed.insert(Arc::clone(key), value);
        }
        Node { data: Data::Mapping(Arc::new(changed)), ..node.clone() }
    }

    fn with_image(&self, file: &Path, container: &Node) -> Node {
        let Some((fields, image)) = container.as_mapping().zip(container.at(&["image"])) else {
            return container.clone();
        };
        let Some(text) = image.as_str() else { return container.clone() };
        let name = name_of(text);
        let concerns = |entry: &&Node| entry.text(&["name"]) == Some(name);
        let layers = self.outermost(file, |layer| layer.images.iter().any(|entry| concerns(&entry)));
        let mut made = layers
            .iter()
            .filter_map(|layer| layer.images.iter().find(concerns))
            .map(|entry| renamed(text, name, entry));
        let Some(first) = made.next() else { return container.clone() };
        let image = if made.all(|other| other.as_str() == first.as_str()) {
            first
        } else {
            // overlays disagree: only their output tells what runs
            Node::string(format!("{name}:${{each overlay has its own tag}}"), image.origin.clone())
        };
        let mut fields = fields.clone();
        fields.insert("image".into(), image);
        Node { data: Data::Mapping(Arc::new(fields)), ..container.clone() }
    }
}

/// Files that a kustomization lays over what it lists.
fn patches(root: &Node) -> impl Iterator<Item = &str> {
    let paths = |list| root.items(&[list]).iter().filter_map(|patch: &Node| patch.text(&["path"]));
    let whole = root.items(&["patchesStrategicMerge"]).iter().filter_map(Node::as_str);
    paths("patches").chain(paths("patchesJson6902")).chain(whole.filter(|text| !text.contains('\n')))
}

/// Files and folders that a kustomization builds on.
fn gather(
    folder: &Path,
    all: &BTreeMap<PathBuf, Node>,
    depth: usize,
    includes: &mut BTreeSet<PathBuf>,
    files: &mut BTreeSet<PathBuf>,
) {
    let Some(root) = all.get(folder).filter(|_| depth < DEEPEST) else { return };
    for list in ["resources", "bases", "components"] {
        for entry in root.items(&[list]).iter().filter_map(Node::as_str).filter(|entry| !entry.contains("://")) {
            let path = absolute(folder, Path::new(entry));
            if path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json") {
                files.insert(path);
            } else if includes.insert(path.clone()) {
                gather(&path, all, depth + 1, includes, files);
            }
        }
    }
}

/// The name of an image without tag and digest.
fn name_of(image: &str) -> &str {
    let name = image.split('@').next().unwrap_or(image);
    let path = name.rfind('/').map_or(0, |slash| slash + 1);
    name[path..].find(':').map_or(name, |colon| &name[..path + colon])
}

/// The image as an entry of `images` makes it.
fn renamed(image: &str, name: &str, entry: &Node) -> Node {
    let scalar = |key: &str| entry.get(key).and_then(|node| Some((node.scalar_text()?, node.origin.clone())));
    let (new_name, tag, digest) = (scalar("newName"), scalar("newTag"), scalar("digest"));
    let origin = [&digest, &tag, &new_name].into_iter().flatten().next().map(|(_, origin)| origin.clone());
    let rest = match (&tag, &digest) {
        (_, Some((digest, _))) => format!("@{digest}"),
        (Some((tag, _)), None) => format!(":{tag}"),
        (None, None) => image[name.len()..].to_owned(),
    };
    let name = new_name.map_or_else(|| name.to_owned(), |(name, _)| name);
    Node::string(format!("{name}{rest}"), origin.unwrap_or_else(|| entry.origin.clone()))
}

/// The object in a namespace; a Namespace gets its name.
fn in_namespace(object: Node, namespace: &Node) -> Node {
    let kind = object.text(&["kind"]).unwrap_or_default();
    let field = match kind {
        "Namespace" => "name",
        _ if CLUSTER_SCOPED.contains(&kind) => return object,
        _ => "namespace",
    };
    let (Some(fields), Some(metadata)) = (object.as_mapping(), object.get("metadata")) else { return object };
    let mut named = metadata.as_mapping().cloned().unwrap_or_default();
    named.insert(field.into(), namespace.clone());
    let metadata = Node { data: Data::Mapping(Arc::new(named)), ..metadata.clone() };
    let mut fields = fields.clone();
    fields.insert("metadata".into(), metadata);
    Node { data: Data::Mapping(Arc::new(fields)), ..object }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::source::Origin;

    fn node(value: &serde_json::Value) -> Node {
        Node::from_json(value, &Origin::Derived)
    }

    fn read(kustomizations: &[(&str, serde_json::Value)]) -> Kustomized {
        let all: BTreeMap<PathBuf, Node> =
            kustomizations.iter().map(|(folder, root)| (PathBuf::from(folder), node(root))).collect();
        let mut found = Kustomized::default();
        for (folder, root) in &all {
            found.add(folder, root.get("namespace").cloned(), root.items(&["images"]).to_vec(), &all);
        }
        found
    }

    fn image(kustomized: &Kustomized, image: &str) -> String {
        let peers = node(&json!({"kind": "StatefulSet", "metadata": {"name": "q"},
            "spec": {"template": {"spec": {"containers": [{"name": "q", "image": image}]}}}}));
        let made = kustomized.applied(Path::new("/r/base/q.yaml"), peers).to_json();
        made["spec"]["template"]["spec"]["containers"][0]["image"].as_str().expect("an image").to_owned()
    }

    fn base() -> (&'static str, serde_json::Value) {
        ("/r/base", json!({"resources": ["q.yaml"], "namespace": "base"}))
    }

    #[test]
    fn the_outermost_kustomization_names_namespace_and_tag() {
        let tags = |tag: &str| json!([{"name": "qdrant/qdrant", "newTag": tag}]);
        let found = read(&[
            base(),
            ("/r/prod", json!({"resources": ["../base"], "namespace": "prod", "images": tags("v1.19.0")})),
        ]);
        assert_eq!(found.namespace(Path::new("/r/base/q.yaml")).and_then(Node::as_str), Some("prod"));
        assert_eq!(image(&found, "qdrant/qdrant:latest"), "qdrant/qdrant:v1.19.0");
        assert_eq!(image(&found, "example/qdrant:latest"), "example/qdrant:latest");
    }

    #[test]
    fn overlays_that_disagree_hide_what_they_disagree_about() {
        let overlay = |namespace: &str, tag: &str| {
            json!({"resources": ["../base"], "namespace": namespace,
                "images": [{"name": "qdrant/qdrant", "newTag": tag}]})
        };
        let found = read(&[base(), ("/r/dev", overlay("dev", "v1.18.0")), ("/r/prod", overlay("prod", "v1.19.0"))]);
        assert_eq!(found.namespace(Path::new("/r/base/q.yaml")).and_then(Node::as_str), None);
        assert!(image(&found, "qdrant/qdrant:latest").contains("${"));
    }

    #[test]
    fn names_digests_and_ports_of_registries_are_told_apart() {
        assert_eq!(name_of("localhost:5000/q/qdrant:v1@sha256:00"), "localhost:5000/q/qdrant");
        let entry = node(&json!({"name": "qdrant/qdrant", "newName": "r.example/q", "digest": "sha256:00"}));
        assert_eq!(renamed("qdrant/qdrant:v1", "qdrant/qdrant", &entry).as_str(), Some("r.example/q@sha256:00"));
        let folders = read(&[("/r/a", json!({"resources": ["../a", "https://x.example/y"], "namespace": "a"}))]);
        assert!(folders.by_file.is_empty(), "a circle ends");
    }
}
