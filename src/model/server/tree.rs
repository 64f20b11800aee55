//! The effective configuration as the tree of facts that rules see, with the texts of keys taken out.

use std::collections::BTreeMap;

use super::known::Known;
use super::merge::{Merged, REDACTED, owner};
use crate::model::build::Scope;
use crate::model::tracked::Tree;
use crate::source::{Data, Mapping, Node, Origin, Path};

/// A table under construction.
#[derive(Default)]
struct Table<'m> {
    tables: BTreeMap<&'m str, Table<'m>>,
    leaves: BTreeMap<&'m str, Node>,
}

/// The tree; what is hidden is left out and noted as unknown.
pub(super) fn config(scope: &Scope<'_>, merged: &Merged, anchor: Option<&Node>) -> Tree {
    let mut root = Table::default();
    for (key, setting) in &merged.effective.settings {
        let mut table = &mut root;
        let mut parts = key.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_some() {
                table = table.tables.entry(part).or_default();
            } else {
                table.leaves.insert(part, shown(key, &setting.node));
            }
        }
    }
    for (key, reason) in &merged.effective.hidden {
        let path = ["qdrant", "config"].into_iter().chain(key.split('.'));
        scope.hide(Path::keys(path), reason.clone());
    }
    let owner = owner(merged.effective.version.as_ref());
    let origin_of = |path: &str| {
        let written = merged.tables.get(path).cloned();
        written.unwrap_or_else(|| {
            let keys: Vec<&str> = path.split('.').filter(|part| !part.is_empty()).collect();
            scope.absent_config(&owner, &keys, anchor)
        })
    };
    scope.origins.tree(&node(root, "", &origin_of))
}

fn node(table: Table<'_>, path: &str, origin_of: &impl Fn(&str) -> Origin) -> Node {
    let mut fields = Mapping::new();
    for (name, below) in table.tables {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        fields.insert(name.into(), node(below, &path, origin_of));
    }
    for (name, leaf) in table.leaves {
        fields.insert(name.into(), leaf);
    }
    Node::mapping(fields, origin_of(path))
}

/// The text of a key becomes a word that only tells that there is one.
fn shown(key: &str, node: &Node) -> Node {
    let secret = Known::table().key(key).is_some_and(|key| key.secret);
    let is_text = node.scalar_text().is_some_and(|text| !text.is_empty());
    if secret && is_text {
        return Node { data: Data::String(REDACTED.into()), origin: node.origin.clone(), style: node.style };
    }
    node.clone()
}
