//! Whether an object is what its type says, answered fast: most objects are, and only of the others it is asked what is
//! wrong with them.

use super::place::is_open;
use super::structure::{DEEPEST, Fields, TABLE, fits};
use crate::source::{Data, Node};

/// Whether a node has the fields of a type and no others, all of the kinds that they hold.
pub(super) fn is_sound(node: &Node, name: &str) -> bool {
    TABLE.types.get(name).is_none_or(|known| has_fields(node, known, 0))
}

fn has_fields(node: &Node, known: &Fields, depth: usize) -> bool {
    if depth >= DEEPEST {
        return true;
    }
    node.as_mapping().into_iter().flatten().all(|(key, value)| match known.get(&**key) {
        Some(expected) => is(value, expected, depth + 1),
        // a placeholder becomes any key
        None => is_open(key),
    })
}

fn is(node: &Node, expected: &str, depth: usize) -> bool {
    if node.is_null() || node.as_str().is_some_and(is_open) {
        return true;
    }
    if let Some(item) = expected.strip_prefix('[') {
        return matches!(&node.data, Data::Sequence(items) if items.iter().all(|one| is(one, item, depth)));
    }
    if let Some(of) = expected.strip_prefix('{') {
        return matches!(&node.data, Data::Mapping(entries) if entries.values().all(|one| is(one, of, depth)));
    }
    match TABLE.types.get(expected) {
        Some(known) => matches!(node.data, Data::Mapping(_)) && has_fields(node, known, depth),
        None => fits(node, expected),
    }
}
