//! Charts in the input: an umbrella with Qdrant as a dependency, or the official chart unpacked.

use std::sync::Arc;

use super::set::with_arguments;
use super::{Carrier, Draft, Stack, Unwrapped, of_chart};
use crate::load::chart::Chart;
use crate::load::context::{Context, Seen};
use crate::load::names;
use crate::load::sniff::Kind;
use crate::model::input::{self, Layer};

/// `values.yaml` of the chart alone, and each of its siblings laid over it.
#[derive(Debug)]
pub(super) struct Umbrella;

/// Values files of a chart lie at most so many folders below it.
pub(in crate::load) const VALUES_DEPTH: usize = 3;

impl Carrier for Umbrella {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        if context.claims.contains_key(&seen.file) {
            return None;
        }
        match seen.sniffed.kind {
            Kind::Chart => {
                let folder = context.folder_path(seen.file);
                let chart = context.chart_in(&folder)?;
                if !folder.join("values.yaml").exists() && has_overlays(context, &chart) {
                    let reason = format!("the chart `{}` has no values.yaml; its other values are judged", chart.name);
                    return Some(Unwrapped::passed(reason));
                }
                Some(installed(seen, context, &chart, false))
            }
            Kind::HelmValues | Kind::UmbrellaValues => {
                let chart = context.chart_of(seen.file, VALUES_DEPTH)?;
                let is_base = names::file_name(&context.file(seen.file).name) == "values.yaml"
                    && context.folder_path(seen.file) == chart.folder;
                let chart_is_input = context.file(chart.file).listed;
                if is_base && chart_is_input {
                    return Some(Unwrapped::passed(format!("base values of the chart `{}`", chart.name)));
                }
                Some(installed(seen, context, &chart, !is_base))
            }
            _ => None,
        }
    }
}

/// Whether values files other than `values.yaml` of the chart are in the input.
fn has_overlays(context: &mut Context<'_>, chart: &Arc<Chart>) -> bool {
    let files = context.seen.iter().filter(|seen| seen.sniffed.kind == Kind::UmbrellaValues).map(|seen| seen.file);
    let files: Vec<_> = files.collect();
    files.into_iter().any(|file| context.chart_of(file, VALUES_DEPTH).is_some_and(|owner| owner.folder == chart.folder))
}

/// The chart installed as it is, or with one more values file.
fn installed(seen: &Seen, context: &mut Context<'_>, chart: &Arc<Chart>, with_file: bool) -> Unwrapped {
    if context.charts_judged.contains(&chart.folder) {
        return Unwrapped::passed(format!("the chart `{}` is judged where it is installed", chart.name));
    }
    let carrier = if chart.is_official { input::Carrier::Values } else { input::Carrier::Umbrella };
    let origin = seen.document.root.origin.clone();
    let mut draft = Draft::new(carrier, context.folder(seen.file), origin, String::new());
    if chart.is_official {
        "the official chart, unpacked".clone_into(&mut draft.release.reason);
    }
    let mut stack = Stack { draft, layers: Vec::new(), files: Vec::new() };
    if with_file {
        let file = context.file(seen.file);
        let (values, name) = (seen.document.root.clone(), file.name.clone());
        stack.layers.push(Layer { values, null_keeps_default: false, name });
        stack.files.push(file.source);
    }
    stack.layers = with_arguments(context, stack.layers, &[]);
    of_chart(context, &chart.folder.clone(), &stack)
}
