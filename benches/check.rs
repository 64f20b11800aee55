//! What `check` costs from 10 to 1,000 rendered releases, by stage. `cargo bench`.

use divan::{Bencher, black_box};
use qdrant_lint::config::Config;
use qdrant_lint::lint;
use qdrant_lint::load::{self, LoadOptions};
use qdrant_lint::model::build::{self, Built, Settings};
use qdrant_lint::policy::{Profile, Registry, engine};
use qdrant_lint::source::{Limits, Source, Sources, yaml};

const TEMPLATE: &str = include_str!("../testdata/bench/release.yaml");

fn main() {
    divan::main();
}

/// One stream of `count` releases.
fn stream(count: usize) -> String {
    (0..count).map(|number| TEMPLATE.replace("NUMBER", &format!("{number:05}")) + "---\n").collect()
}

fn settings(registry: &Registry) -> Settings {
    Settings {
        profile: Profile::default().to_string(),
        now: "2026-11-22".to_owned(),
        params: registry.params(&std::collections::BTreeMap::new()),
        ..Settings::default()
    }
}

/// Reads and builds, as `check -` does.
fn built(text: &str, registry: &Registry) -> (Sources, Vec<Built>) {
    let mut sources = Sources::default();
    let options =
        LoadOptions { paths: vec!["-".into()], stdin: Some(text.as_bytes().to_vec()), ..LoadOptions::new("/") };
    let loaded = load::load(&options, &mut sources);
    let built = build::build(&loaded.inputs, &sources, &settings(registry));
    (sources, built)
}

#[divan::bench(args = [10, 100, 1000], sample_count = 5)]
fn parse(bencher: Bencher<'_, '_>, count: usize) {
    let text = stream(count);
    bencher.counter(divan::counter::BytesCount::new(text.len())).bench(|| {
        let mut sources = Sources::default();
        let id = sources.add(Source::new("stream.yaml", text.as_str()));
        black_box(yaml::parse(&sources, id, &Limits::default()).documents.len())
    });
}

#[divan::bench(args = [10, 100, 1000], sample_count = 3)]
fn load_and_build(bencher: Bencher<'_, '_>, count: usize) {
    let text = stream(count);
    let (registry, _) = engine::built_in().expect("built-in rules compile");
    bencher.counter(divan::counter::ItemsCount::new(count)).bench(|| black_box(built(&text, registry).1.len()));
}

#[divan::bench(args = [10, 100, 1000], sample_count = 3)]
fn judge(bencher: Bencher<'_, '_>, count: usize) {
    let text = stream(count);
    let (registry, engine) = engine::built_in().expect("built-in rules compile");
    let (sources, built) = built(&text, registry);
    let config = Config::default();
    bencher.counter(divan::counter::ItemsCount::new(count)).bench(|| {
        let options = lint::Options {
            profile: Profile::default(),
            config: &config,
            only: globset::GlobSet::empty(),
            skip: globset::GlobSet::empty(),
            document_at: &|_| None,
            progress: &|| {},
        };
        black_box(lint::judge(&built, registry, engine, &sources, &options).findings.len())
    });
}

#[divan::bench(sample_count = 10)]
fn compile_the_rules() -> usize {
    let registry = Registry::built_in().expect("built-in rules are valid");
    let engine = engine::Engine::new(&registry).expect("built-in rules compile");
    drop(black_box(engine));
    registry.rules().count()
}
