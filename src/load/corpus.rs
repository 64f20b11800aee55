//! Real files of others, where a copy is at hand: `QDRANT_LINT_CORPUS` names the folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::{LoadOptions, load};
use crate::source::Sources;

#[test]
fn every_file_of_the_corpus_is_judged_or_named() {
    let Some(folder) = std::env::var_os("QDRANT_LINT_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: QDRANT_LINT_CORPUS names no folder");
        return;
    };
    let mut actual = BTreeMap::<String, String>::new();
    for entry in listing(&folder) {
        let verdict = if entry.judged { "judged" } else { "named" };
        let line = actual.entry(entry.file).or_default();
        let _ = write!(line, "{}{} {verdict}", if line.is_empty() { "" } else { ", " }, entry.kind.name());
    }
    let expected: BTreeMap<String, String> = include_str!("../../testdata/load/corpus-kinds.tsv")
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(file, kinds)| (file.to_owned(), kinds.to_owned()))
        .collect();
    let table: Vec<String> = actual.iter().map(|(file, kinds)| format!("{file}\t{kinds}")).collect();
    let table = table.join("\n");
    eprintln!("--- as corpus-kinds.tsv\n{table}\n---");
    for (file, kinds) in &expected {
        assert_eq!(actual.get(file), Some(kinds), "{file}");
    }
    for file in actual.keys() {
        assert!(expected.contains_key(file), "{file} is not listed in corpus-kinds.tsv");
    }
}

fn listing(folder: &std::path::Path) -> Vec<super::InputEntry> {
    let mut sources = Sources::default();
    let loaded = load(&LoadOptions { paths: vec![folder.to_path_buf()], ..LoadOptions::new(folder) }, &mut sources);
    for error in &loaded.errors {
        eprintln!("error {error} {:?}:{:?}", error.line, error.column);
    }
    for (index, release) in loaded.inputs.releases.iter().enumerate() {
        eprintln!(
            "release {index}: {} ns={:?} chart={:?} layers={:?} unseen={:?} — {}",
            release.name,
            release.namespace,
            release.chart_version.as_ref().map(|(version, _)| version),
            release.layers.iter().map(|layer| &layer.name).collect::<Vec<_>>(),
            release.unseen,
            release.reason,
        );
    }
    for entry in &loaded.listing {
        eprintln!(
            "{} {}:{} {} {:?} — {}",
            if entry.judged { "+" } else { " " },
            entry.file,
            entry.line,
            entry.kind.name(),
            entry.release,
            entry.reason
        );
    }
    loaded.listing
}
