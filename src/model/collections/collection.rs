//! The facts of one body, joined with the server's defaults and the peers.

use super::carried::Declared;
use super::{fields, memory, sizes, vectors};
use crate::model::build::Scope;
use crate::model::facts::collections::Collection;
use crate::model::facts::live::Running;
use crate::model::server::{Effective, boolean};
use crate::model::tracked::Tracked;
use crate::source::{Data, Node, Origin, Path};

/// Server-wide defaults of collections are read from here on.
const DEFAULTS_SINCE: semver::Version = semver::Version::new(1, 9, 3);

/// The facts of the body at `index` of `count`; of one that exists with its state.
pub(super) fn collection(
    declared: &Declared,
    running: Option<Running>,
    (index, count): (usize, usize),
    scope: &Scope<'_>,
    effective: &Effective,
) -> Collection {
    let body = &declared.node;
    let origins = &scope.origins;
    let context = Context { declared, body, scope, effective };
    let (replication_factor, mut replication_factor_from) = context.replication_factor();
    if running.is_some() {
        replication_factor_from = "api";
    }
    let vectors = vectors::vectors(body, scope, effective);
    let sized = sizes::declared(declared.name.as_deref(), body, count, &scope.settings.expected);
    let held = running.as_ref().and_then(|running| running.points.as_ref()).map(|points| points.value);
    let sized = match (held, sized) {
        (Some(points), declared) if points > 0 && declared.is_none_or(|(most, _)| most < points) => {
            Some((points, "api"))
        }
        (_, declared) => declared,
    };
    let peers = scope.peers();
    let memory = (declared.operation == "create").then_some(()).and_then(|()| {
        let of: Vec<_> = vectors.iter().map(|vector| &vector.value).collect();
        memory::estimate(sized?.0, &of, replication_factor.as_ref()?.value, peers?)
    });
    let mut hidden_fields = hidden(body);
    let path_of =
        |field: &str| field.split('.').fold(Path::keys(["collections"]).index(index), |path, key| path.key(key));
    for field in &hidden_fields {
        scope.hide(path_of(field), "it is filled in when the body is sent");
    }
    if replication_factor_from == "server-default"
        && let Some(reason) = effective.hidden("storage.collection.replication_factor")
    {
        scope.hide(path_of("replication_factor"), format!("the server's default is hidden: {reason}"));
        hidden_fields.push("replication_factor".to_owned());
    }
    let version = context.known_version();
    Collection {
        name: declared.name.clone(),
        operation: declared.operation.to_owned(),
        carrier: declared.carrier.clone(),
        shard_number: context.number(&["shard_number"]),
        sharding_method: context
            .written(&["sharding_method"])
            .and_then(|node| Some(origins.track(node.as_str()?.to_owned(), &node.origin))),
        replication_factor,
        replication_factor_from: replication_factor_from.to_owned(),
        default_shard_number: context.default_shards(peers),
        write_consistency_factor: context.write_consistency_factor(),
        declared_points: sized.map(|(points, _)| points),
        declared_by: sized.map(|(_, by)| by.to_owned()),
        indexing_threshold: context.indexing_threshold(),
        max_optimization_threads: context
            .number(&["optimizers_config", "max_optimization_threads"])
            .or_else(|| context.number(&["optimizer_config", "max_optimization_threads"])),
        hnsw: context.written(&["hnsw_config"]).map(|node| origins.tree(node)),
        optimizers: context
            .written(&["optimizers_config"])
            .or_else(|| context.written(&["optimizer_config"]))
            .map(|node| origins.tree(node)),
        strict_mode: Some(context.strict_mode()),
        metadata: context.written(&["metadata"]).map(|node| origins.tree(node)),
        cold: sizes::is_cold(declared.name.as_deref(), body),
        ignored_fields: if running.is_some() {
            // the server wrote them itself
            Vec::new()
        } else {
            fields::ignored(body, declared.operation, version.as_ref())
        }
        .into_iter()
        .map(|(field, origin)| origins.track(field, &origin))
        .collect(),
        hidden_fields,
        memory,
        running,
        peers,
        server_version: version.map(|version| version.to_string()),
        vectors,
        body: Some(origins.tree(body)),
    }
}

struct Context<'c> {
    declared: &'c Declared,
    body: &'c Node,
    scope: &'c Scope<'c>,
    effective: &'c Effective,
}

impl Context<'_> {
    /// The written value; of an update those of the collection stand under `params`.
    fn written(&self, path: &[&str]) -> Option<&Node> {
        let own = self.body.at(path);
        if self.declared.operation != "update" {
            return own;
        }
        let below: Vec<&str> = std::iter::once("params").chain(path.iter().copied()).collect();
        self.body.at(&below).or(own)
    }

    fn number(&self, path: &[&str]) -> Option<Tracked<u64>> {
        let node = self.written(path)?;
        Some(self.scope.origins.track(u64::try_from(node.as_i64()?).ok()?, &node.origin))
    }

    fn is_update(&self) -> bool {
        self.declared.operation == "update"
    }

    /// A number of `storage.collection` of the joined server, its layer and origin.
    fn server_number(&self, key: &str) -> Option<(u64, &str, &Origin)> {
        if self.effective.version.as_ref().is_some_and(|version| *version < DEFAULTS_SINCE) {
            return None;
        }
        let setting = self.effective.get(key)?;
        Some((u64::try_from(setting.node.as_i64()?).ok()?, &setting.layer, &setting.node.origin))
    }

    fn replication_factor(&self) -> (Option<Tracked<u64>>, &'static str) {
        let origins = &self.scope.origins;
        if self.written(&["replication_factor"]).is_some() {
            return (self.number(&["replication_factor"]), "body");
        }
        if self.is_update() {
            return (None, "unchanged");
        }
        let absent = default_of_qdrant(&["replication_factor"], self.body);
        let scope = self.scope;
        if scope.release.is_none() && scope.pods.is_none() && scope.server_configs.is_empty() {
            return (Some(origins.track(1, &absent)), "assumed");
        }
        if self.effective.hidden("storage.collection.replication_factor").is_some() {
            return (None, "server-default");
        }
        match self.server_number("storage.collection.replication_factor") {
            Some((copies, layer, origin)) if layer != "default" => {
                (Some(origins.track(copies, origin)), "server-default")
            }
            Some((copies, ..)) => (Some(origins.track(copies, &absent)), "server-default"),
            None => (Some(origins.track(1, &absent)), "server-default"),
        }
    }

    fn write_consistency_factor(&self) -> Option<Tracked<u64>> {
        if self.written(&["write_consistency_factor"]).is_some() {
            return self.number(&["write_consistency_factor"]);
        }
        if self.is_update() {
            return None;
        }
        let origins = &self.scope.origins;
        match self.server_number("storage.collection.write_consistency_factor") {
            Some((acks, layer, origin)) if layer != "default" => Some(origins.track(acks, origin)),
            _ => Some(origins.track(1, &default_of_qdrant(&["write_consistency_factor"], self.body))),
        }
    }

    fn default_shards(&self, peers: Option<u64>) -> Option<u64> {
        if let Some((shards, ..)) = self.server_number("storage.collection.shard_number") {
            return Some(shards);
        }
        let peers = peers?;
        let of_each = self.server_number("storage.collection.shard_number_per_node").map_or(1, |(shards, ..)| shards);
        Some(peers.saturating_mul(of_each))
    }

    fn indexing_threshold(&self) -> Option<Tracked<u64>> {
        let keys = ["optimizers_config", "optimizer_config"];
        let names = ["indexing_threshold", "indexing_threshold_kb"];
        let written =
            keys.iter().flat_map(|key| names.iter().map(move |name| [*key, *name])).find_map(|path| self.number(&path));
        let server = || {
            let (threshold, layer, origin) =
                ["storage.optimizers.indexing_threshold_kb", "storage.optimizers.indexing_threshold"].iter().find_map(
                    |key| {
                        let setting = self.effective.get(key)?;
                        Some((u64::try_from(setting.node.as_i64()?).ok()?, &setting.layer, &setting.node.origin))
                    },
                )?;
            (layer != "default").then(|| self.scope.origins.track(threshold, origin))
        };
        written.or_else(server)
    }

    fn strict_mode(&self) -> Tracked<bool> {
        let origins = &self.scope.origins;
        if let Some(config) = self.body.at(&["strict_mode_config"]) {
            let enabled = config.at(&["enabled"]);
            let origin = enabled.map_or(&config.origin, |node| &node.origin);
            return origins.track(enabled.and_then(Node::as_bool) == Some(true), origin);
        }
        if let Some(setting) = self.effective.get("storage.collection.strict_mode")
            && let Some(enabled) = setting.node.at(&["enabled"])
        {
            // a variable holds a text
            return origins.track(boolean(enabled) == Some(true), &enabled.origin);
        }
        origins.track(false, &default_of_qdrant(&["strict_mode_config", "enabled"], self.body))
    }

    /// The server's version, when the input says it.
    fn known_version(&self) -> Option<semver::Version> {
        let assumed = self.scope.release.as_ref().is_some_and(|release| {
            release.assumed && release.value(&["image", "tag"]).and_then(Node::as_str).is_none_or(str::is_empty)
        });
        self.effective.version.clone().filter(|_| !assumed)
    }
}

/// A default of Qdrant that would be set in the body.
pub(super) fn default_of_qdrant(path: &[&str], body: &Node) -> Origin {
    Origin::default_of(&"Qdrant".into(), Path::keys(path.iter().copied()), body.origin.place())
}

/// Dotted paths of values that are filled in later.
fn hidden(body: &Node) -> Vec<String> {
    let mut found = Vec::new();
    walk(body, &mut Vec::new(), &mut found);
    found
}

fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, found: &mut Vec<String>) {
    match &node.data {
        Data::Mapping(fields) => {
            for (key, value) in fields.iter() {
                path.push(key);
                walk(value, path, found);
                path.pop();
            }
        }
        _ if vectors::is_hidden(node) => found.push(path.join(".")),
        _ => {}
    }
}
