//! Keys that people write and the chart does not read: which key does it, and what the deployment gets instead.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::model::chart::versions::parse_table;

/// What is known of a key that the chart does not read.
#[derive(Deserialize)]
pub(super) struct Lookalike {
    keys: Vec<String>,
    /// The key that does it.
    pub(super) instead: Option<String>,
    /// That one takes the same value.
    #[serde(default)]
    pub(super) same: bool,
    /// Storage, security or availability falls back.
    #[serde(default)]
    pub(super) severe: bool,
    /// A value that asks for what happens anyway.
    pub(super) harmless: Option<Value>,
    /// What the deployment gets.
    pub(super) effect: String,
}

/// What is known of a key, by its pattern.
pub(super) fn find(pattern: &str) -> Option<&'static Lookalike> {
    TABLE.index.get(pattern).map(|at| &TABLE.lookalikes[*at])
}

/// Whether losing what stands at a key makes storage, security or availability fall back.
pub(super) fn is_severe(pattern: &str) -> bool {
    TABLE.severe.iter().any(|key| {
        pattern.strip_prefix(key.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = parse_table(include_str!("../../../data/chart-lookalikes.json"));
    let keys =
        |(at, entry): (usize, &Lookalike)| entry.keys.iter().map(move |key| (key.clone(), at)).collect::<Vec<_>>();
    let index = file.lookalikes.iter().enumerate().flat_map(keys).collect();
    Table { severe: file.severe, lookalikes: file.lookalikes, index }
});

struct Table {
    severe: Vec<String>,
    lookalikes: Vec<Lookalike>,
    index: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct File {
    severe: Vec<String>,
    lookalikes: Vec<Lookalike>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::chart::ChartVersion;
    use crate::model::chart::keys::{Keys, Reading, first_reader};

    #[test]
    fn no_lookalike_is_a_key_that_the_newest_chart_reads_with_effect() {
        let newest = Keys::of(&ChartVersion::newest().version);
        for key in TABLE.index.keys() {
            // it may be new: then the table tells what older charts do
            let later = first_reader(key).is_some();
            assert!(later || !matches!(newest.reading(key), Reading::Whole), "{key}");
        }
    }

    #[test]
    fn what_can_be_renamed_names_a_key_that_some_chart_reads() {
        let newest = Keys::of(&ChartVersion::newest().version);
        for entry in TABLE.lookalikes.iter().filter(|entry| entry.same) {
            let instead = entry.instead.as_deref().unwrap_or_default();
            assert!(matches!(newest.reading(instead), Reading::Whole | Reading::Parts), "{instead}");
        }
    }
}
