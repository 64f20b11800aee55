//! How far an audit is, for a person at a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::args::Global;
use crate::cli::output;

pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn new(global: &Global) -> Self {
        let target = if output::watched() && !global.quiet {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(
            ProgressStyle::with_template("{spinner} looking for Qdrant")
                .unwrap_or_else(|_| ProgressStyle::default_spinner()),
        );
        bar.enable_steady_tick(Duration::from_millis(200));
        Self(bar)
    }

    /// So many more namespaces will come.
    pub(super) fn expect(&self, count: usize) {
        self.0.set_length(self.0.length().unwrap_or(0) + count as u64);
        self.0.set_style(
            ProgressStyle::with_template("{bar:30} {pos}/{len} namespaces with Qdrant")
                .unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
    }

    pub(super) fn advance(&self) {
        self.0.inc(1);
    }

    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
