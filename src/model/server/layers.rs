//! The files of Qdrant's configuration in the order in which it reads them, lowest first: `config/config.yaml`, the file
//! that `RUN_MODE` names, `config/local.yaml`, and the file of `--config-path`.

use super::mounts::{Content, MountedFile, Mounts};
use crate::model::build::Scope;
use crate::model::chart::render::RenderedObject;
use crate::source::{Node, Origin, Schema, SyntaxError, parse_embedded};

/// Folder that the image works in.
const HOME: &str = "/qdrant";
/// Endings under which the configuration reader finds a file without an ending.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// One file.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// `production.yaml`, `local.yaml`, …
    pub(super) name: String,
    /// In words: `the values`, `ConfigMap qdrant`, `the file`.
    pub(super) held_by: String,
    /// `values`, `config-map`, `secret`, `secret-manifest`, `file`.
    pub(super) place: &'static str,
    /// What it holds.
    pub(super) held: Held,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// The configuration.
    Config(Node),
    /// No YAML.
    Broken(SyntaxError),
    /// It exists, or may exist, and cannot be seen; in words. With keys: nothing but these can be in it.
    Unseen(String, Option<&'static [&'static str]>),
}

impl Layer {
    /// The configuration, when it can be seen.
    pub(super) fn config(&self) -> Option<&Node> {
        if let Held::Config(node) = &self.held { Some(node) } else { None }
    }
}

/// A configuration file that no part of the server reads.
#[derive(Debug, Clone)]
pub(super) struct UnreadFile {
    /// Absolute path.
    pub(super) path: String,
    /// What holds it, in words.
    pub(super) held_by: String,
    /// Its content, when it can be seen.
    pub(super) config: Option<Node>,
    /// The mount, or the content when it is the values' own.
    pub(super) origin: Origin,
}

/// The files that are read, and those that are not.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Lowest first.
    pub(super) files: Vec<Layer>,
    /// Mounted in the folder of the configuration, and not read.
    pub(super) unread: Vec<UnreadFile>,
}

/// Keys that a Secret which the chart looks up can hold.
const LOOKED_UP: &[&str] = &["service.api_key", "service.read_only_api_key"];

impl Layers {
    /// Finds the files. `run_mode` is the value of `RUN_MODE`, none when it is hidden.
    pub(super) fn of(
        scope: &Scope<'_>,
        mounts: &Mounts<'_>,
        run_mode: Option<&str>,
        config_path: Option<&str>,
    ) -> Self {
        let mut layers = Self::default();
        let Some(pods) = &scope.pods else {
            layers.files = alone(scope);
            return layers;
        };
        let home = pods.container.text(&["workingDir"]).unwrap_or(HOME).trim_end_matches('/');
        let folder = format!("{home}/config");
        let mut read: Vec<String> = Vec::new();
        let mut stems = vec![format!("{folder}/config")];
        stems.extend(run_mode.map(|mode| format!("{folder}/{mode}")));
        stems.push(format!("{folder}/local"));
        if run_mode.is_none() {
            let reason = "RUN_MODE names a file, and its value is hidden".to_owned();
            let held = Held::Unseen(reason.clone(), None);
            layers.files.push(Layer { name: "RUN_MODE".to_owned(), held_by: reason, place: "file", held });
        }
        for stem in stems {
            let paths: Vec<String> = ENDINGS.iter().map(|ending| format!("{stem}.{ending}")).collect();
            layers.read(scope, mounts, &paths, &mut read);
        }
        if !layers.files.iter().any(|layer| layer.name == "local.yaml") {
            layers.files.extend(looked_up(scope));
        }
        if let Some(path) = config_path {
            let path = if path.starts_with('/') {
                path.to_owned()
            } else {
                format!("{home}/{}", path.trim_start_matches("./"))
            };
            let mut paths = vec![path.clone()];
            paths.extend(ENDINGS.iter().map(|ending| format!("{path}.{ending}")));
            layers.read(scope, mounts, &paths, &mut read);
        }
        layers.unread = unread(scope, mounts, &folder, &read);
        layers
    }

    /// Adds the first of these paths that exists.
    fn read(&mut self, scope: &Scope<'_>, mounts: &Mounts<'_>, paths: &[String], read: &mut Vec<String>) {
        let found = paths.iter().find_map(|path| mounts.at(path));
        if let Some(file) = found {
            read.push(file.path.clone());
            self.files.extend(layer(scope, file));
            return;
        }
        let Some((path, folder)) = paths.iter().find_map(|path| Some((path, mounts.opaque_at(path)?))) else { return };
        if let Some(file) = generated(scope, path) {
            self.files.push(file);
            return;
        }
        let held = Held::Unseen(folder.reason.clone(), None);
        self.files.push(Layer { name: name_of(path), held_by: folder.reason.clone(), place: "secret-manifest", held });
    }
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

fn layer(scope: &Scope<'_>, file: &MountedFile<'_>) -> Option<Layer> {
    let name = name_of(&file.path);
    if let Some(rendered) = made_by_chart(scope, file) {
        // of what the chart puts there the origins of the values are known; it may turn out to hold no such file
        let place = if rendered.kind() == "Secret" { "secret" } else { "values" };
        let node = rendered.configs.get(&name)?.clone();
        return Some(Layer { name, held_by: "the values".to_owned(), place, held: Held::Config(node) });
    }
    let of_secret = file.held_by.starts_with("Secret");
    let place = if of_secret { "secret-manifest" } else { "config-map" };
    let held = match &file.content {
        Content::Text(node) => parsed(scope, node),
        Content::Decoded(node) => parsed(scope, node),
        Content::Unseen(reason) => {
            if let Some(layer) = generated(scope, &file.path) {
                return Some(layer);
            }
            Held::Unseen(reason.clone(), None)
        }
    };
    Some(Layer { name, held_by: file.held_by.clone(), place, held })
}

/// The object of the chart that holds a mounted file.
fn made_by_chart<'s>(scope: &'s Scope<'_>, file: &MountedFile<'_>) -> Option<&'s RenderedObject> {
    let (kind, object) = file.held_by.split_once(' ')?;
    scope
        .release
        .as_ref()?
        .rendered
        .objects
        .iter()
        .find(|rendered| rendered.kind() == kind && rendered.object.text(&["metadata", "name"]) == Some(object))
}

/// A file of the input under the name of a file whose ConfigMap was not given: what kustomize makes a ConfigMap of.
fn generated(scope: &Scope<'_>, path: &str) -> Option<Layer> {
    let name = name_of(path);
    let file = scope.server_configs.iter().find(|file| name_of(&scope.sources.get(file.source).name) == name)?;
    Some(Layer { name, held_by: "the file".to_owned(), place: "file", held: Held::Config(file.node.clone()) })
}

fn parsed(scope: &Scope<'_>, node: &Node) -> Held {
    let mut parsed = parse_embedded(scope.sources, node, Schema::Core12, &scope.settings.limits);
    if let Some(error) = parsed.errors.drain(..).next() {
        return Held::Broken(error);
    }
    let root = parsed.documents.into_iter().next().map(|document| document.root);
    Held::Config(root.unwrap_or_else(|| Node::null(node.origin.clone())))
}

/// Configuration without a workload: files by themselves, and ConfigMaps that hold one.
fn alone(scope: &Scope<'_>) -> Vec<Layer> {
    let mut files: Vec<Layer> = scope
        .server_configs
        .iter()
        .map(|file| Layer {
            name: name_of(&scope.sources.get(file.source).name),
            held_by: "the file".to_owned(),
            place: "file",
            held: Held::Config(file.node.clone()),
        })
        .collect();
    for name in ["config.yaml", "production.yaml", "local.yaml"] {
        for object in scope.of_kind("ConfigMap") {
            let Some(text) = object.node.at(&["data"]).and_then(|data| data.get(name)) else { continue };
            let held = parsed(scope, text);
            let is_config = matches!(&held, Held::Config(node) if ["service", "storage", "cluster", "telemetry_disabled"]
                .iter().any(|key| node.get(key).is_some()));
            if is_config {
                let held_by = format!("ConfigMap {}", object.name());
                files.push(Layer { name: name.to_owned(), held_by, place: "config-map", held });
            }
        }
    }
    files
}

/// YAML in the folder of the configuration that is none of the files that are read.
fn unread(scope: &Scope<'_>, mounts: &Mounts<'_>, folder: &str, read: &[String]) -> Vec<UnreadFile> {
    let is_config = |path: &str| {
        let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
        name.is_some_and(|name| {
            !name.contains('/') && ENDINGS.iter().any(|ending| name.ends_with(&format!(".{ending}")))
        })
    };
    mounts
        .files
        .iter()
        .filter(|file| is_config(&file.path) && !read.contains(&file.path))
        .filter_map(|file| {
            let layer = layer(scope, file)?;
            let config = layer.config().cloned();
            let origin = match &config {
                Some(config) if config.origin.is_written() => config.origin.clone(),
                _ => file.origin.clone(),
            };
            Some(UnreadFile { path: file.path.clone(), held_by: layer.held_by, config, origin })
        })
        .collect()
}

/// A key that the chart looks up while it renders in a cluster is in no file that can be seen.
fn looked_up(scope: &Scope<'_>) -> Option<Layer> {
    use crate::model::chart::ApiKey;
    let release = scope.release.as_ref()?;
    let is_lookup = |key: &ApiKey| matches!(key, ApiKey::Lookup { .. });
    let rendered = &release.rendered;
    if release.release.rendered_offline || !(is_lookup(&rendered.api_key) || is_lookup(&rendered.read_only_api_key)) {
        return None;
    }
    let reason = "the chart looks the key up in the cluster while it renders".to_owned();
    Some(Layer {
        name: "local.yaml".to_owned(),
        held_by: "a Secret of the cluster".to_owned(),
        place: "secret",
        held: Held::Unseen(reason, Some(LOOKED_UP)),
    })
}
