//! Where bodies stand: in files, in ConfigMaps, in requests that scripts send, in an operator's resource.

use std::sync::Arc;

use std::collections::BTreeMap;

use crate::model::build::Scope;
use crate::model::input::{BodyKind, Object};
use crate::model::shell::{self, Command, Data, Part, Variables, Word};
use crate::source::{
    Data as Value, Mapping, Node, Origin, Schema, SourceId, parse_embedded, parse_json_of, scalar::plain_data,
};

use super::recognise;

/// A body and what is known of it from outside.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub(super) name: Option<String>,
    pub(super) node: Node,
    /// `create` or `update`.
    pub(super) operation: &'static str,
    /// In words.
    pub(super) carrier: String,
}

/// All bodies, each once.
pub(super) fn declared(scope: &Scope<'_>) -> Vec<Declared> {
    let mut all: Vec<Declared> = scope
        .bodies
        .iter()
        .filter(|body| body.kind == BodyKind::Collection)
        .map(|body| declared_by(body.name.clone(), body.node.clone(), "file".to_owned()))
        .collect();
    let config_maps: Vec<&Object> =
        scope.of_kind("ConfigMap").filter(|object| !scope.is_made_by_chart(object)).collect();
    for object in &config_maps {
        for (key, value) in object.node.fields(&["data"]) {
            let carrier = format!("ConfigMap/{} key {key}", object.name());
            all.extend(in_text(scope, key, value, &carrier));
        }
    }
    for object in &scope.objects {
        if object.kind() == "QdrantCollection" && object.group() == "qdrant.operator" {
            all.extend(of_operator(object));
        }
        requests(scope, object, &config_maps, &mut all);
    }
    once(all)
}

fn declared_by(name: Option<String>, node: Node, carrier: String) -> Declared {
    let operation = operation(&node);
    Declared { name, node, operation, carrier }
}

/// Only an update has `params` or neither kind of vectors; vectors without a size are updated, not made.
fn operation(node: &Node) -> &'static str {
    let has_params = node.get("params").is_some();
    let creates = node.get("vectors").is_some_and(|vectors| {
        let fields = vectors.as_mapping();
        fields.is_none_or(|fields| {
            fields.is_empty() || fields.contains_key("size") || fields.values().any(|one| one.get("size").is_some())
        })
    });
    if !has_params && (creates || node.get("sparse_vectors").is_some()) { "create" } else { "update" }
}

/// Bodies in a text: JSON or YAML under a key of a ConfigMap.
fn in_text(scope: &Scope<'_>, key: &str, value: &Node, carrier: &str) -> Vec<Declared> {
    let Some(text) = value.as_str() else { return Vec::new() };
    if !text.contains("vectors") {
        return Vec::new();
    }
    let limits = &scope.settings.limits;
    let parsed = if text.trim_start().starts_with(['{', '[']) {
        parse_json_of(scope.sources, value, &Word::whole(value).json_pieces(), limits)
    } else {
        parse_embedded(scope.sources, value, Schema::Core12, limits)
    };
    let documents = parsed.documents.iter();
    documents
        .flat_map(|document| recognise::bodies(&document.root, key))
        .filter(|body| body.kind == BodyKind::Collection)
        .map(|body| declared_by(body.name, body.node, carrier.to_owned()))
        .collect()
}

/// `PUT` and `PATCH /collections/NAME` that the programs of an object send.
fn requests(scope: &Scope<'_>, object: &Object, config_maps: &[&Object], all: &mut Vec<Declared>) {
    let data_of = |name: &str| {
        config_maps.iter().find(|object| object.name() == name).and_then(|object| object.node.at(&["data"]))
    };
    let file = |name: &str| config_maps.iter().find_map(|object| object.node.at(&["data", name]));
    let carrier = format!("curl in {}/{}", object.kind(), object.name());
    for program in shell::programs(object, &data_of, &file) {
        let known = |name: &str| program.variables.get(name).map(Word::whole);
        for request in shell::requests(&program.commands, &known) {
            let operation = match request.method.as_str() {
                "PUT" => "create",
                "PATCH" => "update",
                _ => continue,
            };
            let Some(name) = name_in_url(&request.url) else { continue };
            let Some(body) = body(scope, request.data.as_ref(), &file, &program.variables) else { continue };
            let names = names(&name, &program.commands, &program.variables);
            let names = if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
            all.extend(names.into_iter().map(|name| Declared {
                name,
                node: body.clone(),
                operation,
                carrier: carrier.clone(),
            }));
        }
    }
}

fn body<'n>(
    scope: &Scope<'_>,
    data: Option<&Data>,
    file: &dyn Fn(&str) -> Option<&'n Node>,
    variables: &Variables,
) -> Option<Node> {
    let word = match data? {
        Data::Text(word) => word.clone(),
        Data::File(path) => Word::whole(file(path.rsplit('/').next().unwrap_or(path))?),
    };
    let parsed = parse_json_of(scope.sources, &word.node, &word.json_pieces(), &scope.settings.limits);
    let root = parsed.documents.into_iter().next()?.root;
    root.as_mapping()?;
    Some(filled(&root, variables))
}

/// Variables with a known value are filled in; the value keeps the place where it is used.
fn filled(node: &Node, variables: &Variables) -> Node {
    match &node.data {
        Value::Mapping(fields) => {
            let fields: Mapping =
                fields.iter().map(|(key, value)| (Arc::clone(key), filled(value, variables))).collect();
            Node { style: node.style, ..Node::mapping(fields, node.origin.clone()) }
        }
        Value::Sequence(items) => {
            let items = items.iter().map(|item| filled(item, variables)).collect();
            Node { style: node.style, ..Node::sequence(items, node.origin.clone()) }
        }
        Value::String(text) => {
            let name = text.strip_prefix('$').map(|name| name.trim_start_matches('{').trim_end_matches('}'));
            let value = name.and_then(|name| variables.get(name)).and_then(Node::as_str);
            value
                .map_or_else(|| node.clone(), |value| Node::new(plain_data(Schema::Core12, value), node.origin.clone()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => node.clone(),
    }
}

/// `NAME` of `…/collections/NAME`, nothing behind it but a query.
fn name_in_url(url: &Word) -> Option<String> {
    let text = url.text();
    let (_, rest) = text.split_once("/collections/")?;
    let name = rest.split('?').next().unwrap_or(rest).trim_end_matches('/');
    (!name.is_empty() && !name.contains('/')).then(|| name.to_owned())
}

/// The names that a name with variables stands for: values of a loop, an assignment, the environment.
fn names(name: &str, commands: &[Command], variables: &Variables) -> Vec<String> {
    let Some(variable) = name.strip_prefix('$') else { return vec![name.to_owned()] };
    let variable = variable.trim_start_matches('{').trim_end_matches('}');
    for command in commands.iter().rev() {
        let words: Vec<String> = command.words.iter().map(Word::text).collect();
        if let [keyword, name, of, rest @ ..] = words.as_slice()
            && keyword == "for"
            && name == variable
            && of == "in"
        {
            return rest.iter().filter(|word| !word.starts_with('$')).cloned().collect();
        }
        if let Some((_, value)) = command.assignments.iter().rev().find(|(name, _)| name == variable) {
            let is_literal = value.parts.iter().all(|part| matches!(part, Part::Text(_)));
            return if is_literal { vec![value.text()] } else { Vec::new() };
        }
    }
    variables.get(variable).and_then(Node::as_str).map(str::to_owned).into_iter().collect()
}

/// The community operator's `QdrantCollection`, as the request that it sends.
fn of_operator(object: &Object) -> Option<Declared> {
    let spec = object.node.at(&["spec"])?;
    let mut fields = Mapping::new();
    let mut vectors = Mapping::new();
    for (from, to, of_vector) in [
        ("vectorSize", "size", true),
        ("onDisk", "on_disk", true),
        ("shardNumber", "shard_number", false),
        ("replicationFactor", "replication_factor", false),
        ("writeConsistencyFactor", "write_consistency_factor", false),
    ] {
        if let Some(value) = spec.at(&[from]) {
            if of_vector { &mut vectors } else { &mut fields }.insert(to.into(), value.clone());
        }
    }
    fields.insert("vectors".into(), Node::mapping(vectors, spec.origin.clone()));
    if let Some(config) = spec.at(&["config"]).and_then(Node::as_mapping) {
        fields.extend(config.iter().map(|(key, value)| (Arc::clone(key), value.clone())));
    }
    let name = object.name().to_owned();
    let carrier = format!("QdrantCollection/{name}");
    Some(Declared { name: Some(name), node: Node::mapping(fields, spec.origin.clone()), operation: "create", carrier })
}

/// A body that a request takes from a ConfigMap or file is one body: the request names it.
fn once(all: Vec<Declared>) -> Vec<Declared> {
    let mut standing: BTreeMap<(SourceId, u32, u32), usize> = BTreeMap::new();
    let mut kept: Vec<Declared> = Vec::new();
    for one in all {
        let Origin::Written(place) = &one.node.origin else {
            kept.push(one);
            continue;
        };
        let place = (place.source, place.value.0, place.value.1);
        if let Some(index) = standing.remove(&place) {
            let carrier = format!("{}, sent by {}", kept[index].carrier, one.carrier);
            kept[index] = Declared { carrier, name: one.name.or_else(|| kept[index].name.take()), ..one };
            continue;
        }
        if !one.carrier.starts_with("curl") {
            standing.insert(place, kept.len());
        }
        kept.push(one);
    }
    kept
}
