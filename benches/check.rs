//! What `check` costs from 10 to 1,000 rendered releases, by stage. `cargo bench`.

use divan::{Bencher, black_box};
use qdrant_lint::policy::engine;
use qdrant_lint::source::{Limits, Source, Sources, yaml};

const TEMPLATE: &str = include_str!("../testdata/bench/release.yaml");

fn main() {
    divan::main();
}

/// One stream of `count` releases.
fn stream(count: usize) -> String {
    (0..count).map(|number| TEMPLATE.replace("NUMBER", &format!("{number:05}")) + "---\n").collect()
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

#[divan::bench(sample_count = 10)]
fn compile_the_rules() -> usize {
    let registry = qdrant_lint::policy::Registry::built_in().expect("built-in rules are valid");
    let engine = engine::Engine::new(&registry).expect("built-in rules compile");
    drop(black_box(engine));
    registry.rules().count()
}
