//! What carries values of the official chart. A new carrier is a file here and a line in [`CARRIERS`].

mod argo;
mod draft;
mod flux;
mod flux_values;
mod helm_chart;
mod helmfile;
mod installation;
mod layered;
mod post_renderers;
mod set;
mod stack;
mod umbrella;
mod values;

pub(super) use draft::{Draft, below};
pub(super) use layered::layered;
pub(super) use stack::{Stack, keys_of, of_chart};

use super::context::{Context, Seen};

/// Something that says: install the chart with these values.
pub(super) trait Carrier: Sync {
    /// The releases that a document asks for; `None` when it is no carrier of this kind.
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped>;
}

/// What became of a carrier.
#[derive(Debug, Default)]
pub(super) struct Unwrapped {
    /// Releases of the official chart.
    pub releases: Vec<Draft>,
    /// Why it is taken, or why nothing of it is judged.
    pub reason: String,
}

impl Unwrapped {
    /// One release, taken for its reason.
    pub(super) fn one(draft: Draft) -> Self {
        let reason = draft.release.reason.clone();
        Self { releases: vec![draft], reason }
    }

    pub(super) fn passed(reason: impl Into<String>) -> Self {
        Self { releases: Vec::new(), reason: reason.into() }
    }
}

/// Every carrier; those that claim values files of others come first.
pub(super) const CARRIERS: &[&dyn Carrier] =
    &[&argo::Argo, &flux::Flux, &helm_chart::HelmChart, &helmfile::Helmfile, &umbrella::Umbrella, &values::Values];
