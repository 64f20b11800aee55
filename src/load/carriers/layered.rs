//! `-f`: values files laid over one another, over a chart of the input where there is one.

use std::path::PathBuf;
use std::sync::Arc;

use super::set::with_arguments;
use super::{Draft, Stack, Unwrapped, of_chart, umbrella::VALUES_DEPTH};
use crate::load::chart::Chart;
use crate::load::context::Context;
use crate::load::sniff::{self, Kind, values};
use crate::load::store::FileId;
use crate::model::input::{Carrier, Layer};
use crate::source::{Node, Origin};

/// The release that `-f` files make together.
pub(in crate::load) fn layered(context: &mut Context<'_>, files: &[FileId]) -> Unwrapped {
    let mut layers = Vec::new();
    for file in files {
        let name = context.file(*file).name.clone();
        for values in context.values_of(*file) {
            layers.push(Layer { values, null_keeps_default: false, name: name.clone() });
        }
    }
    let layers = with_arguments(context, layers, &[]);
    let folder = files.first().map(|file| context.folder(*file)).unwrap_or_default();
    let anchor = layers.last().map_or(Origin::Derived, |layer| layer.values.origin.clone());
    let sources = files.iter().map(|file| context.file(*file).source).collect();
    let charts = charts(context, files);
    if charts.is_empty() {
        return Unwrapped { releases: vec![bare(&layers, sources, folder, anchor)], reason: "-f".to_owned() };
    }
    let mut all = Unwrapped::passed("-f");
    for chart in charts {
        let carrier = if chart.is_official { Carrier::Values } else { Carrier::Umbrella };
        let draft = Draft::new(carrier, folder.clone(), anchor.clone(), "-f");
        let stack = Stack { draft, layers: layers.clone(), files: sources.clone() };
        let Unwrapped { releases, reason } = of_chart(context, &chart.folder, &stack);
        context.charts_judged.insert(chart.folder.clone());
        all.releases.extend(releases);
        all.reason = reason;
    }
    all
}

/// The charts of the PATHs that have Qdrant in them, else the chart beside the first file.
fn charts(context: &mut Context<'_>, files: &[FileId]) -> Vec<Arc<Chart>> {
    let folders: Vec<PathBuf> = context
        .seen
        .iter()
        .filter(|seen| seen.sniffed.kind == Kind::Chart)
        .map(|seen| context.folder_path(seen.file))
        .collect();
    let mut charts: Vec<Arc<Chart>> = folders.iter().filter_map(|folder| context.chart_in(folder)).collect();
    charts.retain(|chart| chart.is_official || !super::keys_of(context, chart).is_empty());
    if charts.is_empty() && context.options.as_kind.is_none() {
        charts.extend(files.iter().find_map(|file| context.chart_of(*file, VALUES_DEPTH)));
    }
    charts
}

/// No chart is known: the files hold the values of the official one, or of an umbrella when only a key in them does.
fn bare(layers: &[Layer], files: Vec<crate::source::SourceId>, folder: String, anchor: Origin) -> Draft {
    let key = umbrella_key(layers);
    let carrier = if key.is_some() { Carrier::Umbrella } else { Carrier::Values };
    let mut draft = Draft::new(carrier, folder, anchor, "-f");
    if let Some(key) = key {
        draft.release.chart_name.clone_from(&key);
        draft.keys = vec![key];
    }
    for layer in layers {
        draft.add_layer(layer);
    }
    draft.release.files = files;
    draft
}

fn umbrella_key(layers: &[Layer]) -> Option<String> {
    if layers.iter().any(|layer| values::score(&layer.values).known > 0) {
        return None;
    }
    let fields = layers.iter().filter_map(|layer| layer.values.as_mapping()).flatten();
    let holds_values = |block: &Node| values::score(block).known > 0 || block.get("enabled").is_some();
    fields
        .filter(|(key, block)| sniff::is_about_qdrant(key) && holds_values(block))
        .map(|(key, _)| key.to_string())
        .next()
}
