//! From a place in a manifest to what holds it: the object, the `spec` of its pods, the container. And how a new value is
//! written there: at the end of a list, as the text that a variable needs.

use serde_json::{Value, json};

use super::Refusal;
use crate::finding::{EditAction, Scope};
use crate::source::{Node, Path, Segment};

/// The path of a scope in a document, for a value at a path of it.
pub(super) fn of(root: &Node, at: &Path, scope: Scope) -> Result<Path, Refusal> {
    match scope {
        Scope::Object => object(root, at),
        Scope::Pod => pod(root, at),
        Scope::Container => container(root, at),
    }
    .ok_or("nothing is written here that would hold it")
}

fn prefixes(path: &Path) -> impl Iterator<Item = Path> + '_ {
    (0..=path.0.len()).rev().map(|length| Path(path.0[..length].to_vec()))
}

fn object(root: &Node, at: &Path) -> Option<Path> {
    // what an object refers to has a kind as well, but no metadata
    let is_object = |node: &Node| ["apiVersion", "kind", "metadata"].iter().all(|field| node.get(field).is_some());
    prefixes(at).find(|path| root.find(path).is_some_and(is_object))
}

fn pod(root: &Node, at: &Path) -> Option<Path> {
    // whatever holds the place below an object is nearer than the object's own template
    let own = prefixes(at).find(|path| root.find(path).is_some_and(|node| node.get("containers").is_some()));
    own.or_else(|| {
        let object = object(root, at)?;
        let ways: [&[&str]; 3] =
            [&["spec", "template", "spec"], &["spec", "jobTemplate", "spec", "template", "spec"], &["spec"]];
        ways.into_iter()
            .map(|keys| joined(&object, &Path::keys(keys.iter().copied())))
            .find(|path| root.find(path).is_some_and(|node| node.get("containers").is_some()))
    })
}

fn container(root: &Node, at: &Path) -> Option<Path> {
    prefixes(at).find(|path| {
        let mut ends = path.0.iter().rev();
        matches!(ends.next(), Some(Segment::Index(_)))
            && matches!(ends.next(), Some(Segment::Key(list)) if matches!(&**list, "containers" | "initContainers"))
            && root.find(path).is_some()
    })
}

/// One path behind another.
pub(super) fn joined(above: &Path, below: &Path) -> Path {
    Path(above.0.iter().chain(&below.0).cloned().collect())
}

/// Whether the last step of a path is `-`, the end of a list.
pub(super) fn is_end(path: &Path) -> bool {
    matches!(path.0.last(), Some(Segment::Key(key)) if &**key == "-")
}

/// The end of a list becomes the index behind its last item.
pub(super) fn appended(root: &Node, path: Path) -> Path {
    if !is_end(&path) {
        return path;
    }
    let list = Path(path.0[..path.0.len() - 1].to_vec());
    let length = root.find(&list).and_then(Node::as_sequence).map_or(0, <[Node]>::len);
    list.index(length)
}

/// The variable that sets a key of the server's configuration.
pub(super) fn variable(key: &Path, action: &EditAction) -> Result<EditAction, Refusal> {
    let EditAction::Set(value) = action else { return Err("nothing is written here that could be taken away") };
    let mut name = String::from("QDRANT");
    for step in &key.0 {
        let Segment::Key(step) = step else { return Err("a list cannot be set by a variable") };
        name.push_str("__");
        name.push_str(&step.to_ascii_uppercase());
    }
    Ok(EditAction::Set(json!({"name": name, "value": text(value).ok_or("only one value fits into a variable")?})))
}

/// The value of a variable is a text whatever it means.
pub(super) fn of_variable(root: &Node, path: &Path, action: EditAction) -> EditAction {
    let EditAction::Set(value) = &action else { return action };
    let mut steps = path.0.iter().rev();
    let key = |step: Option<&Segment>, name: &str| matches!(step, Some(Segment::Key(key)) if &**key == name);
    let is_value = key(steps.next(), "value")
        && matches!(steps.next(), Some(Segment::Index(_)))
        && key(steps.next(), "env")
        && root.find(&Path(path.0[..path.0.len() - 1].to_vec())).is_some_and(|entry| entry.get("name").is_some());
    match text(value).filter(|_| is_value) {
        Some(text) => EditAction::Set(Value::String(text)),
        None => action,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
