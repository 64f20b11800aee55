//! Files that volumes put into the Qdrant container: where each lies, what holds it, and what it holds.

use crate::model::build::Scope;
use crate::model::input::Object;
use crate::source::{Node, Origin, base64};

/// A file at a path of the container.
#[derive(Debug, Clone)]
pub(super) struct MountedFile<'a> {
    /// Absolute path, `/qdrant/config/production.yaml`.
    pub(super) path: String,
    /// In words, `ConfigMap qdrant`.
    pub(super) held_by: String,
    /// What it holds.
    pub(super) content: Content<'a>,
    /// Where the mount is written.
    pub(super) origin: Origin,
}

/// What a file holds.
#[derive(Debug, Clone)]
pub(super) enum Content<'a> {
    /// Text in a ConfigMap, or in a Secret's `stringData`.
    Text(&'a Node),
    /// Text that a Secret holds as Base64; the node has its origin.
    Decoded(Node),
    /// Its holder was not given, or its volume is filled when the pod starts; the reason in words.
    Unseen(String),
}

/// A folder of the container whose files nobody can tell.
#[derive(Debug, Clone)]
pub(super) struct OpaqueFolder {
    /// Absolute path.
    pub(super) path: String,
    /// In words, `ConfigMap qdrant, which was not given`.
    pub(super) reason: String,
}

/// Everything that is mounted.
#[derive(Debug, Clone, Default)]
pub(super) struct Mounts<'a> {
    /// Files that are known by name.
    pub(super) files: Vec<MountedFile<'a>>,
    /// Folders of which nothing is known.
    pub(super) opaque: Vec<OpaqueFolder>,
}

/// What a volume is made of: files by relative path, or nothing that can be told.
enum Filled<'a> {
    Files(Vec<(String, String, Content<'a>)>),
    Opaque { holder: String, reason: String },
}

impl<'a> Mounts<'a> {
    /// What is mounted into the Qdrant container.
    pub(super) fn of(scope: &'a Scope<'_>) -> Self {
        let mut mounts = Self::default();
        let Some(pods) = &scope.pods else { return mounts };
        let volumes = pods.spec.items(&["volumes"]);
        for mount in pods.container.items(&["volumeMounts"]) {
            let (Some(at), Some(name)) = (mount.text(&["mountPath"]), mount.text(&["name"])) else { continue };
            let at = at.trim_end_matches('/').to_owned();
            let sub = mount.text(&["subPath"]).map(|sub| sub.trim_matches('/'));
            let volume = volumes.iter().find(|volume| volume.text(&["name"]) == Some(name));
            let parts = volume.map_or_else(
                || vec![Filled::Opaque { holder: format!("claim {name}"), reason: "is filled at run time".to_owned() }],
                |volume| parts_of(scope, volume),
            );
            for part in parts {
                mounts.add(part, &at, sub, &mount.origin);
            }
        }
        mounts
    }

    fn add(&mut self, part: Filled<'a>, at: &str, sub: Option<&str>, origin: &Origin) {
        match part {
            Filled::Files(files) => {
                for (relative, held_by, content) in files {
                    let path = match sub {
                        None => format!("{at}/{relative}"),
                        Some(sub) if sub == relative => at.to_owned(),
                        Some(sub) => match relative.strip_prefix(sub).and_then(|rest| rest.strip_prefix('/')) {
                            Some(rest) => format!("{at}/{rest}"),
                            None => continue,
                        },
                    };
                    self.files.push(MountedFile { path, held_by, content, origin: origin.clone() });
                }
            }
            Filled::Opaque { holder, reason } => {
                let reason = format!("{holder} {reason}");
                if sub.is_some() && at.rsplit('/').next().is_some_and(|name| name.contains('.')) {
                    let content = Content::Unseen(reason);
                    self.files.push(MountedFile {
                        path: at.to_owned(),
                        held_by: holder,
                        content,
                        origin: origin.clone(),
                    });
                } else {
                    self.opaque.push(OpaqueFolder { path: at.to_owned(), reason });
                }
            }
        }
    }

    /// The file at a path; the mount that is written last wins.
    pub(super) fn at(&self, path: &str) -> Option<&MountedFile<'a>> {
        self.files.iter().rfind(|file| file.path == path)
    }

    /// Why nobody can tell whether a file lies at a path.
    pub(super) fn opaque_at(&self, path: &str) -> Option<&OpaqueFolder> {
        self.opaque
            .iter()
            .filter(|folder| path.strip_prefix(folder.path.as_str()).is_some_and(|rest| rest.starts_with('/')))
            .max_by_key(|folder| folder.path.len())
    }
}

fn parts_of<'a>(scope: &'a Scope<'_>, volume: &'a Node) -> Vec<Filled<'a>> {
    if let Some(source) = volume.at(&["configMap"]) {
        return vec![held(scope, "ConfigMap", source.text(&["name"]), source)];
    }
    if let Some(source) = volume.at(&["secret"]) {
        return vec![held(scope, "Secret", source.text(&["secretName"]), source)];
    }
    if volume.at(&["projected"]).is_some() {
        return volume
            .items(&["projected", "sources"])
            .iter()
            .filter_map(|source| {
                let (kind, source) = match (source.at(&["configMap"]), source.at(&["secret"])) {
                    (Some(source), _) => ("ConfigMap", source),
                    (_, Some(source)) => ("Secret", source),
                    _ => return None,
                };
                Some(held(scope, kind, source.text(&["name"]), source))
            })
            .collect();
    }
    let name = volume.text(&["name"]).unwrap_or_default();
    vec![Filled::Opaque { holder: format!("volume {name}"), reason: "is filled at run time".to_owned() }]
}

/// The files of a ConfigMap or Secret, by the paths that its `items` give them.
fn held<'a>(scope: &'a Scope<'_>, kind: &str, name: Option<&str>, source: &'a Node) -> Filled<'a> {
    let name = name.unwrap_or_default();
    let holder = format!("{kind} {name}");
    let items = source.items(&["items"]);
    let object = scope.object(kind, name);
    let reason = "was not given".to_owned();
    if !items.is_empty() {
        let files = items.iter().filter_map(|item| {
            let (key, path) = (item.text(&["key"])?, item.text(&["path"])?);
            let content = match object {
                Some(object) => content(object, key)?,
                None => Content::Unseen(format!("{holder} {reason}")),
            };
            Some((path.trim_matches('/').to_owned(), holder.clone(), content))
        });
        return Filled::Files(files.collect());
    }
    let Some(object) = object else { return Filled::Opaque { holder, reason } };
    let fields = ["data", "stringData"].iter().filter_map(|field| object.node.at(&[*field])?.as_mapping());
    let keys = fields.flat_map(|fields| fields.keys());
    let files = keys.filter_map(|key| Some((key.to_string(), holder.clone(), content(object, key)?)));
    Filled::Files(files.collect())
}

/// The text under a key of a ConfigMap or Secret; `stringData` wins.
fn content<'a>(object: &'a Object, key: &str) -> Option<Content<'a>> {
    if let Some(text) = object.node.at(&["stringData"]).and_then(|data| data.get(key)) {
        return Some(Content::Text(text));
    }
    let node = object.node.at(&["data"])?.get(key)?;
    if object.kind() != "Secret" {
        return Some(Content::Text(node));
    }
    let bytes = node.as_str().and_then(base64::decode);
    Some(match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(text) => Content::Decoded(Node::string(text, node.origin.clone())),
        None => Content::Unseen(format!("Secret {} holds no Base64 text for it", object.name())),
    })
}
