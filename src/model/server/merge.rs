//! Layers laid over each other as Qdrant's configuration reader does it: tables merge, everything else replaces, and the
//! environment has the last word. On the way it is noted what stops the server.

use std::collections::BTreeMap;

use semver::Version;

use super::convert::{convert, refused_table};
use super::effective::{Effective, Setting};
use super::environment::{Environment, Variable, key_of, name_of};
use super::known::{Key, Known, Meaning};
use super::layers::{Held, Layer};
use crate::model::build::Scope;
use crate::model::facts::server::{Overridden, StartupError};
use crate::source::{Data, Mapping, Node, Origin, is_filled_in_later};

/// What stands for the text of a key in the facts.
pub(super) const REDACTED: &str = "[redacted]";

/// The outcome of laying the layers over each other.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) effective: Effective,
    /// Where tables are written, by dotted path; of the highest layer.
    pub(super) tables: BTreeMap<String, Origin>,
    pub(super) errors: Vec<(StartupError, Origin)>,
    pub(super) overridden: Vec<(Overridden, Origin)>,
    /// Layers that cannot be seen, in words.
    pub(super) unseen: Vec<String>,
}

/// Owner of the server's defaults, in words: `Qdrant 1.12`.
pub(super) fn owner(version: Option<&Version>) -> String {
    version.map_or_else(|| "Qdrant".to_owned(), |version| format!("Qdrant {}.{}", version.major, version.minor))
}

/// Merges the defaults of a version, the files and the environment.
pub(super) fn merge(
    scope: &Scope<'_>,
    version: Option<&Version>,
    files: &[Layer],
    environment: &Environment,
) -> Merged {
    let mut merging =
        Merging { scope, known: Known::table(), version, merged: Merged::default(), templates: templates(scope) };
    merging.merged.effective.version = version.cloned();
    merging.defaults(files);
    for layer in files {
        merging.file(layer);
    }
    merging.environment(environment);
    if scope.pods.is_none() && scope.release.is_none() {
        // a file by itself: whatever it does not say, the environment may
        merging.hide_defaults("the environment of the container was not given");
    }
    merging.merged
}

/// Values of the chart whose template was not evaluated.
fn templates(scope: &Scope<'_>) -> Vec<Origin> {
    let of_release = scope.release.iter().flat_map(|release| &release.rendered.templated);
    of_release.map(|templated| templated.at.clone()).collect()
}

struct Merging<'a, 's> {
    scope: &'a Scope<'s>,
    known: &'static Known,
    version: Option<&'a Version>,
    merged: Merged,
    templates: Vec<Origin>,
}

impl Merging<'_, '_> {
    fn defaults(&mut self, files: &[Layer]) {
        let version = self.version.unwrap_or(&self.known.newest);
        let owner = owner(self.version);
        let anchor =
            files.iter().rev().find_map(Layer::config).or(self.scope.pods.as_ref().map(|pods| &pods.container));
        for key in self.known.read_by(version) {
            let Some(value) = key.default(version) else { continue };
            let path: Vec<&str> = key.key.split('.').collect();
            let origin = self.scope.absent_config(&owner, &path, anchor);
            let setting = Setting { node: Node::from_json(value, &origin), layer: "default".to_owned() };
            self.merged.effective.settings.insert(key.key.clone(), setting);
        }
    }

    fn file(&mut self, layer: &Layer) {
        match &layer.held {
            Held::Config(root) => match &root.data {
                Data::Mapping(fields) => self.table(layer, "", fields),
                Data::Null => {}
                _ => {
                    self.fail(
                        &layer.name,
                        "yaml",
                        "the file holds no table of settings".to_owned(),
                        None,
                        &root.origin,
                    );
                }
            },
            Held::Broken(error) => {
                let span = (error.span.start, error.span.end);
                let origin =
                    Origin::Written(crate::source::Written { source: error.span.source, key: span, value: span });
                self.fail(&layer.name, "yaml", error.message.clone(), None, &origin);
            }
            Held::Unseen(reason, only) => {
                let reason = format!("{}: {reason}", layer.name);
                self.merged.unseen.push(reason.clone());
                match only {
                    Some(keys) => keys.iter().for_each(|key| self.hide(key, &reason)),
                    None => self.hide_all(&reason),
                }
            }
        }
    }

    /// Walks a table of a file. At the top a key may hold several names, `service.enable_tls`: the reader takes it apart.
    fn table(&mut self, layer: &Layer, above: &str, fields: &Mapping) {
        for (name, node) in fields {
            if !above.is_empty() && name.contains('.') {
                continue;
            }
            let path = join(above, name);
            match self.known.meaning(&path, self.version) {
                Meaning::Table => match &node.data {
                    Data::Mapping(fields) => {
                        self.merged.tables.insert(path.clone(), node.origin.clone());
                        self.table(layer, &path, fields);
                    }
                    Data::Null if !self.known.refuses_null(&path) => self.clear(layer, &path, node),
                    Data::Sequence(_) => {}
                    _ if self.is_template(node) || waits_for_a_template(node) => {
                        self.hide_below(&path, &template_of(layer));
                    }
                    _ => self.fail(&path, "type", refused_table(node), null_help(node), &node.origin),
                },
                Meaning::Key(key) => self.set(key, node, layer),
                Meaning::Alias(key) => self.alias(key, &path, node, layer, fields),
                Meaning::Inside | Meaning::Newer(_) | Meaning::Removed(_) | Meaning::Unknown => {}
            }
        }
    }

    /// A second name beside the first is a duplicate field.
    fn alias(&mut self, key: &Key, path: &str, node: &Node, layer: &Layer, beside: &Mapping) {
        let version = self.version.unwrap_or(&self.known.newest);
        if key.is_embedded(version) || beside.contains_key(key.leaf()) {
            self.duplicate(path, path, key.leaf().to_owned(), &node.origin);
        } else {
            self.set(key, node, layer);
        }
    }

    fn duplicate(&mut self, written: &str, path: &str, instead: String, origin: &Origin) {
        let (above, alias) = path.rsplit_once('.').unwrap_or(("", path));
        let message = format!("duplicate field `{alias}` for key `{above}`");
        self.fail(written, "duplicate-field", message, Some(instead), origin);
    }

    fn set(&mut self, key: &Key, node: &Node, layer: &Layer) {
        if self.is_template(node) {
            self.hide(&key.key, &template_of(layer));
            return;
        }
        match convert(key, node) {
            Ok(node) => self.put(&key.key, node, &layer.name),
            Err(_) if waits_for_a_template(node) => self.hide(&key.key, &template_of(layer)),
            Err(message) => {
                self.fail(&key.key, "type", message, null_help(node), &node.origin);
                self.hide(&key.key, "its value is not one that the server accepts");
            }
        }
    }

    fn put(&mut self, key: &str, node: Node, layer: &str) {
        self.merged.effective.hidden.remove(key);
        self.merged.effective.settings.insert(key.to_owned(), Setting { node, layer: layer.to_owned() });
    }

    /// Null in place of an optional table: nothing of it is set.
    fn clear(&mut self, layer: &Layer, table: &str, node: &Node) {
        let prefix = format!("{table}.");
        let below: Vec<String> =
            self.merged.effective.settings.keys().filter(|key| key.starts_with(&prefix)).cloned().collect();
        for key in below {
            self.put(&key, node.clone(), &layer.name);
        }
    }

    fn environment(&mut self, environment: &Environment) {
        for holder in &environment.unseen {
            let reason = format!("environment: {holder} was not given");
            self.merged.unseen.push(reason.clone());
            self.hide_all(&reason);
        }
        for variable in environment.iter() {
            if let Some(path) = key_of(&variable.name) {
                self.variable(&path, variable);
            }
        }
    }

    fn variable(&mut self, path: &str, variable: &Variable) {
        let key = match self.known.meaning(path, self.version) {
            Meaning::Key(key) => key,
            Meaning::Alias(key) => {
                let version = self.version.unwrap_or(&self.known.newest);
                let is_set = self.merged.effective.get(&key.key).is_some_and(|setting| setting.layer != "default");
                if key.is_embedded(version) || is_set {
                    self.duplicate(&variable.name, path, name_of(&key.key), &variable.named);
                    return;
                }
                key
            }
            Meaning::Table => {
                let message = format!("invalid type: string, expected a table of settings for key `{path}`");
                self.fail(&variable.name, "env-conversion", message, None, &variable.named);
                return;
            }
            Meaning::Inside => {
                self.inside(path, variable);
                return;
            }
            _ => return,
        };
        match &variable.text {
            Err(reason) => {
                let reason = format!("{}: {reason}", variable.name);
                self.hide(&key.key, &reason);
            }
            Ok(text) => self.assign(key, text, variable),
        }
    }

    /// A variable below a key that holds a table of its own: the table of the files is kept, but for this.
    fn inside(&mut self, path: &str, variable: &Variable) {
        let above = |path: &str| path.rsplit_once('.').map(|(above, _)| above.to_owned());
        let mut holder = above(path);
        while let Some(key) = holder.as_deref().filter(|key| self.known.key(key).is_none()) {
            holder = above(key);
        }
        let Some(holder) = holder else { return };
        match &variable.text {
            Err(reason) => self.hide(&holder, &format!("{}: {reason}", variable.name)),
            Ok(_) if self.merged.effective.hidden(&holder).is_some() => {}
            Ok(text) => {
                let leaf = Node::string(text.as_str(), variable.origin.clone());
                let keys: Vec<&str> = path[holder.len() + 1..].split('.').collect();
                let below = self.merged.effective.get(&holder).map(|setting| &setting.node);
                let node = with(below, &keys, leaf);
                self.put(&holder, node, "environment");
            }
        }
    }

    fn assign(&mut self, key: &Key, text: &str, variable: &Variable) {
        let node = Node::string(text, variable.origin.clone());
        match convert(key, &node) {
            Ok(node) => {
                self.note_override(key, &node, variable);
                self.put(&key.key, node, "environment");
            }
            Err(_) if waits_for_a_template(&node) => {
                self.hide(&key.key, &format!("{} holds a template that is filled in later", variable.name));
            }
            Err(message) => {
                let message = format!("{message} for key `{}` in the environment", key.key);
                self.fail(&variable.name, "env-conversion", message, None, &variable.origin);
                self.hide(&key.key, "its value is not one that the server accepts");
            }
        }
    }

    fn note_override(&mut self, key: &Key, node: &Node, variable: &Variable) {
        let Some(below) = self.merged.effective.get(&key.key).filter(|below| below.layer != "default") else { return };
        if below.node.is_null() || below.node.to_json() == node.to_json() {
            return;
        }
        let shown = |node: &Node| {
            if key.secret {
                REDACTED.to_owned()
            } else {
                node.scalar_text().unwrap_or_else(|| node.to_json().to_string())
            }
        };
        let overridden = Overridden {
            key: key.key.clone(),
            env: variable.name.clone(),
            env_value: Some(shown(node)),
            file_value: shown(&below.node),
            layer: below.layer.clone(),
        };
        self.merged.overridden.push((overridden, variable.origin.clone()));
    }

    fn fail(&mut self, key: &str, kind: &str, message: String, instead: Option<String>, origin: &Origin) {
        let error = StartupError { key: key.to_owned(), kind: kind.to_owned(), message, instead };
        self.merged.errors.push((error, origin.clone()));
    }

    fn hide(&mut self, key: &str, reason: &str) {
        let judge = self.version.unwrap_or(&self.known.newest);
        if self.known.key(key).is_some_and(|known| known.is_read_by(judge) || *judge > self.known.newest) {
            self.merged.effective.settings.remove(key);
            self.merged.effective.hidden.insert(key.to_owned(), reason.to_owned());
        }
    }

    fn hide_all(&mut self, reason: &str) {
        self.hide_below("", reason);
    }

    fn hide_below(&mut self, table: &str, reason: &str) {
        let version = self.version.unwrap_or(&self.known.newest);
        let below = |key: &str| table.is_empty() || key.strip_prefix(table).is_some_and(|rest| rest.starts_with('.'));
        let keys: Vec<&str> =
            self.known.read_by(version).map(|key| key.key.as_str()).filter(|key| below(key)).collect();
        for key in keys {
            self.hide(key, reason);
        }
    }

    fn hide_defaults(&mut self, reason: &str) {
        let version = self.version.unwrap_or(&self.known.newest);
        let keys: Vec<&str> = self.known.read_by(version).map(|key| key.key.as_str()).collect();
        for key in keys {
            if self.merged.effective.get(key).is_none_or(|setting| setting.layer == "default") {
                self.hide(key, reason);
            }
        }
    }

    fn is_template(&self, node: &Node) -> bool {
        let substitutes = self.scope.release.as_ref().is_some_and(|release| release.release.substitutes);
        let later = |text: &str| substitutes && text.contains("${");
        node.as_str().is_some_and(later) || (node.as_str().is_some() && self.templates.contains(&node.origin))
    }
}

/// A text that fits no type and holds a template or a substitution: whatever carries it fills it in before Qdrant reads it.
fn waits_for_a_template(node: &Node) -> bool {
    node.as_str().is_some_and(is_filled_in_later)
}

/// A table with a value below keys; what stands there otherwise is kept.
fn with(table: Option<&Node>, keys: &[&str], leaf: Node) -> Node {
    let [first, rest @ ..] = keys else { return leaf };
    let mut fields = table.and_then(Node::as_mapping).cloned().unwrap_or_default();
    let origin = table
        .filter(|table| !fields.is_empty() && table.origin.is_written())
        .map_or(&leaf.origin, |table| &table.origin)
        .clone();
    let value = with(fields.get(*first), rest, leaf);
    fields.insert((*first).into(), value);
    Node::mapping(fields, origin)
}

fn template_of(layer: &Layer) -> String {
    format!("{} holds a template that is filled in later", layer.name)
}

fn join(above: &str, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

/// A null is best left out.
fn null_help(node: &Node) -> Option<String> {
    node.is_null().then(|| "leave the key out".to_owned())
}
