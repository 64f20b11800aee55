//! Collection and recover bodies in documents of their own, bare or in a wrapper that names the collection.

use std::sync::Arc;

use crate::model::input::BodyKind;
use crate::source::{Mapping, Node};

/// A body and the name of its collection.
#[derive(Debug, Clone)]
pub struct FoundBody {
    /// Collection or recover.
    pub kind: BodyKind,
    /// Name of the collection, when the wrapper or the file name shows one.
    pub name: Option<String>,
    /// The body.
    pub node: Node,
    /// What it was recognised by.
    pub reason: String,
}

/// Fields of a vector's parameters, dense or sparse, when created or updated.
const VECTOR_FIELDS: [&str; 9] = [
    "size",
    "distance",
    "hnsw_config",
    "quantization_config",
    "on_disk",
    "datatype",
    "multivector_config",
    "index",
    "modifier",
];
const NAMES: [&str; 3] = ["collection_name", "name", "collection"];
const WRAPPERS: [&str; 7] = ["body", "config", "params", "create_collection", "collection", "schema", "definition"];

/// The bodies of a document; empty when it holds none. `file` is the name of the file, or of the key that holds the text.
pub fn bodies(root: &Node, file: &str) -> Vec<FoundBody> {
    if let Some(items) = root.as_sequence() {
        return all_or_nothing(items.iter().map(|item| (None, item)));
    }
    if let Some(collections) = root.get("collections") {
        if let Some(items) = collections.as_sequence() {
            return all_or_nothing(items.iter().map(|item| (None, item)));
        }
        if let Some(fields) = collections.as_mapping() {
            return all_or_nothing(fields.iter().map(|(name, item)| (Some(&**name), item)));
        }
    }
    if let Some(mut body) = collection(root, None).or_else(|| recover(root)) {
        body.name = body.name.or_else(|| name_of_file(file));
        return vec![body];
    }
    Vec::new()
}

/// A list counts only when each entry is a collection: others use the same words for other things.
fn all_or_nothing<'n>(items: impl Iterator<Item = (Option<&'n str>, &'n Node)>) -> Vec<FoundBody> {
    items.map(|(name, item)| collection(item, name)).collect::<Option<Vec<_>>>().unwrap_or_default()
}

fn collection(node: &Node, name: Option<&str>) -> Option<FoundBody> {
    let fields = node.as_mapping()?;
    let name = name.map(str::to_owned).or_else(|| name_in(fields));
    if let Some(reason) = evidence(fields) {
        let node = without_name(node, fields);
        return Some(FoundBody { kind: BodyKind::Collection, name, node, reason: reason.to_owned() });
    }
    let name = name.or_else(|| name_in_url(fields));
    let (wrapper, inner) = WRAPPERS.iter().find_map(|wrapper| Some((wrapper, node.get(wrapper)?)))?;
    let reason = evidence(inner.as_mapping()?)?;
    name.as_ref()?;
    let reason = format!("{reason} below `{wrapper}`");
    Some(FoundBody { kind: BodyKind::Collection, name, node: inner.clone(), reason })
}

/// `vectors` or `sparse_vectors` in the shape that Qdrant takes.
fn evidence(fields: &Mapping) -> Option<&'static str> {
    if fields.contains_key("apiVersion") || fields.contains_key("points") {
        return None;
    }
    let dense = fields.get("vectors").is_some_and(is_vectors);
    let sparse = fields.get("sparse_vectors").is_some_and(is_vectors);
    match (dense, sparse) {
        (true, true) => Some("`vectors` and `sparse_vectors`"),
        (true, false) => Some("`vectors`"),
        (false, true) => Some("`sparse_vectors`"),
        (false, false) => None,
    }
}

/// Parameters of the one vector, or of vectors by name; `{}` asks for none.
fn is_vectors(node: &Node) -> bool {
    let Some(fields) = node.as_mapping() else { return false };
    let is_parameters = |fields: &Mapping| fields.keys().any(|key| VECTOR_FIELDS.contains(&&**key));
    is_parameters(fields)
        || fields.values().all(|value| match value.as_mapping() {
            Some(parameters) => parameters.is_empty() || is_parameters(parameters),
            None => false,
        })
}

fn name_in(fields: &Mapping) -> Option<String> {
    NAMES.iter().find_map(|key| fields.get(*key)?.as_str()).map(str::to_owned)
}

/// `PUT /collections/{name}` in a recorded request.
fn name_in_url(fields: &Mapping) -> Option<String> {
    let url = ["url", "path", "endpoint"].iter().find_map(|key| fields.get(*key)?.as_str())?;
    let name = url.split("/collections/").nth(1)?.split(['/', '?']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// A name beside the fields belongs to the file, not to the body.
fn without_name(node: &Node, fields: &Mapping) -> Node {
    if !NAMES.iter().any(|key| fields.get(*key).is_some_and(|value| value.as_str().is_some())) {
        return node.clone();
    }
    let fields = fields.iter().filter(|(key, value)| !NAMES.contains(&&***key) || value.as_str().is_none());
    let fields = fields.map(|(key, value)| (Arc::clone(key), value.clone())).collect();
    Node { style: node.style, ..Node::mapping(fields, node.origin.clone()) }
}

fn recover(node: &Node) -> Option<FoundBody> {
    let fields = node.as_mapping()?;
    let location = fields.get("location")?.as_str()?;
    let is_address = location.contains("://");
    let is_bare = fields.keys().all(|key| matches!(&**key, "location" | "priority" | "checksum" | "api_key"));
    (is_address && is_bare).then(|| FoundBody {
        kind: BodyKind::Recover,
        name: None,
        node: node.clone(),
        reason: "`location` of a snapshot".to_owned(),
    })
}

/// `documents-collection.json` and `collections/documents.json` are about `documents`.
fn name_of_file(file: &str) -> Option<String> {
    const WORDS: [&str; 9] =
        ["collection", "collections", "create", "update", "recover", "restore", "body", "qdrant", "request"];
    if file.starts_with('<') {
        // standard input
        return None;
    }
    let stem = file.rsplit('/').next().unwrap_or(file);
    let stem = [".yaml", ".yml", ".json"].iter().find_map(|extension| stem.strip_suffix(extension)).unwrap_or(stem);
    let stem = stem.strip_suffix("_collection").or_else(|| stem.strip_prefix("collection_")).unwrap_or(stem);
    let all: Vec<&str> = stem.split(['-', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let telling: Vec<&str> = all.iter().copied().filter(|part| !WORDS.contains(part)).collect();
    let name = if telling.len() == all.len() { stem.to_owned() } else { telling.join("-") };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    fn found(json: &serde_json::Value, file: &str) -> Vec<(Option<String>, Vec<String>)> {
        bodies(&Node::from_json(json, &Origin::Derived), file)
            .into_iter()
            .map(|body| (body.name, body.node.as_mapping().unwrap().keys().map(ToString::to_string).collect()))
            .collect()
    }

    #[test]
    fn a_bare_body_is_named_after_its_file() {
        let body = || serde_json::json!({"vectors": {"size": 4, "distance": "Dot"}});
        for (file, name) in [
            ("collections/invoices.json", Some("invoices")),
            ("create-invoices.json", Some("invoices")),
            ("invoices_collection.yaml", Some("invoices")),
            ("a/collection.json", None),
            ("<stdin>", None),
        ] {
            assert_eq!(found(&body(), file), [(name.map(str::to_owned), vec!["vectors".to_owned()])], "{file}");
        }
    }

    #[test]
    fn a_name_beside_the_fields_is_not_part_of_the_body() {
        let body = serde_json::json!({"collection_name": "cases", "vectors": {}, "replication_factor": 2});
        assert_eq!(
            found(&body, "x.json"),
            [(Some("cases".to_owned()), vec!["vectors".to_owned(), "replication_factor".to_owned()])]
        );
    }

    #[test]
    fn words_alone_make_no_collection() {
        for json in [
            serde_json::json!({"collections": [{"name": "a"}, {"name": "b", "vectors": {"size": 1}}]}),
            serde_json::json!({"vectors": [0.1, 0.2]}),
            serde_json::json!({"vectors": {"enabled": true}}),
            serde_json::json!({"points": [], "vectors": {"size": 3}}),
            serde_json::json!({"location": "Dubai"}),
            serde_json::json!({"location": "https://x/y.snapshot", "city": "Dubai"}),
            serde_json::json!({"config": {"vectors": {"size": 3}}}),
        ] {
            assert!(found(&json, "x.json").is_empty(), "{json}");
        }
    }

    #[test]
    fn wrappers_and_lists_are_opened() {
        let json = serde_json::json!({"collections": [
            {"name": "a", "config": {"vectors": {"size": 1, "distance": "Dot"}}},
            {"name": "b", "sparse_vectors": {"text": {}}},
        ]});
        let names: Vec<_> = found(&json, "x.json").into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [Some("a".to_owned()), Some("b".to_owned())]);
    }
}
