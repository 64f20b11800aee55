//! Fields of a body that the server does not read, or refuses, by its version. Unknown fields are accepted in silence.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;

use super::vectors;
use crate::model::facts::collections::IgnoredField;
use crate::source::{Mapping, Node, Origin};

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../data/collection-fields.json"))
        .expect("the embedded table is valid; a test reads it")
});

#[derive(Deserialize)]
struct Table {
    newest: Release,
    types: BTreeMap<String, Type>,
    enums: BTreeMap<String, BTreeMap<String, Option<Release>>>,
}

/// A release as the table writes it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Release(Version);

impl TryFrom<String> for Release {
    type Error = semver::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Version::parse(&text).map(Self)
    }
}

/// A type of the API.
#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    Fields {
        fields: BTreeMap<String, FieldOf>,
        #[serde(default)]
        or: Vec<String>,
    },
    Either {
        either: Vec<String>,
    },
    MapOf {
        map_of: String,
    },
    Any {
        #[expect(dead_code, reason = "its presence is what tells this form of the table from the others")]
        any: bool,
    },
}

#[derive(Deserialize)]
struct FieldOf {
    is: String,
    since: Option<Release>,
    removed: Option<Release>,
    deprecated: Option<Release>,
    instead: Option<String>,
    alias: Option<String>,
    min: Option<f64>,
}

/// A faulty field and the origin of what is written.
pub(super) type Found = (IgnoredField, Origin);

/// The faults of a body, in the order of the body. `version` is the server's, when it is known.
pub(super) fn ignored(body: &Node, operation: &str, version: Option<&Version>) -> Vec<Found> {
    let root = if operation == "update" { "UpdateCollection" } else { "CreateCollection" };
    let mut check = Check { version, root, found: Vec::new() };
    check.value(body, root, &mut Vec::new());
    check.found
}

struct Check<'v> {
    version: Option<&'v Version>,
    root: &'static str,
    found: Vec<Found>,
}

impl Check<'_> {
    fn value(&mut self, node: &Node, of: &str, path: &mut Vec<String>) {
        if node.is_null() || vectors::is_hidden(node) {
            return;
        }
        if let Some(values) = TABLE.enums.get(of) {
            return self.word(node, values, path);
        }
        match TABLE.types.get(of) {
            None => self.primitive(node, of, path),
            Some(Type::Any { .. }) => {}
            Some(Type::Fields { fields, or }) => match node.as_mapping() {
                Some(mapping) => self.fields(mapping, of, fields, path),
                None if node.as_str().is_some_and(|text| or.iter().any(|word| word == text)) => {}
                None => self.mistyped(node, "a mapping", path),
            },
            Some(Type::MapOf { map_of }) => self.map(node, map_of, path),
            Some(Type::Either { .. }) if of == "VectorsConfig" => {
                if node.as_mapping().is_some_and(vectors::is_one_vector) {
                    self.value(node, "VectorParams", path);
                } else {
                    self.map(node, "VectorParams", path);
                }
            }
            Some(Type::Either { either }) => {
                // a number or a word
                let of = if node.as_str().is_some() { either.last() } else { either.first() };
                if let Some(of) = of {
                    self.value(node, of, path);
                }
            }
        }
    }

    fn map(&mut self, node: &Node, of: &str, path: &mut Vec<String>) {
        let Some(mapping) = node.as_mapping() else { return self.mistyped(node, "a mapping", path) };
        for (name, value) in mapping {
            path.push(name.to_string());
            self.value(value, of, path);
            path.pop();
        }
    }

    fn fields(&mut self, mapping: &Mapping, of: &str, fields: &BTreeMap<String, FieldOf>, path: &mut Vec<String>) {
        for (name, value) in mapping {
            let field =
                fields.get(&**name).or_else(|| fields.values().find(|field| field.alias.as_deref() == Some(&**name)));
            path.push(name.to_string());
            match field {
                Some(field) => self.known(value, field, path),
                None => self.unknown(value, of, path),
            }
            path.pop();
        }
    }

    fn known(&mut self, value: &Node, field: &FieldOf, path: &mut Vec<String>) {
        if value.is_null() {
            return;
        }
        let judged = self.version.unwrap_or(&TABLE.newest.0);
        if let Some(Release(removed)) = field.removed.as_ref().filter(|removed| removed.0 <= *judged) {
            return self.add(value, path, "removed", format!("removed in Qdrant {removed}"), field.instead.clone());
        }
        if let Some(Release(since)) = field.since.as_ref().filter(|since| since.0 > *judged) {
            return self.add(
                value,
                path,
                "newer",
                format!("Qdrant {judged} does not read it; {since} is the first that does"),
                None,
            );
        }
        if let Some(Release(deprecated)) = &field.deprecated
            && let Some(detail) = deprecation(deprecated, self.version)
        {
            self.add(value, path, "deprecated", detail, field.instead.clone());
        }
        if let (Some(min), Some(number)) = (field.min, value.as_f64())
            && number < min
        {
            self.add(value, path, "range", format!("Qdrant refuses the body: {number} is below {min}"), None);
        }
        self.value(value, &field.is, path);
    }

    fn unknown(&mut self, value: &Node, of: &str, path: &[String]) {
        let instead = suggestion(path, of, self.root);
        let is_newer = self.version.is_some_and(|version| *version > TABLE.newest.0);
        if is_newer && instead.is_none() {
            // a later release may have brought it
            return;
        }
        self.add(value, path, "unknown", "Qdrant accepts the body and ignores the field".to_owned(), instead);
    }

    fn word(&mut self, node: &Node, values: &BTreeMap<String, Option<Release>>, path: &[String]) {
        let Some(text) = node.as_str() else { return self.mistyped(node, "a word", path) };
        let judged = self.version.unwrap_or(&TABLE.newest.0);
        match values.get(text) {
            Some(Some(Release(since))) if since > judged => {
                let detail = format!("Qdrant {judged} refuses `{text}`; {since} is the first that takes it");
                self.add(node, path, "enum", detail, None);
            }
            Some(_) => {}
            None => {
                let near = values.keys().find(|known| known.eq_ignore_ascii_case(text)).or_else(|| {
                    values.keys().filter(|known| strsim::jaro_winkler(known, text) > 0.85).min_by(|left, right| {
                        strsim::jaro_winkler(right, text).total_cmp(&strsim::jaro_winkler(left, text))
                    })
                });
                let all: Vec<&str> = values.keys().map(String::as_str).collect();
                let detail = format!("Qdrant refuses the body: `{text}` is none of {}", all.join(", "));
                self.add(node, path, "enum", detail, near.cloned());
            }
        }
    }

    fn primitive(&mut self, node: &Node, of: &str, path: &mut Vec<String>) {
        let (fits, what) = match of {
            "integer" => (node.as_i64().is_some_and(|number| number >= 0), "a whole number"),
            "number" => (node.as_f64().is_some(), "a number"),
            "boolean" => (node.as_bool().is_some(), "true or false"),
            "string" => (node.as_str().is_some(), "a text"),
            // an object whose content is the user's
            _ => (true, ""),
        };
        if let Some(of) = of.strip_prefix("map of ") {
            return self.map(node, of, path);
        }
        if !fits {
            self.mistyped(node, what, path);
        }
    }

    fn mistyped(&mut self, node: &Node, what: &str, path: &[String]) {
        let found = node.kind_in_words();
        let detail = format!("Qdrant refuses the body: {what} should stand here, not {found}");
        let instead = node.as_str().filter(|text| what.contains("number") && text.parse::<f64>().is_ok());
        self.add(node, path, "type", detail, instead.map(str::to_owned));
    }

    fn add(&mut self, node: &Node, path: &[String], reason: &str, detail: String, instead: Option<String>) {
        let field = IgnoredField { field: path.join("."), reason: reason.to_owned(), detail, instead };
        self.found.push((field, node.origin.clone()));
    }
}

/// In words, when it should be said: the server is of a release that deprecates the field, or the way that replaces it
/// exists in every release (`memmap_threshold`).
fn deprecation(deprecated: &Version, version: Option<&Version>) -> Option<String> {
    match version {
        Some(version) if version >= deprecated => Some(format!("deprecated since Qdrant {deprecated}")),
        // what replaces it came with the release that deprecates it
        _ if *deprecated >= Version::new(1, 19, 0) => None,
        Some(version) => Some(format!("Qdrant {version} still reads it; deprecated from {deprecated} on")),
        None => Some(format!("deprecated since Qdrant {deprecated}")),
    }
}

/// Where the field belongs, or how it is spelled.
fn suggestion(path: &[String], of: &str, root: &str) -> Option<String> {
    let name = path.last()?;
    if let Some(Type::Fields { fields, .. }) = TABLE.types.get(of) {
        let near = fields
            .keys()
            .map(|known| (strsim::damerau_levenshtein(known, name), known))
            .filter(|(distance, known)| *distance <= 2 && *distance * 3 < known.len())
            .min();
        if let Some((_, near)) = near {
            return Some(near.clone());
        }
    }
    elsewhere(name, root, &mut Vec::new())
}

/// The path of the only place below `root` that reads a field of this name; the shortest wins.
fn elsewhere(name: &str, of: &str, path: &mut Vec<String>) -> Option<String> {
    const DEEPEST: usize = 4;
    if path.len() > DEEPEST {
        return None;
    }
    let Some(Type::Fields { fields, .. }) = TABLE.types.get(of) else { return None };
    let own = fields.get(name).map(|field| (name, field));
    if let Some((name, _)) = own.or_else(|| renamed(name, fields)) {
        path.push(name.to_owned());
        let found = path.join(".");
        path.pop();
        return Some(found);
    }
    fields
        .iter()
        .filter_map(|(key, field)| {
            path.push(key.clone());
            let inner = if field.is == "VectorsConfig" { "VectorParams" } else { &field.is };
            let found = elsewhere(name, inner, path);
            path.pop();
            found
        })
        .min_by_key(|found| (found.matches('.').count(), found.clone()))
}

/// Names of the server's configuration that users carry over.
fn renamed<'f>(name: &str, fields: &'f BTreeMap<String, FieldOf>) -> Option<(&'f str, &'f FieldOf)> {
    let right = match name {
        "max_optimization_runtime_threads" => "max_optimization_threads",
        "hnsw_index" | "hnsw" => "hnsw_config",
        "optimizers" => "optimizers_config",
        "strict_mode" => "strict_mode_config",
        "wal" => "wal_config",
        _ => return None,
    };
    fields.get_key_value(right).map(|(name, field)| (name.as_str(), field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(
        body: &serde_json::Value,
        operation: &str,
        version: Option<&str>,
    ) -> Vec<(String, String, Option<String>)> {
        let node = Node::from_json(body, &Origin::Derived);
        let version = version.map(|text| Version::parse(text).unwrap());
        ignored(&node, operation, version.as_ref())
            .into_iter()
            .map(|(fault, _)| (fault.field, fault.reason, fault.instead))
            .collect()
    }

    fn fault(field: &str, reason: &str, instead: Option<&str>) -> (String, String, Option<String>) {
        (field.to_owned(), reason.to_owned(), instead.map(str::to_owned))
    }

    #[test]
    fn typing_errors_and_strays_are_named_with_what_was_meant() {
        let body = json!({"vectors": {"size": 4, "distance": "cosine"}, "replicaton_factor": 2, "m": 16,
            "optimizers_config": {"max_optimization_runtime_threads": 2}});
        assert_eq!(
            faults(&body, "create", None),
            [
                fault("vectors.distance", "enum", Some("Cosine")),
                fault("replicaton_factor", "unknown", Some("replication_factor")),
                fault("m", "unknown", Some("hnsw_config.m")),
                fault(
                    "optimizers_config.max_optimization_runtime_threads",
                    "unknown",
                    Some("optimizers_config.max_optimization_threads")
                ),
            ]
        );
    }

    #[test]
    fn the_version_decides() {
        let body = json!({"vectors": {"a": {"size": 4, "distance": "Dot", "memory": "cold"}}, "init_from": {"collection": "x"},
            "optimizers_config": {"memmap_threshold": 1}, "on_disk_payload": true});
        let of = |version| faults(&body, "create", version);
        let of_old = of(Some("1.12.4"));
        assert!(of_old.contains(&fault("vectors.a.memory", "newer", None)));
        assert!(of_old.contains(&fault("optimizers_config.memmap_threshold", "deprecated", Some("vectors.on_disk"))));
        assert!(of_old.iter().all(|(field, ..)| field != "on_disk_payload"));
        let of_newest = of(Some("1.19.0"));
        assert!(of_newest.contains(&fault("init_from", "removed", None)));
        assert!(of_newest.contains(&fault("on_disk_payload", "deprecated", Some("payload.memory"))));
        assert!(of(None).iter().all(|(field, ..)| field != "on_disk_payload"));
    }

    #[test]
    fn what_the_server_reads_is_left_alone() {
        let body = json!({
            "vectors": {"title": {"size": 768, "distance": "Cosine", "quantization_config": {"binary": {"always_ram": true}}},
                "body": {"size": 128, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}},
            "sparse_vectors": {"text": {"index": {"on_disk": false}, "modifier": "idf"}},
            "quantization": {"scalar": {"type": "int8", "quantile": 0.99}}, "optimizer_config": {"indexing_threshold_kb": 1, "max_optimization_threads": "auto"},
            "strict_mode_config": {"enabled": true, "multivector_config": {"body": {"max_vectors": 3}}},
            "metadata": {"anything": {"goes": 1}}, "replication_factor": "${RF}"});
        assert_eq!(faults(&body, "create", Some("1.18.0")), []);
        let update = json!({"params": {"replication_factor": 2}, "quantization_config": "Disabled", "vectors": {"": {"on_disk": true}}});
        assert_eq!(faults(&update, "update", Some("1.18.0")), []);
    }

    #[test]
    fn wrong_types_are_refusals() {
        let body = json!({"vectors": {"size": "768", "distance": "Dot"}, "replication_factor": 0, "hnsw_config": {"on_disk": "yes"}});
        let found = faults(&body, "create", None);
        assert_eq!(found[0], fault("vectors.size", "type", Some("768")));
        assert_eq!(found[1].1, "range");
        assert_eq!(found[2].1, "type");
    }

    #[test]
    fn every_type_of_the_table_exists() {
        for (name, of) in &TABLE.types {
            let Type::Fields { fields, .. } = of else { continue };
            for (field, spec) in fields {
                let of = spec.is.strip_prefix("map of ").unwrap_or(&spec.is);
                let known = ["integer", "number", "boolean", "string"].contains(&of)
                    || TABLE.types.contains_key(of)
                    || TABLE.enums.contains_key(of);
                assert!(known, "{name}.{field} is {of}");
            }
        }
    }
}
