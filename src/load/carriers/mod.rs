//! What carries values of the official chart. A new carrier is a file here and a line in [`CARRIERS`].

mod draft;
mod layered;
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
    pub(super) fn passed(reason: impl Into<String>) -> Self {
        Self { releases: Vec::new(), reason: reason.into() }
    }
}

/// Every carrier; those that claim values files of others come first.
pub(super) const CARRIERS: &[&dyn Carrier] = &[&umbrella::Umbrella, &values::Values];
