//! What is this document? Only positive evidence makes it ours; everything else is named and passed over.

mod foreign;
mod kind;
pub(crate) mod kubernetes;
mod server;
pub(crate) mod values;

pub use kind::Kind;

pub(crate) use foreign::is_template;

use super::options::AsKind;
use super::{live, names};
use crate::model::collections::bodies;
use crate::source::Node;

/// What to do about values of which the official chart does not know a part: a slip of it, or another chart.
const OTHERS: &str = "--as values says that they are for it all the same, else give the rendered manifests: \
                      `helm template … | qdrant-lint check -`";

/// How to have what Kustomize makes judged.
pub(crate) const PATCHED: &str = "give what it makes: `kustomize build … | qdrant-lint check -`";

/// How to have templates judged.
pub(crate) const RENDER: &str = "give the rendered manifests: `helm template … | qdrant-lint check -`";

/// What is known of a document from outside it.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    /// The file, as shown.
    pub file: &'a str,
    /// Named by itself on the command line.
    pub explicit: bool,
    /// `--as`.
    pub as_kind: Option<AsKind>,
    /// The chart it belongs to.
    pub chart: Beside,
}

/// The chart whose folder a file lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beside {
    /// None that is known.
    Nothing,
    /// The official chart itself, unpacked.
    Official,
    /// A chart that has the official one as a dependency, under these keys of its values.
    Umbrella(Vec<String>),
    /// Another chart, by name.
    Other(String),
}

/// What a document is and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sniffed {
    pub kind: Kind,
    pub reason: String,
}

impl Sniffed {
    fn new(kind: Kind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }
}

/// Takes a document for what the evidence says.
pub(crate) fn sniff(root: &Node, place: &Place<'_>) -> Sniffed {
    if root.is_null() {
        return Sniffed::new(Kind::Empty, "nothing but comments");
    }
    if live::is_recording(root) {
        let recorded_at = root.text(&["recorded_at"]).unwrap_or("an unknown time");
        return Sniffed::new(Kind::Recording, format!("an audit's recording of {recorded_at}"));
    }
    if let Some(as_kind) = place.as_kind {
        return forced(as_kind);
    }
    if foreign::is_encrypted_by_sops(root) {
        return Sniffed::new(Kind::Sops, "encrypted by SOPS; its values cannot be seen");
    }
    if let Some(kind) = carrier(root, place.file) {
        return kind;
    }
    if kubernetes::is_object(root) {
        return object(root);
    }
    if root.get("$patch").is_some() {
        return Sniffed::new(Kind::KustomizePatch, "a patch of Kustomize; give the output of `kustomize build`");
    }
    if let Some((kind, reason)) = foreign::recognise(root, place.file) {
        return Sniffed { kind, reason };
    }
    if let Some(body) = bodies(root, place.file).first() {
        let kind = match body.kind {
            crate::model::input::BodyKind::Collection => Kind::Collection,
            crate::model::input::BodyKind::Recover => Kind::Recover,
        };
        return Sniffed::new(kind, body.reason.clone());
    }
    if let Some(reason) = server::evidence(root) {
        return Sniffed::new(Kind::ServerConfig, reason);
    }
    chart_values(root, place)
}

fn forced(as_kind: AsKind) -> Sniffed {
    let kind = match as_kind {
        AsKind::Values => Kind::HelmValues,
        AsKind::Manifest => Kind::Manifest,
        AsKind::Collection => Kind::Collection,
        AsKind::Recover => Kind::Recover,
        AsKind::Config => Kind::ServerConfig,
    };
    Sniffed::new(kind, "--as")
}

/// Documents that carry values inside them or say whose values others are.
fn carrier(root: &Node, file: &str) -> Option<Sniffed> {
    let api = root.text(&["apiVersion"]).unwrap_or_default();
    let group = api.split('/').next().unwrap_or_default();
    let kind = root.text(&["kind"]).unwrap_or_default();
    let name = names::file_name(file);
    let found = match (group, kind) {
        ("argoproj.io", "Application") => Kind::ArgoApplication,
        ("argoproj.io", "ApplicationSet") => Kind::ArgoApplicationSet,
        ("helm.toolkit.fluxcd.io", "HelmRelease") => Kind::FluxHelmRelease,
        ("helm.cattle.io", "HelmChart") => Kind::HelmChart,
        ("kustomize.config.k8s.io", _) => Kind::Kustomization,
        _ if matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization") => Kind::Kustomization,
        _ if matches!(name, "Chart.yaml" | "Chart.yml") && root.get("name").is_some() => Kind::Chart,
        _ if is_helmfile(root, name) => Kind::Helmfile,
        _ => return None,
    };
    if found == Kind::Helmfile {
        return Some(Sniffed::new(found, "a helmfile"));
    }
    Some(Sniffed::new(found, kubernetes::in_words(root)))
}

fn is_helmfile(root: &Node, name: &str) -> bool {
    let releases = root.items(&["releases"]);
    let has_charts = !releases.is_empty() && releases.iter().all(|release| release.get("chart").is_some());
    has_charts || (name.starts_with("helmfile") && (root.get("helmfiles").is_some() || root.get("releases").is_some()))
}

fn object(root: &Node) -> Sniffed {
    let objects = kubernetes::objects(root);
    match objects.as_slice() {
        [one] => match one.role {
            kubernetes::Role::TestHook => {
                Sniffed::new(Kind::TestHook, format!("{}: a test of the chart", kubernetes::in_words(&one.node)))
            }
            kubernetes::Role::Operator => Sniffed::new(
                Kind::OperatorResource,
                format!(
                    "{}: an operator makes the workload of it; give the objects it makes",
                    kubernetes::in_words(&one.node)
                ),
            ),
            kubernetes::Role::Patch => Sniffed::new(
                Kind::KustomizePatch,
                format!("{}: a part that Kustomize lays over another; {PATCHED}", kubernetes::in_words(&one.node)),
            ),
            kubernetes::Role::Object if kubernetes::holds_only_values(&one.node) => Sniffed::new(
                Kind::Manifest,
                format!(
                    "{}: Helm values, judged with the HelmRelease that takes them",
                    kubernetes::in_words(&one.node)
                ),
            ),
            kubernetes::Role::Object => Sniffed::new(Kind::Manifest, kubernetes::in_words(&one.node)),
        },
        objects => Sniffed::new(Kind::Manifest, format!("a list of {} objects", objects.len())),
    }
}

fn chart_values(root: &Node, place: &Place<'_>) -> Sniffed {
    let Some(fields) = root.as_mapping() else {
        return Sniffed::new(Kind::Other, format!("{}, not a mapping", root.kind_in_words()));
    };
    let named_values = names::file_name(place.file).to_ascii_lowercase().contains("values");
    match &place.chart {
        Beside::Official if named_values || values::score(root).known > 0 => {
            return Sniffed::new(Kind::HelmValues, "beside the Chart.yaml of the official chart");
        }
        Beside::Umbrella(keys) => {
            let block =
                keys.iter().find(|key| fields.get(key.as_str()).is_some_and(|node| node.as_mapping().is_some()));
            if let Some(key) = block {
                return Sniffed::new(Kind::UmbrellaValues, format!("key {key}, a dependency in Chart.yaml"));
            }
            if named_values {
                return Sniffed::new(Kind::UmbrellaValues, "beside a Chart.yaml that has Qdrant as a dependency");
            }
        }
        Beside::Other(chart) if named_values || values::score(root).known > 0 => {
            let reason = format!("values of a chart of your own (`{chart}` in Chart.yaml); {RENDER}");
            return Sniffed::new(Kind::OtherValues, reason);
        }
        Beside::Nothing | Beside::Official | Beside::Other(_) => {}
    }
    bare_values(root, place, named_values)
}

/// Values with no chart beside them.
fn bare_values(root: &Node, place: &Place<'_>, named_values: bool) -> Sniffed {
    let own = weigh(root, place, named_values);
    if own.is_enough() {
        return Sniffed::new(Kind::HelmValues, own.why());
    }
    let mut refused = None;
    for (key, block) in root.as_mapping().into_iter().flatten() {
        if block.as_mapping().is_none_or(indexmap::IndexMap::is_empty) {
            continue;
        }
        let score = weigh_block(key, block, place);
        if score.is_enough() {
            return Sniffed::new(Kind::UmbrellaValues, format!("below `{key}`: {}", score.why()));
        }
        if !score.evidence.is_empty() && is_about_qdrant(key) {
            refused.get_or_insert_with(|| format!("below `{key}`: {}", score.why_not()));
        }
    }
    if let Some(why) = refused {
        let help = "give the Chart.yaml beside it, or the rendered manifests";
        return Sniffed::new(Kind::OtherValues, format!("{why}; {help}"));
    }
    if own.known > 0 && (named_values || !own.evidence.is_empty()) {
        let help = if own.against.is_empty() { "--as values says that they are" } else { OTHERS };
        return Sniffed::new(Kind::OtherValues, format!("{}; {help}", own.why_not()));
    }
    if named_values && (place.explicit && root.as_mapping().is_some_and(indexmap::IndexMap::is_empty)) {
        return Sniffed::new(Kind::HelmValues, "named on the command line");
    }
    Sniffed::new(Kind::Other, "nothing in it is about Qdrant on Kubernetes")
}

fn weigh(root: &Node, place: &Place<'_>, named_values: bool) -> values::Score {
    let mut score = values::score(root);
    let is_path = is_about_qdrant(place.file) && (named_values || is_about_qdrant(names::file_name(place.file)));
    if score.known > 0 && is_path {
        score.add(2, "its path");
    }
    if score.known > 0 && place.explicit {
        score.add(5, "named on the command line");
    }
    score
}

/// Weighs what stands below one key of an umbrella's values.
pub(crate) fn weigh_block(key: &str, block: &Node, place: &Place<'_>) -> values::Score {
    let mut score = values::score(block);
    if score.known > 0 && is_about_qdrant(key) {
        score.add(2, format!("the key {key}"));
        if place.explicit {
            score.add(3, "named on the command line");
        }
    }
    score
}

pub(crate) fn is_about_qdrant(text: &str) -> bool {
    text.to_ascii_lowercase().contains("qdrant")
}
