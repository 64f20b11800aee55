//! Fixes as edits that keep the file as its author wrote it. An edit names a value; it is written as a replacement of a few
//! bytes, and kept only when the text, read again, differs in that value alone.

pub mod diff;
mod locate;
pub mod rounds;
mod scalar;
mod splice;
mod verify;
pub mod write;

pub use locate::{Address, Text};

use crate::finding::{Edit, EditAction, Target};
use crate::source::{Node, Path, Schema, Segment};
use splice::Splicer;

/// Why an edit is not made; told to the user after the fix's name.
pub type Refusal = &'static str;

/// An edit with an address that other edits of the file do not move.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where.
    pub address: Address,
    /// What.
    pub action: EditAction,
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
    let (Target::Value(at, below) | Target::Unset(at, below)) = target;
    let mut address = read
        .address(*at)
        .ok_or("the place lies in a text that cannot be edited in place (a script, a folded or quoted string)")?;
    if let Target::Unset(..) = target {
        address = around(address, below);
    }
    let mut path = address.path().clone();
    path.0.extend(below.0.iter().cloned());
    Ok(Step { address: address.with_path(path), action: edit.action.clone() })
}

/// Leaves out of an anchor's path what the path of the unset value begins with: `spec` of the object for `spec.x`.
fn around(address: Address, below: &Path) -> Address {
    let own = address.path().clone();
    let longest = own.0.len().min(below.0.len());
    let shared = (0..=longest).rev().find(|length| own.0.ends_with(&below.0[..*length])).unwrap_or(0);
    let kept = own.0.len() - shared;
    address.with_path(Path(own.0[..kept].to_vec()))
}

/// Does a step. The text is given back changed, or the reason why it is not.
pub fn apply(name: &str, text: &str, step: &Step) -> Result<String, Refusal> {
    let read = Text::read(name, text, Schema::Yaml11).ok_or("the file cannot be read as YAML")?;
    if matches!(&step.action, EditAction::Set(value) if verify::value_at(&read, &step.address).as_ref() == Some(value))
    {
        return Err("it stands there already");
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
