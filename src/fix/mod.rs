//! Fixes as edits that keep the file as its author wrote it. An edit names a value; it is written as a replacement of a few
//! bytes, and kept only when the text, read again, differs in that value alone.

pub mod diff;
mod locate;
pub mod rounds;
mod scalar;
mod scope;
mod splice;
mod verify;
pub mod write;

pub use locate::{Address, Level, Text};

use crate::finding::{Edit, EditAction, Scope, Target};
use crate::source::{Node, Path, Schema, Segment};
use splice::Splicer;

/// Why an edit is not made; told to the user after the fix's name.
pub type Refusal = &'static str;

/// Nothing is left to do.
pub const STANDS_ALREADY: Refusal = "it stands there already";

/// An edit with an address that other edits of the file do not move.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where.
    pub address: Address,
    /// What.
    pub action: EditAction,
    /// It adds an item at the end of a list, wherever that is by then.
    pub appends: bool,
}

impl Step {
    /// The step behind others of the same fix: what is added to one list follows what they add.
    #[must_use]
    pub fn behind<'s>(mut self, others: impl IntoIterator<Item = &'s Self>) -> Self {
        for other in others {
            if self.appends && other.address == self.address {
                let Some((Segment::Index(last), list)) = self.address.path().0.split_last() else { break };
                let next = Path(list.to_vec()).index(last + 1);
                self.address = self.address.with_path(next);
            }
        }
        self
    }
}

/// Finds the address of an edit in the text that its places were made from.
pub fn step(name: &str, text: &str, edit: &Edit) -> Result<Step, Refusal> {
    let read = Text::read(name, text, Schema::Yaml11).ok_or("the file cannot be read as YAML")?;
    if is_encrypted(&read) {
        return Err("the file is encrypted by SOPS: edit it with `sops`");
    }
    if is_rendered(&read) {
        return Err("Helm rendered this file: change the values it was made from");
    }
    let target = edit.target.as_ref().ok_or("it stands in no file")?;
    let (Target::Value(at, _) | Target::Unset(at, _) | Target::Within(at, ..) | Target::Setting(at, _)) = target;
    let address = read
        .address(*at)
        .ok_or("the place lies in a text that cannot be edited in place (a script, a folded or quoted string)")?;
    let root = root_of(&read, &address).ok_or("the place cannot be found again")?;
    let mut action = edit.action.clone();
    let path = match target {
        Target::Value(_, below) => scope::joined(address.path(), below),
        Target::Unset(_, below) => unset(&root, &address, below)?,
        Target::Within(_, of, below) => scope::joined(&scope::of(&root, address.path(), *of)?, below),
        Target::Setting(_, key) => {
            match (unset(&root, &address, key), scope::of(&root, address.path(), Scope::Container)) {
                (Err(_), Ok(container)) => {
                    action = scope::variable(key, &action)?;
                    scope::joined(&container, &Path::keys(["env", "-"]))
                }
                (path, _) => path?,
            }
        }
    };
    let appends = scope::is_end(&path);
    let path = scope::appended(&root, path);
    let action = scope::of_variable(&root, &path, action);
    Ok(Step { address: address.with_path(path), action, appends })
}

/// The path of something unset, from the root of what would hold it.
fn unset(root: &Node, anchor: &Address, below: &Path) -> Result<Path, Refusal> {
    let address = around(anchor.clone(), below);
    let holder = root.find(address.path());
    if !holder.is_some_and(|holder| begins_in(holder, &address, below)) {
        return Err("nothing is written here that would hold it");
    }
    Ok(scope::joined(address.path(), below))
}

/// Leaves out of an anchor's path what the path of the unset value begins with: `spec` of the object for `spec.x`.
fn around(address: Address, below: &Path) -> Address {
    let own = address.path().clone();
    let longest = own.0.len().min(below.0.len());
    let shared = (0..=longest).rev().find(|length| own.0.ends_with(&below.0[..*length])).unwrap_or(0);
    let kept = own.0.len() - shared;
    address.with_path(Path(own.0[..kept].to_vec()))
}

/// Whether the path of something unset can begin at a value: at the root of a text, or at an object of Kubernetes and then
/// with one of its own fields. A setting of the server has no place in a container.
fn begins_in(root: &Node, address: &Address, below: &Path) -> bool {
    let is_object = root.get("kind").is_some() && root.get("apiVersion").is_some();
    let first = below.0.first();
    if is_object {
        return first.is_some_and(|first| OBJECT_FIELDS.iter().any(|field| *first == Segment::Key((*field).into())));
    }
    address.path().0.is_empty()
}

/// Fields at the top of the objects that rules speak of.
const OBJECT_FIELDS: [&str; 8] = [
    "spec",
    "metadata",
    "data",
    "stringData",
    "automountServiceAccountToken",
    "volumeBindingMode",
    "reclaimPolicy",
    "allowVolumeExpansion",
];

/// Does a step. The text is given back changed, or the reason why it is not.
pub fn apply(name: &str, text: &str, step: &Step) -> Result<String, Refusal> {
    let read = Text::read(name, text, Schema::Yaml11).ok_or("the file cannot be read as YAML")?;
    if matches!(&step.action, EditAction::Set(value) if verify::value_at(&read, &step.address).as_ref() == Some(value))
    {
        return Err(STANDS_ALREADY);
    }
    let root = root_of(&read, &step.address).ok_or("the place cannot be found again")?;
    let json = name.to_ascii_lowercase().ends_with(".json");
    let ways = Splicer { text: read.text(), root: &root, json }.ways(step.address.path(), &step.action);
    let mut refusal = "its place is written in a way that this edit does not fit";
    for way in ways {
        let Some(edited) = spliced(text, way) else { continue };
        match verify::is_exact(name, text, &edited, &step.address, &step.action) {
            Ok(()) => return Ok(edited),
            Err(why) => refusal = why,
        }
    }
    Err(refusal)
}

/// The document that the last level of an address names.
fn root_of(text: &Text, address: &Address) -> Option<Node> {
    let (last, carriers) = address.0.split_last()?;
    let mut carried = None;
    for level in carriers {
        let parsed = carried.as_ref().unwrap_or_else(|| text.documents());
        let string = parsed.documents.get(level.document)?.root.find(&level.path)?.clone();
        carried = text.carried(&string);
        carried.as_ref()?;
    }
    let parsed = carried.as_ref().unwrap_or_else(|| text.documents());
    Some(parsed.documents.get(last.document)?.root.clone())
}

fn spliced(text: &str, splices: splice::Splices) -> Option<String> {
    let mut edited = String::with_capacity(text.len() + 64);
    let mut from = 0;
    for (range, new) in splices {
        edited.push_str(text.get(from..range.start)?);
        edited.push_str(&new);
        from = range.end;
    }
    edited.push_str(text.get(from..)?);
    Some(edited)
}

/// SOPS signs the whole file: any edit by hand makes it unreadable.
fn is_encrypted(text: &Text) -> bool {
    text.documents().documents.iter().any(|document| document.root.at(&["sops", "mac"]).is_some())
}

/// `helm template` says of each document which template made it.
fn is_rendered(text: &Text) -> bool {
    let mut comments = text.documents().documents.iter().flat_map(|document| &document.comments);
    comments.any(|comment| comment.text.trim().starts_with("Source: ") && comment.text.contains("/templates/"))
}

/// Whether two steps may be done on one text in any order: neither holds the other, and no list loses an item.
pub fn are_apart(one: &Step, other: &Step) -> bool {
    let moves = |step: &Step| {
        matches!(step.action, EditAction::Remove) && matches!(step.address.path().0.last(), Some(Segment::Index(_)))
    };
    !moves(one) && !moves(other) && !one.address.overlaps(&other.address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Location;
    use crate::source::{Limits, Source, Sources, parse};

    /// The edit of a value at a path of the first document.
    fn edit(text: &str, anchor: &[&str], below: &[&str], unset: bool, action: EditAction) -> Edit {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.yaml", text));
        let document = parse(&sources, id, &Limits::default()).documents.remove(0);
        let node = document.root.find(&Path::keys(anchor.iter().copied())).unwrap();
        let at = locate::written(node).unwrap();
        let below = Path::keys(below.iter().copied());
        let target = if unset { Target::Unset(at, below) } else { Target::Value(at, below) };
        Edit { location: Location::default(), path: Path::new(), target: Some(target), action }
    }

    fn set(text: &str, anchor: &[&str], below: &[&str], value: serde_json::Value) -> Result<String, Refusal> {
        let step = step("a.yaml", text, &edit(text, anchor, below, false, EditAction::Set(value)))?;
        apply("a.yaml", text, &step)
    }

    #[test]
    fn a_setting_of_the_server_is_not_written_into_an_object() {
        let text = "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  replicas: 3\n";
        let wrong = edit(text, &["spec"], &["telemetry_disabled"], true, EditAction::Set(true.into()));
        assert!(step("a.yaml", text, &wrong).is_err());
        let wrong = edit(text, &[], &["telemetry_disabled"], true, EditAction::Set(true.into()));
        assert!(step("a.yaml", text, &wrong).is_err());
        let right = edit(text, &["spec"], &["spec", "paused"], true, EditAction::Set(true.into()));
        let step = step("a.yaml", text, &right).unwrap();
        assert_eq!(apply("a.yaml", text, &step).unwrap(), format!("{text}  paused: true\n"));
    }

    #[test]
    fn a_key_is_added_below_its_siblings_and_comments_stay() {
        for line_break in ["\n", "\r\n"] {
            let text = "# top\na:\n    b: 1 # one\n    # after\n\nc: 'x'".replace('\n', line_break);
            let wanted =
                "# top\na:\n    b: 1 # one\n    y:\n        d: yes?\n    # after\n\nc: 'x'".replace('\n', line_break);
            assert_eq!(set(&text, &["a"], &["y", "d"], "yes?".into()).unwrap().replace("\"y\"", "y"), wanted);
            assert_eq!(set(&text, &["c"], &[], "on".into()).unwrap(), text.replace("'x'", "'on'"));
            let end = set(&text, &[], &["e"], "no".into()).unwrap();
            assert_eq!(end, format!("{text}{line_break}e: \"no\""));
        }
    }

    #[test]
    fn what_an_anchor_shares_is_left_alone_and_a_merged_key_gets_one_of_its_own() {
        let text = "a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n  m: 2\n";
        assert!(set(text, &["a", "k"], &[], 5.into()).is_err());
        assert_eq!(set(text, &["c"], &["k"], 5.into()).unwrap(), format!("{text}  k: 5\n"));
    }

    #[test]
    fn a_text_inside_a_text_is_edited_in_place() {
        let text = "spec:\n  values: |\n    a: {}  # none\n    b: [1]\n  z: 1\n";
        let mut sources = Sources::default();
        let id = sources.add(Source::new("a.yaml", text));
        let root = parse(&sources, id, &Limits::default()).documents.remove(0).root;
        let values = root.at(&["spec", "values"]).unwrap();
        let inner = crate::source::parse_embedded(&sources, values, Schema::Yaml11, &Limits::default());
        let at = locate::written(inner.documents[0].root.get("a").unwrap()).unwrap();
        let edit = Edit {
            location: Location::default(),
            path: Path::new(),
            target: Some(Target::Value(at, Path::keys(["k"]))),
            action: EditAction::Set(true.into()),
        };
        let step = step("a.yaml", text, &edit).unwrap();
        let wanted = "spec:\n  values: |\n    a:  # none\n      k: true\n    b: [1]\n  z: 1\n";
        assert_eq!(apply("a.yaml", text, &step).unwrap(), wanted);
    }

    #[test]
    fn sops_and_rendered_files_are_refused() {
        for text in ["a: 1\nsops: {mac: x}\n", "# Source: qdrant/templates/service.yaml\na: 1\n"] {
            assert!(set(text, &["a"], &[], 2.into()).is_err());
        }
    }
}
