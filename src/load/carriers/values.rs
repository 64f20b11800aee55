//! Values files with no chart beside them: each is a deployment of its own.

use super::set::with_arguments;
use super::{Carrier, Draft, Unwrapped};
use crate::load::context::{Context, Seen};
use crate::load::names;
use crate::load::sniff::{self, Kind, Place};
use crate::model::input::{self, Layer};

/// Bare values of the chart, or of an umbrella whose chart is not there.
#[derive(Debug)]
pub(super) struct Values;

impl Carrier for Values {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        let keys: Vec<Vec<String>> = match seen.sniffed.kind {
            Kind::HelmValues => vec![Vec::new()],
            Kind::UmbrellaValues => blocks(seen, context),
            _ => return None,
        };
        if let Some(claim) = context.claims.get(&seen.file) {
            return Some(Unwrapped::passed(claim.clone()));
        }
        let releases = keys.into_iter().map(|keys| draft(seen, context, keys)).collect();
        Some(Unwrapped { releases, reason: seen.sniffed.reason.clone() })
    }
}

/// The blocks of an umbrella's values that count as values of the chart.
fn blocks(seen: &Seen, context: &Context<'_>) -> Vec<Vec<String>> {
    let file = context.file(seen.file);
    let place = Place { file: &file.name, explicit: file.explicit, as_kind: None, chart: sniff::Beside::Nothing };
    let fields = seen.document.root.as_mapping().into_iter().flatten();
    fields
        .filter(|(key, block)| block.as_mapping().is_some() && sniff::weigh_block(key, block, &place).is_enough())
        .map(|(key, _)| vec![key.to_string()])
        .collect()
}

fn draft(seen: &Seen, context: &mut Context<'_>, keys: Vec<String>) -> Draft {
    let file = context.file(seen.file);
    let (name, source) = (file.name.clone(), file.source);
    let carrier = if keys.is_empty() { input::Carrier::Values } else { input::Carrier::Umbrella };
    let root = &seen.document.root;
    let mut draft = Draft::new(carrier, context.folder(seen.file), root.origin.clone(), seen.sniffed.reason.clone());
    if let Some(key) = keys.last() {
        draft.release.chart_name.clone_from(key);
    }
    let null_keeps_default = !keys.is_empty() && names::stem(&name) == "values";
    draft.keys = keys;
    let file = Layer { values: root.clone(), null_keeps_default, name };
    for layer in with_arguments(context, vec![file], &[]) {
        draft.add_layer(&layer);
    }
    draft.release.files.push(source);
    draft
}
