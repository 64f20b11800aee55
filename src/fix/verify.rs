//! Nothing is believed of an edit: the text is read again, by both schemas, and must differ in the one value that was meant.

use serde_json::Value;

use super::locate::{Address, Text};
use crate::finding::EditAction;
use crate::source::{Node, Parsed, Path, Schema, Segment};

/// Whether `after` is `before` with the action done at the address, and nothing else.
pub(super) fn is_exact(
    name: &str,
    before: &str,
    after: &str,
    address: &Address,
    action: &EditAction,
) -> Result<(), &'static str> {
    for schema in [Schema::Yaml11, Schema::Core12] {
        let read = |text| Text::read(name, text, schema);
        let Some(old) = read(before) else {
            // Helm's reading must succeed; what Qdrant would not read anyway proves nothing
            if schema == Schema::Yaml11 {
                return Err("the file cannot be read as YAML");
            }
            continue;
        };
        let new = read(after).ok_or("the result would not be YAML")?;
        let (mut intended, old_comments) = layers(&old, address).ok_or("the place cannot be found again")?;
        let (found, new_comments) = layers(&new, address).ok_or("the place cannot be found again")?;
        let innermost = intended.last_mut().ok_or("the place cannot be found again")?;
        let document = address.0.last().map_or(0, |level| level.document);
        let root = innermost.get_mut(document).ok_or("the place cannot be found again")?;
        perform(root, &address.path().0, action)?;
        if intended != found {
            return Err("it would change more than the one value: an anchor, an alias or a repeated key shares it");
        }
        let removes = matches!(action, EditAction::Remove);
        if (!removes && old_comments != new_comments) || (removes && !is_subsequence(&new_comments, &old_comments)) {
            return Err("a comment would be lost");
        }
    }
    Ok(())
}

type Layers = Vec<Vec<Value>>;

/// The documents of every text on the way to an address, without the strings that carry the next one, and all comments.
fn layers(text: &Text, address: &Address) -> Option<(Layers, Vec<String>)> {
    let mut all = Vec::new();
    let mut comments = Vec::new();
    let mut carried: Option<Parsed> = None;
    for (index, level) in address.0.iter().enumerate() {
        let parsed = carried.as_ref().unwrap_or_else(|| text.documents());
        let mut values: Vec<Value> = parsed.documents.iter().map(|document| document.root.to_json()).collect();
        comments.extend(
            parsed.documents.iter().flat_map(|one| &one.comments).map(|comment| comment.text.trim_end().to_owned()),
        );
        if index + 1 < address.0.len() {
            let string: &Node = parsed.documents.get(level.document)?.root.find(&level.path)?;
            let next = text.carried(string)?;
            *at_mut(values.get_mut(level.document)?, &level.path.0)? = Value::Null;
            carried = Some(next);
        }
        all.push(values);
    }
    Some((all, comments))
}

fn at_mut<'v>(value: &'v mut Value, path: &[Segment]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get_mut(&**key),
        Segment::Index(index) => value.get_mut(*index),
    })
}

/// Does the action on plain values.
fn perform(root: &mut Value, path: &[Segment], action: &EditAction) -> Result<(), &'static str> {
    let Some((last, above)) = path.split_last() else {
        return match action {
            EditAction::Set(value) => {
                *root = value.clone();
                Ok(())
            }
            _ => Err("a whole document is not edited"),
        };
    };
    let mut holder = root;
    for segment in above {
        holder = match segment {
            Segment::Key(key) => {
                if holder.is_null() {
                    *holder = Value::Object(serde_json::Map::new());
                }
                let fields = holder.as_object_mut().ok_or("a value stands where a mapping is needed")?;
                fields.entry(key.to_string()).or_insert(Value::Null)
            }
            Segment::Index(index) => {
                if holder.is_null() && *index == 0 {
                    *holder = Value::Array(vec![Value::Null]);
                }
                holder.get_mut(*index).ok_or("the list has no such item")?
            }
        };
    }
    match (last, action) {
        (Segment::Key(key), EditAction::Set(value)) => {
            if holder.is_null() {
                *holder = Value::Object(serde_json::Map::new());
            }
            let fields = holder.as_object_mut().ok_or("a value stands where a mapping is needed")?;
            fields.insert(key.to_string(), value.clone());
        }
        (Segment::Index(index), EditAction::Set(value)) => {
            if holder.is_null() {
                *holder = Value::Array(Vec::new());
            }
            let items = holder.as_array_mut().ok_or("a value stands where a list is needed")?;
            match items.len() {
                length if *index < length => items[*index] = value.clone(),
                length if *index == length => items.push(value.clone()),
                _ => return Err("the list has no such item"),
            }
        }
        (Segment::Key(key), EditAction::Rename(to)) => {
            let fields = holder.as_object_mut().ok_or("there is no such key")?;
            if fields.contains_key(to) {
                return Err("the right key stands there already");
            }
            let value = fields.shift_remove(&**key).ok_or("there is no such key")?;
            fields.insert(to.clone(), value);
        }
        (Segment::Key(key), EditAction::Remove) => {
            let fields = holder.as_object_mut().ok_or("there is no such key")?;
            fields.shift_remove(&**key).ok_or("there is no such key")?;
        }
        (Segment::Index(index), EditAction::Remove) => {
            let items =
                holder.as_array_mut().filter(|items| *index < items.len()).ok_or("the list has no such item")?;
            items.remove(*index);
        }
        (Segment::Index(_), EditAction::Rename(_)) => return Err("an item of a list has no key"),
    }
    Ok(())
}

fn is_subsequence(short: &[String], long: &[String]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|wanted| rest.any(|found| found == wanted))
}

/// The value at an address, as Helm reads it.
pub(super) fn value_at(text: &Text, address: &Address) -> Option<Value> {
    let (layers, _) = layers(text, address)?;
    let document = address.0.last()?.document;
    at_path(layers.last()?.get(document)?, address.path()).cloned()
}

fn at_path<'v>(value: &'v Value, path: &Path) -> Option<&'v Value> {
    path.0.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => value.get(&**key),
        Segment::Index(index) => value.get(*index),
    })
}
