//! Vectors of a body: sizes, where originals and quantized vectors are kept, the graph.

use semver::Version;

use crate::model::build::Scope;
use crate::model::facts::collections::{Quantization, Vector};
use crate::model::server::Effective;
use crate::model::tracked::Tracked;
use crate::source::{Mapping, Node, Origin, is_filled_in_later};

/// Fields by which the parameters of the one vector are told from vectors by name.
const OF_ONE: [&str; 5] = ["size", "distance", "datatype", "on_disk", "memory"];
/// `memory` is read from here on; it wins over `on_disk` and `always_ram`.
const MEMORY_SINCE: Version = Version::new(1, 19, 0);

/// Whether a value is filled in later: a variable, a template, a placeholder.
pub(super) fn is_hidden(node: &Node) -> bool {
    node.as_str().is_some_and(|text| text.starts_with('$') || is_filled_in_later(text))
}

/// Whether `vectors` holds the parameters of the one vector.
pub(super) fn is_one_vector(fields: &Mapping) -> bool {
    OF_ONE.iter().any(|key| fields.get(*key).is_some_and(|value| value.as_mapping().is_none()))
}

/// The dense vectors of a body.
pub(super) fn vectors(body: &Node, scope: &Scope<'_>, effective: &Effective) -> Vec<Tracked<Vector>> {
    let Some(node) = body.at(&["vectors"]) else { return Vec::new() };
    let Some(fields) = node.as_mapping() else { return Vec::new() };
    let context = Context { body, scope, effective };
    if is_one_vector(fields) {
        return vec![scope.origins.track(context.vector("", node), &node.origin)];
    }
    fields.iter().map(|(name, node)| scope.origins.track(context.vector(name, node), &node.origin)).collect()
}

struct Context<'c> {
    body: &'c Node,
    scope: &'c Scope<'c>,
    effective: &'c Effective,
}

impl Context<'_> {
    fn vector(&self, name: &str, node: &Node) -> Vector {
        let (on_disk, origin) = self.on_disk(node);
        let hnsw = |key: &str| {
            let written = [node.at(&["hnsw_config", key]), self.body.at(&["hnsw_config", key])];
            let server = self.effective.get(&format!("storage.hnsw_index.{key}")).map(|setting| &setting.node);
            written.into_iter().flatten().next().or(server).cloned()
        };
        let graph_memory = hnsw("memory").filter(|_| self.reads_memory()).and_then(|node| placement(&node));
        let multivector = node.at(&["multivector_config"]).is_some();
        Vector {
            name: name.to_owned(),
            size: node.at(&["size"]).and_then(Node::as_i64).and_then(|size| u64::try_from(size).ok()),
            datatype: node.text(&["datatype"]).unwrap_or("float32").to_owned(),
            multivector,
            hnsw_m: hnsw("m").and_then(|m| u64::try_from(m.as_i64()?).ok()).unwrap_or(16),
            hnsw_on_disk: graph_memory
                .unwrap_or_else(|| hnsw("on_disk").and_then(|node| node.as_bool()).unwrap_or(false)),
            quantization: self.quantization(node, on_disk),
            on_disk: Some(self.scope.origins.track(on_disk, &origin)),
        }
    }

    fn reads_memory(&self) -> bool {
        self.effective.version.as_ref().is_none_or(|version| *version >= MEMORY_SINCE)
    }

    /// Whether originals stay on disk, and who says so.
    fn on_disk(&self, node: &Node) -> (bool, Origin) {
        if self.reads_memory()
            && let Some(memory) = node.at(&["memory"])
            && let Some(on_disk) = placement(memory)
        {
            return (on_disk, memory.origin.clone());
        }
        if let Some(flag) = node.at(&["on_disk"])
            && let Some(on_disk) = flag.as_bool()
        {
            return (on_disk, flag.origin.clone());
        }
        let server = |key: &str| self.effective.get(key).filter(|setting| setting.layer != "default");
        if let Some(setting) = server("storage.collection.vectors.memory")
            && let Some(on_disk) = placement(&setting.node)
        {
            return (on_disk, setting.node.origin.clone());
        }
        if let Some(setting) = server("storage.collection.vectors.on_disk")
            && let Some(on_disk) = setting.node.as_bool()
        {
            return (on_disk, setting.node.origin.clone());
        }
        (false, super::collection::default_of_qdrant(&["vectors", "on_disk"], node))
    }

    /// Of the vector, else of the collection, else the server's default.
    fn quantization(&self, node: &Node, originals_on_disk: bool) -> Option<Tracked<Quantization>> {
        let written = ["quantization_config", "quantization"]
            .into_iter()
            .flat_map(|key| [node.at(&[key]), self.body.at(&[key])])
            .flatten()
            .next();
        if let Some(written) = written {
            let fact = self.quantized(written, originals_on_disk)?;
            return Some(self.scope.origins.track(fact, &written.origin));
        }
        let server = &self.effective.get("storage.collection.quantization")?.node;
        let fact = self.quantized(server, originals_on_disk)?;
        Some(self.scope.origins.track(fact, &server.origin))
    }

    fn quantized(&self, node: &Node, originals_on_disk: bool) -> Option<Quantization> {
        let kind = ["scalar", "product", "binary", "turbo"].into_iter().find(|kind| node.at(&[kind]).is_some())?;
        let config = node.at(&[kind])?;
        let word = match kind {
            "product" => config.text(&["compression"]),
            "binary" => Some(config.text(&["encoding"]).unwrap_or("one_bit")),
            "turbo" => Some(config.text(&["bits"]).unwrap_or("bits4")),
            _ => None,
        };
        let memory = config.text(&["memory"]).filter(|_| self.reads_memory());
        let always_ram = config.at(&["always_ram"]).and_then(Node::as_bool) == Some(true);
        let (in_ram, pinned) = match memory {
            Some("pinned") => (true, true),
            Some("cached") => (true, false),
            Some("cold") => (false, false),
            _ => (always_ram || !originals_on_disk, always_ram),
        };
        Some(Quantization {
            kind: kind.to_owned(),
            bytes_per_dimension: bytes_per_dimension(kind, word),
            in_ram,
            pinned,
            quantile: config.at(&["quantile"]).and_then(Node::as_f64),
            compression: word.map(str::to_owned),
        })
    }
}

/// Whether a memory placement leaves the data on disk.
fn placement(memory: &Node) -> Option<bool> {
    match memory.as_str()? {
        "cold" => Some(true),
        "cached" | "pinned" => Some(false),
        _ => None,
    }
}

fn bytes_per_dimension(kind: &str, word: Option<&str>) -> f64 {
    match (kind, word) {
        ("scalar", _) | ("product", None) => 1.0,
        ("product", Some(compression)) => {
            let times = compression.strip_prefix('x').and_then(|times| times.parse::<f64>().ok()).unwrap_or(4.0);
            4.0 / times.max(1.0)
        }
        (_, Some("two_bits" | "bits2")) => 2.0 / 8.0,
        (_, Some("one_and_half_bits" | "bits1_5")) => 1.5 / 8.0,
        (_, Some("bits4")) => 4.0 / 8.0,
        _ => 1.0 / 8.0,
    }
}

/// Bytes of one dimension of an original.
pub(super) fn bytes_of(datatype: &str) -> f64 {
    match datatype {
        "float16" => 2.0,
        "uint8" => 1.0,
        "turbo4" => 0.5,
        _ => 4.0,
    }
}
