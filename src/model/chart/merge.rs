//! Helm's merge of values: layers over each other, then over the chart's defaults. Every node keeps its origin;
//! defaults point to the nearest thing that was written around them.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::ChartVersion;
use crate::model::input::Layer;
use crate::source::{Data, Mapping, Node, Origin, Path, Written};

/// The values that the templates see.
#[derive(Clone, Debug)]
pub struct Merged {
    /// A mapping.
    pub values: Node,
    /// Where Helm would warn.
    pub warnings: Vec<MergeWarning>,
}

/// A value whose kind differs from that of the chart's default; Helm warns and keeps the user's value.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeWarning {
    /// Path in the values.
    pub path: Path,
    /// The user's value.
    pub at: Origin,
    /// The default is a mapping and the user's value is not; otherwise it is the other way round.
    pub default_is_mapping: bool,
}

/// Merges the layers, lowest first, over the defaults of a chart version. `anchor` is where a default would be set when
/// nothing of its surroundings is written.
pub fn effective_values(chart: &ChartVersion, layers: &[Layer], anchor: &Origin) -> Merged {
    let user = merge_layers(layers, anchor);
    let Value::Object(defaults) = chart.default_values() else {
        return Merged { values: user, warnings: Vec::new() };
    };
    let mut merge = Merge { owner: chart.owner(), warnings: Vec::new() };
    let fields = user.as_mapping().cloned().unwrap_or_default();
    let values = merge.over_defaults(fields, &defaults, &Path::new(), user.origin.place());
    Merged { values: Node::mapping(values, user.origin), warnings: merge.warnings }
}

/// Merges layers without the chart: mappings deeply, all else is replaced, null is a value like any other.
fn merge_layers(layers: &[Layer], anchor: &Origin) -> Node {
    // helm 4.3: an umbrella's own nulls reach the subchart only when another layer holds its key too
    let nulls_are_lost = layers.iter().all(|layer| layer.null_keeps_default);
    let mut user = Node::mapping(Mapping::new(), anchor.clone());
    for layer in layers.iter().filter(|layer| layer.values.as_mapping().is_some()) {
        user = if nulls_are_lost { over(&user, &without_nulls(&layer.values)) } else { over(&user, &layer.values) };
    }
    user.origin = anchor.clone();
    user
}

/// Lays `above` over `below` as Helm does with values files.
pub fn over(below: &Node, above: &Node) -> Node {
    let (Data::Mapping(low), Data::Mapping(high)) = (&below.data, &above.data) else { return above.clone() };
    let mut fields = Mapping::clone(low);
    for (key, value) in high.iter() {
        let merged = fields.get(key).map_or_else(|| value.clone(), |low| over(low, value));
        fields.insert(Arc::clone(key), merged);
    }
    Node { data: Data::Mapping(Arc::new(fields)), origin: above.origin.clone(), style: above.style }
}

/// A copy without the null fields of mappings; lists stay as they are.
fn without_nulls(node: &Node) -> Node {
    let Data::Mapping(fields) = &node.data else { return node.clone() };
    let kept = fields.iter().filter(|(_, value)| !value.is_null());
    let fields = kept.map(|(key, value)| (Arc::clone(key), without_nulls(value))).collect();
    Node { data: Data::Mapping(Arc::new(fields)), ..node.clone() }
}

struct Merge {
    owner: Arc<str>,
    warnings: Vec<MergeWarning>,
}

impl Merge {
    fn over_defaults(
        &mut self,
        user: Mapping,
        defaults: &Map<String, Value>,
        path: &Path,
        anchor: Option<Written>,
    ) -> Mapping {
        let mut merged = Mapping::with_capacity(user.len() + defaults.len());
        for (key, default) in defaults {
            if !user.contains_key(key.as_str()) && !default.is_null() {
                merged.insert(key.as_str().into(), self.default_node(default, path.key(key), anchor));
            }
        }
        let mut written = Mapping::with_capacity(user.len() + merged.len());
        for (key, value) in user {
            let default = defaults.get(&*key).filter(|default| !default.is_null());
            if let Some(value) = self.over_default(value, default, &path.key(&key)) {
                written.insert(key, value);
            }
        }
        written.extend(merged);
        written
    }

    fn over_default(&mut self, user: Node, default: Option<&Value>, path: &Path) -> Option<Node> {
        let Some(default) = default else { return Some(user) };
        match (user.data, default) {
            (Data::Null, _) => None,
            (Data::Mapping(fields), Value::Object(defaults)) => {
                let fields = Arc::unwrap_or_clone(fields);
                let merged = self.over_defaults(fields, defaults, path, user.origin.place());
                Some(Node { data: Data::Mapping(Arc::new(merged)), origin: user.origin, style: user.style })
            }
            (data, default) => {
                let (is_mapping, default_is_mapping) = (matches!(data, Data::Mapping(_)), default.is_object());
                // of a whole block replaced by something else Helm tells nothing at the top, but the effect is the same
                if is_mapping != default_is_mapping && (is_mapping || path.0.len() > 1) {
                    self.warnings.push(MergeWarning {
                        path: path.clone(),
                        at: user.origin.clone(),
                        default_is_mapping,
                    });
                }
                Some(Node { data, origin: user.origin, style: user.style })
            }
        }
    }

    fn default_node(&self, value: &Value, path: Path, anchor: Option<Written>) -> Node {
        let data = match value {
            Value::Object(fields) => {
                let kept = fields.iter().filter(|(_, value)| !value.is_null());
                let fields =
                    kept.map(|(key, value)| (key.as_str().into(), self.default_node(value, path.key(key), anchor)));
                Data::Mapping(Arc::new(fields.collect()))
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                let items = items.map(|(index, value)| self.default_node(value, path.index(index), anchor));
                Data::Sequence(Arc::new(items.collect()))
            }
            scalar => return Node::from_json(scalar, &Origin::default_of(&self.owner, path, anchor)),
        };
        Node::new(data, Origin::default_of(&self.owner, path, anchor))
    }
}
